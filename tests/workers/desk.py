"""What a worker does, step by step, and what the platforms then show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from outreach.channels.model import ChannelName
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office import deliver_posts, settle_posts
from outreach.office.context import Office
from outreach.office.seal_item import stop_posts_of_sealed
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of
from outreach.publishing.rules import LEASE
from outreach.statistics.queries import differences, month_figures
from outreach.statistics.rules import month_of
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.waiting import eventually

SUBMIT = "/cgi-bin/freepublish/submit"
DRAFT = "/cgi-bin/draft/add"
QUOTA = "/cgi-bin/openapi/quota/get"
SHARE = "/2/statuses/share.json"
TIMELINE = "/2/statuses/user_timeline.json"


async def deliver(office: Office, *, worker: str = "a worker", limit: int = 10) -> int:
    """One batch."""
    posts = await deliver_posts.claim(office, worker=worker, limit=limit)
    await deliver_posts.deliver(office, posts, lambda: None)
    return len(posts)


async def sweep(office: Office, *, worker: str = "another worker") -> None:
    """What the periodic job does, and then what it would have woken."""
    await settle_posts.take_over_expired(office, worker=worker)
    await settle_posts.look_for_lost(office, worker=worker, limit=50)
    await settle_posts.ask_results(office, worker=worker, limit=50)
    await stop_posts_of_sealed(office)
    await deliver(office, worker=worker)


@contextmanager
def later(seconds: float = 0, *, after_the_lease: bool = False) -> Iterator[None]:
    """The clock goes on from some time later."""
    wait = timedelta(seconds=seconds) + (LEASE if after_the_lease else timedelta())
    with clock.at(clock.now() + wait, running=True):
        yield


async def die_during(sandbox: Platform, office: Office, path: str) -> None:
    """A worker takes what is due and dies while it waits for the answer of `path`, which was done."""
    await sandbox.control("faults", {"path": path, "action": "delay", "value": 1.5, "times": 1})
    before = await calls(sandbox, path)
    working = asyncio.create_task(deliver(office, worker="the worker that dies"))
    await eventually(lambda: _struck(sandbox, path))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await eventually(lambda: _answered_more_than(before, sandbox, path))


async def shown(sandbox: Platform, channel: ChannelName) -> list[dict[str, Any]]:
    """What the public sees there."""
    call = "wechat/articles" if channel is ChannelName.WECHAT else "weibo/statuses"
    return list(await sandbox.control(call))


async def calls(sandbox: Platform, path: str) -> int:
    """How often that call reached the platform."""
    return sum(call["path"] == path for call in await sandbox.control("requests"))


async def counted(story: OfficeStory) -> int:
    """This month's posts by the kept tallies, which the posts themselves confirm."""
    async with story.office.db.read() as session:
        assert await differences(session, story.office.settings.zone) == []
        figures = await month_figures(session, month_of(clock.now(), clock.SHANGHAI))
    return figures.total()["original"]


async def _struck(sandbox: Platform, path: str) -> bool:
    faults = await sandbox.control("faults")
    return all(fault["left"] == 0 for fault in faults if fault["path"] == path)


async def _answered_more_than(before: int, sandbox: Platform, path: str) -> bool:
    return await calls(sandbox, path) > before


async def fault(
    sandbox: Platform, path: str, action: str, value: float | None = None, times: int = 1
) -> None:
    """The next requests of that path are struck."""
    await sandbox.control("faults", {"path": path, "action": action, "value": value, "times": times})


async def outcomes(story: OfficeStory, post: Post) -> list[str]:
    """How each step of the post's delivery ended, in order."""
    async with story.office.db.read() as session:
        return [attempt.outcome for attempt in await attempts_of(session, post)]


async def is_in(state: PostState, story: OfficeStory, item: Item) -> bool:
    """Whether the item's post is in that state now."""
    return (await story.post(item)).state is state
