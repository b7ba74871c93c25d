"""Whatever happens to posts, in whatever order: the kept tallies are what the posts themselves say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from outreach.channels.protocol import Published
from outreach.foundation import clock
from outreach.foundation.problems import Problem
from outreach.items.model import Item
from outreach.office.confirm_post import confirm_post, remove_post
from outreach.office.plan_posts import plan_posts
from outreach.office.resolve_post import Outcome, cancel_post, resolve_post, retry_post
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import PostAction
from outreach.statistics import service as statistics
from outreach.statistics.model import ClosedMonth
from outreach.statistics.queries import differences, month_figures, year_figures
from outreach.statistics.rules import month_of
from tests.builders import OfficeStory

AFTERWARDS: Final = datetime(2027, 3, 1, tzinfo=UTC)
MONTH_ENDS: Final = [
    datetime(2026, 10, 31, 15, 59, tzinfo=UTC),
    datetime(2026, 10, 31, 16, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
]


class Play:
    """One item on two accounts; every act is tried on the post of one account, possible or not."""

    def __init__(self, story: OfficeStory, item: Item, accounts: list[str]) -> None:
        self.story = story
        self.office = story.office
        self.item = item
        self.accounts = accounts
        self.confirmed = 0

    async def plan(self, account: int, _: datetime) -> None:
        publisher = await self.story.person("publisher")
        await plan_posts(self.office, self.item.id, publisher, [self.accounts[account]], None)

    async def claim(self, _account: int, _: datetime) -> None:
        async with self.office.db.begin() as session:
            await publishing.claim_due(session, worker="a worker", limit=1)

    async def confirm(self, account: int, moment: datetime) -> None:
        await self._with(account, self._confirm(moment))
        self.confirmed += 1

    async def fail(self, account: int, _: datetime) -> None:
        await self._move(account, PostAction.FAIL)

    async def postpone(self, account: int, _: datetime) -> None:
        await self._move(account, PostAction.TRY_LATER, due_at=clock.now())

    async def accept(self, account: int, _: datetime) -> None:
        await self._move(account, PostAction.ACCEPT, publish_id="1", accepted_at=clock.now())

    async def lose_the_answer(self, account: int, _: datetime) -> None:
        await self._move(account, PostAction.LOSE_ANSWER)

    async def give_up(self, account: int, _: datetime) -> None:
        await self._move(account, PostAction.GIVE_UP_LOOKING)

    async def cancel(self, account: int, _: datetime) -> None:
        publisher = await self.story.person("publisher")
        async with self.office.db.begin() as session:
            await cancel_post(session, await self._post_id(account), publisher)

    async def retry(self, account: int, _: datetime) -> None:
        publisher = await self.story.person("publisher")
        async with self.office.db.begin() as session:
            await retry_post(session, await self._post_id(account), publisher)

    async def resolve_as_published(self, account: int, _: datetime) -> None:
        await self._resolve(account, Outcome.PUBLISHED)
        self.confirmed += 1

    async def resolve_as_not_published(self, account: int, _: datetime) -> None:
        await self._resolve(account, Outcome.NOT_PUBLISHED)

    async def remove(self, account: int, _: datetime) -> None:
        async def act(post: Post) -> None:
            async with self.office.db.begin() as session:
                present = await session.get_one(Post, post.id)
                await remove_post(session, present, "平台删除了。", self.office.settings.zone)

        await self._with(account, act)

    async def close(self, _: int, moment: datetime) -> None:
        by, zone = await self.story.person("statistician"), self.office.settings.zone
        with clock.at(AFTERWARDS):
            async with self.office.db.begin() as session:
                await statistics.close_month(session, by, month_of(moment, zone), zone)

    async def recount(self, _: int, moment: datetime) -> None:
        by, zone = await self.story.person("statistician"), self.office.settings.zone
        async with self.office.db.begin() as session:
            assert await statistics.repair(session, by, zone, [month_of(moment, zone)]) == []

    async def _resolve(self, account: int, outcome: Outcome) -> None:
        publisher = await self.story.person("publisher")
        async with self.office.db.begin() as session:
            await resolve_post(
                session, await self._post_id(account), publisher, outcome, self.office.settings.zone
            )

    def _confirm(self, moment: datetime) -> Callable[[Post], Awaitable[None]]:
        async def act(post: Post) -> None:
            async with self.office.db.begin() as session:
                present = await session.get_one(Post, post.id)
                proof = Published(platform_id="1", url="http://127.0.0.1/1", at=moment)
                action = (
                    PostAction.FIND_PUBLISHED if present.state is PostState.UNCERTAIN else PostAction.PUBLISH
                )
                await confirm_post(session, present, action, proof, self.office.settings.zone)

        return act

    async def _move(self, account: int, action: PostAction, **changes: object) -> None:
        async with self.office.db.begin() as session:
            post = await session.get_one(Post, await self._post_id(account))
            await publishing.move(session, post, action, **changes)

    async def _with(self, account: int, act: Callable[[Post], Awaitable[None]]) -> None:
        async with self.office.db.read() as session:
            post = await session.get_one(Post, await self._post_id(account))
        await act(post)

    async def _post_id(self, account: int) -> str:
        own = [
            post for post in await self.story.posts(self.item) if post.account_id == self.accounts[account]
        ]
        if not own:
            raise Problem("there is no post yet")
        return own[-1].id


ACTS: Final = [
    Play.plan, Play.claim, Play.confirm, Play.fail, Play.postpone, Play.accept, Play.lose_the_answer,
    Play.give_up, Play.cancel, Play.retry, Play.resolve_as_published, Play.resolve_as_not_published, Play.remove,
    Play.close, Play.recount,
]  # fmt: skip


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.sampled_from(MONTH_ENDS)), max_size=25
    )
)
async def test_the_tallies_are_what_the_posts_say(
    story: OfficeStory, steps: list[tuple[Callable[[Play, int, datetime], Awaitable[None]], int, datetime]]
) -> None:
    accounts = [account.id for account in (await story.accounts())[:2]]
    play = Play(story, await story.item().approved(), accounts)
    for act, account, moment in [(Play.plan, 0, MONTH_ENDS[0]), (Play.claim, 0, MONTH_ENDS[0]), *steps]:
        try:
            await act(play, account, moment)
        except Problem:
            continue  # not possible in this state: nothing may have changed by it
    async with story.office.db.read() as session:
        assert await differences(session, story.office.settings.zone) == []
    posts = await story.posts(play.item)
    assert sum(post.published_at is not None for post in posts) == play.confirmed
    await _is_naively_right(story)


async def _is_naively_right(story: OfficeStory) -> None:
    """What a closed month was closed with and what was listed since, and the year, are what one counts by hand."""
    async with story.office.db.read() as session:
        moments = await session.scalars(select(Post.published_at).where(Post.published_at.is_not(None)))
        months = [month_of(moment, story.office.settings.zone) for moment in moments if moment]
        for month in await session.scalars(select(ClosedMonth.month)):
            figures = await month_figures(session, month)
            listed = sum(one.original for one in figures.corrections)
            assert figures.total()["original"] + listed == months.count(month)
        for year in (2026, 2027):
            counted = await year_figures(session, year)
            assert counted.original == sum(month.startswith(str(year)) for month in months)
