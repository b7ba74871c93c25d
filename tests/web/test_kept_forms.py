"""A form that is sent after its session ended: nothing that was typed is lost."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Final

import pytest

from outreach.foundation import clock
from outreach.items.model import ItemState
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory

from .conftest import PASSWORD, Browser, Page, hire

FROM_HERE: Final = {"Sec-Fetch-Site": "same-origin"}
EVENT: Final = {
    "kind": "event",
    "form_id": "01K0DEM0F0RM00000000000000",
    "title": "环保设施“开放日”",
    "section": "宣传教育科",
    "origin": "original",
    "name": "开放日",
    "starts_at": "2030-06-05T09:30",
    "place": "污水处理厂",
    "organiser": "生态环境局",
    "body": "第一段\r\n\r\n<第二段>",
}


def hidden_in(page: Page, prefix: str = "") -> dict[str, str]:
    """The hidden fields of the page's form, by name."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in found if name.startswith(prefix)}


async def ends_meanwhile(browser: Browser) -> None:
    """The browser's session is over."""
    browser.client.session.cookie_jar.clear()


async def again(browser: Browser, page: Page) -> Page:
    """What follows when somebody presses 继续提交."""
    action = re.search(r'<form class="card card-md" method="post" action="([^"]+)"', page.text)
    assert action
    return await browser.post(action[1], hidden_in(page) | {"csrf_token": browser.csrf_token})


async def test_a_form_goes_along_through_the_login(story: OfficeStory, browser: Browser) -> None:
    await story.section("宣传教育科")
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    await browser.get("/items/new?kind=event")
    await ends_meanwhile(browser)

    login = await browser.post("/items/new", EVENT, headers=FROM_HERE)
    assert login.status == 401
    assert "您填写的内容都还在" in login.text
    wrong = await browser.post("/login", hidden_in(login), name="editor", password="wrong")
    resumed = await browser.post("/login", hidden_in(wrong), name="editor", password=PASSWORD)
    assert "继续提交" in resumed.text
    assert "环保设施“开放日”" in resumed.text

    item = await again(browser, resumed)
    assert item.path.startswith("/items/0")
    assert "环保设施“开放日”" in item.text
    assert "&lt;第二段&gt;" in item.text


async def test_an_opinion_goes_along_and_the_decision_is_named_before_it_is_taken(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item().submitted()
    await story.person(Role.SECTION_HEAD)
    await browser.sign_in("section_head")
    begun = clock.now()
    with clock.at(begun + timedelta(minutes=61)):
        decision = {"decision": "return", "opinion": "请补充依据。", "basis": "", "revision": "1"}
        login = await browser.post(f"/items/{item.id}/reviews", decision, headers=FROM_HERE)
        resumed = await browser.post("/login", hidden_in(login), name="section_head", password=PASSWORD)
        assert "退回" in resumed.text
        assert "请补充依据。" in resumed.text
        assert (await story.fresh(item)).state is ItemState.IN_REVIEW

        page = await again(browser, resumed)
    assert page.path == "/queue"
    assert (await story.fresh(item)).state is ItemState.RETURNED


async def test_a_form_of_an_earlier_session_is_sent_again_with_one_press(
    office: Office, browser: Browser
) -> None:
    await hire(office, "王芳", Role.ADMIN)
    await browser.sign_in("王芳")
    earlier = browser.csrf_token
    await ends_meanwhile(browser)
    await browser.sign_in("王芳")  # in another tab of the same browser
    browser.csrf_token = earlier

    page = await browser.post("/sections", name="水生态环境科", headers=FROM_HERE)
    assert page.status == 403
    assert "水生态环境科" in page.text
    assert "科室已添加" in (await again(browser, page)).text


async def test_secrets_are_not_kept(office: Office, browser: Browser) -> None:
    await hire(office, "王芳", Role.ADMIN)
    for path in ("/account/password", "/accounts/new?channel=wechat"):
        page = await browser.post(path, old="my-secret", secret="my-secret", headers=FROM_HERE, follow=False)
        assert page.status == 303
        assert "my-secret" not in page.text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
async def test_what_another_site_sends_is_not_kept(
    office: Office, browser: Browser, headers: dict[str, str]
) -> None:
    page = await browser.post("/sections", name="水科", headers=headers, follow=False)
    assert (page.status, page.headers["Location"]) == (303, "/login")


async def test_a_kept_form_leads_nowhere_else(office: Office, browser: Browser) -> None:
    await hire(office, "王芳")
    kept = {"kept_path": "https://evil.example/take", "kept.opinion": "同意"}
    page = await browser.post("/login", kept, name="王芳", password=PASSWORD, follow=False)
    assert (page.status, page.headers["Location"]) == (303, "/")


async def test_a_button_leads_back_to_its_page_through_the_login(office: Office, browser: Browser) -> None:
    await hire(office, "王芳", Role.EDITOR)
    host = browser.client.make_url("/")
    headers = FROM_HERE | {"Referer": f"{host}items/01K0DEM0F0RM00000000000000"}
    page = await browser.post("/items/01K0DEM0F0RM00000000000000/submit", headers=headers, follow=False)
    assert page.headers["Location"] == "/login?next=/items/01K0DEM0F0RM00000000000000"


async def test_what_a_form_asks_meanwhile_does_not_lead_away_from_it(browser: Browser) -> None:
    headers = FROM_HERE | {"HX-Request": "true"}
    page = await browser.post("/items/air-quality-index", {"period": "daily"}, headers=headers)
    assert page.status == 401
    assert "HX-Redirect" not in page.headers
    assert page.headers["HX-Retarget"] == "#messages"
    assert "内容不会丢失" in page.text
