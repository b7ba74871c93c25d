"""The page of an item: how far it has come, its text, what was found in it, and its buttons."""

from __future__ import annotations

import re
from typing import Final

import pytest

from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from tests.builders import ItemStory, OfficeStory
from tests.web.conftest import Browser

FOUND: Final = "11010519491231002X"
BODY: Final = f"## 当事人\n\n身份证号{FOUND}，住址不详。"
REFUSED: Final = Verdict(DecisionKind.REFUSE, "涉及商业秘密。", "《中华人民共和国政府信息公开条例》第十五条")


async def page_of(story: OfficeStory, item: ItemStory, browser: Browser, reader: str = "auditor") -> str:
    """The item's page as that person sees it."""
    found = await item
    await story.person(reader)
    await browser.sign_in(reader)
    page = await browser.get(f"/items/{found.id}")
    assert page.status == 200
    return page.text


def step_of(page: str) -> str | None:
    """Where the way of the item says that it stands."""
    found = re.search(r'aria-current="step">([^<]+)<', page)
    return found[1] if found else None


async def test_a_draft_has_not_passed_any_stage(story: OfficeStory, browser: Browser) -> None:
    page = await page_of(story, story.item(), browser)
    assert step_of(page) == "起草"
    assert "（已完成）" not in page


async def test_a_returned_item_stands_at_its_beginning_again(story: OfficeStory, browser: Browser) -> None:
    page = await page_of(story, story.item().submitted().returned_by("section_head"), browser)
    assert step_of(page) == "起草"
    assert "（已完成）" not in page


async def test_an_item_in_review_stands_at_its_stage(story: OfficeStory, browser: Browser) -> None:
    page = await page_of(story, story.item().submitted().approved_by("section_head"), browser)
    assert step_of(page) == "保密审查"
    assert page.count("（已完成）") == 2


async def test_a_refused_item_shows_no_way(story: OfficeStory, browser: Browser) -> None:
    page = await page_of(story, story.item().submitted().decided("section_head", REFUSED), browser)
    assert "审核进度" not in page


async def test_the_body_stands_once_on_the_page_with_its_findings_marked(
    story: OfficeStory, browser: Browser
) -> None:
    page = await page_of(story, story.item(body=BODY).submitted(), browser)
    assert page.count("住址不详") == 2  # in the text, and in how Weibo will show it
    assert f'<mark class="finding">{FOUND}</mark><sup>1</sup>' in page


async def test_a_body_without_findings_is_shown_as_it_will_be_read(
    story: OfficeStory, browser: Browser
) -> None:
    page = await page_of(story, story.item(body="## 事实\n\n未批先建。").submitted(), browser)
    assert re.search(r"<h\d>事实</h\d>", page)


@pytest.mark.parametrize("field", ["title", "violation"])
async def test_what_was_found_outside_of_the_body_is_marked_in_its_own_text(
    story: OfficeStory, browser: Browser, field: str
) -> None:
    told = f"当事人身份证号{FOUND}"
    changes = {"title": told} if field == "title" else {"fields": {"violation": told}}
    page = await page_of(story, story.item(**changes).submitted(), browser)
    assert '当事人身份证号<a class="finding-link" href="#finding-1"' in page
