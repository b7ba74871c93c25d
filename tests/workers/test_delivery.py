"""Posts on their way: each goes out once, at its time, whoever dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.foundation.problems import NotPossible, Problem
from outreach.items.model import ItemState
from outreach.office.resolve_post import Outcome, cancel_post, resolve_post
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import (
    DRAFT,
    SHARE,
    SUBMIT,
    calls,
    counted,
    deliver,
    die_during,
    fault,
    is_in,
    later,
    outcomes,
    shown,
    sweep,
)


async def test_wechat_accepts_first_and_tells_the_result_when_asked(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, post.media_id is not None, post.publish_id is not None) == (
        PostState.ACCEPTED,
        True,
        True,
    )
    assert (await story.fresh(item)).public_since is not None
    with later(5):
        await sweep(story.office)
    post = await story.post(item)
    (article,) = await shown(sandbox, ChannelName.WECHAT)
    assert (post.state, post.url, article["title"]) == (PostState.PUBLISHED, article["url"], item.title)
    assert (await story.fresh(item)).state is ItemState.PUBLISHED
    assert await counted(story) == 1
    assert await outcomes(story, post) == ["accepted", "published"]


async def test_weibo_publishes_at_once(story: OfficeStory, sandbox: Platform, weibo: Account) -> None:
    item = await story.item().planned(weibo)
    await deliver(story.office)
    post = await story.post(item)
    (status,) = await shown(sandbox, ChannelName.WEIBO)
    assert (post.state, post.platform_id) == (PostState.PUBLISHED, status["id"])
    assert item.title in status["text"]
    assert f"/p/{item.public_id}" in status["text"]


async def test_nothing_goes_out_before_its_time(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo, at=clock.now() + timedelta(hours=1))
    assert await deliver(story.office) == 0
    assert (await story.fresh(item)).public_since is None
    with later(3601):
        assert await deliver(story.office) == 1
    assert len(await shown(sandbox, ChannelName.WEIBO)) == 1


async def test_an_account_for_drafts_only_leaves_the_last_step_to_a_person(
    story: OfficeStory, sandbox: Platform, drafts_only: Account
) -> None:
    item = await story.item().planned(drafts_only)
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, post.problem_code) == (PostState.NEEDS_PERSON, "draft-only")
    assert "草稿箱" in (post.problem_message or "")
    assert await calls(sandbox, SUBMIT) == 0
    async with story.office.db.begin() as session:
        await resolve_post(
            session,
            post.id,
            await story.person("publisher"),
            Outcome.PUBLISHED,
            story.office.settings.zone,
            url="https://mp.weixin.qq.com/s/abc",
        )
    assert await counted(story) == 1
    assert (await story.fresh(item)).state is ItemState.PUBLISHED


async def test_a_worker_that_dies_before_the_release_is_taken_over_and_goes_on(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await die_during(sandbox, story.office, DRAFT)
    assert (await story.post(item)).state is PostState.SENDING
    await sweep(story.office)
    assert (await story.post(item)).state is PostState.SENDING
    with later(1, after_the_lease=True):
        await sweep(story.office)
    with later(45, after_the_lease=True):
        await sweep(story.office)
    post = await story.post(item)
    assert post.state is PostState.PUBLISHED
    assert await outcomes(story, post) == ["taken_over", "accepted", "published"]
    assert (len(await shown(sandbox, ChannelName.WECHAT)), await calls(sandbox, SUBMIT)) == (1, 1)
    assert await counted(story) == 1


@pytest.mark.parametrize(
    ("channel", "path"), [(ChannelName.WECHAT, SUBMIT), (ChannelName.WEIBO, SHARE)], ids=["wechat", "weibo"]
)
async def test_what_a_worker_was_releasing_when_it_died_is_looked_for_and_not_sent_again(
    story: OfficeStory, sandbox: Platform, channel: ChannelName, path: str
) -> None:
    account = next(one for one in await story.accounts() if one.channel is channel)
    item = await story.item().planned(account)
    await die_during(sandbox, story.office, path)
    with later(1, after_the_lease=True):
        await sweep(story.office)
        assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(35, after_the_lease=True):
        await sweep(story.office)
        post = await story.post(item)
    assert post.state is PostState.PUBLISHED
    assert await outcomes(story, post) == ["uncertain", "published"]
    assert (await calls(sandbox, path), len(await shown(sandbox, channel))) == (1, 1)
    assert await counted(story) == 1


async def test_a_worker_that_comes_back_after_its_lease_keeps_silent(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await fault(sandbox, DRAFT, "delay", 0.3)
    slow = asyncio.create_task(deliver(story.office, worker="the slow one"))
    await eventually(lambda: is_in(PostState.SENDING, story, item))
    with later(1, after_the_lease=True):
        await sweep(story.office, worker="the quick one")
        await slow
    with later(45, after_the_lease=True):
        await sweep(story.office, worker="the quick one")
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert (await calls(sandbox, SUBMIT), len(await shown(sandbox, ChannelName.WECHAT))) == (1, 1)


async def test_workers_at_the_same_time_send_each_post_once(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    items = [
        await story.item(title=f"第{number}号行政处罚决定公示").planned(wechat, weibo) for number in range(8)
    ]
    took = await asyncio.gather(*(deliver(story.office, worker=f"worker {n}", limit=4) for n in range(4)))
    # Each has its share of what goes out side by side; Weibo takes one at a time.
    assert 8 <= sum(took) <= 12
    while await deliver(story.office):
        pass
    with later(5):
        await sweep(story.office)
    for channel, name in ((ChannelName.WECHAT, "title"), (ChannelName.WEIBO, "text")):
        shown_there = [one[name] for one in await shown(sandbox, channel)]
        assert len(shown_there) == len(set(shown_there)) == len(items)
    assert await counted(story) == 2 * len(items)


async def test_a_cancelled_post_is_not_sent(story: OfficeStory, sandbox: Platform, weibo: Account) -> None:
    item = await story.item().planned(weibo)
    async with story.office.db.begin() as session:
        await cancel_post(session, (await story.post(item)).id, await story.person("publisher"))
    assert await deliver(story.office) == 0
    assert (await shown(sandbox, ChannelName.WEIBO), await counted(story)) == ([], 0)


async def test_cancelled_while_being_taken_either_it_goes_out_or_it_does_not(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    publisher = await story.person("publisher")
    post = await story.post(item)

    async def cancel() -> bool:
        try:
            async with story.office.db.begin() as session:
                await cancel_post(session, post.id, publisher)
        except (NotPossible, Problem):
            return False
        return True

    was_cancelled, _ = await asyncio.gather(cancel(), deliver(story.office))
    statuses = await shown(sandbox, ChannelName.WEIBO)
    assert (await story.post(item)).state is (PostState.CANCELLED if was_cancelled else PostState.PUBLISHED)
    assert len(statuses) == await counted(story) == (0 if was_cancelled else 1)


async def test_resolved_as_not_published_it_is_sent_again_from_the_start(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_delay_s": 86_400})
    await deliver(story.office)
    with later(1801):
        await sweep(story.office)
        await sweep(story.office)
    post = await story.post(item)
    await sandbox.control("settings", {"publish_delay_s": 0})
    async with story.office.db.begin() as session:
        publisher = await story.person("publisher")
        await resolve_post(session, post.id, publisher, Outcome.NOT_PUBLISHED, story.office.settings.zone)
    await deliver(story.office)
    with later(5):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert await calls(sandbox, DRAFT) == await calls(sandbox, SUBMIT) == 2
    assert await counted(story) == 1
