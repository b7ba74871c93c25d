"""The pages of users, sections, settings, audit and one's own account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from outreach.foundation import office_settings
from outreach.foundation.audit import AuditEvent
from outreach.office.context import Office
from outreach.people import queries, service
from outreach.people.model import Role
from tests.builders import OfficeStory

from .conftest import Browser, hire


@pytest.mark.parametrize(
    ("role", "open_to_it"),
    [
        (Role.ADMIN, {"/users", "/users/new", "/sections", "/settings"}),
        (Role.AUDITOR, {"/audit"}),
        (Role.EDITOR, set()),
    ],
)
async def test_each_page_is_for_its_role_alone(
    office: Office, browser: Browser, role: Role, open_to_it: set[str]
) -> None:
    await hire(office, "王芳", role)
    await browser.sign_in("王芳")
    for path in ("/users", "/users/new", "/sections", "/settings", "/audit"):
        assert (await browser.get(path)).status == (200 if path in open_to_it else 403)
    assert (await browser.post("/sections", name="水科")).status == (200 if role is Role.ADMIN else 403)
    assert (await browser.post("/audit/verify")).status == (200 if role is Role.AUDITOR else 403)


async def test_a_new_user_signs_in_with_the_password_shown_once(
    office: Office, new_browser: Callable[[], Browser]
) -> None:
    admin = await _admin(office, new_browser())
    await admin.post("/sections", name="水科")
    added = await admin.post("/users/new", name="李四", roles=["editor", "publisher"], sections=["水科"])
    shown = re.search(r'<code class="secret">([^<]+)</code>', added.text)
    assert shown
    assert shown[1] not in (await admin.get("/users")).text

    page = await new_browser().sign_in("李四", shown[1])
    assert "请先更改密码" in page.text
    assert "信息编辑、发布员" in page.text
    assert "水科" in page.text


async def test_what_was_typed_stays_beside_its_message(office: Office, browser: Browser) -> None:
    await _admin(office, browser)
    page = await browser.post("/users/new", name="管理", roles=["editor"])
    assert page.status == 422
    assert "已被使用" in page.text
    assert re.search(r'value="editor" checked', page.text)
    assert (await browser.post("/users/new", name="李四", roles=["king"])).status == 422


async def test_a_disabled_user_is_out_with_the_next_click(
    office: Office, new_browser: Callable[[], Browser]
) -> None:
    admin, his = await _admin(office, new_browser()), new_browser()
    person = await hire(office, "李四", Role.EDITOR)
    await his.sign_in("李四")
    page = await admin.post(f"/users/{person.id}", roles=["editor"], disabled="1")
    assert "已停用" in page.text
    assert (await his.get("/account")).path.startswith("/login")
    assert (await his.sign_in("李四")).status == 422


async def test_a_reset_password_is_shown_once(office: Office, browser: Browser) -> None:
    await _admin(office, browser)
    person = await hire(office, "李四")
    page = await browser.post(f"/users/{person.id}/password")
    assert page.status == 200
    assert 'class="secret"' in page.text
    assert "待更改一次性密码" in (await browser.get(f"/users/{person.id}")).text


async def test_an_unknown_user_is_not_found(office: Office, browser: Browser) -> None:
    await _admin(office, browser)
    assert (await browser.get("/users/nobody")).status == 404


async def test_settings_are_drawn_from_their_model_and_kept(office: Office, browser: Browser) -> None:
    await _admin(office, browser)
    page = await browser.get("/settings")
    for info in office_settings.OfficeSettings.model_fields.values():
        assert f">{info.title}</label>" in page.text
    form = _fields(page.text) | {"bureau": "集宁区分局", "idle_minutes": "30"}
    page = await browser.post("/settings", form)
    assert "已保存" in page.text
    async with office.db.read() as session:
        settings = await office_settings.load(session)
    assert (settings.bureau, settings.idle_minutes) == ("集宁区分局", 30)
    assert "已保存" not in (await browser.get("/settings")).text


async def test_a_wrong_setting_is_told_at_its_field(office: Office, browser: Browser) -> None:
    await _admin(office, browser)
    form = _fields((await browser.get("/settings")).text)
    for value, message in (("1", "不能小于 5"), ("很久", "请填写整数")):
        page = await browser.post("/settings", form | {"idle_minutes": value})
        assert page.status == 422
        assert message in page.text
        assert f'value="{value}"' in page.text


async def test_the_audit_log_is_paged_and_filtered(office: Office, browser: Browser) -> None:
    auditor = await hire(office, "审计", Role.AUDITOR)
    async with office.db.begin() as session:
        for number in range(60):
            await service.add_section(session, auditor, f"第{number}科")
    await browser.sign_in("审计")
    newest = await browser.get("/audit")
    assert "第59科" in newest.text
    assert "第1科" not in newest.text
    older = re.search(r'href="(/audit\?[^"]*before=\d+)"', newest.text)
    assert older
    assert "第1科" in (await browser.get(older[1].replace("&amp;", "&"))).text
    filtered = await browser.get("/audit?act=login&actor=审计")
    assert "第59科" not in filtered.text
    assert "没有符合条件" in (await browser.get("/audit?actor=没有")).text
    assert (await browser.get("/audit?before=x&act=x")).status == 200


async def test_the_audit_chain_is_verified_by_a_button(office: Office, browser: Browser) -> None:
    await hire(office, "审计", Role.AUDITOR)
    await browser.sign_in("审计")
    assert "审计链完整" in (await browser.post("/audit/verify")).text
    async with office.db.begin() as session:
        await session.execute(update(AuditEvent).where(AuditEvent.number == 1).values(actor_name="别人"))
    page = await browser.post("/audit/verify")
    assert "审计链不完整" in page.text
    assert "第 1 条" in page.text


async def test_ones_own_token_is_shown_once_and_revoked(office: Office, browser: Browser) -> None:
    person = await hire(office, "王芳")
    await browser.sign_in("王芳")
    page = await browser.post("/account/tokens")
    shown = re.search(r'<code class="secret">([^<]+)</code>', page.text)
    assert shown
    async with office.db.read() as session:
        (of_it,) = await service.people_of_tokens(session, [shown[1]])
        assert of_it is not None and of_it.id == person.id
    assert shown[1] not in (await browser.get("/account")).text
    assert "令牌已撤销" in (await browser.post("/account/tokens/revoke")).text
    async with office.db.read() as session:
        assert await queries.count_tokens(session, person.id) == 0


async def _admin(office: Office, browser: Browser) -> Browser:
    await hire(office, "管理", Role.ADMIN)
    await browser.sign_in("管理")
    return browser


def _fields(html: str) -> dict[str, str]:
    typed = dict(re.findall(r'id="field-\w+" name="(\w+)" value="([^"]*)"', html))
    chosen = re.findall(r'<select[^>]* name="(\w+)".*?<option value="([^"]*)" selected>', html, re.S)
    long = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?([^<]*)</textarea>', html)
    return typed | dict(chosen) | dict(long)


async def test_the_audit_log_speaks_chinese_of_the_office(story: OfficeStory, browser: Browser) -> None:
    item = await story.item().approved()
    await story.accounts()
    await story.person(Role.AUDITOR)
    await browser.sign_in("auditor")
    page = (await browser.get("/audit")).text
    assert "None" not in page
    assert f'<a href="/items/{item.id}">信息</a>' in page
    assert "全部科室" in page
    assert "微信公众号" in page


async def test_the_audit_log_tells_times_by_the_clock_of_the_office(
    story: OfficeStory, browser: Browser
) -> None:
    await story.item().published(at=datetime(2026, 11, 25, 20, 59, tzinfo=UTC))
    await story.person(Role.AUDITOR)
    await browser.sign_in("auditor")
    assert "2026年11月26日 04:59" in (await browser.get("/audit?act=post.publish")).text
