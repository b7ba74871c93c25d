"""/follow/{account}: a follower, known by WeChat's web login, chooses by tapping. No openid is ever seen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from outreach.channels.model import Account
from outreach.followers.conversations.model import Message, MessageState
from outreach.followers.model import Follower
from outreach.followers.topics.queries import subscriptions_of
from outreach.foundation import clock
from outreach.office.context import Office
from outreach.settings import Settings
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform
from tests.servers import Sqlite
from tests.web.conftest import Browser, Page

HIDDEN = re.compile(r'name="(notice|topic)" value="([^"]+)"')


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    return sqlite


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:8080") as running:
        await running.control("settings", {"callback_again_s": 0.05})
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(
        tmp_path,
        database_url,
        wechat_base_url=sandbox.url,
        wechat_open_url=sandbox.url,
        weibo_base_url=sandbox.url,
    )


@dataclass
class Telephone:
    """WeChat's browser on the phone of one person."""

    browser: Browser
    sandbox: Platform
    account: Account
    openid: str

    @property
    def address(self) -> str:
        return f"/follow/{self.account.id}"

    async def coming_back(self, path: str = "") -> str:
        """The address to which WeChat sends the browser that asked for a page."""
        asked = await self.browser.get(self.address + path, follow=False)
        assert asked.status == 303
        async with self.sandbox.http.get(
            asked.headers["Location"],
            headers={"Cookie": f"phone_{self.sandbox.wechat['appid']}={self.openid}"},
            allow_redirects=False,
        ) as response:
            back = urlsplit(response.headers["Location"])
        return f"{back.path}?{back.query}"

    async def open(self, path: str = "") -> Page:
        """The page as it is shown after the login."""
        return await self.browser.get(await self.coming_back(path))

    async def send(self, path: str, **fields: str) -> Page:
        return await self.browser.post(self.address + path, **fields)


@pytest.fixture
async def telephone(new_browser: Callable[[], Browser], story: OfficeStory, sandbox: Platform) -> Telephone:
    account = (await story.accounts())[0]
    (openid,) = await sandbox.followers(1)
    return Telephone(new_browser(), sandbox, account, openid)


async def subscriptions(office: Office) -> list[str]:
    async with office.db.read() as session:
        (someone,) = (await session.scalars(select(Follower))).all()
        return [one.name for one in await subscriptions_of(session, someone.id)]


async def test_a_follower_subscribes_by_tapping_after_they_agreed(
    telephone: Telephone, office: Office
) -> None:
    with capture_logs() as logs:
        page = await telephone.open()
        assert (page.status, page.path) == (200, telephone.address)
        assert "个人信息处理告知" in page.text
        assert "已订阅" not in page.text
        refused = await telephone.send("/topics", kind="air_quality", county="集宁区")
        assert (refused.status, "先阅读并同意" in refused.text) == (409, True)
        notice = dict(HIDDEN.findall(page.text))["notice"]
        page = await telephone.send("/consent", notice=notice)
        assert "已订阅 0 项" in page.text
        await telephone.send("/topics", kind="air_quality", county="集宁区", aqi_above="200")
        await telephone.send("/topics", kind="air_quality", county="集宁区", aqi_above="200")
        page = await telephone.send("/topics", kind="penalty", enterprise="禾川供热")
        assert await subscriptions(office) == ["集宁区空气质量（重度污染及以上）", "禾川供热的行政处罚"]
        assert 'aria-pressed="true"' in page.text
        page = await telephone.send("/topics/end", topic=dict(HIDDEN.findall(page.text))["topic"])
        assert len(await subscriptions(office)) == 1
        page = await telephone.send("/hour", digest_hour="8")
        assert '<option value="8" selected>' in page.text
        data = await telephone.browser.get(f"{telephone.address}/data")
    assert "每天 8 点汇总" in data.text
    seen = f"{page.text}{page.path}{data.text}{logs}{telephone.browser.client.session.cookie_jar._cookies}"
    assert telephone.openid not in seen


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "penalty", "enterprise": "有限公司"}, "太笼统"),
        ({"kind": "penalty", "enterprise": ""}, "请填写企业名称"),
        ({"kind": "air_quality", "county": "海淀区"}, "没有这一项"),
        ({"kind": "air_quality", "aqi_above": "7"}, "没有这一项"),
    ],
)
async def test_what_can_not_be_is_told_and_what_was_typed_stays(
    telephone: Telephone, fields: dict[str, str], told: str
) -> None:
    page = await telephone.open()
    await telephone.send("/consent", notice=dict(HIDDEN.findall(page.text))["notice"])
    page = await telephone.send("/topics", **fields)
    assert (page.status, told in page.text) == (422, True)
    assert f'value="{fields.get("enterprise", "")}"' in page.text


async def test_a_page_that_was_asked_for_is_the_one_that_is_shown(telephone: Telephone) -> None:
    assert (await telephone.open("/data")).path == f"{telephone.address}/data"


async def test_my_data_is_erased_and_the_browser_is_nobodys(telephone: Telephone, office: Office) -> None:
    await telephone.open()
    await _wrote(office, telephone, "你们几点上班")
    page = await telephone.browser.get(f"{telephone.address}/data")
    assert page.path == f"{telephone.address}/data"
    assert "你们几点上班" in page.text
    unsure = await telephone.send("/erase")
    assert (unsure.status, "请先勾选" in unsure.text) == (422, True)
    gone = await telephone.send("/erase", sure="1")
    assert "已经删除" in gone.text
    assert (await telephone.browser.get(telephone.address, follow=False)).status == 303
    assert await subscriptions(office) == []


async def _wrote(office: Office, telephone: Telephone, words: str) -> None:
    """What the callback kept of a message."""
    now = clock.now()
    xml = (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>{telephone.openid}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType>text</MsgType><Content>{words}</Content>"
        "<MsgId>7</MsgId></xml>"
    )
    async with office.db.begin() as session:
        (someone,) = (await session.scalars(select(Follower))).all()
        session.add(
            Message(
                account_id=telephone.account.id, dedupe_key="7", kind="text", sent_at=now, received_at=now,
                sealed=office.sealer.seal({"xml": xml}), state=MessageState.HANDLED, due_at=now,
                follower_id=someone.id,
            )
        )  # fmt: skip


async def test_a_login_that_another_browser_began_is_not_taken(
    telephone: Telephone, new_browser: Callable[[], Browser]
) -> None:
    back = await telephone.coming_back()
    stranger = await new_browser().get(back)
    assert (stranger.status, "请重新进入" in stranger.text) == (403, True)
    assert (await telephone.browser.get(back)).path == telephone.address
    # WeChat's browser opens an address twice: the code is used, and the visit goes on.
    assert (await telephone.browser.get(back)).path == telephone.address


async def test_no_form_is_taken_from_elsewhere(telephone: Telephone, office: Office) -> None:
    await telephone.open()
    telephone.browser.csrf_token = "0" * 64
    assert (await telephone.send("/erase", sure="1")).status == 403
    assert (await telephone.send("/topics", kind="event")).status == 403


async def test_previews_strangers_and_accounts_without_the_right_are_told_what_to_do(
    telephone: Telephone, story: OfficeStory, sandbox: Platform
) -> None:
    await sandbox.control("settings", {"snapshot_user": 1})
    assert "使用完整服务" in (await telephone.open()).text
    await sandbox.control("settings", {"snapshot_user": 0})
    await sandbox.control("events", {"type": "unsubscribe", "openid": telephone.openid})
    assert "请先关注" in (await telephone.open()).text
    await sandbox.control("faults", {"path": "/sns/oauth2/access_token", "action": "drop_before", "times": 2})
    assert (await telephone.open()).status == 503
    other = (await story.accounts())[2]
    assert (await telephone.browser.get(f"/follow/{other.id}")).status == 404
    assert (await telephone.browser.get("/follow/nobody")).status == 404


async def test_the_notice_is_there_for_anybody(telephone: Telephone) -> None:
    page = await telephone.browser.get(f"{telephone.address}/notice")
    assert "随时可以查阅" in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
