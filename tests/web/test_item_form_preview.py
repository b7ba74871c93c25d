"""What the form shows beside it while it is typed into: nothing of it is stored."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image
from sqlalchemy import func, select

from outreach.foundation.audit import AuditEvent
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser, Page

TYPED: Mapping[str, str] = {
    "kind": "penalty",
    "composes": "1",
    "title": "示范化工有限公司超标排放案处罚公示",
    "section": "法规与标准科",
    "formed_on": "2026-03-02",
    "party": "示范化工有限公司",
    "party_kind": "企业",
    "violation": "超标排放水污染物",
    "legal_basis": "水污染防治法第八十三条",
    "penalty": "罚款",
    "amount_yuan": "50000",
}


@pytest.fixture
async def editor(story: OfficeStory, browser: Browser) -> Browser:
    """A browser in which an editor is signed in."""
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    await browser.get("/account")
    return browser


async def preview(editor: Browser, typed: Mapping[str, str], address: str = "/items/new/preview") -> Page:
    page = await editor.post(address, typed)
    assert page.status == 200, page.text
    return page


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def refusal(page: Page, name: str) -> str:
    """What is told at that input."""
    found = re.search(rf'<div id="refused-{name}" hx-swap-oob="innerHTML">([^<]*)</div>', page.text)
    assert found
    return unescape(found[1])


async def upload(editor: Browser, item_id: str, name: str) -> None:
    """Gives the item a picture of that name."""
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "green").save(picture, "PNG")
    data = FormData({"csrf_token": editor.csrf_token}, quote_fields=False)
    data.add_field("files", picture.getvalue(), filename=name, content_type="image/png")
    async with editor.client.post(f"/items/{item_id}/attachments", data=data) as response:
        assert response.status == 200


async def rows(office: Office, model: Any) -> int:
    async with office.db.read() as session:
        return (await session.scalar(select(func.count()).select_from(model))) or 0


async def test_the_status_its_length_and_the_deadline_are_told_and_nothing_is_stored(
    office: Office, editor: Browser
) -> None:
    before = await rows(office, AuditEvent)
    told = words((await preview(editor, TYPED)).text)
    assert "公开期限 2026年3月30日" in told
    assert "预估" not in told
    assert re.search(r"微博 \d+ 字，限 140 字", told)
    assert "示范化工有限公司超标排放案处罚公示" in told
    assert "正文留空" not in told
    assert await rows(office, Item) == 0
    assert await rows(office, AuditEvent) == before


async def test_the_deadline_follows_the_decision_and_is_an_estimate_in_an_unknown_year(
    editor: Browser,
) -> None:
    assert "公开期限 2026年3月11日" in words(
        (await preview(editor, {**TYPED, "decided_on": "2026-03-02"})).text
    )
    assert "（预估" in words((await preview(editor, {**TYPED, "formed_on": "2031-03-02"})).text)


async def test_an_empty_form_has_a_preview(editor: Browser) -> None:
    for kind in ("penalty", "eia_notice", "air_quality", "event"):
        told = words((await preview(editor, {"kind": kind, "composes": "1"})).text)
        assert "正文留空：各栏都填好后" in told
        assert "发布平台不会接收" not in told


async def test_what_can_be_read_is_shown_and_the_rest_is_left_out(editor: Browser) -> None:
    half = {"kind": "penalty", "title": "处罚公示", "party": "示范化工有限公司", "amount_yuan": "五万",
            "decided_on": "2026-13-01"}  # fmt: skip
    article = await preview(editor, half, "/items/new/preview/wechat")
    assert "示范化工有限公司" in article.text
    assert "五万" not in article.text


async def test_half_a_report_of_air_quality_is_shown(editor: Browser) -> None:
    half = {"kind": "air_quality", "title": "日报", "area": "集宁区", "period": "daily"}
    assert "集宁区" in (await preview(editor, half, "/items/new/preview/wechat")).text
    typed = {**half, "period_end": "2026-04-11", "PM10_24h": "312", "PM2.5_24h": "很高"}
    shown = (await preview(editor, typed, "/items/new/preview/wechat")).text
    assert "312" in shown
    assert "很高" not in shown


async def test_the_article_is_the_one_that_will_be_sent(editor: Browser) -> None:
    page = await preview(
        editor, {**TYPED, "body": "## 小标题\r\n\r\n正文**要点**。"}, "/items/new/preview/wechat"
    )
    assert "小标题</h3>" in page.text
    assert "要点</strong>" in page.text
    assert "sandbox" in page.headers["Content-Security-Policy"]


async def test_what_a_platform_refuses_is_told_at_its_input(story: OfficeStory, editor: Browser) -> None:
    await story.accounts()
    page = await preview(editor, {**TYPED, "title": "长" * 33})
    assert "短标题：标题共33个字，公众号标题最多32个字：请填写短标题" in words(page.text)
    page = await preview(editor, {**TYPED, "title": "长" * 33, "short_title": "短"})
    assert "发布平台不会接收" not in page.text
    page = await preview(editor, {**TYPED, "body": "字" * 20_000})
    assert "公众号要求少于20,000个" in refusal(page, "body")
    page = await preview(editor, {**TYPED, "title": "#话题#处罚公示"})
    assert "微博会当作话题" in refusal(page, "title")


async def test_a_classification_mark_is_told_and_shown_nowhere(office: Office, editor: Browser) -> None:
    marked = {**TYPED, "body": "机密★1年\n内部掌握的内容"}
    page = await preview(editor, marked)
    assert "含有密级标志" in page.text
    assert "内部掌握的内容" not in page.text
    assert "data-article" not in page.text
    page = await editor.post("/items/new/preview/wechat", marked)
    assert page.status == 409
    assert "内部掌握的内容" not in page.text
    assert await rows(office, Item) == 0


async def test_the_preview_of_an_item_has_its_pictures_but_those_that_are_struck(
    story: OfficeStory, editor: Browser
) -> None:
    item = await story.item("penalty")
    await upload(editor, item.id, "现场.png")
    address, typed = f"/items/{item.id}/preview/wechat", {**TYPED, "body": "![现场](现场.png)"}
    assert "data:image/png;base64" in (await preview(editor, typed, address)).text
    assert "data:image/png" not in (await preview(editor, {**typed, "strike": "现场.png"}, address)).text


async def test_only_who_writes_items_gets_a_preview(story: OfficeStory, browser: Browser) -> None:
    await story.person(Role.STATISTICIAN)
    await browser.sign_in("statistician")
    await browser.get("/account")
    assert (await browser.post("/items/new/preview", TYPED)).status == 403


async def test_an_item_of_another_section_has_no_preview(story: OfficeStory, browser: Browser) -> None:
    item = await story.item("penalty")
    await story.section("别的科室")
    await story.person(Role.EDITOR, name="外人", sections=["别的科室"])
    await browser.sign_in("外人")
    await browser.get("/account")
    assert (await browser.post(f"/items/{item.id}/preview", TYPED)).status == 404
