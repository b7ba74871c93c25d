"""待审: what waits for whom, and how it is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
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

NOON: Final = time(4, tzinfo=UTC)  # in Shanghai
BODY: Final = "举报人电话：13812345678，另一电话：13987654321。"


async def queue_of(browser: Browser, name: str, path: str = "/queue") -> str:
    """The queue as that person sees it."""
    await browser.sign_in(name)
    page = await browser.get(path)
    assert page.status == 200
    return page.text


def group(page: str, name: str) -> str:
    """The part of the page that one group takes."""
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def links_in(page: str) -> list[tuple[str, str]]:
    """The rows' links: address and text."""
    return re.findall(r'<a [^>]*href="(/items/[^"]+)" data-row-link>([^<]*)</a>', page)


def words_of(part: str) -> str:
    """The part's text without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", part.partition(">")[2]).split())


async def test_whoever_has_nothing_to_do_is_told_so(story: OfficeStory, browser: Browser) -> None:
    await story.item("penalty")
    await story.person(Role.SECTION_HEAD)
    page = await queue_of(browser, "section_head")
    assert '<h1 class="page-title">待审</h1>' in page
    assert "都处理完了" in page


async def test_a_reviewer_sees_what_waits_for_them_with_its_whole_title(
    story: OfficeStory, browser: Browser
) -> None:
    title = "关于" + "某" * 50 + "行政处罚信息公开"
    item = await story.item("penalty", title=title).submitted()
    await story.item("event")
    await story.person(Role.SECTION_HEAD)
    part = group(await queue_of(browser, "section_head"), "review")
    assert links_in(part) == [(f"/items/{item.id}", title)]
    for words in ("待我审核 1 条", "行政处罚", item.section.name, "科室审核"):
        assert words in words_of(part)


async def test_the_item_that_waits_longest_comes_first(story: OfficeStory, browser: Browser) -> None:
    begun = clock.now()
    for days, title in ((1, "后提交的处罚信息"), (2, "先提交的处罚信息")):
        with clock.at(begun - timedelta(days=days)):
            await story.item("penalty", title=title).submitted()
    await story.person(Role.SECTION_HEAD)
    page = await queue_of(browser, "section_head")
    assert [text for _, text in links_in(page)] == ["先提交的处罚信息", "后提交的处罚信息"]


async def test_what_one_wrote_oneself_does_not_wait_for_one(story: OfficeStory, browser: Browser) -> None:
    both = await story.person(Role.EDITOR, Role.SECTION_HEAD)
    await story.item("penalty").by(both).submitted()
    assert "都处理完了" in await queue_of(browser, both.name)


async def test_a_returned_item_waits_for_its_writer_with_the_reason(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty").submitted().returned_by(Role.SECTION_HEAD)
    part = group(await queue_of(browser, "editor"), "returned")
    assert links_in(part) == [(f"/items/{item.id}", item.title)]
    assert "退回意见：请补充依据。" in part


async def test_an_approved_item_waits_for_the_publisher_until_it_is_planned(
    story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty").approved()
    await story.item("event").planned()
    await story.person(Role.PUBLISHER)
    part = group(await queue_of(browser, "publisher"), "approved")
    assert links_in(part) == [(f"/items/{item.id}", item.title)]
    assert "待安排发布 1 条" in words_of(part)


@pytest.mark.parametrize(
    ("days_before", "told"),
    [(5, "还剩 5 天"), (2, "还剩 2 天"), (0, "今天到期"), (-3, "已超期 3 天")],
)
async def test_the_deadline_is_told_with_the_days_left(
    story: OfficeStory, browser: Browser, days_before: int, told: str
) -> None:
    item = await story.item("penalty").submitted()
    await story.person(Role.SECTION_HEAD)
    with clock.at(datetime.combine(item.deadline - timedelta(days=days_before), NOON)):
        page = await queue_of(browser, "section_head")
    assert told in page
    assert ("bg-red" in group(page, "review")) is (days_before < 0)
    assert f"{item.deadline.year}年{item.deadline.month}月{item.deadline.day}日" in page


async def test_a_deadline_in_a_year_without_announced_holidays_is_marked(
    story: OfficeStory, browser: Browser
) -> None:
    certain = await story.item("event", formed_on="2025-03-03").submitted()
    assert not certain.deadline_is_estimate
    await story.person(Role.SECTION_HEAD)
    assert "预估" not in await queue_of(browser, "section_head")
    with clock.at(datetime(2041, 3, 4, tzinfo=UTC)):
        estimated = await story.item("event", formed_on="2041-03-04").submitted()
    assert estimated.deadline_is_estimate
    assert ">预估</span>" in (await browser.get("/queue")).text


async def found_item(story: OfficeStory) -> Item:
    return await story.item("penalty", body=BODY).submitted().approved_by(Role.SECTION_HEAD)


async def test_findings_are_counted_by_severity_and_named(story: OfficeStory, browser: Browser) -> None:
    await found_item(story)
    await story.person(Role.CONFIDENTIALITY_REVIEWER)
    part = group(await queue_of(browser, "confidentiality_reviewer"), "review")
    assert 'title="手机号码 2 处"' in part
    assert re.search(r">(严重|须处理) 2</span>", part)


async def test_a_false_alarm_is_counted_no_longer(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await found_item(story)
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    async with office.db.begin() as session:
        first, _ = await findings_of(session, item)
        await judge_finding(
            session, item.id, first.id, reviewer, Judgement.FALSE_ALARM, "单位公开电话", revision=1
        )
    assert 'title="手机号码 1 处"' in await queue_of(browser, reviewer.name)


async def test_a_page_holds_at_least_fifty_rows_and_the_rest_is_on_the_next(
    story: OfficeStory, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outreach.web.pages import queue

    assert queue._ROWS >= 50
    monkeypatch.setattr(queue, "_ROWS", 2)
    for number in range(3):
        await story.item("penalty", title=f"第{number}件处罚信息公开").submitted()
    await story.person(Role.SECTION_HEAD)
    first = await queue_of(browser, "section_head")
    assert "待我审核 3 条" in words_of(group(first, "review"))
    assert [text[:3] for _, text in links_in(first)] == ["第0件", "第1件"]
    assert 'href="/queue?page=2"' in first
    second = (await browser.get("/queue?page=2")).text
    assert [text[:3] for _, text in links_in(second)] == ["第2件"]
    assert 'href="/queue?page=3"' not in second
    assert links_in((await browser.get("/queue?page=nonsense")).text) == links_in(first)


@pytest.mark.parametrize("name", ["review", "returned", "approved"])
async def test_each_group_goes_on_over_the_pages_the_one_that_waits_longest_first(
    story: OfficeStory, browser: Browser, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from outreach.web.pages import queue

    monkeypatch.setattr(queue, "_ROWS", 2)
    person = await story.person(Role.EDITOR, Role.SECTION_HEAD, Role.PUBLISHER, name="身兼数职")
    for number in range(5):
        titled = story.item("penalty", title=f"第{number}件处罚信息公开")
        match name:
            case "review":
                await titled.submitted()
            case "returned":
                await titled.by(person).submitted().returned_by(Role.SECTION_HEAD)
            case _:
                await titled.approved()
    await browser.sign_in(person.name)
    shown: list[str] = []
    for page in (1, 2, 3):
        text = (await browser.get(f"/queue?page={page}")).text
        part = group(text, name)
        assert "5 条" in words_of(part)
        shown += [title[:3] for _, title in links_in(part)]
        assert (f'href="/queue?page={page + 1}"' in text) == (page < 3)
    assert shown == [f"第{number}件" for number in range(5)]
    assert links_in((await browser.get("/queue?page=4")).text) == []


async def test_another_sections_items_are_not_in_the_queue(story: OfficeStory, browser: Browser) -> None:
    await story.item("penalty").submitted()
    await story.section("水生态环境科")
    await story.person(Role.SECTION_HEAD, sections=["水生态环境科"])
    assert "都处理完了" in await queue_of(browser, "section_head")
