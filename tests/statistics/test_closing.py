"""A closed month stays as it was closed; what changes later is listed against it, with its reason."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text, update

from outreach.foundation import clock
from outreach.foundation.problems import Forbidden, NotPossible
from outreach.office.confirm_post import remove_post
from outreach.office.review_item import decide
from outreach.publishing.model import Post
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from outreach.statistics import service as statistics
from outreach.statistics.model import ActTally, Measure, Tally
from outreach.statistics.queries import MonthFigures, differences, month_figures, year_figures
from tests.builders import OfficeStory, claim, publish
from tests.waiting import eventually

OCTOBER = datetime(2026, 10, 20, 4, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, 1, tzinfo=UTC)


async def close(story: OfficeStory, month: str = "2026-10") -> None:
    statistician = await story.person("statistician")
    with clock.at(NOVEMBER):
        async with story.office.db.begin() as session:
            await statistics.close_month(session, statistician, month, story.office.settings.zone)


async def october(story: OfficeStory) -> MonthFigures:
    async with story.office.db.read() as session:
        return await month_figures(session, "2026-10")


async def wrong(story: OfficeStory) -> list[str]:
    async with story.office.db.snapshot() as session:
        return [one.key for one in await differences(session, story.office.settings.zone)]


async def test_what_comes_late_is_listed_and_the_rows_stay(story: OfficeStory) -> None:
    first = await story.item().published(at=OCTOBER)
    late = await story.item("event").planned()
    post = await claim(story.office, (await story.post(late)).id)
    await close(story)

    await publish(story.office, post.id, at=OCTOBER)
    async with story.office.db.begin() as session:
        gone = await session.get_one(Post, (await story.post(first)).id)
        await remove_post(session, gone, "平台删除了。", story.office.settings.zone)

    figures = await october(story)
    assert figures.closed is not None
    assert figures.closed.by_name == "statistician"
    assert figures.total() == {"original": 1, "repost": 0, "withdrawn": 0}
    assert (figures.content_original, [row.kind.value for row in figures.rows]) == (1, ["penalty"])
    changes = [
        (one.kind.value, one.original, one.withdrawn, one.contents, one.reason) for one in figures.corrections
    ]
    assert sorted(changes) == [
        ("event", 0, 0, 1, "结账后才确认发布"),
        ("event", 1, 0, 0, "结账后才确认发布"),
        ("penalty", 0, 1, 0, "结账后撤回"),
    ]
    assert {one.post for one in figures.corrections} == {post.id, gone.id}
    async with story.office.db.read() as session:
        year = await year_figures(session, 2026)
    assert (year.original, year.withdrawn, year.content_original) == (2, 1, 2)
    assert year.closed_months == ["2026-10"]
    assert await wrong(story) == []


async def test_only_an_ended_month_is_closed_once_and_by_the_statistician(story: OfficeStory) -> None:
    with pytest.raises(NotPossible, match="还没有结束"):
        await close(story, "2026-11")
    await close(story)
    with pytest.raises(NotPossible, match="已由statistician结账"):
        await close(story)
    editor = await story.person("editor")
    with pytest.raises(Forbidden):
        async with story.office.db.begin() as session:
            await statistics.close_month(session, editor, "2026-09", story.office.settings.zone)


async def test_a_month_whose_counts_are_wrong_is_not_closed(story: OfficeStory) -> None:
    await story.item().published(at=OCTOBER)
    async with story.office.db.begin() as session:
        await session.execute(update(Tally).values(posts=9))
    with pytest.raises(NotPossible, match="1 项计数与发布记录不一致"):
        await close(story)


@pytest.mark.parametrize("is_closed", [False, True])
async def test_wrong_counts_are_put_right_and_told(story: OfficeStory, is_closed: bool) -> None:
    await story.item().published(at=OCTOBER)
    if is_closed:
        await close(story)
    async with story.office.db.begin() as session:
        await session.execute(update(Tally).values(posts=9))
        await session.execute(update(ActTally).where(ActTally.measure == Measure.CONTENTS).values(number=0))
    told = await wrong(story)
    assert any("发布件 · 2026-10" in one for one in told)
    by, zone = await story.person("statistician"), story.office.settings.zone
    async with story.office.db.begin() as session:
        put_right = await statistics.repair(session, by, zone, ["2026-10"])
    assert {(one.kept, one.counted) for one in put_right} >= {(9, 1), (0, 1)}
    assert await wrong(story) == []
    figures = await october(story)
    assert (figures.total()["original"], figures.content_original) == (1, 1)
    assert figures.corrections == []  # what is put right was never closed with


async def test_a_month_that_was_closed_wrongly_is_corrected_by_the_recount(story: OfficeStory) -> None:
    await story.item().published(at=OCTOBER)
    await close(story)
    async with story.office.db.begin() as session:
        await session.execute(update(Tally).values(posts=5, closed_posts=5))
    by, zone = await story.person("statistician"), story.office.settings.zone
    async with story.office.db.begin() as session:
        await statistics.repair(session, by, zone, ["2026-10"])
    figures = await october(story)
    assert figures.total()["original"] == 5
    assert [(one.original, one.reason) for one in figures.corrections] == [(-4, "重新清点后更正")]
    assert await wrong(story) == []


async def test_who_closes_and_who_counts_at_once_agree(story: OfficeStory) -> None:
    """Either the month is closed with the post in it, or the post is listed against it."""
    items = [await story.item(source_id=f"oa-{number}").planned() for number in range(4)]
    posts = [await story.post(item) for item in items]
    await claim(story.office, posts[0].id)
    await asyncio.gather(close(story), *(publish(story.office, post.id, at=OCTOBER) for post in posts))
    figures = await october(story)
    listed = sum(one.original for one in figures.corrections)
    assert figures.total()["original"] + listed == len(posts)
    assert figures.content_original + sum(one.contents for one in figures.corrections) == len(items)
    assert await wrong(story) == []


@pytest.mark.parametrize("database_server", ["postgresql"], indirect=True)
async def test_who_decides_while_a_month_is_closed_waits_for_nobody_who_waits_for_them(
    story: OfficeStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision stands in the audit log before it is counted, a closing is logged at its end."""
    item = await story.item().submitted()
    by, _ = await story.person("section_head"), await story.person("statistician")
    closing: list[asyncio.Task[None]] = []
    count = statistics.count_decision

    async def somebody_waits() -> bool:
        async with story.office.db.read() as session:
            return bool(await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    async def count_while_closing(*given: Any) -> None:
        closing.append(asyncio.create_task(close(story)))
        await eventually(somebody_waits)
        await count(*given)

    monkeypatch.setattr(statistics, "count_decision", count_while_closing)
    async with story.office.db.begin() as session:
        verdict = Verdict(DecisionKind.APPROVE, "同意")
        await decide(session, item.id, by, verdict, revision=item.revision, zone=clock.SHANGHAI)
    await asyncio.gather(*closing)
    assert (await october(story)).closed is not None
    assert await wrong(story) == []
