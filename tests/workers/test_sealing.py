"""What becomes of the posts of an item that is sealed, wherever they stand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.items.model import Item, ItemState
from outreach.office.context import Office
from outreach.office.seal_item import seal_by_hand
from outreach.office.store_steps import Releasing, Step, store_step
from outreach.people.model import Role
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.service import Hold, LeaseLost
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.workers.desk import SHARE, SUBMIT, calls, counted, deliver, later, shown, sweep


async def seal(story: OfficeStory, item: Item) -> None:
    """A confidentiality reviewer seals it, whatever its place."""
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    async with story.office.db.begin() as session:
        await seal_by_hand(session, item.id, reviewer, "群众来电提醒。")


async def post_of(story: OfficeStory, item: Item, account: Account) -> Post:
    return next(post for post in await story.posts(item) if post.account_id == account.id)


async def state(story: OfficeStory, item: Item) -> ItemState:
    async with story.office.db.read() as session:
        return (await session.get_one(Item, item.id)).state


async def test_sealing_cancels_what_waits_and_takes_back_what_is_out(
    story: OfficeStory, sandbox: Platform
) -> None:
    wechat, weibo, drafts_only = await story.accounts()
    out = await story.item(title="已经发出的").published(wechat, weibo)
    waiting = await story.item(title="定时的").planned(wechat, at=clock.now() + timedelta(hours=1))
    saved = await story.item(title="存了草稿的").planned(drafts_only)
    await deliver(story.office)
    failed = await story.item(title="被拒的").planned(wechat)
    await sandbox.control("faults", {"path": SUBMIT, "action": "errcode", "value": 53503, "times": 1})
    await deliver(story.office)
    assert {(await story.post(one)).state for one in (saved, failed)} == {
        PostState.NEEDS_PERSON,
        PostState.FAILED,
    }
    for item in (out, waiting, saved, failed):
        await seal(story, item)
    for item in (waiting, saved, failed):
        assert (await story.post(item)).state is PostState.CANCELLED
    article, status = await post_of(story, out, wechat), await post_of(story, out, weibo)
    assert (article.state, article.after_withdrawing) == (PostState.WITHDRAWING, False)
    assert (status.state, status.after_withdrawing) == (PostState.NEEDS_PERSON, True)
    assert "请马上登录这个账号" in (status.problem_message or "")
    assert await counted(story) == 2
    with later(3700):
        await sweep(story.office)
    assert (await story.post(waiting)).state is PostState.CANCELLED
    assert await calls(sandbox, SUBMIT) == 1


@pytest.mark.parametrize("channel", [ChannelName.WECHAT, ChannelName.WEIBO])
async def test_what_comes_out_after_the_sealing_is_taken_back_at_once(
    story: OfficeStory, sandbox: Platform, channel: ChannelName
) -> None:
    account = next(one for one in await story.accounts() if one.channel is channel)
    item = await story.item().planned(account)
    if channel is ChannelName.WEIBO:
        await sandbox.control("faults", {"path": SHARE, "action": "drop_after", "value": None, "times": 1})
    await deliver(story.office)
    open_state = (await story.post(item)).state
    assert open_state in {PostState.ACCEPTED, PostState.UNCERTAIN}
    await seal(story, item)
    assert (await story.post(item)).state is open_state
    with later(45):
        await sweep(story.office)
    post = await story.post(item)
    assert (len(await shown(sandbox, channel)), await counted(story)) == (1, 1)
    if channel is ChannelName.WECHAT:
        assert (post.state, bool(post.url)) == (PostState.WITHDRAWING, True)
    else:
        assert (post.state, post.after_withdrawing) == (PostState.NEEDS_PERSON, True)
    assert await state(story, item) is ItemState.SEALED


async def test_a_worker_releases_nothing_of_an_item_that_was_sealed_after_its_claim(
    story: OfficeStory, sandbox: Platform, office: Office
) -> None:
    wechat = (await story.accounts())[0]
    item = await story.item().planned(wechat)
    async with office.db.begin() as session:
        (claimed,) = await publishing.claim_due(session, worker="a worker", limit=1)
    await seal(story, item)
    hold = Hold(claimed.id, item.id, claimed.lease_holder or "")
    with pytest.raises(LeaseLost):
        await store_step(office.db, Step(hold, Releasing("a draft")))
    post = await story.post(item)
    assert (post.state, post.media_id, post.release_began_at) == (PostState.PLANNED, "a draft", None)
    assert await deliver(office, worker="another") == 0
    await sweep(office)
    assert (await story.post(item)).state is PostState.CANCELLED
    assert await calls(sandbox, SUBMIT) == 0
