"""Withdrawals while something else happens to the same posts: what only locks and guards keep right."""

from __future__ import annotations

import asyncio

import pytest

from outreach.channels.model import Account, ChannelName
from outreach.foundation.problems import NotPossible
from outreach.items.model import Item
from outreach.office.plan_posts import plan_posts
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import SUBMIT, calls, counted, deliver, fault, later, shown, sweep
from tests.workers.test_withdrawal import DELETE, out, outcomes, take_down, withdrawn


@pytest.fixture
async def wechat(story: OfficeStory) -> Account:
    return (await story.accounts())[0]


@pytest.fixture
async def weibo(story: OfficeStory) -> Account:
    return (await story.accounts())[1]


async def test_what_is_under_way_when_the_item_is_withdrawn_never_stays(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    """One is out, one is accepted and comes out later: it is withdrawn as soon as it is known to be out."""
    item = await story.item().planned(wechat, weibo)
    await deliver(story.office)
    assert {post.state for post in await story.posts(item)} == {PostState.ACCEPTED, PostState.PUBLISHED}
    await withdrawn(story, item)
    with later(5):
        await sweep(story.office)
        await take_down(story)
    states = {post.account.channel: post.state for post in await story.posts(item)}
    assert states == {ChannelName.WECHAT: PostState.WITHDRAWN, ChannelName.WEIBO: PostState.NEEDS_PERSON}
    assert (await shown(sandbox, ChannelName.WECHAT), await counted(story)) == ([], 2)


async def test_what_turns_out_not_to_be_there_is_not_sent_again(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    item = await story.item().planned(wechat, weibo)
    await fault(sandbox, SUBMIT, "drop_before")
    await deliver(story.office)
    await withdrawn(story, item)
    with pytest.raises(NotPossible, match="正在撤回"):
        await plan_posts(story.office, item.id, await story.person("publisher"), [wechat.id], None)
    for seconds in (31, 60):
        with later(seconds):
            await sweep(story.office)
    states = {post.account.channel: post.state for post in await story.posts(item)}
    assert states[ChannelName.WECHAT] is PostState.CANCELLED
    assert await shown(sandbox, ChannelName.WECHAT) == []


async def test_two_workers_take_it_down_once_and_a_late_one_keeps_silent(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await out(story, wechat)
    await withdrawn(story, item)
    await fault(sandbox, DELETE, "delay", 0.3)
    slow = asyncio.create_task(take_down(story, "the slow one"))
    await eventually(lambda: holds(story, item))
    assert await take_down(story, "the quick one") == 0
    with later(1, after_the_lease=True):
        await take_down(story, "the quick one")
        await slow
    post = await story.post(item)
    assert (post.state, await calls(sandbox, DELETE)) == (PostState.WITHDRAWN, 1)
    assert await outcomes(story, post) == ["withdraw_ordered", "withdraw_taken_over", "withdrawn"]


async def holds(story: OfficeStory, item: Item) -> bool:
    return (await story.post(item)).takedown_began_at is not None
