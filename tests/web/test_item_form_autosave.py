"""Drafts that save themselves: one item a form, nothing of anybody else's overwritten, nothing in review touched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import pytest
from sqlalchemy import select

from outreach.items.model import Item, ItemState
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

NEW = "/items/new/autosave"
TYPED: Mapping[str, str] = {
    "kind": "penalty",
    "composes": "1",
    "form_id": "01K0DEM0F0RM00000000000001",
    "title": "示范化工有限公司超标排放案处罚公示",
    "section": "法规与标准科",
    "formed_on": "2026-03-02",
    "party": "示范化工有限公司",
    "party_kind": "企业",
    "violation": "超标排放水污染物",
    "legal_basis": "水污染防治法第八十三条",
    "penalty": "罚款",
}


@pytest.fixture
async def editor(story: OfficeStory, browser: Browser) -> Browser:
    """A browser in which an editor is signed in."""
    await story.section("法规与标准科")
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    await browser.get("/account")
    return browser


class Told:
    """How the saving came out."""

    def __init__(self, html: str) -> None:
        found = dict(re.findall(r'data-(outcome|item|version)="([^"]*)"', html))
        self.outcome, self.item, self.version = (
            found.get("outcome"),
            found.get("item"),
            found.get("version", ""),
        )
        self.words = " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def autosave(editor: Browser, address: str, typed: Mapping[str, str]) -> Told:
    page = await editor.post(address, typed)
    assert page.status == 200, page.text
    return Told(page.text)


async def items(office: Office) -> list[Item]:
    async with office.db.read() as session:
        return list((await session.scalars(select(Item))).unique())


async def test_a_form_that_is_not_whole_is_told_what_it_lacks_and_nothing_is_stored(
    office: Office, editor: Browser
) -> None:
    told = await autosave(editor, NEW, {**TYPED, "party": "", "penalty": ""})
    assert told.outcome == "invalid"
    assert told.words.startswith("未保存：当事人：")
    assert "（共 2 处）" in told.words
    assert await items(office) == []


async def test_a_whole_form_becomes_one_draft_and_goes_on_as_that(office: Office, editor: Browser) -> None:
    first = await autosave(editor, NEW, TYPED)
    assert first.outcome == "saved"
    assert re.fullmatch(r"已自动保存 \d\d:\d\d", first.words)
    address = f"/items/{first.item}"
    second = await autosave(
        editor, f"{address}/autosave", {**TYPED, "version": first.version, "amount_yuan": "50000"}
    )
    assert second.outcome == "saved"
    (item,) = await items(office)
    assert (item.id, item.state) == (TYPED["form_id"], ItemState.DRAFT)
    assert "50000" in item.body, "an empty body follows the fields as long as the form is a new one"
    saved = await editor.post(f"{address}/edit", {**TYPED, "version": second.version}, follow=False)
    assert saved.headers["Location"] == address


async def test_what_was_typed_after_a_lost_answer_goes_into_the_same_draft(
    office: Office, editor: Browser
) -> None:
    await autosave(editor, NEW, TYPED)
    again = await autosave(editor, NEW, {**TYPED, "title": "改过的标题"})
    assert again.outcome == "saved"
    assert [one.title for one in await items(office)] == ["改过的标题"]


async def test_a_number_may_be_typed_after_the_draft_was_made(
    office: Office, story: OfficeStory, editor: Browser
) -> None:
    await story.item("penalty", source_id="oa-taken")
    first = await autosave(editor, NEW, TYPED)
    address, typed = f"/items/{first.item}/autosave", {**TYPED, "version": first.version}
    told = await autosave(editor, address, {**typed, "source_id": "oa-taken"})
    assert told.words == "未保存：来源编号：已有信息使用这个来源编号。请更正，或留空。"
    assert (await autosave(editor, address, {**typed, "source_id": "oa-1"})).outcome == "saved"
    assert {one.source_id for one in await items(office)} == {"oa-taken", "oa-1"}


async def test_nobody_elses_change_is_overwritten(
    office: Office, story: OfficeStory, editor: Browser
) -> None:
    item = await story.item("penalty", title="先前的标题").edited(title="他人改的标题")
    told = await autosave(editor, f"/items/{item.id}/autosave", {**TYPED, "version": "1"})
    assert told.outcome == "stale"
    assert "他人刚更改了这条信息" in told.words
    assert [one.title for one in await items(office)] == ["他人改的标题"]


async def test_what_is_in_review_or_approved_is_left_there(
    office: Office, story: OfficeStory, editor: Browser
) -> None:
    for item in (await story.item().submitted(), await story.item().approved(),
                 await story.item().submitted().returned_by(Role.SECTION_HEAD)):  # fmt: skip
        address = f"/items/{item.id}"
        told = await autosave(editor, f"{address}/autosave", {**TYPED, "version": str(item.version)})
        assert told.outcome == "stopped"
        assert "不自动保存" in told.words
        assert (await story.fresh(item)).version == item.version
        assert (
            "data-address"
            not in re.findall(r'<p class="autosave"[^>]*>', (await editor.get(f"{address}/edit")).text)[0]
        )


@pytest.mark.parametrize("title", [TYPED["title"], ""], ids=["whole", "not whole"])
async def test_a_classification_mark_is_told_and_not_stored(
    office: Office, editor: Browser, title: str
) -> None:
    told = await autosave(editor, NEW, {**TYPED, "title": title, "body": "机密★1年\n内部掌握的内容"})
    assert told.outcome == "marked"
    assert "没有保存" in told.words
    assert await items(office) == []


async def test_a_file_is_not_struck_before_somebody_saves(story: OfficeStory, editor: Browser) -> None:
    item = await story.item(attachments=["批复.pdf"])
    typed = {**TYPED, "version": str(item.version), "strike": "批复.pdf"}
    told = await autosave(editor, f"/items/{item.id}/autosave", typed)
    assert told.outcome == "saved"
    assert [one.name for one in (await story.fresh(item)).attachments] == ["批复.pdf"]


async def test_an_item_of_another_section_is_not_there(story: OfficeStory, browser: Browser) -> None:
    item = await story.item()
    await story.section("别的科室")
    await story.person(Role.EDITOR, name="外人", sections=["别的科室"])
    await browser.sign_in("外人")
    await browser.get("/account")
    assert (await browser.post(f"/items/{item.id}/autosave", {**TYPED, "version": "1"})).status == 404
