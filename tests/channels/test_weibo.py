"""What only Weibo has: the picture in the same call, repeated texts, links that become short ones."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from outreach.channels.model import Account
from outreach.channels.protocol import (
    AcceptingChannel,
    CannotTell,
    Channel,
    NeedsOperator,
    NotThere,
    OutcomeUnknown,
    Published,
    Refused,
    Status,
    StillUnderWay,
    Trace,
)
from outreach.channels.weibo.errors import MEANINGS
from outreach.channels.weibo.length import weibo_length
from outreach.channels.weibo.timeline import published, says_the_same
from outreach.foundation import clock

from .office import Delivery, Office, SandboxServer

SHARE = "/2/statuses/share.json"
VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture
async def account(office: Office) -> Account:
    return await office.weibo()


@pytest.fixture
async def channel(office: Office, account: Account) -> Channel:
    return await office.channels.of(account)


async def test_the_status_arrives_with_its_picture_and_the_address_of_whoever_publishes(
    channel: Channel, office: Office, sandbox: SandboxServer
) -> None:
    status = await office.status("【行政处罚】某公司超标排放，罚款 10 万元 & 责令改正。")

    receipt = await channel.publish(status, Delivery())

    (shown,) = await sandbox.get("weibo/statuses")
    (call,) = await sandbox.calls(SHARE)
    assert shown["text"] == status.text
    assert shown["picture"] is not None
    assert call["body"]["rip"] == "203.0.113.20"
    assert isinstance(receipt, Published) and receipt.at is not None
    assert receipt.platform_id == shown["id"]
    assert receipt.url == f"https://weibo.com/{shown['account']}/{shown['id']}"
    assert abs(receipt.at - clock.now()) < timedelta(minutes=1)


async def test_a_status_without_a_picture_goes_as_a_form(
    channel: Channel, office: Office, sandbox: SandboxServer
) -> None:
    status = await office.status("100% + 50% = “满”；", picture=None)
    await channel.publish(status, Delivery())

    (call,) = await sandbox.calls(SHARE)
    assert call["body"]["status"] == status.text


def test_weibo_publishes_at_once(channel: Channel) -> None:
    assert not isinstance(channel, AcceptingChannel)


@pytest.mark.parametrize("code", [20017, 20019, 20111])
async def test_a_repeated_text_is_refused_unless_an_earlier_try_may_have_got_through(
    channel: Channel, office: Office, sandbox: SandboxServer, code: int
) -> None:
    await sandbox.fault(SHARE, "errcode", code, times=2)
    with pytest.raises(Refused):
        await channel.publish(await office.status(), Delivery())
    with pytest.raises(OutcomeUnknown):
        await channel.publish(await office.status(), Delivery(release_began=True))


async def test_done_but_slow_is_looked_up_and_found(
    channel: Channel, office: Office, sandbox: SandboxServer
) -> None:
    status, since = await office.status(), clock.now()
    await sandbox.fault(SHARE, "errcode", 20032)
    with pytest.raises(OutcomeUnknown, match="切勿重发"):
        await channel.publish(status, Delivery())

    assert isinstance(await channel.look(status, Trace(since, code="20032")), Published)


@pytest.mark.parametrize(
    ("code", "seen"),
    [("20032", StillUnderWay), ("20017", CannotTell), ("20019", CannotTell), (None, NotThere)],
)
async def test_what_weibo_said_before_counts_where_nothing_is_to_be_seen(
    channel: Channel, office: Office, code: str | None, seen: type
) -> None:
    assert isinstance(await channel.look(await office.status(), Trace(clock.now(), code=code)), seen)


async def test_five_later_statuses_hide_what_may_be_behind_them(channel: Channel, office: Office) -> None:
    since = clock.now()
    for number in range(4):
        await channel.publish(await office.status(f"【公示】第{number}条"), Delivery())
    lost = await office.status("【公示】没有答复的一条")
    assert await channel.look(lost, Trace(since)) == NotThere()

    await channel.publish(await office.status("【公示】第五条"), Delivery())
    assert isinstance(await channel.look(lost, Trace(since)), CannotTell)


async def test_five_statuses_of_the_same_minute_hide_nothing_where_one_of_them_is_known_to_be_earlier(
    channel: Channel, office: Office
) -> None:
    before = [
        await published_by(channel, await office.status(f"【公示】第{number}条")) for number in range(5)
    ]
    lost, since = await office.status("【公示】没有答复的一条"), clock.now()
    earlier = frozenset(before)
    assert isinstance(await channel.look(lost, Trace(since, others=earlier)), CannotTell)
    assert await channel.look(lost, Trace(since, others=earlier, earlier=earlier)) == NotThere()


async def published_by(channel: Channel, status: Status) -> str:
    receipt = await channel.publish(status, Delivery())
    assert isinstance(receipt, Published)
    return receipt.platform_id


async def test_with_a_clock_that_was_wrong_nothing_is_held_to_be_absent_that_stands_there(
    channel: Channel, office: Office
) -> None:
    status = await office.status()
    await channel.publish(status, Delivery())
    an_hour_ahead = clock.now() + timedelta(hours=1)
    assert isinstance(await channel.look(status, Trace(an_hour_ahead)), CannotTell)


async def test_a_link_outside_the_security_domains_needs_an_operator(
    channel: Channel, office: Office
) -> None:
    status = replace(await office.status(), text="没有登记的域名 https://example.com/p/1")
    with pytest.raises(NeedsOperator, match="安全域名"):
        await channel.publish(status, Delivery())


async def test_an_account_that_was_not_authorised_can_not_publish(office: Office) -> None:
    channel = await office.channels.of(await office.weibo(access_token=None, uid=None))
    assert not channel.can_publish
    with pytest.raises(NeedsOperator, match="授权"):
        await channel.publish(await office.status(), Delivery())


async def test_a_person_authorises_the_account(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    oauth, back = office.channels.weibo_oauth(account), "http://127.0.0.1/accounts/weibo/back"
    async with aiohttp.ClientSession() as browser:
        url = oauth.authorize_url(back, "a state")
        query = {**{name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}}
        assert query["state"] == "a state"
        uid = office.sealer.open(account.sealed_credentials)["uid"]
        async with browser.post(url, data={**query, "uid": uid}, allow_redirects=False) as response:
            came_back = parse_qs(urlsplit(response.headers["Location"]).query)

    granted = await oauth.exchange_code(came_back["code"][0], back)

    assert granted.uid == uid
    assert granted.expires_in_s > 0
    assert granted.access_token not in repr(granted)
    with pytest.raises(NeedsOperator, match="授权码"):
        await oauth.exchange_code(came_back["code"][0], back)


def test_the_official_answer_is_read_by_its_exact_id() -> None:
    members = json.loads((VECTORS / "weibo_share.json").read_text(encoding="utf-8"))
    assert published(members, "1404376560") == Published(
        "3504803600502730",
        "https://weibo.com/1404376560/3504803600502730",
        datetime(2012, 10, 24, 15, 49, 17, tzinfo=UTC),
    )


def test_every_documented_code_has_a_meaning() -> None:
    documented = json.loads((VECTORS / "weibo_error_codes.json").read_text(encoding="utf-8"))
    assert {int(code) for code in documented} - MEANINGS.keys() == set()


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ("【公示】某项目 &amp; 说明 http://t.cn/A6abcdef", True),
        ("【公示】某项目 & 说明 http://t.cn/A6abcdef \u200b", True),
        ("【公示】某项目 & 说明 http://a.cn/p/1", True),
        ("【公示】某项目 & 说明 http://a.cn/p/2", False),
        ("【公示】另一项目 http://t.cn/A6abcdef", False),
    ],
)
def test_a_status_is_recognised_though_weibo_changes_links_and_spaces(theirs: str, same: bool) -> None:
    assert says_the_same("【公示】某项目 & 说明 http://a.cn/p/1", theirs) is same


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("汉字", 2), ("ab", 1), ("abc", 2), ("汉a", 2), ("看 https://a.cn/p/1?x=2#y 详情", 14)],
)
def test_half_width_counts_a_half_and_a_link_ten(text: str, length: int) -> None:
    assert weibo_length(text) == length
