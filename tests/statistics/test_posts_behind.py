"""The posts behind a figure are as many as the figure says, whatever it is narrowed to; and how long disclosure took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from outreach.foundation import clock
from outreach.office.confirm_post import remove_post
from outreach.people.model import Role
from outreach.publishing.model import Post
from outreach.statistics import service as statistics
from outreach.statistics.queries.posts import PostFilter, counted_posts, figure
from outreach.statistics.queries.timeliness import timeliness
from tests.builders import OfficeStory, publish

LAST_OF_OCTOBER = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
FIRST_OF_NOVEMBER = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)


async def listed(story: OfficeStory, narrow: PostFilter, *, limit: int = 2) -> list[str]:
    """The ids of the posts, page by page, after the figure said how many there are."""
    zone, reader = story.office.settings.zone, await story.person(Role.STATISTICIAN)
    ids: list[str] = []
    cursor = None
    async with story.office.db.read() as session:
        number = await figure(session, narrow, reader, zone)
        while True:
            page = await counted_posts(session, narrow, reader, zone, limit=limit, cursor=cursor)
            assert page.first == len(ids) + 1
            ids += [one.id for one in page.posts]
            cursor = page.cursor
            if cursor is None:
                break
    assert number == len(ids) == len(set(ids))
    return ids


async def test_every_figure_has_as_many_posts_behind_it(story: OfficeStory) -> None:
    wechat, weibo, _ = await story.accounts()
    on_both = await story.item("penalty").published(wechat, weibo, at=LAST_OF_OCTOBER)
    repost = {"origin": "repost", "repost_source": "新华社", "title": "转载的一条活动预告"}
    gone = await story.item("event", **repost).published(wechat, at=LAST_OF_OCTOBER - timedelta(days=3))
    await story.item("air_quality").published(weibo, at=FIRST_OF_NOVEMBER)
    async with story.office.db.begin() as session:
        post = await session.get_one(Post, (await story.post(gone)).id)
        await remove_post(session, post, "平台删除。", story.office.settings.zone)

    both = [post.id for post in await story.posts(on_both)]
    assert set(await listed(story, PostFilter("2026-10"))) == {*both, post.id}
    assert len(await listed(story, PostFilter("2026"), limit=3)) == 4
    assert len(await listed(story, PostFilter("2026-11"))) == 1
    assert len(await listed(story, PostFilter("2026-10", contents=True))) == 2
    assert await listed(story, PostFilter("2026-10", withdrawn=True)) == [post.id]
    assert await listed(story, PostFilter("2026-10", account=wechat.id, kind=on_both.kind)) == [both[0]]
    assert await listed(story, PostFilter("2026-10", channel=weibo.channel)) == [both[1]]
    assert await listed(story, PostFilter("2026-10", origin=gone.origin)) == [post.id]
    assert len(await listed(story, PostFilter("2026-10", section=on_both.section.name))) == 2
    assert len(await listed(story, PostFilter("2026-10", contents=True, channel=wechat.channel))) == 2


async def test_a_closed_figure_has_the_posts_that_it_was_closed_with(story: OfficeStory) -> None:
    first = await story.item("penalty").published(at=LAST_OF_OCTOBER)
    late = await story.post(await story.item("event").planned())
    with clock.at(FIRST_OF_NOVEMBER):
        async with story.office.db.begin() as session:
            by, zone = await story.person(Role.STATISTICIAN), story.office.settings.zone
            await statistics.close_month(session, by, "2026-10", zone)
    await publish(story.office, late.id, at=LAST_OF_OCTOBER)
    early = await story.post(first)
    async with story.office.db.begin() as session:
        await remove_post(session, await session.get_one(Post, early.id), "平台删除。", zone)

    assert await listed(story, PostFilter("2026-10", as_closed=True)) == [early.id]
    assert await listed(story, PostFilter("2026-10", as_closed=True, contents=True)) == [early.id]
    assert await listed(story, PostFilter("2026-10", as_closed=True, withdrawn=True)) == []
    assert set(await listed(story, PostFilter("2026-10"))) == {early.id, late.id}


async def test_what_comes_on_the_last_day_of_its_term_is_on_time(story: OfficeStory) -> None:
    """The day is that of Shanghai: 15:59 UTC is still the deadline's day, 16:00 the next one."""
    items = [await story.item("penalty").planned() for _ in range(2)]
    deadline = items[0].deadline
    last = datetime(deadline.year, deadline.month, deadline.day, 15, 59, 59, tzinfo=UTC)
    for item, at in zip(items, (last, last + timedelta(seconds=1)), strict=True):
        await publish(story.office, (await story.post(item)).id, at=at)
    repost = {"origin": "repost", "repost_source": "新华社", "title": "转载的一条行政处罚"}
    other = await story.item("penalty", **repost).planned()
    await publish(story.office, (await story.post(other)).id, at=last + timedelta(days=9))

    zone = story.office.settings.zone
    async with story.office.db.read() as session:
        (section, whole) = await timeliness(session, f"{deadline.year}", None, zone)
    days = (deadline - items[0].formed_on).days
    assert (section.section, section.contents, section.late) == (items[0].section.name, 2, 1)
    assert (section.days, section.longest, section.rate) == (2 * days + 1, days + 1, 50.0)
    assert (whole.section, whole.average) == (None, round(days + 0.5, 1))
    late = await listed(
        story, PostFilter(f"{deadline.year}", contents=True, late=True, origin=items[0].origin)
    )
    assert late == [(await story.post(items[1])).id]
