"""Posts that go out at the same time share their transactions, and nothing else: what befalls one of them is its
own alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine import make_url

from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Accepted
from outreach.foundation import audit
from outreach.foundation.outages import outage_of
from outreach.items.model import Item
from outreach.office.context import open_office
from outreach.office.store_steps import Releasing, Step, store_step
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of
from outreach.publishing.service import Hold, LeaseLost
from tests.builders import OfficeStory, claim
from tests.conftest import settings_for
from tests.sandbox.platform import Platform
from tests.servers import Postgres
from tests.waiting import eventually
from tests.workers.desk import DRAFT, SUBMIT, calls, counted, deliver, later, shown, sweep

CANNOT_BE_STORED = "\ud800"  # half a character: no database takes it


async def plan(story: OfficeStory, wechat: Account, number: int) -> list[Item]:
    return [await story.item(title=f"第{n + 1}号行政处罚决定公示").planned(wechat) for n in range(number)]


async def states(story: OfficeStory, items: list[Item]) -> list[PostState]:
    return [(await story.post(item)).state for item in items]


async def all_are(state: PostState, story: OfficeStory, items: list[Item]) -> bool:
    return set(await states(story, items)) == {state}


async def slow_drafts(sandbox: Platform, number: int) -> None:
    await sandbox.control("faults", {"path": DRAFT, "action": "delay", "value": 0.5, "times": number})


async def held(story: OfficeStory, item: Item) -> Hold:
    """The item's post, taken by a worker."""
    post = await claim(story.office, (await story.post(item)).id)
    return Hold(post.id, post.item_id, post.lease_holder or "")


async def each_is_out_once(story: OfficeStory, sandbox: Platform, items: list[Item]) -> None:
    for seconds in (5, 45):
        with later(seconds):
            await sweep(story.office)
    assert await all_are(PostState.PUBLISHED, story, items)
    titles = [article["title"] for article in await shown(sandbox, ChannelName.WECHAT)]
    assert sorted(titles) == sorted(item.title for item in items)
    assert await counted(story) == len(items)
    async with story.office.db.read() as session:
        assert await audit.verify(session) == []


async def test_posts_that_go_out_at_the_same_time_share_their_transactions(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    items = await plan(story, wechat, 8)
    commits: list[object] = []
    event.listen(story.office.db.writers.sync_engine, "commit", commits.append)
    await deliver(story.office)
    assert len(commits) < 3 * len(items)
    assert await all_are(PostState.ACCEPTED, story, items)
    await each_is_out_once(story, sandbox, items)
    for item in items:
        async with story.office.db.read() as session:
            steps = await attempts_of(session, await story.post(item))
        assert (steps[0].outcome, steps[0].worker) == ("accepted", "a worker")


async def test_steps_of_the_same_moment_are_committed_once(story: OfficeStory, wechat: Account) -> None:
    items = await plan(story, wechat, 4)
    holds = [await held(story, items[0])]
    holds += [
        Hold(post.id, post.item_id, post.lease_holder or "") for post in await posts_of(story, items[1:])
    ]
    commits: list[object] = []
    event.listen(story.office.db.writers.sync_engine, "commit", commits.append)
    for what in (Releasing("a draft"), Accepted("a job")):
        await asyncio.gather(*(store_step(story.office.db, Step(hold, what)) for hold in holds))
    assert len(commits) == 2
    assert await all_are(PostState.ACCEPTED, story, items)


async def test_a_lease_that_was_lost_silences_one_post_and_no_other(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    items = await plan(story, wechat, 4)
    await slow_drafts(sandbox, 4)
    delivering = asyncio.create_task(deliver(story.office))
    await eventually(lambda: all_are(PostState.SENDING, story, items))
    lost = await story.post(items[1])
    async with story.office.db.begin() as session:
        await session.execute(update(Post).where(Post.id == lost.id).values(lease_holder="another:claim"))
    await delivering
    assert await states(story, items) == [
        PostState.ACCEPTED,
        PostState.SENDING,
        PostState.ACCEPTED,
        PostState.ACCEPTED,
    ]
    lost = await story.post(items[1])
    assert (lost.lease_holder, lost.media_id, lost.release_began_at) == ("another:claim", None, None)
    assert await calls(sandbox, SUBMIT) == 3
    with later(1, after_the_lease=True):
        await sweep(story.office)
    with later(45, after_the_lease=True):
        await each_is_out_once(story, sandbox, items)


async def test_who_lost_a_post_and_took_it_again_does_not_go_on_from_where_it_was(
    story: OfficeStory, wechat: Account
) -> None:
    (item,) = await plan(story, wechat, 1)
    before = await held(story, item)
    async with story.office.db.begin() as session:
        await session.execute(update(Post).values(state=PostState.PLANNED, lease_until=None))
    again = await held(story, item)
    assert before.worker == again.worker
    with pytest.raises(LeaseLost):
        await store_step(story.office.db, Step(before, Releasing()))
    assert (await story.post(item)).release_began_at is None
    await store_step(story.office.db, Step(again, Releasing()))
    assert (await story.post(item)).release_began_at is not None


async def test_a_step_that_can_not_be_stored_fails_alone(story: OfficeStory, wechat: Account) -> None:
    items = await plan(story, wechat, 4)
    holds = [await held(story, items[0])]
    holds += [
        Hold(post.id, post.item_id, post.lease_holder or "") for post in await posts_of(story, items[1:])
    ]
    steps: list[Releasing | Accepted] = [
        Releasing("a draft"),
        Releasing(CANNOT_BE_STORED),
        Releasing(),
        Accepted("a job"),
    ]
    told = await asyncio.gather(
        *(store_step(story.office.db, Step(hold, what)) for hold, what in zip(holds, steps, strict=True)),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in told if one is not None] == [type(told[1]).__name__]
    first, bad, third, last = await posts_of(story, items)
    assert (first.media_id, bad.media_id, third.release_began_at is not None) == ("a draft", None, True)
    assert (last.state, last.publish_id, last.lease_holder) == (PostState.ACCEPTED, "a job", None)


async def posts_of(story: OfficeStory, items: list[Item]) -> list[Post]:
    return [await story.post(item) for item in items]


@pytest.fixture
async def on_postgresql(
    postgresql: Postgres, tmp_path: Path, sandbox: Platform
) -> AsyncIterator[OfficeStory]:
    """An office whose database can be taken away."""
    async with postgresql.migrated(tmp_path) as url:
        office = open_office(
            settings_for(
                tmp_path, url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url, lookup_after_s=30
            )
        )
        yield OfficeStory(office)
        await office.close()


@pytest.mark.parametrize("slow", [DRAFT, SUBMIT])
async def test_a_database_that_goes_away_in_the_middle_costs_no_post_and_doubles_none(
    on_postgresql: OfficeStory, postgresql: Postgres, sandbox: Platform, slow: str
) -> None:
    story = on_postgresql
    items = await plan(story, (await story.accounts())[0], 4)
    await sandbox.control("faults", {"path": slow, "action": "delay", "value": 1.5, "times": 4})
    delivering = asyncio.create_task(deliver(story.office))
    await eventually(lambda: reached(sandbox, slow))
    async with postgresql.closed_to_all(make_url(story.office.settings.database_url).database or ""):
        with pytest.raises(ExceptionGroup) as told:
            await delivering
    assert outage_of(told.value) is not None
    assert await all_are(PostState.SENDING, story, items)
    with later(1, after_the_lease=True):
        await sweep(story.office)
    with later(45, after_the_lease=True):
        await each_is_out_once(story, sandbox, items)
    assert await calls(sandbox, SUBMIT) == 4


async def reached(sandbox: Platform, path: str) -> bool:
    faults = await sandbox.control("faults")
    return not any(fault["left"] for fault in faults if fault["path"] == path)
