"""Whatever happens to posts, in whatever order: each is out at most once, what is kept is what the platform shows,
and what is not out says why. Hypothesis plays worker, platform, person and time through the use cases."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from outreach.channels.model import Account
from outreach.channels.service import resume_account
from outreach.foundation import audit, clock
from outreach.foundation.problems import Problem
from outreach.items.model import Item
from outreach.office import deliver_posts
from outreach.office.context import Office, open_office
from outreach.office.leases import hold_of
from outreach.office.plan_posts import plan_posts
from outreach.office.resolve_post import Outcome, cancel_post, resolve_post, retry_post
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.renditions.stored import from_json
from outreach.publishing.rules import TRANSITIONS
from outreach.statistics.queries import differences
from tests.builders import OfficeStory
from tests.channels.office import Delivery
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform
from tests.servers import Sqlite
from tests.workers.desk import DRAFT, SHARE, SUBMIT, deliver, sweep

ITEMS: Final = 4
LOOKUP_AFTER_S: Final = 30
# What the platform does at its next call of that path; None: nothing unusual.
TROUBLES: Final = [
    None,
    *itertools.product(
        (SHARE, SUBMIT), (("drop_before", None), ("drop_after", None), ("http", 502), ("http", 403))
    ),
    *((SHARE, ("errcode", code)) for code in (10001, 20016, 20019, 20021, 20032, 21332)),
    *((SUBMIT, ("errcode", code)) for code in (-1, 40007, 45009, 48004, 53503)),
    *((DRAFT, what) for what in (("drop_after", None), ("errcode", 45011), ("errcode", 45166))),
]
NEVER_OUT: Final = {PostState.PLANNED, PostState.FAILED, PostState.CANCELLED}

Answer = TypeVar("Answer")


def reachable(state: PostState) -> set[PostState]:
    """The states to which a post may come from `state`, in any number of steps."""
    found, new = {state}, {state}
    while new:
        new = {after for (before, _), after in TRANSITIONS.items() if before in new} - found
        found |= new
    return found


class Life(RuleBasedStateMachine):
    """Approved items, two accounts, and everything that may happen."""

    def __init__(self, folder: Path, template: Path) -> None:
        super().__init__()
        self.folder = folder
        self.template = template
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.running = AsyncExitStack()
        self.ahead_s = 0.0
        self.before: dict[str, PostState] = {}

    def run(self, deed: Coroutine[Any, Any, Answer]) -> Answer:
        """Does it at the present of this life."""
        with clock.at(clock.now() + timedelta(seconds=self.ahead_s), running=True):
            return self.runner.run(deed)

    def teardown(self) -> None:
        self.run(self.running.aclose())
        self.runner.close()

    @initialize()
    def begin(self) -> None:
        self.run(self._begin())

    async def _begin(self) -> None:
        path = self.folder / "life.sqlite"
        shutil.copyfile(self.template, path)
        self.sandbox: Platform = await self.running.enter_async_context(platform("http://127.0.0.1:9"))
        await self.sandbox.control("settings", {"publish_delay_s": 0, "callback_again_s": 0.05})
        self.office: Office = open_office(
            settings_for(
                self.folder,
                f"sqlite+aiosqlite:///{path}",
                wechat_base_url=self.sandbox.url,
                weibo_base_url=self.sandbox.url,
                lookup_after_s=LOOKUP_AFTER_S,
            )
        )
        self.running.push_async_callback(self.office.close)
        self.story = OfficeStory(self.office)
        self.accounts = (await self.story.accounts())[:2]
        self.publisher = await self.story.person("publisher")
        async with self.office.db.read() as session:
            self.items = list((await session.scalars(select(Item).order_by(Item.id))).unique())

    @rule(item=st.integers(0, ITEMS - 1), account=st.integers(0, 1))
    def plan(self, item: int, account: int) -> None:
        self.run(self._try(self._plan(item, account)))

    async def _plan(self, item: int, account: int) -> None:
        await plan_posts(self.office, self.items[item].id, self.publisher, [self.accounts[account].id], None)

    @rule(trouble=st.sampled_from(TROUBLES))
    def deliver(self, trouble: tuple[str, tuple[str, float | None]] | None) -> None:
        self.run(self._deliver(trouble))

    async def _deliver(self, trouble: tuple[str, tuple[str, float | None]] | None) -> None:
        if trouble:
            path, (action, value) = trouble
            fault = {"path": path, "action": action, "value": value, "times": 1}
            await self.sandbox.control("faults", fault)
        await deliver(self.office)
        for path in (SHARE, SUBMIT, DRAFT):
            await self.sandbox.control("faults", {"path": path, "times": 0})

    @rule(how_far=st.sampled_from(["claimed", "released", "sent"]))
    def die(self, how_far: str) -> None:
        """A worker takes what is due and dies: at once, right before the call that publishes, right after it."""
        self.run(self._die(how_far))

    async def _die(self, how_far: str) -> None:
        async with self.office.db.begin() as session:
            posts = await publishing.claim_due(session, worker="one that dies", limit=10)
        if how_far == "claimed":
            return
        for post in posts:
            channel = await self.office.channels.of(post.account)
            progress = deliver_posts._Progress(
                self.office.db, hold_of(post), post.media_id, post.release_began_at is not None
            )
            if how_far == "sent":
                await channel.publish(from_json(post.rendition), progress)
            else:
                await progress.remember_release(post.media_id or await self._media_id(post))

    async def _media_id(self, post: Post) -> str | None:
        """A draft as `publish` would have made it."""
        if post.account_id != self.accounts[0].id:
            return None
        left = Delivery(on_release=_stop)
        channel = await self.office.channels.of(post.account)
        try:
            await channel.publish(from_json(post.rendition), _Kept(left))
        except _Stopped as stopped:
            return stopped.media_id
        return None

    @rule(seconds=st.sampled_from([1, 31, 45, 400]))
    def let_time_pass(self, seconds: int) -> None:
        self.ahead_s += seconds
        self.sandbox.clock.forward(seconds)

    @rule()
    def sweep(self) -> None:
        self.run(sweep(self.office))

    @rule(place=st.integers(0, 7))
    def cancel(self, place: int) -> None:
        async def act(post: Post) -> None:
            async with self.office.db.begin() as session:
                await cancel_post(session, post.id, self.publisher)

        self.run(self._with(place, act))

    @rule(place=st.integers(0, 7))
    def retry(self, place: int) -> None:
        async def act(post: Post) -> None:
            async with self.office.db.begin() as session:
                await retry_post(session, post.id, self.publisher)

        self.run(self._with(place, act))

    @rule(place=st.integers(0, 7))
    def look_and_resolve(self, place: int) -> None:
        """A person looks at the platform and says what stands there."""

        async def act(post: Post) -> None:
            is_out = bool(await self._shown(post))
            outcome = Outcome.PUBLISHED if is_out else Outcome.NOT_PUBLISHED
            async with self.office.db.begin() as session:
                await resolve_post(session, post.id, self.publisher, outcome, self.office.settings.zone)

        self.run(self._with(place, act))

    @rule()
    def resume(self) -> None:
        self.run(self._resume())

    async def _resume(self) -> None:
        async with self.office.db.begin() as session:
            for account in await session.scalars(select(Account).where(Account.paused_at.is_not(None))):
                await resume_account(session, self.publisher, account)

    @invariant()
    def is_true(self) -> None:
        if hasattr(self, "items"):
            self.run(self._is_true())

    async def _is_true(self) -> None:
        posts = await self._posts()
        for post in posts:
            shown = await self._shown(post)
            assert shown <= 1, f"{post.item.title}: {shown} times"
            assert post.state in reachable(self.before.get(post.id, PostState.PLANNED))
            if post.state is PostState.PUBLISHED:
                assert shown == 1
            if post.state in {PostState.FAILED, PostState.NEEDS_PERSON, PostState.UNCERTAIN}:
                assert post.problem_message
            if post.state is PostState.CANCELLED and self.before.get(post.id) in {None, *NEVER_OUT}:
                assert self._live(post, posts) or not shown
        self.before = {post.id: post.state for post in posts}
        async with self.office.db.read() as session:
            assert await differences(session, self.office.settings.zone) == []
            assert await audit.verify(session) == []

    def _live(self, cancelled: Post, posts: list[Post]) -> bool:
        """Whether the item has another post there, which may be what is shown."""
        return any(
            post.item_id == cancelled.item_id
            and post.account_id == cancelled.account_id
            and post.id != cancelled.id
            for post in posts
        )

    async def _try(self, deed: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(Problem):  # not possible now: nothing may have changed by it
            await deed

    async def _with(self, place: int, act: Any) -> None:
        posts = await self._posts()
        if place < len(posts):
            await self._try(act(posts[place]))

    async def _posts(self) -> list[Post]:
        async with self.office.db.read() as session:
            return list((await session.scalars(select(Post).order_by(Post.id))).unique())

    async def _shown(self, post: Post) -> int:
        """How often the item stands on the post's account."""
        if post.account_id == self.accounts[0].id:
            articles = await self.sandbox.control("wechat/articles")
            return sum(one["title"] == post.item.title for one in articles)
        statuses = await self.sandbox.control("weibo/statuses")
        return sum(f"【{post.item.title}】" in one["text"] for one in statuses)


class _Stopped(Exception):
    def __init__(self, media_id: str | None) -> None:
        super().__init__(media_id)
        self.media_id = media_id


async def _stop() -> None:
    """Right before the call that publishes."""


class _Kept:
    """Stops a delivery right before the call that publishes, and tells the draft."""

    def __init__(self, delivery: Delivery) -> None:
        self.media_id = delivery.media_id
        self.release_began = False

    async def remember_release(self, media_id: str | None = None) -> None:
        raise _Stopped(media_id)


@pytest.fixture
async def template(sqlite: Sqlite, tmp_path: Path) -> AsyncIterator[Path]:
    """A database with approved items."""
    async with sqlite.migrated(tmp_path) as url:
        office = open_office(settings_for(tmp_path, url))
        story = OfficeStory(office)
        await story.accounts()
        for number in range(ITEMS):
            await story.item(title=f"第{number + 1}号行政处罚决定公示").approved()
        await office.close()
        yield tmp_path / "outreach.sqlite"


async def test_no_life_of_a_post_doubles_loses_or_hides_it(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "life"
    folder.mkdir()
    short = settings(
        max_examples=6, stateful_step_count=16, suppress_health_check=list(HealthCheck), deadline=None
    )
    await asyncio.to_thread(run_state_machine_as_test, lambda: Life(folder, template), settings=short)
