"""办理: who works on what is told to the others and locks nothing; what is urgent comes first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from outreach.foundation import clock
from outreach.items.model import Item, Stage
from outreach.people.model import Person, Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

NewBrowser = Callable[[], Browser]


@pytest.fixture
async def heads(story: OfficeStory) -> tuple[Person, Person]:
    """Two who review for the same section."""
    return (
        await story.person(Role.SECTION_HEAD, name="科长甲"),
        await story.person(Role.SECTION_HEAD, name="科长乙"),
    )


@pytest.fixture
async def item(story: OfficeStory, heads: tuple[Person, Person]) -> Item:
    return await story.item("event").submitted()


async def at_page(new_browser: NewBrowser, name: str, path: str) -> tuple[Browser, str]:
    """Somebody with that page before them."""
    browser = new_browser()
    await browser.sign_in(name)
    return browser, (await browser.get(path)).text


async def test_what_one_took_others_see_and_may_still_decide(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    first, page = await at_page(new_browser, "科长甲", f"/items/{item.id}")
    assert "还没有人办理" in page
    page = (await first.post(f"/items/{item.id}/taking", revision="1")).text
    assert "现在由您办理" in page and "<strong>科长甲</strong>办理" in page
    second, page = await at_page(new_browser, "科长乙", "/queue")
    assert "由科长甲办理" in page
    page = (await second.get(f"/items/{item.id}")).text
    assert "<strong>科长甲</strong>办理" in page and "您仍然可以作出决定" in page
    await second.post(f"/items/{item.id}/reviews", decision="approve", revision="1")
    after = await story.fresh(item)
    assert after.stage is Stage.CONFIDENTIALITY
    assert "科长甲</strong>办理" not in (await second.get(f"/items/{item.id}")).text


async def test_the_queue_is_narrowed_to_what_one_took(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    other = await story.item("penalty").submitted()
    browser, page = await at_page(new_browser, "科长甲", "/queue?mine=1")
    assert "没有由您办理的信息" in page and item.id not in page
    await browser.post(f"/items/{item.id}/taking", revision="1")
    page = (await browser.get("/queue?mine=1")).text
    assert item.id in page and other.id not in page
    assert other.id in (await browser.get("/queue")).text


async def test_it_is_handed_to_somebody_who_may_decide_too(
    story: OfficeStory, new_browser: NewBrowser, heads: tuple[Person, Person], item: Item
) -> None:
    outsider = await story.person(Role.SIGNATORY)
    browser, page = await at_page(new_browser, "科长甲", f"/items/{item.id}")
    assert re.findall(r'<option value="[^"]+">(科长乙|科长甲|signatory)</option>', page) == ["科长乙"]
    page = (await browser.post(f"/items/{item.id}/taking/hand-on", revision="1", to=heads[1].id)).text
    assert "已转交" in page and "<strong>科长乙</strong>办理" in page
    refused = await browser.post(f"/items/{item.id}/taking/hand-on", revision="1", to=outsider.id)
    assert refused.status == 422 and "请选择可以审查这条信息的人" in refused.text


async def test_only_who_works_on_it_gives_it_back(
    new_browser: NewBrowser, heads: tuple[Person, Person], item: Item
) -> None:
    first, _ = await at_page(new_browser, "科长甲", f"/items/{item.id}")
    await first.post(f"/items/{item.id}/taking", revision="1")
    second, _ = await at_page(new_browser, "科长乙", f"/items/{item.id}")
    assert (await second.post(f"/items/{item.id}/taking/give-back")).status == 409
    page = (await first.post(f"/items/{item.id}/taking/give-back")).text
    assert "已交回" in page and "还没有人办理" in page


async def test_a_writer_takes_nothing(new_browser: NewBrowser, item: Item) -> None:
    browser, page = await at_page(new_browser, "editor", f"/items/{item.id}")
    assert "由我办理" not in page
    assert (await browser.post(f"/items/{item.id}/taking", revision="1")).status == 403


async def test_a_writer_reminds_once_a_day_and_the_reviewer_sees_it(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    begun = clock.now()
    writer, _ = await at_page(new_browser, "editor", f"/items/{item.id}")
    assert "已催办，审查人" in (await writer.post(f"/items/{item.id}/reminders")).text
    again = await writer.post(f"/items/{item.id}/reminders")
    assert again.status == 409 and "今天已经催办过" in again.text
    with clock.at(begun + timedelta(days=1)):
        writer, _ = await at_page(new_browser, "editor", f"/items/{item.id}")
        assert (await writer.post(f"/items/{item.id}/reminders")).status == 200
    _, page = await at_page(new_browser, "科长甲", "/queue")
    assert "已催办 2 次" in page
    draft = await story.item("event")
    assert (await writer.post(f"/items/{draft.id}/reminders")).status == 409


async def test_urgent_items_come_first_by_the_time_left_and_the_others_by_how_long_they_wait(
    story: OfficeStory, new_browser: NewBrowser, heads: tuple[Person, Person]
) -> None:
    today = datetime(2026, 6, 15, 2, tzinfo=UTC)
    told = (
        ("等得久", "2026-06-11", 3),
        ("等得短", "2026-06-10", 1),
        ("将到期", "2026-05-20", 0),
        ("超期", "2026-05-08", 0),
    )
    for title, formed_on, days in told:
        with clock.at(today - timedelta(days=days)):
            await story.item("event", title=title, formed_on=formed_on).submitted()
    with clock.at(today):
        _, page = await at_page(new_browser, "科长甲", "/queue")
    assert re.findall(r"data-row-link>([^<]*)</a>", page) == ["超期", "将到期", "等得久", "等得短"]
    assert "已超期" in page and "还剩" in page
