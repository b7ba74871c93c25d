"""What only WeChat has: drafts, cover and pictures, freepublish's results, accounts without the right."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.channels.protocol import (
    Accepted,
    AcceptingChannel,
    DraftSaved,
    Look,
    NotSent,
    NotThere,
    OutcomeUnknown,
    Published,
    Refused,
    Removed,
    Result,
    StillUnderWay,
    Trace,
)
from outreach.channels.rights import RightState
from outreach.channels.wechat.channel import WeChatChannel
from outreach.channels.wechat.results import result_of
from outreach.foundation import clock

from .office import Delivery, Office, SandboxServer, eventually

TOKEN = "/cgi-bin/stable_token"
COVER = "/cgi-bin/material/add_material"
PICTURE = "/cgi-bin/media/uploadimg"
DRAFT = "/cgi-bin/draft/add"
SUBMIT = "/cgi-bin/freepublish/submit"


async def open_channel(office: Office, account: Account) -> WeChatChannel:
    channel = await office.channels.of(account)
    assert isinstance(channel, WeChatChannel)
    return channel


@pytest.fixture
async def channel(office: Office) -> WeChatChannel:
    return await open_channel(office, await office.wechat())


async def finished(channel: WeChatChannel, receipt: Any) -> Result:
    assert isinstance(receipt, Accepted)

    async def result() -> Result | None:
        result = await channel.result(receipt.publish_id)
        return None if isinstance(result, StillUnderWay) else result

    return await eventually(result)


async def only_article(sandbox: SandboxServer) -> dict[str, Any]:
    (article,) = await eventually(lambda: sandbox.get("wechat/articles"))
    return dict(article)


async def test_the_article_arrives_as_it_was_written_with_its_pictures(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    article = await office.article("关于“甲乙丙”项目的公示 & 说明")

    result = await finished(channel, await channel.publish(article, Delivery()))

    shown = await only_article(sandbox)
    assert isinstance(result, Published)
    assert (result.platform_id, result.url) == (shown["id"], shown["url"])
    assert (shown["title"], shown["digest"], shown["author"]) == (
        article.title,
        article.digest,
        article.author,
    )
    assert shown["content_source_url"] == article.source_url
    assert f'<img src="{sandbox.url}/mmbiz/' in shown["content"]
    assert "media:" not in shown["content"]


async def test_a_picture_and_a_cover_are_uploaded_once_for_an_account(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    articles = [await office.article(f"公示第 {number} 号") for number in range(4)]

    await asyncio.gather(*(channel.publish(article, Delivery()) for article in articles))
    await (await open_channel(office, await office.wechat())).publish(articles[0], Delivery())

    assert len(await sandbox.calls(COVER)) == 2
    assert len(await sandbox.calls(PICTURE)) == 2
    assert len(await sandbox.calls(DRAFT)) == 5


async def test_a_cover_that_was_deleted_on_the_platform_is_uploaded_again(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    await channel.publish(await office.article("公示第 1 号"), Delivery())
    await sandbox.fault(DRAFT, "errcode", 40007)

    receipt = await channel.publish(await office.article("公示第 2 号"), Delivery())

    assert isinstance(receipt, Accepted)
    assert len(await sandbox.calls(COVER)) == 2


@pytest.mark.parametrize("path", [TOKEN, COVER, PICTURE, DRAFT])
@pytest.mark.parametrize(
    ("action", "value"), [("drop_before", None), ("drop_after", None), ("http", 502), ("errcode", -1)]
)
async def test_before_the_publishing_call_a_lost_answer_means_that_nothing_was_published(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer, path: str, action: str, value: int | None
) -> None:
    await sandbox.fault(path, action, value)
    delivery, article = Delivery(), await office.article()
    with pytest.raises(NotSent):
        await channel.publish(article, delivery)
    assert delivery.steps == []

    assert isinstance(await finished(channel, await channel.publish(article, delivery)), Published)


async def test_a_resumed_delivery_goes_on_from_its_draft(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    article, delivery = await office.article(), Delivery()
    await sandbox.fault(SUBMIT, "errcode", 45011)
    with pytest.raises(Exception, match="频繁"):
        await channel.publish(article, delivery)

    await channel.publish(article, delivery)

    assert len(await sandbox.calls(DRAFT)) == 1
    await only_article(sandbox)


async def test_a_draft_that_left_the_box_may_have_been_published(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    article, delivery = await office.article(), Delivery()
    await sandbox.fault(SUBMIT, "drop_after")
    with pytest.raises(OutcomeUnknown):
        await channel.publish(article, delivery)
    await sandbox.post("settings", publish_delay_s=60)

    with pytest.raises(OutcomeUnknown, match="草稿箱"):
        await channel.publish(article, delivery)


@pytest.mark.parametrize(("action", "seen"), [("drop_before", NotThere()), ("drop_after", StillUnderWay())])
async def test_a_lost_submit_whose_article_is_not_out_is_told_by_its_draft(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer, action: str, seen: Look
) -> None:
    """It leaves the box when it is taken for publication."""
    article, delivery, since = await office.article(), Delivery(), clock.now()
    await sandbox.post("settings", publish_delay_s=60)
    await sandbox.fault(SUBMIT, action)
    with pytest.raises(OutcomeUnknown):
        await channel.publish(article, delivery)

    assert await channel.look(article, Trace(since, media_id=delivery.media_id)) == seen


async def test_with_its_number_a_publication_is_asked_for_by_it(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    article, since = await office.article(), clock.now()
    await sandbox.post("settings", publish_status=4)
    receipt = await channel.publish(article, Delivery())
    assert isinstance(receipt, Accepted)
    with pytest.raises(Refused):
        await finished(channel, receipt)

    with pytest.raises(Refused, match="审核"):
        await channel.look(article, Trace(since, publish_id=receipt.publish_id))


async def test_an_account_that_is_not_verified_saves_the_draft_for_a_person(
    office: Office, sandbox: SandboxServer
) -> None:
    channel = await open_channel(office, await office.wechat(verified=False))
    delivery = Delivery()

    receipt = await channel.publish(await office.article(), delivery)

    assert not channel.can_publish
    assert isinstance(receipt, DraftSaved)
    assert receipt.media_id
    assert delivery.steps == []
    assert await sandbox.calls(SUBMIT) == []


async def test_an_account_that_lost_the_right_saves_the_draft_for_a_person(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    await sandbox.fault(SUBMIT, "errcode", 48001)
    delivery = Delivery()

    assert await channel.publish(await office.article(), delivery) == DraftSaved(delivery.media_id or "")


async def test_a_draft_whose_answer_was_lost_is_not_saved_twice_for_a_person(
    office: Office, sandbox: SandboxServer
) -> None:
    channel = await open_channel(office, await office.wechat(verified=False))
    article = await office.article()
    await sandbox.fault(DRAFT, "drop_after")
    with pytest.raises(NotSent):
        await channel.publish(article, Delivery())

    first = await channel.publish(article, Delivery())
    changed = await channel.publish(replace(article, html="<p>更正后的正文</p>", pictures=()), Delivery())

    assert len(await sandbox.calls(DRAFT)) == 2
    assert first != changed


@pytest.mark.parametrize(("status", "words"), [(2, "原创"), (3, "失败"), (4, "审核")])
async def test_what_the_platform_rejects_afterwards_is_refused(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer, status: int, words: str
) -> None:
    await sandbox.post("settings", publish_status=status)
    receipt = await channel.publish(await office.article(), Delivery())

    with pytest.raises(Refused, match=words):
        await finished(channel, receipt)


async def test_a_job_that_is_not_finished_is_still_under_way(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    await sandbox.post("settings", publish_delay_s=60)
    receipt = await channel.publish(await office.article(), Delivery())

    assert isinstance(receipt, Accepted)
    assert await channel.result(receipt.publish_id) == StillUnderWay()


@pytest.mark.parametrize(("status", "words"), [(5, "删除"), (6, "封禁")])
def test_what_was_taken_down_again_says_by_whom(status: int, words: str) -> None:
    result = result_of(status, article_id=None, url=None, at=None, failed_articles=())
    assert isinstance(result, Removed)
    assert words in result.message


async def test_of_two_articles_with_one_title_the_own_one_is_found(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    other = await office.article("行政处罚决定书")
    ours = replace(other, source_url="http://127.0.0.1/p/ours")
    since = clock.now()
    await finished(channel, await channel.publish(other, Delivery()))

    assert await channel.look(ours, Trace(since)) == NotThere()
    result = await finished(channel, await channel.publish(ours, Delivery()))
    found = await channel.look(ours, Trace(since))

    assert isinstance(result, Published) and isinstance(found, Published)
    assert (found.platform_id, found.url) == (result.platform_id, result.url)


async def test_a_publication_is_found_beyond_the_first_page(channel: WeChatChannel, office: Office) -> None:
    ours, since = await office.article("最早的一篇"), clock.now()
    result = await finished(channel, await channel.publish(ours, Delivery()))
    for number in range(21):
        later = await office.article(f"第 {number} 篇")
        await finished(channel, await channel.publish(later, Delivery()))

    found = await channel.look(ours, Trace(since))

    assert isinstance(result, Published) and isinstance(found, Published)
    assert found.platform_id == result.platform_id


async def test_pictures_that_are_too_large_are_refused_before_they_are_sent(
    channel: WeChatChannel, office: Office, sandbox: SandboxServer
) -> None:
    large = await office.picture("large", noise=1400)
    article = await office.article(html=f'<img src="media:{large.sha256}">', pictures=(large,))

    with pytest.raises(Refused, match="1 MB"):
        await channel.publish(article, Delivery())

    assert await sandbox.calls(PICTURE) == []


async def test_a_picture_that_is_not_listed_is_refused(channel: WeChatChannel, office: Office) -> None:
    article = await office.article(html='<img src="media:0123">', pictures=())
    with pytest.raises(Refused, match="没有登记"):
        await channel.publish(article, Delivery())


async def test_the_address_that_is_missing_in_the_whitelist_is_named(
    office: Office, sandbox: SandboxServer
) -> None:
    account = await office.wechat()
    appid = office.sealer.open(account.sealed_credentials)["appid"]
    await sandbox.post("accounts", appid=appid, ip_whitelist=["198.51.100.7"])
    token, addresses, *others = (await office.channels.rights_of(account)).rights
    assert (token.state, addresses.state) == (RightState.FAILED, RightState.FAILED)
    assert "IP 127.0.0.1 不在公众号的 IP 白名单" in addresses.message
    assert {one.state for one in others} == {RightState.NOT_ASKED}


def test_wechat_accepts_first(channel: WeChatChannel) -> None:
    assert isinstance(channel, AcceptingChannel)
