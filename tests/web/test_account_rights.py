"""检查: what each account may do on its platform, right by right, before it is used for the first time."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from outreach.channels.model import Account
from outreach.channels.queries import get_account
from outreach.office.context import Office
from outreach.office.read_quotas import read_quotas
from outreach.people.model import Role
from outreach.people.service import issue_token
from outreach.settings import Settings
from tests.builders import DEMO_ACCOUNTS, OfficeStory
from tests.channels.office import SandboxServer, run_sandbox
from tests.conftest import settings_for
from tests.web.conftest import Browser, Page

pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
PUBLISHING_CALLS = ("/cgi-bin/freepublish/submit", "/cgi-bin/message/mass/sendall", "/2/statuses/share.json")


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    runner, url = await run_sandbox("http://127.0.0.1:8080")
    async with aiohttp.ClientSession() as http:
        yield SandboxServer(runner, url, http, asyncio.Queue())
    await runner.cleanup()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, sandbox: SandboxServer) -> Settings:
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url)


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


@pytest.fixture
async def admin(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.ADMIN)
    await browser.sign_in("admin")
    await browser.get("/accounts")
    return browser


def told(page: Page) -> dict[str, tuple[str, str]]:
    """State and sentence of each right, by its label."""
    table = page.text.partition("这个账号需要的各项权限")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]
    cells = [
        [
            re.sub(r"<[^>]+>", "", html.unescape(cell)).strip()
            for cell in re.findall(r"<td.*?</td>", row, re.S)
        ]
        for row in rows
    ]
    return {label: (state, sentence) for label, state, sentence in cells}


async def test_each_right_is_asked_and_nothing_is_published(
    admin: Browser, accounts: list[Account], sandbox: SandboxServer
) -> None:
    assert (await admin.get("/accounts")).text.count("请先检查") == len(accounts)
    assert "请先检查" in (await admin.get(f"/accounts/{accounts[0].id}")).text
    service, weibo, subscription = [
        told(await admin.post(f"/accounts/{account.id}/check")) for account in accounts
    ]
    assert {label: state for label, (state, _) in service.items()} == {
        "访问令牌（access_token）": "通过",
        "IP 白名单": "通过",
        "草稿箱": "通过",
        "发布": "通过",
        "群发": "通过",
        "模板消息": "通过",
        "服务器配置（回调）": "未检查",
    }
    assert service["群发"][1] == "平台已开放，接口今天还可以调用 100 次（共 100 次）。"
    assert [subscription[label][0] for label in ("草稿箱", "发布", "群发", "模板消息")] == [
        "通过",
        "不适用",
        "不适用",
        "不适用",
    ]
    assert {label: state for label, (state, _) in weibo.items()} == {
        "授权": "通过",
        "读取微博": "通过",
        "本单位公网 IP": "通过",
        "安全域名": "未检查",
    }
    assert "请先检查" not in (await admin.get("/accounts")).text
    for path in PUBLISHING_CALLS:
        assert await sandbox.calls(path) == []


async def test_what_the_platform_refuses_says_what_to_do(
    office: Office, admin: Browser, accounts: list[Account], sandbox: SandboxServer
) -> None:
    appid = DEMO_ACCOUNTS[0]["credentials"]["appid"]
    await sandbox.post("accounts", appid=appid, verified=False)
    page = await admin.post(f"/accounts/{accounts[0].id}/check")
    rights = told(page)
    assert [rights[label][0] for label in ("草稿箱", "发布", "群发", "模板消息")] == [
        "通过",
        "不通过",
        "不通过",
        "不适用",
    ]
    assert "请管理员在公众平台“设置与开发 → 接口权限”中核对" in rights["发布"][1]
    assert "48001" in rights["发布"][1]
    assert "76022" in rights["群发"][1]
    assert "检查没有通过" in page.text
    assert (await admin.get("/accounts")).text.count("请先检查") == len(accounts)

    await sandbox.post("accounts", appid=appid, ip_whitelist=["198.51.100.7"])
    rights = told(await admin.post(f"/accounts/{accounts[0].id}/check"))
    assert "服务器出口 IP 127.0.0.1 不在公众号的 IP 白名单中" in rights["IP 白名单"][1]
    assert (rights["访问令牌（access_token）"][0], rights["草稿箱"][0]) == ("不通过", "未检查")

    await sandbox.fault("/2/statuses/user_timeline.json", "errcode", 10014)
    rights = told(await admin.post(f"/accounts/{accounts[1].id}/check"))
    assert (rights["授权"][0], rights["读取微博"][0]) == ("通过", "不通过")


async def test_a_check_that_went_well_is_remembered_until_the_credentials_change(
    admin: Browser, accounts: list[Account], sandbox: SandboxServer
) -> None:
    path = f"/accounts/{accounts[0].id}"
    await admin.post(f"{path}/check")
    await sandbox.fault("/cgi-bin/stable_token", "errcode", 50007)
    assert "检查没有通过" in (await admin.post(f"{path}/check")).text
    assert "请先检查" not in (await admin.get(path)).text
    await sandbox.fault("/cgi-bin/stable_token", "errcode", 50007)
    page = await admin.post(f"{path}/credentials", DEMO_ACCOUNTS[0]["credentials"])
    assert "凭据已更换，检查没有通过" in page.text
    assert "请先检查" in (await admin.get(path)).text


async def test_programs_check_too(
    office: Office, story: OfficeStory, browser: Browser, accounts: list[Account], sandbox: SandboxServer
) -> None:
    person = await story.person(Role.ADMIN)
    async with office.db.begin() as session:
        token = await issue_token(session, person, person)
    call = f"/api/v1/accounts/{accounts[0].id}/check"
    async with browser.client.post(call, headers={"Authorization": f"Bearer {token}"}) as response:
        check = (await response.json())["check"]
    assert (check["problem"], check["by"]) == (None, "admin")
    assert [right["name"] for right in check["rights"]][:2] == ["access", "ip_list"]


async def test_an_end_that_only_the_credentials_told_is_learned(
    office: Office, accounts: list[Account], sandbox: SandboxServer
) -> None:
    end = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)
    async with office.db.begin() as session:
        weibo = await get_account(session, accounts[1].id)
        known = office.sealer.open(weibo.sealed_credentials)
        weibo.sealed_credentials = office.sealer.seal({**known, "expires_at": end.isoformat()})
    await read_quotas(office)
    async with office.db.read() as session:
        assert (await get_account(session, accounts[1].id)).authorised_until == end
