"""A process has many posts under way, and none waits for another one's platform."""

from __future__ import annotations

import asyncio

import pytest

from outreach.channels.model import ChannelName
from outreach.items.model import Item
from outreach.office.deliveries import Deliveries
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import DRAFT, calls, fault, is_in, shown


@pytest.fixture
async def slow(story: OfficeStory, sandbox: Platform) -> Item:
    """An item whose post on WeChat takes a while."""
    await fault(sandbox, DRAFT, "delay", 3)
    return await story.item().planned((await story.accounts())[0])


async def test_posts_of_one_account_follow_each_other_while_another_account_is_slow(
    story: OfficeStory, sandbox: Platform, slow: Item
) -> None:
    weibo = (await story.accounts())[1]
    for number in range(3):
        await story.item(title=f"第{number + 1}号行政处罚决定公示").planned(weibo)
    working = asyncio.create_task(Deliveries(story.office, "a worker").work(asyncio.Event()))
    await eventually(lambda: are_shown(sandbox, 3))
    assert await is_in(PostState.SENDING, story, slow)
    await working
    assert await is_in(PostState.ACCEPTED, story, slow)


async def test_what_becomes_due_meanwhile_is_sent_at_once(
    story: OfficeStory, sandbox: Platform, slow: Item
) -> None:
    deliveries, stop = Deliveries(story.office, "a worker"), asyncio.Event()
    working = asyncio.create_task(deliveries.work(stop))
    await eventually(lambda: is_in(PostState.SENDING, story, slow))
    await story.item().planned((await story.accounts())[1])
    await deliveries.work(stop)
    await eventually(lambda: are_shown(sandbox, 1))
    assert await is_in(PostState.SENDING, story, slow)
    await working


async def test_told_to_stop_it_ends_what_was_begun_and_begins_nothing(
    story: OfficeStory, sandbox: Platform, slow: Item
) -> None:
    deliveries, stop = Deliveries(story.office, "a worker"), asyncio.Event()
    working = asyncio.create_task(deliveries.work(stop))
    await eventually(lambda: is_in(PostState.SENDING, story, slow))
    stop.set()
    other = await story.item().planned((await story.accounts())[1])
    await deliveries.work(stop)
    await working
    assert await is_in(PostState.ACCEPTED, story, slow)
    assert await is_in(PostState.PLANNED, story, other)


async def test_cut_off_it_leaves_its_posts_to_others(
    story: OfficeStory, sandbox: Platform, slow: Item
) -> None:
    deliveries = Deliveries(story.office, "a worker")
    working = asyncio.create_task(deliveries.work(asyncio.Event()))
    await eventually(lambda: is_in(PostState.SENDING, story, slow))
    working.cancel()  # whoever waits for it is cut off, and it goes on
    await asyncio.gather(working, return_exceptions=True)
    await deliveries.close()
    assert await is_in(PostState.SENDING, story, slow)
    assert await calls(sandbox, "/cgi-bin/freepublish/submit") == 0


async def are_shown(sandbox: Platform, number: int) -> bool:
    return len(await shown(sandbox, ChannelName.WEIBO)) == number
