"""Where the answer to a release was lost, the platform is looked at before anything is sent again."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Status
from outreach.items.model import Item
from outreach.office import leases
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.channels.office import Delivery
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import (
    DRAFT,
    SHARE,
    SUBMIT,
    TIMELINE,
    calls,
    counted,
    deliver,
    fault,
    is_in,
    later,
    outcomes,
    shown,
    sweep,
)


@pytest.mark.parametrize(
    ("channel", "path"), [(ChannelName.WECHAT, SUBMIT), (ChannelName.WEIBO, SHARE)], ids=["wechat", "weibo"]
)
@pytest.mark.parametrize(("action", "tries"), [("drop_after", 1), ("drop_before", 2), ("http", 2)])
async def test_after_a_lost_answer_the_platform_is_looked_at_and_only_what_is_not_there_is_sent_again(
    story: OfficeStory, sandbox: Platform, channel: ChannelName, path: str, action: str, tries: int
) -> None:
    account = next(one for one in await story.accounts() if one.channel is channel)
    item = await story.item().planned(account)
    await fault(sandbox, path, action, 502)
    await deliver(story.office)
    assert (await story.post(item)).state is PostState.UNCERTAIN
    await sweep(story.office)
    assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(31):
        await sweep(story.office)
    with later(45):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, bool(post.url), post.problem_message) == (PostState.PUBLISHED, True, None)
    assert await calls(sandbox, path) == tries
    assert len(await shown(sandbox, channel)) == await counted(story) == 1


async def test_what_is_published_but_hidden_behind_five_others_is_left_to_a_person(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    await fault(sandbox, SHARE, "drop_after")
    await deliver(story.office)
    channel = await story.office.channels.of(weibo)
    for number in range(5):
        await channel.publish(
            Status(f"工作人员手工发的第{number}条 http://127.0.0.1:8080/p/x", None), Delivery()
        )
    with later(31):
        await sweep(story.office)
    post = await story.post(item)
    assert post.state is PostState.NEEDS_PERSON
    assert "最近五条" in (post.problem_message or "")
    assert (await calls(sandbox, SHARE), await counted(story)) == (6, 0)


async def test_five_that_went_out_right_before_hide_nothing(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    for number in range(5):
        await story.item(title=f"第{number}号行政处罚决定公示").planned(weibo)
        await deliver(story.office)
    item = await story.item(title="没有答复的一条").planned(weibo)
    await fault(sandbox, SHARE, "drop_before")
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, await calls(sandbox, SHARE)) == (PostState.PUBLISHED, 7)
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == 6


async def test_another_post_of_the_same_words_is_not_taken_for_the_lost_one(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    twins = [await story.item(title="同名公示", body="同样的正文。").planned(weibo) for _ in range(2)]
    await deliver(story.office)
    await fault(sandbox, SHARE, "drop_before")
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
    with later(45):
        await sweep(story.office)
    first, second = [await story.post(item) for item in twins]
    assert {first.state, second.state} == {PostState.PUBLISHED}
    assert first.platform_id != second.platform_id
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == 2


async def test_while_an_outcome_is_open_the_account_sends_nothing_else_to_weibo(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    lost = await story.item(title="没有答复的一条").planned(weibo)
    await fault(sandbox, SHARE, "drop_after")
    await deliver(story.office)
    waits = await story.item(title="等着的一条").planned(weibo)
    assert await deliver(story.office) == 0
    assert (await story.post(waits)).state is PostState.PLANNED
    with later(31):
        await sweep(story.office)
    assert [(await story.post(item)).state for item in (lost, waits)] == [PostState.PUBLISHED] * 2


async def test_a_lost_answer_is_looked_for_until_the_platform_can_be_asked(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    await fault(sandbox, SHARE, "drop_after")
    await deliver(story.office)
    await fault(sandbox, TIMELINE, "http", 502)
    with later(31):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(60):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert (await calls(sandbox, SHARE), await counted(story)) == (1, 1)


async def test_a_publication_without_result_is_left_to_a_person_after_half_an_hour(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_delay_s": 86_400})
    await deliver(story.office)
    with later(60):
        await sweep(story.office)
        assert (await story.post(item)).state is PostState.ACCEPTED
    with later(1801):
        await sweep(story.office)
        await sweep(story.office)
    post = await story.post(item)
    assert post.state is PostState.NEEDS_PERSON
    assert "一直没有给出结果" in (post.problem_message or "")
    assert await calls(sandbox, SUBMIT) == 1


async def test_a_lost_submit_whose_article_never_appears_is_left_to_a_person(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_delay_s": 86_400})
    await fault(sandbox, SUBMIT, "drop_after")
    await deliver(story.office)
    with later(60):
        await sweep(story.office)
        assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(1801):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.NEEDS_PERSON
    assert await calls(sandbox, SUBMIT) == 1


async def test_a_lost_submit_that_the_platform_refused_fails_with_its_reason(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_status": 4})
    await fault(sandbox, SUBMIT, "drop_after")
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
    with later(45):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, "审核" in (post.problem_message or "")) == (PostState.FAILED, True)
    assert await outcomes(story, post) == ["uncertain", "not_there", "accepted", "failed"]
    assert (await calls(sandbox, DRAFT), await counted(story)) == (1, 0)


async def test_a_slow_platform_does_not_cost_the_worker_its_lease(
    story: OfficeStory, sandbox: Platform, weibo: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_RENEW_AFTER_S", 0.05)
    item = await story.item().planned(weibo)
    await fault(sandbox, SHARE, "delay", 1.0)
    slow = asyncio.create_task(deliver(story.office))
    await eventually(lambda: is_in(PostState.SENDING, story, item))
    claimed_until = (await story.post(item)).lease_until
    await eventually(lambda: is_renewed(story, item, claimed_until))
    await slow
    assert (await story.post(item)).state is PostState.PUBLISHED


async def is_renewed(story: OfficeStory, item: Item, before: datetime | None) -> bool:
    until = (await story.post(item)).lease_until
    return until is not None and before is not None and until > before
