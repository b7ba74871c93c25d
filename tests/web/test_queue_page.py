"""待审: what waits for whom, and how it is told."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

import pytest

from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.office.review_item import judge_finding
from outreach.people.model import Role
from outreach.screening.model import Judgement
from outreach.screening.queries import findings_of
from tests.builders import OfficeStory
from tests.web.conftest import Browser

PHONE: Final = "举报人电话为13812345678。"


async def queue_of(browser: Browser, name: str, path: str = "/queue") -> str:
    await browser.sign_in(name)
    page = await browser.get(path)
    assert page.status == 200
    return page.text


def group(page: str, name: str) -> str:
    """The part of the page that one group takes."""
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def told(part: str) -> str:
    """The part's text without its marks, each piece parted by one space."""
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


async def of_the_day(story: OfficeStory, days_from_deadline: int) -> Item:
    """An item in review, looked at so many days after its deadline (`clock.at` with the answer's deadline)."""
    del days_from_deadline
    return await story.item("penalty").submitted()


async def test_whoever_has_nothing_to_do_is_told_so(story: OfficeStory, browser: Browser) -> None:
    await story.item("penalty")
    await story.person(Role.SECTION_HEAD)
    page = await queue_of(browser, "section_head")
    assert "<h1 class=\"page-title\">待审</h1>" in page
    assert "都处理完了" in page


async def test_the_reviewer_sees_what_waits_for_them_with_its_whole_title(
    story: OfficeStory, browser: Browser
) -> None:
    title = "关于" + "某" * 50 + "行政处罚信息公开"
    item = await story.item("penalty", title=title).submitted()
    await story.item("event")
    await story.person(Role.SECTION_HEAD)
    part = group(await queue_of(browser, "section_head"), "review")
    link = re.search(rf'<a [^>]*href="/items/{item.id}"[^>]*>([^<]*)</a>', part)
    assert link is not None
    assert link[1] == title
    for words in ("待我审核", "1 条", "行政处罚", item.section.name, "科室审核", "公开期限", "等待自"):
        assert words in part or words in told(part)
