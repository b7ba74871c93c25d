from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from outreach.channels.model import Account
from outreach.channels.protocol import Published
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, StaleState
from outreach.items.model import Item, ItemState
from outreach.office.confirm_post import confirm_post, remove_post
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from outreach.publishing.service import claim_due
from outreach.statistics.model import ActTally, Measure, Tally
from outreach.statistics.queries import MonthFigures, differences, month_figures
from outreach.statistics.rules import check_month, month_of
from tests.builders import OfficeStory, claim, publish

LAST_HALF_HOUR_UTC = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
LAST_MINUTE = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)


@pytest.fixture
async def able(story: OfficeStory) -> list[Account]:
    """The WeChat and the Weibo account."""
    return (await story.accounts())[:2]


async def figures(story: OfficeStory, month: str) -> MonthFigures:
    async with story.office.db.read() as session:
        return await month_figures(session, month)


async def is_consistent(story: OfficeStory) -> bool:
    async with story.office.db.read() as session:
        return await differences(session, story.office.settings.zone) == []


def this_month() -> str:
    return month_of(clock.now(), clock.SHANGHAI)


async def test_nothing_out_nothing_counted(story: OfficeStory) -> None:
    await story.item().planned()
    assert (await figures(story, this_month())).rows == []
    assert await is_consistent(story)


async def test_an_item_on_two_platforms_is_two_posts_and_one_content(
    story: OfficeStory, able: list[Account]
) -> None:
    item = await story.item().published(*able)
    counted = await figures(story, this_month())
    assert counted.total() == {"original": 2, "repost": 0, "withdrawn": 0}
    assert (counted.content_original, counted.content_repost) == (1, 0)
    assert {name: total["original"] for name, total in counted.by("channel").items()} == {
        "wechat": 1,
        "weibo": 1,
    }
    assert item.state is ItemState.PUBLISHED
    assert await is_consistent(story)


async def test_a_repost_counts_as_a_repost(story: OfficeStory) -> None:
    await story.item(
        origin="repost", repost_source="生态环境部", repost_url="https://www.mee.gov.cn/a.html"
    ).published()
    counted = await figures(story, this_month())
    assert counted.total() == {"original": 0, "repost": 1, "withdrawn": 0}
    assert (counted.content_original, counted.content_repost) == (0, 1)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (LAST_HALF_HOUR_UTC, "2026-11"),
        (LAST_MINUTE, "2026-10"),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), "2026-11"),
        (datetime(2026, 12, 31, 15, 59, 59, 999999, tzinfo=UTC), "2026-12"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027-01"),
        (datetime(2028, 2, 29, 16, 0, tzinfo=UTC), "2028-03"),
    ],
)
async def test_a_month_begins_at_midnight_in_shanghai(
    story: OfficeStory, moment: datetime, month: str
) -> None:
    await story.item().published(at=moment)
    counted = await figures(story, month)
    assert counted.total()["original"] == 1
    assert counted.content_original == 1
    assert await is_consistent(story)


async def test_where_the_platform_tells_no_time_the_confirmation_counts(story: OfficeStory) -> None:
    item = await story.item().planned()
    post = await claim(story.office, (await story.post(item)).id)
    with clock.at(LAST_HALF_HOUR_UTC):
        await publish(story.office, post.id)
    assert (await figures(story, "2026-11")).total()["original"] == 1


async def test_a_content_counts_in_the_month_of_its_first_post(
    story: OfficeStory, able: list[Account]
) -> None:
    item = await story.item().planned(*able)
    first, second = await story.posts(item)
    await publish(story.office, second.id, at=LAST_HALF_HOUR_UTC)
    await publish(story.office, first.id, at=LAST_MINUTE)
    november, october = await figures(story, "2026-11"), await figures(story, "2026-10")
    assert (november.content_original, october.content_original) == (1, 0)
    assert (november.total()["original"], october.total()["original"]) == (1, 1)
    assert await is_consistent(story)


async def test_confirmed_twice_at_once_it_counts_once(story: OfficeStory) -> None:
    item = await story.item().planned()
    post = await claim(story.office, (await story.post(item)).id)

    async def confirm(read: Post) -> None:
        async with story.office.db.begin() as session:
            session.add(read)
            proof = Published(platform_id="1", url="http://127.0.0.1/s/1", at=LAST_MINUTE)
            await confirm_post(session, read, PostAction.PUBLISH, proof, story.office.settings.zone)

    async with story.office.db.read() as session:
        again = await session.get_one(Post, post.id)
    outcomes = await asyncio.gather(confirm(post), confirm(again), return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [StaleState]
    counted = await figures(story, "2026-10")
    assert (counted.total()["original"], counted.content_original) == (1, 1)
    assert await is_consistent(story)


async def test_both_posts_of_an_item_confirmed_at_once_count_one_content(
    story: OfficeStory, able: list[Account]
) -> None:
    item = await story.item().planned(*able)
    posts = await story.posts(item)
    async with story.office.db.begin() as session:
        await claim_due(session, worker="a worker", limit=10)
    await asyncio.gather(*(publish(story.office, post.id, at=LAST_MINUTE) for post in posts))
    counted = await figures(story, "2026-10")
    assert (counted.total()["original"], counted.content_original) == (2, 1)
    assert (await story.fresh(item)).state is ItemState.PUBLISHED
    assert await is_consistent(story)


async def test_a_correction_counts_as_a_post_and_as_no_content(story: OfficeStory) -> None:
    await story.item(source_id="oa-1").published(at=LAST_MINUTE)
    await story.item(source_id="oa-2", corrects="oa-1", title="更正:罚款数额").published(at=LAST_MINUTE)
    counted = await figures(story, "2026-10")
    assert (counted.total()["original"], counted.content_original) == (2, 1)
    assert await is_consistent(story)


async def test_what_was_withdrawn_stays_counted_and_is_shown_beside(story: OfficeStory) -> None:
    item = await story.item().published(at=LAST_MINUTE)
    async with story.office.db.begin() as session:
        post = await session.get_one(Post, (await story.post(item)).id)
        await remove_post(session, post, "平台删除了这条内容。", story.office.settings.zone)
    counted = await figures(story, "2026-10")
    assert counted.total() == {"original": 1, "repost": 0, "withdrawn": 1}
    assert counted.content_original == 1
    assert (await story.fresh(item)).state is ItemState.WITHDRAWN
    assert await is_consistent(story)


async def test_an_item_stays_published_while_another_post_of_it_is_out(
    story: OfficeStory, able: list[Account]
) -> None:
    item = await story.item().published(*able)
    async with story.office.db.begin() as session:
        post = await session.get_one(Post, (await story.posts(item))[0].id)
        await remove_post(session, post, "平台删除了这条内容。", story.office.settings.zone)
    assert (await story.fresh(item)).state is ItemState.PUBLISHED


@pytest.mark.parametrize(
    ("tampered", "kept"), [(Tally, {"posts": 9}), (Tally, {"withdrawn": 9}), (ActTally, {"number": 9})]
)
async def test_a_tally_that_was_tampered_with_is_found(
    story: OfficeStory, tampered: type[Tally | ActTally], kept: dict[str, int]
) -> None:
    await story.item().published(at=LAST_MINUTE)
    async with story.office.db.begin() as session:
        await session.execute(update(tampered).where(tampered.month == "2026-10").values(**kept))
    async with story.office.db.read() as session:
        (difference,) = await differences(session, story.office.settings.zone)
    assert difference.kept == 9
    assert "2026-10" in difference.key


async def test_a_row_that_is_missing_is_found(story: OfficeStory) -> None:
    await story.item().published(at=LAST_MINUTE)
    async with story.office.db.begin() as session:
        for row in await session.scalars(select(ActTally).where(ActTally.measure == Measure.CONTENTS)):
            await session.delete(row)
    assert not await is_consistent(story)


async def test_a_reader_sees_the_figures_of_their_sections(story: OfficeStory) -> None:
    item: Item = await story.item().published(at=LAST_MINUTE)
    await story.section("别的科室")
    stranger = await story.person("statistician", name="外人", sections=["别的科室"])
    own = await story.person("statistician", name="自己人", sections=[item.section.name])
    async with story.office.db.read() as session:
        assert (await month_figures(session, "2026-10", stranger)).total()["original"] == 0
        assert (await month_figures(session, "2026-10", stranger)).content_original == 0
        assert (await month_figures(session, "2026-10", own)).total()["original"] == 1


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "26-10", "2026-1", "2026/10", "1999-12", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidContent):
        check_month(text)
