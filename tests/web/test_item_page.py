"""The page of an item: how far it has come, its text, what was found in it, and its buttons."""

from __future__ import annotations

import re
from typing import Final

import pytest

from outreach.foundation import clock
from outreach.items.model import Item, Stage
from outreach.office.review_item import decide
from outreach.office.write_item import attach_file
from outreach.people.model import Role
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from tests.builders import ItemStory, OfficeStory
from tests.screening.documents import hidden_row
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


async def approve(story: OfficeStory, item: Item, role: Role) -> None:
    """The usual person of that role approves meanwhile."""
    async with story.office.db.begin() as session:
        await decide(
            session,
            item.id,
            await story.person(role),
            Verdict(DecisionKind.APPROVE),
            revision=item.revision,
            zone=clock.SHANGHAI,
        )


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


async def test_what_was_found_in_a_file_is_told_with_its_place_and_masked(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item()
    editor = await story.person("editor")
    await attach_file(story.office, item.id, editor, name="名单.xlsx", content=hidden_row(FOUND))
    await browser.sign_in("editor")
    await browser.get(f"/items/{item.id}")
    page = await browser.post(f"/items/{item.id}/submit")
    assert (page.status, "疑点（1 处）" in page.text) == (200, True)
    assert "附件“名单.xlsx”：工作表“名单”B9（隐藏行）" in page.text
    assert "110***********002X" in page.text
    assert FOUND not in page.text


async def test_a_button_of_an_earlier_stage_decides_nothing_at_the_present_one(
    story: OfficeStory, browser: Browser
) -> None:
    both = await story.person("section_head", "signatory", name="王主任")
    item = await story.item().submitted()
    await browser.sign_in(both.name)
    assert 'name="stage" value="section"' in (await browser.get(f"/items/{item.id}")).text
    for role in (Role.SECTION_HEAD, Role.CONFIDENTIALITY_REVIEWER):
        await approve(story, item, role)

    typed = {"decision": "approve", "opinion": "科室无意见。", "revision": "1", "stage": "section"}
    page = await browser.post(f"/items/{item.id}/reviews", typed)
    assert page.status == 409
    assert "现为“审核中·签发”。您的决定没有记录。" in page.text
    assert (await story.fresh(item)).stage is Stage.SIGN_OFF


async def test_an_opinion_that_came_too_late_is_shown_to_whoever_typed_it(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item().submitted()
    await story.person("section_head", name="另一位负责人")
    await browser.sign_in("另一位负责人")
    await browser.get(f"/items/{item.id}")
    await approve(story, item, Role.SECTION_HEAD)

    typed = {"decision": "return", "opinion": "请补充联系电话。", "revision": "1", "stage": "section"}
    page = await browser.post(f"/items/{item.id}/reviews", typed)
    assert page.status == 409
    assert "请补充联系电话。" in page.text


async def test_what_a_platform_refuses_is_told_once(story: OfficeStory, browser: Browser) -> None:
    await story.accounts()
    item = await story.item(title="关于" + "某" * 40 + "的公示", short_title=None)
    await browser.sign_in("editor")
    page = await browser.post(f"/items/{item.id}/submit")
    assert page.status == 422
    assert page.text.count("公众号标题最多32个字") == 1


async def test_the_preview_bears_the_name_of_the_account_that_will_publish_it(
    story: OfficeStory, browser: Browser
) -> None:
    await story.accounts()
    page = await page_of(story, story.item().submitted(), browser)
    assert "@乌兰察布生态环境<" in page


async def test_all_that_a_refusal_lacks_is_told_at_once(story: OfficeStory, browser: Browser) -> None:
    item = await story.item().submitted()
    await story.person(Role.SECTION_HEAD)
    await browser.sign_in("section_head")
    page = await browser.post(f"/items/{item.id}/reviews", decision="refuse", revision="1")
    assert page.status == 422
    assert 'id="opinion-error"' in page.text
    assert 'id="basis-error"' in page.text
