"""审查表: what the form of a reviewed revision says, on the page and as a Word file."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as WordFile
from docx.table import Table
from docx.text.paragraph import Paragraph

from outreach.people.model import Role
from outreach.review.model import DecisionKind, Outcome
from outreach.review.rules import REFUSAL_BASES
from outreach.review.service import Verdict
from tests.builders import OfficeStory
from tests.web.conftest import Browser
from tests.web.record_story import reviewed_with_everything, seal

GOLDEN = Path(__file__).parent / "golden"


def lines_of(content: bytes) -> list[str]:
    """Everything that the Word file says, line by line; what differs from run to run is `…`."""
    document: WordFile = Document(BytesIO(content))
    told: list[str] = []
    for part in document.iter_inner_content():
        if isinstance(part, Paragraph):
            told.append(part.text)
        elif isinstance(part, Table):
            for row in part.rows:
                cells = list(dict.fromkeys(cell._tc for cell in row.cells))
                told.append(" | ".join("\n".join(Paragraph(p, row).text for p in tc.p_lst) for tc in cells))
    told += [paragraph.text for paragraph in document.sections[0].footer.paragraphs]
    return re.sub(r"[0-9A-HJKMNP-TV-Z]{26}", "…", "\n".join(told)).splitlines()


async def word_file(browser: Browser, path: str) -> bytes:
    response = await browser.client.get(f"{path}.docx")
    assert response.status == 200
    return await response.read()


async def test_the_form_says_everything_of_the_review(story: OfficeStory, browser: Browser) -> None:
    item = await reviewed_with_everything(story)
    await browser.sign_in("editor")
    path = f"/items/{item.id}/records/1"

    lines = lines_of(await word_file(browser, path))
    assert lines == (GOLDEN / "审查表.txt").read_text("utf-8").splitlines()
    page = (await browser.get(path)).text
    words = re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", page))
    for line in lines[1:-1]:
        for cell in line.split(" | "):
            assert re.sub(r"\s+", "", cell).replace("…", "") in words.replace(item.id, "")


async def test_a_form_that_nobody_filled_in_leaves_its_boxes_empty(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("event", body="正文。").submitted().approved_by(Role.SECTION_HEAD)
    await browser.sign_in("editor")

    lines = lines_of(await word_file(browser, f"/items/{item.id}/records/1"))
    assert "是否含有 | 国家秘密：□是　□否" in lines
    assert "公开属性 | □主动公开　□依申请公开　□不予公开" in lines
    assert "处理 | □公开　□删减后公开　□不予公开　□报请确定" in lines
    assert any(line.startswith("签字：　　　　　　　　时间：") for line in lines)


async def test_what_is_withheld_names_its_law_and_reason(story: OfficeStory, browser: Browser) -> None:
    verdict = Verdict(DecisionKind.RETURN, "请删去住址。", REFUSAL_BASES[3], outcome=Outcome.AFTER_REMOVAL)
    item = await story.item("event").submitted().decided(Role.SECTION_HEAD, verdict)
    await browser.sign_in("editor")

    lines = lines_of(await word_file(browser, f"/items/{item.id}/records/1"))
    assert "处理 | □公开　☑删减后公开　□不予公开　□报请确定" in lines
    assert f"依据和理由 | {REFUSAL_BASES[3]}" in lines
    assert "请删去住址。" in lines


async def test_what_was_typed_is_no_markup_in_a_word_file(story: OfficeStory, browser: Browser) -> None:
    title, opinion = "<w:br/>处罚 & 公告 {{ 1 }}", "同意 <b>&nbsp;\n{% raw %}"
    verdict = Verdict(DecisionKind.APPROVE, opinion)
    item = await story.item("event", title=title).submitted().decided(Role.SECTION_HEAD, verdict)
    await browser.sign_in("editor")

    told = "\n".join(lines_of(await word_file(browser, f"/items/{item.id}/records/1")))
    assert title in told
    assert opinion in told


async def test_soft_line_breaks_of_a_word_processor_do_not_break_the_file(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("event").submitted()
    await story.person(Role.SECTION_HEAD)
    await browser.sign_in("section_head")
    await browser.get(f"/items/{item.id}")
    await browser.post(
        f"/items/{item.id}/reviews", decision="approve", revision="1", opinion="同意。\x0b另见附件。"
    )

    lines = lines_of(await word_file(browser, f"/items/{item.id}/records/1"))
    assert "另见附件。" in lines


async def test_the_found_text_stays_out_of_the_form(story: OfficeStory, browser: Browser) -> None:
    item = await reviewed_with_everything(story)
    await browser.sign_in("editor")
    for path in (f"/items/{item.id}/records/1", f"/items/{item.id}/records/1.docx"):
        response = await browser.client.get(path)
        assert b"11010519491231002X" not in await response.read()
    assert "11010519491231002X" not in "\n".join(
        lines_of(await word_file(browser, f"/items/{item.id}/records/1"))
    )


async def test_a_form_is_for_its_section_and_for_whoever_sees_every_record(
    story: OfficeStory, new_browser: Callable[[], Browser]
) -> None:
    item = await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    await story.section("别的科室")
    await story.person(Role.EDITOR, name="别科编辑", sections=["别的科室"])
    await story.person(Role.CONFIDENTIALITY_REVIEWER, name="别科保密", sections=["别的科室"])
    for name, status in (("section_head", 200), ("别科编辑", 404), ("别科保密", 200)):
        browser = new_browser()
        await browser.sign_in(name)
        assert (await browser.get(f"/items/{item.id}/records/1")).status == status
        assert (await browser.get(f"/items/{item.id}/records/2")).status == 404
        assert (await browser.get(f"/items/{item.id}/records/99999999999")).status == 404


async def test_the_form_of_a_sealed_item_is_for_nobody(story: OfficeStory, browser: Browser) -> None:
    item = await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    await seal(story, item)
    await browser.sign_in("section_head")
    assert (await browser.get(f"/items/{item.id}/records/1")).status == 404


async def test_the_office_lays_out_the_form_itself(story: OfficeStory, browser: Browser) -> None:
    item = await story.item("event", title="开放日").submitted().approved_by(Role.SECTION_HEAD)
    own = story.office.settings.home / "templates" / "审查表.docx"
    own.parent.mkdir()
    layout = Document()
    layout.add_paragraph("本市样式：{{ sheet.title }}")
    layout.save(str(own))
    await browser.sign_in("editor")
    assert lines_of(await word_file(browser, f"/items/{item.id}/records/1"))[0] == "本市样式：开放日"

    layout.add_paragraph("{{ sheet.tittle }}")
    layout.save(str(own))
    page = await browser.get(f"/items/{item.id}/records/1.docx")
    assert (page.status, "模板" in page.text, "tittle" in page.text) == (409, True, True)
