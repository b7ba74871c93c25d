"""账号: what everyone sees of the bureau's accounts, and what administrators do with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from outreach.channels.credentials import WeiboCredentials, open_credentials
from outreach.channels.model import Account, AccountToken
from outreach.channels.queries import get_account, list_accounts
from outreach.channels.service import pause_account
from outreach.foundation import clock
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.publishing.model import PostState
from outreach.settings import Settings
from tests.builders import DEMO_ACCOUNTS, OfficeStory
from tests.channels.office import run_sandbox
from tests.conftest import settings_for
from tests.web.conftest import Browser, Page
from tests.workers.desk import deliver

PUBLIC_URL = "http://127.0.0.1:8080"
WECHAT = {
    "name": "乌兰察布生态环境",
    "type": "service",
    "verified": "1",
    "appid": "wx0123456789abcdef",
    "secret": "a-secret-that-nobody-sees",
    "token": "a-token-that-nobody-sees",
    "encoding_aes_key": "liGXYVZoaMNqiSP12TrSAY3wj1T3ExnEinCdflPFgEQ",
}
SECRETS = [str(value) for account in DEMO_ACCOUNTS for value in account["credentials"].values()]


@pytest.fixture
async def sandbox_url() -> AsyncIterator[str]:
    runner, url = await run_sandbox(PUBLIC_URL)
    yield url
    await runner.cleanup()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, sandbox_url: str) -> Settings:
    """An office whose platforms are the sandbox."""
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox_url, weibo_base_url=sandbox_url)


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


@pytest.fixture
async def admin(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.ADMIN)
    await browser.sign_in("admin")
    return browser


async def of_now(office: Office, account: Account) -> Account:
    async with office.db.read() as session:
        return await get_account(session, account.id)


async def test_everyone_sees_what_the_accounts_can_do(
    story: OfficeStory, browser: Browser, accounts: list[Account]
) -> None:
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    page = await browser.get("/accounts")
    assert all(account.name in page.text for account in accounts)
    assert "可直接发布，不需人工操作" in page.text
    assert "只能存草稿" in page.text
    assert "<button" not in page.text.partition("<main")[2]
    for account in accounts:
        page = await browser.get(f"/accounts/{account.id}")
        assert page.status == 200
        assert "<form" not in page.text.partition("<main")[2]


async def test_no_page_shows_a_credential(admin: Browser, accounts: list[Account]) -> None:
    for path in ("/accounts", *(f"/accounts/{account.id}" for account in accounts)):
        page = await admin.get(path)
        shown = [secret for secret in SECRETS if secret in page.text and secret != "7908876699"]
        assert shown == []


@pytest.mark.parametrize("act", ["resume", "check", "credentials", "weibo/authorise"])
async def test_only_an_administrator_changes_accounts(
    story: OfficeStory, browser: Browser, accounts: list[Account], act: str
) -> None:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    await browser.get("/accounts")
    assert (await browser.post(f"/accounts/{accounts[1].id}/{act}")).status == 403
    assert (await browser.get("/accounts/new")).status == 403
    assert (await browser.post("/accounts/new?channel=wechat", WECHAT)).status == 403


async def test_an_account_is_added_and_its_secrets_are_sealed(office: Office, admin: Browser) -> None:
    page = await admin.get("/accounts/new?channel=wechat")
    assert page.text.count('type="password"') == 4
    page = await admin.post("/accounts/new?channel=wechat", WECHAT)
    assert "账号已添加。" in page.text
    async with office.db.read() as session:
        (account,) = await list_accounts(session)
    assert f"{PUBLIC_URL}/callbacks/wechat/{account.id}" in page.text
    assert "安全模式" in page.text
    assert "that-nobody-sees" not in page.text + account.sealed_credentials
    assert account.verified


async def test_a_weibo_account_waits_for_its_authorisation(office: Office, admin: Browser) -> None:
    await admin.get("/accounts/new?channel=weibo")
    form = {"name": "市局微博", "app_key": "1", "app_secret": "2", "rip": "203.0.113.20"}
    page = await admin.post("/accounts/new?channel=weibo", form)
    assert "尚未授权，不能发布" in page.text
    assert "授权</button>" in page.text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "账号名称应为1至64个字。"),
        ({"secret": " "}, "缺少“AppSecret”（secret）。"),
        ({"encoding_aes_key": "short"}, "消息加解密密钥应为公众平台给出的43个字符。"),
        ({"type": "other"}, "请选择公众号类型"),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_told_at_its_field(
    office: Office, admin: Browser, changes: dict[str, str], told: str
) -> None:
    await admin.get("/accounts/new?channel=wechat")
    page = await admin.post("/accounts/new?channel=wechat", WECHAT | changes)
    assert page.status == 422
    assert told in page.text
    assert f'id="error-{next(iter(changes))}"' in page.text
    assert "that-nobody-sees" not in page.text
    async with office.db.read() as session:
        assert await list_accounts(session) == []


async def test_there_are_no_accounts_of_other_platforms(admin: Browser) -> None:
    assert (await admin.get("/accounts/new?channel=pigeon")).status == 404


async def test_the_platform_is_asked_whether_it_takes_the_credentials(
    admin: Browser, accounts: list[Account]
) -> None:
    await admin.get("/accounts")
    for account in accounts:
        page = await admin.post(f"/accounts/{account.id}/check")
        assert "检查通过" in page.text
        assert "（admin）：通过" in page.text


async def test_other_credentials_take_the_place_of_wrong_ones(
    office: Office, admin: Browser, accounts: list[Account]
) -> None:
    right = DEMO_ACCOUNTS[0]["credentials"]
    await admin.get(f"/accounts/{accounts[0].id}")
    page = await admin.post(f"/accounts/{accounts[0].id}/credentials", right | {"secret": "wrong"})
    assert "凭据已更换，检查没有通过" in page.text
    assert "（admin）：AppSecret 不正确。" in page.text
    page = await admin.post(f"/accounts/{accounts[0].id}/credentials", right)
    assert "凭据已更换，检查通过" in page.text
    page = await admin.post(f"/accounts/{accounts[0].id}/credentials", right | {"appid": ""})
    assert page.status == 422
    assert "缺少“AppID”（appid）。" in page.text


async def test_a_secret_that_was_reset_on_the_platform_costs_no_post(
    office: Office, story: OfficeStory, admin: Browser, accounts: list[Account], sandbox_url: str
) -> None:
    item = await story.item().planned(accounts[0])
    right = DEMO_ACCOUNTS[0]["credentials"]
    path = f"/accounts/{accounts[0].id}"
    await admin.get(path)
    async with aiohttp.ClientSession(sandbox_url) as http:
        reset = {"channel": "wechat", "appid": right["appid"], "secret": "a1" * 16}
        assert (await http.post("/_sandbox/accounts", json=reset)).status == 200
        await deliver(office)
        assert ((await story.post(item)).state, (await of_now(office, accounts[0])).paused_at is None) == (
            PostState.PLANNED,
            False,
        )
        page = await admin.post(f"{path}/credentials", right | {"secret": reset["secret"]})
        assert "凭据已更换，检查通过" in page.text
        await deliver(office)
        assert (await story.post(item)).state is PostState.ACCEPTED
        requests = await (await http.get("/_sandbox/requests")).json()
    assert [one["path"] for one in requests].count("/cgi-bin/freepublish/submit") == 1


async def test_the_token_of_other_credentials_is_forgotten(
    office: Office, admin: Browser, accounts: list[Account]
) -> None:
    async with office.db.begin() as session:
        row = await session.get_one(AccountToken, accounts[0].id)
        row.sealed_token, row.expires_at = office.sealer.seal({"access_token": "old"}), clock.now()
    await admin.get("/accounts")
    await admin.post(f"/accounts/{accounts[0].id}/credentials", DEMO_ACCOUNTS[0]["credentials"])
    async with office.db.read() as session:
        sealed = (await session.get_one(AccountToken, accounts[0].id)).sealed_token
    assert sealed is None or office.sealer.open(sealed)["access_token"] != "old"


async def test_an_authorisation_outlives_a_new_secret_but_not_another_app(
    office: Office, admin: Browser, accounts: list[Account]
) -> None:
    typed = {"app_key": "4657894139", "app_secret": "reset", "rip": "203.0.113.21"}
    await admin.get("/accounts")
    await admin.post(f"/accounts/{accounts[1].id}/credentials", typed)
    kept = open_credentials(office.sealer, await of_now(office, accounts[1]), WeiboCredentials)
    assert kept.access_token
    assert kept.rip == "203.0.113.21"
    page = await admin.post(f"/accounts/{accounts[1].id}/credentials", typed | {"app_key": "another"})
    assert "尚未授权，不能发布" in page.text


async def test_a_paused_account_says_why_and_goes_on_when_it_is_resumed(
    office: Office, admin: Browser, accounts: list[Account]
) -> None:
    async with office.db.begin() as session:
        await pause_account(session, accounts[0].id, "本机IP不在白名单中。")
    page = await admin.get("/accounts")
    assert "已暂停</span>" in page.text
    assert "本机IP不在白名单中。" in page.text
    page = await admin.post(f"/accounts/{accounts[0].id}/resume", back="/accounts")
    assert page.path == "/accounts"
    assert "账号已恢复" in page.text
    assert (await of_now(office, accounts[0])).paused_at is None


async def at_weibo(browser: Browser, account: Account, press: str = "allow") -> str:
    """Presses 授权 and then a button on Weibo's page; where Weibo leads the browser back to."""
    await browser.get("/accounts")
    page = await browser.post(f"/accounts/{account.id}/weibo/authorise", follow=False)
    assert page.status == 303
    address = urlsplit(page.headers["Location"])
    values = {name: values[0] for name, values in parse_qs(address.query).items()}
    async with aiohttp.ClientSession() as weibo:
        place = f"{address.scheme}://{address.netloc}{address.path}"
        async with weibo.post(place, data=values | {press: "1"}, allow_redirects=False) as response:
            assert response.status == 302
            return response.headers["Location"].removeprefix(PUBLIC_URL)


async def test_weibo_is_authorised(office: Office, admin: Browser, accounts: list[Account]) -> None:
    async with office.db.begin() as session:
        await pause_account(session, accounts[1].id, "微博授权已失效。")
    page = await admin.get(await at_weibo(admin, accounts[1]))
    assert page.path == f"/accounts/{accounts[1].id}"
    assert "授权成功" in page.text
    assert "授权有效期" in page.text
    account = await of_now(office, accounts[1])
    granted = open_credentials(office.sealer, account, WeiboCredentials)
    assert granted.access_token != DEMO_ACCOUNTS[1]["credentials"]["access_token"]
    assert granted.uid == "7908876699"
    assert granted.access_token not in page.text
    assert account.paused_at is None
    assert "检查通过" in (await admin.post(f"/accounts/{account.id}/check")).text


async def test_a_refusal_at_weibo_is_told(admin: Browser, accounts: list[Account]) -> None:
    page = await admin.get(await at_weibo(admin, accounts[1], "refuse"))
    assert "您在微博的页面上没有同意授权" in page.text


async def test_a_code_holds_once(admin: Browser, accounts: list[Account]) -> None:
    back = await at_weibo(admin, accounts[1])
    await admin.get(back)
    page = await admin.get(back)
    assert "授权没有完成" in page.text
    assert "21325" in page.text


async def test_another_callback_address_than_weibo_knows_is_told(
    office: Office, admin: Browser, accounts: list[Account], sandbox_url: str
) -> None:
    back = await at_weibo(admin, accounts[1])
    async with aiohttp.ClientSession() as control:
        fault = {"path": "/oauth2/access_token", "action": "errcode", "value": 21322, "times": 1}
        await control.post(f"{sandbox_url}/_sandbox/faults", json=fault)
    page = await admin.get(back)
    assert "授权回调地址与应用中登记的不一致" in page.text


@pytest.mark.parametrize("state", ["", "1", "{until}.0000", "9999999999.0000", "é.0000"])
async def test_an_answer_that_nobody_asked_for_is_not_taken(
    office: Office, admin: Browser, accounts: list[Account], state: str
) -> None:
    back = await at_weibo(admin, accounts[1])
    asked = parse_qs(urlsplit(back).query)["state"][0]
    typed = state.format(until=asked.partition(".")[0])
    page = await admin.get(f"/accounts/{accounts[1].id}/weibo/authorised?code=stolen&state={typed}")
    assert page.status == 403
    assert "不是从本页发起的" in page.text


async def test_an_answer_holds_for_its_own_session_and_ten_minutes(
    office: Office, admin: Browser, accounts: list[Account]
) -> None:
    back = await at_weibo(admin, accounts[1])
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert_not_taken(await admin.get(back))
    await admin.get("/accounts")
    await admin.post("/logout")
    await admin.sign_in("admin")
    assert_not_taken(await admin.get(back))


def assert_not_taken(page: Page) -> None:
    assert page.status == 403
    assert "请重新点“授权”" in page.text


async def test_a_wechat_account_is_not_authorised(admin: Browser, accounts: list[Account]) -> None:
    await admin.get("/accounts")
    assert (await admin.post(f"/accounts/{accounts[0].id}/weibo/authorise")).status == 404


async def test_credentials_under_a_lost_key_are_told_and_can_be_typed_anew(
    office: Office, admin: Browser, accounts: list[Account]
) -> None:
    async with office.db.begin() as session:
        for account in accounts[:2]:
            (await session.get_one(Account, account.id)).sealed_credentials = "sealed under another key"
    for account in accounts[:2]:
        page = await admin.get(f"/accounts/{account.id}")
        assert "无法用当前的 SECRET_KEY 解开" in page.text
        assert "密钥不符" in (await admin.post(f"/accounts/{account.id}/check")).text
    page = await admin.post(f"/accounts/{accounts[1].id}/weibo/authorise")
    assert "密钥不符" in page.text
    page = await admin.post(f"/accounts/{accounts[0].id}/credentials", DEMO_ACCOUNTS[0]["credentials"])
    assert "凭据已更换，检查通过" in page.text
