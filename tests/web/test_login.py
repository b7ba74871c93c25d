"""Signing in and out in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from outreach.foundation import audit, clock
from outreach.office.context import Office
from outreach.people.model import Person, Role, WebSession
from outreach.settings import Settings
from outreach.web.app import create_app

from .conftest import PASSWORD, QUICK, Browser, hire


async def test_a_page_leads_to_the_login_and_back_again(office: Office, browser: Browser) -> None:
    await hire(office, "王芳", Role.ADMIN)
    asked = await browser.get("/users?x=1", follow=False)
    assert (asked.status, asked.headers["Location"]) == (303, "/login?next=/users%3Fx%3D1")

    login = await browser.get("/users")
    assert 'value="/users"' in login.text
    page = await browser.sign_in("王芳", next="/users")
    assert (page.status, page.path) == (200, "/users")
    assert "退出登录" in page.text


async def test_the_start_leads_to_what_waits(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    await browser.sign_in("王芳")
    assert (await browser.get("/", follow=False)).headers["Location"] == "/queue"


async def test_the_login_page_has_the_agreed_words(browser: Browser) -> None:
    page = await browser.get("/login")
    assert page.status == 200
    for words in (
        '<html lang="zh-CN">',
        ">用户名</label>",
        ">密码</label>",
        ">登录</button>",
        "登录 · 政务公开发布",
    ):
        assert words in page.text


async def test_after_a_wrong_login_the_name_stays_typed(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    page = await browser.sign_in("王芳", "wrong")
    assert page.status == 422
    assert "用户名或密码不正确" in page.text
    assert 'value="王芳"' in page.text
    assert "outreach_session" not in page.headers.get("Set-Cookie", "")


async def test_an_unknown_name_reads_like_a_wrong_password(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    known = await browser.sign_in("王芳", "wrong")
    unknown = await browser.sign_in("李四", "wrong")
    assert unknown.text == known.text.replace("王芳", "李四")


async def test_five_wrong_logins_pause_for_fifteen_minutes(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    for _ in range(5):
        await browser.sign_in("王芳", "wrong")
    assert (await browser.sign_in("王芳")).status == 422

    with clock.at(clock.now() + timedelta(minutes=14, seconds=50)):
        assert (await browser.sign_in("王芳")).status == 422
    with clock.at(clock.now() + timedelta(minutes=15, seconds=10)):
        assert (await browser.sign_in("王芳")).path == "/account"


async def test_four_wrong_logins_and_a_right_one_start_the_count_anew(
    office: Office, browser: Browser
) -> None:
    await hire(office, "王芳")
    for _ in range(2):
        for _ in range(4):
            await browser.sign_in("王芳", "wrong")
        assert (await browser.sign_in("王芳")).status == 200


async def test_an_idle_session_ends(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    await browser.sign_in("王芳")
    begun = clock.now()
    with clock.at(begun + timedelta(minutes=50)):
        assert (await browser.get("/account")).path == "/account"
    with clock.at(begun + timedelta(minutes=100)):
        assert (await browser.get("/account")).path == "/account"
    with clock.at(begun + timedelta(minutes=161)):
        assert (await browser.get("/account", follow=False)).status == 303


async def test_signing_out_ends_the_session_on_the_server(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    await browser.sign_in("王芳")
    page = await browser.post("/logout")
    assert page.path == "/login"
    assert "已退出登录" in page.text
    async with office.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(WebSession)) == 0


async def test_the_cookie_is_for_the_server_alone_and_kept_only_as_a_hash(
    office: Office, browser: Browser
) -> None:
    await hire(office, "王芳")
    page = await browser.post("/login", name="王芳", password=PASSWORD, next="/", follow=False)
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("outreach_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    async with office.db.read() as session:
        stored = (await session.scalars(select(WebSession.id_hash))).one()
    assert stored not in cookie


async def test_the_cookie_is_secure_where_the_service_is_reached_by_https(office: Office) -> None:
    await hire(office, "王芳")
    settings = Settings.model_validate(
        {"home": office.settings.home, "OUTREACH_PUBLIC_URL": "https://gk.example.cn"}
    )
    behind_https = replace(office, settings=settings)
    async with TestClient(TestServer(create_app(behind_https, passwords=QUICK))) as client:
        page = await Browser(client).post("/login", name="王芳", password=PASSWORD, follow=False)
    assert "Secure" in page.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "//[x", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_led_to_another_site_by_the_login(
    office: Office, browser: Browser, target: str
) -> None:
    await hire(office, "王芳")
    page = await browser.post("/login", name="王芳", password=PASSWORD, next=target, follow=False)
    assert page.headers["Location"] == "/"


async def test_another_site_cannot_sign_a_browser_in(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "http://[x"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        page = await browser.post("/login", name="王芳", password=PASSWORD, headers=headers)
        assert page.status == 403


async def test_a_form_without_the_sessions_token_is_refused(
    office: Office, new_browser: Callable[[], Browser]
) -> None:
    await hire(office, "王芳", Role.ADMIN)
    one, other = new_browser(), new_browser()
    await one.sign_in("王芳")
    await other.sign_in("王芳")
    one.csrf_token = other.csrf_token
    page = await one.post("/sections", name="水科")
    assert page.status == 403
    assert "页面已过期" in page.text


async def test_a_token_in_the_header_serves_as_well(office: Office, browser: Browser) -> None:
    await hire(office, "王芳", Role.ADMIN)
    await browser.sign_in("王芳")
    token, browser.csrf_token = browser.csrf_token, ""
    page = await browser.post("/sections", name="水科", headers={"X-CSRF-Token": token})
    assert (page.status, page.path) == (200, "/sections")


async def test_a_form_from_another_site_is_refused_even_with_the_token(
    office: Office, browser: Browser
) -> None:
    await hire(office, "王芳", Role.ADMIN)
    await browser.sign_in("王芳")
    page = await browser.post("/sections", name="水科", headers={"Origin": "https://evil.example"})
    assert page.status == 403


async def test_a_one_time_password_is_changed_first(office: Office, browser: Browser) -> None:
    await hire(office, "王芳", Role.ADMIN, must_change=True)
    page = await browser.sign_in("王芳", next="/users")
    assert page.path == "/account"
    assert "请先更改密码" in page.text
    assert 'href="/users"' not in page.text
    assert (await browser.post("/sections", name="水科")).path == "/account"

    page = await browser.post(
        "/account/password", follow=False, old=PASSWORD, new="another-good-one", again="another-good-one"
    )
    assert page.headers["Location"] == "/queue"
    assert (await browser.get("/users")).path == "/users"


async def test_a_new_password_must_be_a_good_one(office: Office, browser: Browser) -> None:
    await hire(office, "wangfang-office")
    await browser.sign_in("wangfang-office")
    tried = {
        "当前密码不正确": {"old": "wrong", "new": "another-good-one", "again": "another-good-one"},
        "至少 10 个字符": {"old": PASSWORD, "new": "short", "again": "short"},
        "不能与用户名相同": {"old": PASSWORD, "new": "Wangfang-Office", "again": "Wangfang-Office"},
        "不能与当前密码相同": {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD},
        "不一致": {"old": PASSWORD, "new": "another-good-one", "again": "another-bad-one"},
    }
    for message, fields in tried.items():
        page = await browser.post("/account/password", fields)
        assert page.status == 422
        assert message in page.text


async def test_a_new_password_signs_out_every_other_browser(
    office: Office, new_browser: Callable[[], Browser]
) -> None:
    await hire(office, "王芳")
    here, there = new_browser(), new_browser()
    await here.sign_in("王芳")
    await there.sign_in("王芳")
    page = await here.post(
        "/account/password", old=PASSWORD, new="another-good-one", again="another-good-one"
    )
    assert "密码已更改" in page.text
    assert (await there.get("/account")).path.startswith("/login")
    assert (await there.sign_in("王芳")).status == 422
    assert (await there.sign_in("王芳", "another-good-one")).status == 200


async def test_logins_leave_their_line_in_the_audit_log(office: Office, browser: Browser) -> None:
    person = await hire(office, "王芳")
    await browser.sign_in("王芳", "wrong")
    await browser.sign_in("王芳")
    async with office.db.read() as session:
        lines = [(event.act, event.subject_id) async for event in audit.events(session)]
        assert await audit.verify(session) == []
        assert (await session.get_one(Person, person.id)).failed_logins == 0
    assert lines[-2:] == [("login.refused", person.id), ("login", person.id)]
