"""Notices as workers send them: who hears, once, and what becomes of each recipient."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from outreach.channels import budgets
from outreach.channels.budget_rules import TEMPLATES, Window, end_of
from outreach.channels.protocol import Quota
from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.model import NoticeState
from outreach.followers.notices.queries import is_any_to_finish
from outreach.followers.notices.rules import NoticeAction
from outreach.followers.notices.service import chunks
from outreach.foundation import clock
from outreach.items.model import Kind
from outreach.office.plan_posts import plan_posts
from outreach.office.send_notices import send_due
from outreach.office.start_notices import start_due
from tests.builders import OfficeStory, publish
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import calls, later
from tests.workers.subscribers import CUSTOMER, TEMPLATE, Subscribers

NOON = datetime(2026, 12, 1, 12, tzinfo=clock.SHANGHAI)


async def fault(sandbox: Platform, path: str, action: str, times: int, value: float | None = None) -> None:
    await sandbox.control("faults", {"path": path, "action": action, "value": value, "times": times})


async def die_while_sending(subscribers: Subscribers, path: str) -> None:
    """A worker has sent what it began and dies before it hears an answer."""
    await fault(subscribers.sandbox, path, "delay", 100, 1.0)
    working = asyncio.create_task(subscribers.work(worker="the worker that dies"))
    told = len(await subscribers.told())

    async def all_are_told() -> bool:
        return len(await subscribers.told()) - told == (await subscribers.notices())[-1].audience > 0

    await eventually(all_are_told)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await fault(subscribers.sandbox, path, "delay", 0)
    await eventually(lambda: _answered(subscribers, path))


async def _answered(subscribers: Subscribers, path: str) -> bool:
    """The sandbox writes a call down when it has answered."""
    return await calls(subscribers.sandbox, path) == len(await subscribers.told())


async def ends(subscribers: Subscribers) -> dict[RecipientState, int]:
    """What became of the recipients of the first notice, which is done."""
    notice = (await subscribers.notices())[0]
    assert notice.state is NoticeState.DONE
    return await subscribers.states(notice)


async def test_a_publication_is_told_once_to_each_who_subscribed(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    every, county = await subscribers.topic(), await subscribers.topic(county="集宁区")
    await subscribers.template()
    both = await subscribers.join(3, every, county)
    await subscribers.join(2, county)
    await subscribers.join(1, every, consented_at=None)
    weibo = (await story.accounts())[1]
    item = await story.item(title="关于某公司行政处罚决定").published(subscribers.account, weibo)
    (notice,) = await subscribers.notices()
    await subscribers.work()
    told = await subscribers.told()
    assert sorted(one["openid"] for one in told) == sorted(both)
    assert {one["client_msg_id"] for one in told} == {notice.id}
    assert told[0]["content"]["data"]["thing1"] == {"value": "关于某公司行政处罚决定"}
    assert told[0]["content"]["url"].endswith(f"/p/{item.public_id}")
    (notice,) = await subscribers.notices()
    assert (notice.state, notice.audience) == (NoticeState.DONE, 3)
    assert await subscribers.states(notice) == {RecipientState.SENT: 3}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_second_post_and_a_correction_tell_nobody_again(
    story: OfficeStory, subscribers: Subscribers
) -> None:
    await subscribers.topic()
    wechat, weibo, _ = await story.accounts()
    item = await story.item(title="先在公众号上发布").published(wechat)
    publisher = await story.person("publisher")
    await plan_posts(story.office, item.id, publisher, [weibo.id], None)
    for post in await story.posts(item):
        if post.state == "planned":
            await publish(story.office, post.id)
    await story.item(title="更正一处数字", corrects=item.id).published(wechat)
    assert [one.event for one in await subscribers.notices()] == [f"item:{item.id}"]


async def test_what_a_dead_worker_had_begun_is_begun_again_under_the_same_id(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    openids = await subscribers.join(5, topic)
    await story.item().published(subscribers.account)
    await die_while_sending(subscribers, TEMPLATE)
    await subscribers.work(worker="another worker")
    assert await calls(sandbox, TEMPLATE) == 5  # the lease has not run out
    with later(after_the_lease=True):
        await subscribers.work(worker="another worker")
    told = await subscribers.told()
    assert sorted(one["openid"] for one in told) == sorted(openids)
    assert await calls(sandbox, TEMPLATE) == 10
    assert await ends(subscribers) == {RecipientState.SENT: 5}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_after_ten_minutes_nobody_is_told_again(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(2, topic)
    await story.item().published(subscribers.account)
    await die_while_sending(subscribers, TEMPLATE)
    with later(600):
        await subscribers.work()
    assert await calls(sandbox, TEMPLATE) == 2
    assert await ends(subscribers) == {RecipientState.UNCERTAIN: 2}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["the quota is spent", "it is paused"])
async def test_whom_a_dead_worker_may_have_told_is_not_told_again_when_it_goes_on_late(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers, how: str
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(50, topic)
    await story.item().published(subscribers.account)
    await die_while_sending(subscribers, TEMPLATE)
    with later(after_the_lease=True):
        if how == "it is paused":
            await subscribers.act(NoticeAction.PAUSE)
        else:
            await fault(sandbox, TEMPLATE, "errcode", 200, 45009)
        await subscribers.work(worker="another worker")
    await fault(sandbox, TEMPLATE, "errcode", 0)
    before = await calls(sandbox, TEMPLATE)
    with later(2 * 24 * 3600):
        if how == "it is paused":
            await subscribers.act(NoticeAction.RESUME)
        await subscribers.work()
    assert await calls(sandbox, TEMPLATE) == before
    assert len(await subscribers.told()) == 50
    assert await ends(subscribers) == {RecipientState.UNCERTAIN: 50}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_lost_answer_is_asked_again_only_where_the_platform_takes_an_id(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(3, topic)
    await story.item().published(subscribers.account)
    await fault(sandbox, TEMPLATE, "drop_after", 2)
    await subscribers.work()
    (notice,) = await subscribers.notices()
    assert await subscribers.states(notice) == {RecipientState.SENT: 1, RecipientState.QUEUED: 2}
    with later(20):
        await subscribers.work()
    assert len(await subscribers.told()) == 3
    assert await ends(subscribers) == {RecipientState.SENT: 3}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_lost_customer_message_stays_uncertain_and_is_never_sent_again(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    openids = await subscribers.join(2, topic, spoke_at=clock.now())
    await subscribers.join(1, topic, spoke_at=clock.now() - timedelta(hours=49))
    for openid in openids:
        await sandbox.text_from(openid)
    await story.item(title="只用客服消息").published(subscribers.account)
    await fault(sandbox, CUSTOMER, "drop_after", 1)
    await subscribers.work()
    with later(600):
        await subscribers.work()
    assert await calls(sandbox, CUSTOMER) == 2
    assert await ends(subscribers) == {RecipientState.SENT: 1, RecipientState.UNCERTAIN: 1}
    (notice,) = await subscribers.notices()
    assert (notice.audience, notice.without_call) == (2, 1)
    assert "行政处罚公开：只用客服消息" in (await subscribers.told())[0]["content"]["text"]["content"]


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_consent_is_used_up_and_a_refusal_is_learnt(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic(Kind.EVENT)
    template_id = await subscribers.notice_template("event", "2003", 1, 2, 3)
    agreed, refused = await subscribers.join(2, topic)
    await subscribers.allows(agreed, template_id, platform=True)
    await subscribers.allows(refused, template_id, platform=False)
    await story.item("event").published(subscribers.account)
    await subscribers.work()
    assert [one["openid"] for one in await subscribers.told()] == [agreed]
    assert await ends(subscribers) == {RecipientState.SENT: 1, RecipientState.REFUSED: 1}
    assert await subscribers.consents() == {agreed: 0, refused: 0}
    await story.item("event", title="又一场活动").published(subscribers.account)
    await subscribers.work()
    assert (await subscribers.notices())[-1].without_call == 2


async def test_a_spent_quota_suspends_until_the_window_opens(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    openids = await subscribers.join(5, topic)
    await story.item().published(subscribers.account)
    await sandbox.limit(**{TEMPLATE: 3})
    await subscribers.work()
    (notice,) = await subscribers.notices()
    assert notice.state is NoticeState.RUNNING
    assert abs(notice.due_at - end_of(Window.DAY, clock.now())) < timedelta(seconds=1)
    assert "今天的接口调用次数已用完" in (notice.wait_reason or "")
    assert await subscribers.states(notice) == {RecipientState.SENT: 3, RecipientState.QUEUED: 2}
    await sandbox.limit(**{TEMPLATE: 100})
    with clock.at(notice.due_at, running=True):
        await subscribers.work()
    assert sorted(one["openid"] for one in await subscribers.told()) == sorted(openids)
    assert await ends(subscribers) == {RecipientState.SENT: 5}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_no_call_is_made_that_our_own_count_says_is_one_too_many(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(5, topic)
    async with story.office.db.begin() as session:
        await budgets.learn(session, subscribers.account.id, {TEMPLATES: Quota(100_000, 99_998)})
    await story.item().published(subscribers.account)
    await subscribers.work()
    assert await calls(sandbox, TEMPLATE) == 2
    (notice,) = await subscribers.notices()
    assert "“发模板消息”的次数已用完" in (notice.wait_reason or "")


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_who_left_is_learnt_and_told_nothing_more(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    gone, stays = await subscribers.join(2, topic)
    await sandbox.control("events", {"type": "unsubscribe", "openid": gone})
    await story.item().published(subscribers.account)
    await subscribers.work()
    assert await ends(subscribers) == {RecipientState.SENT: 1, RecipientState.UNREACHABLE: 1}
    await story.item(title="第二条").published(subscribers.account)
    await subscribers.work()
    assert (await subscribers.notices())[-1].audience == 1
    assert {one["openid"] for one in await subscribers.told()} == {stays}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_what_only_a_person_can_mend_pauses_and_goes_on_afterwards(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(3, topic)
    await story.item().published(subscribers.account)
    await fault(sandbox, TEMPLATE, "errcode", 3, 43116)
    await subscribers.work()
    (notice,) = await subscribers.notices()
    assert notice.state is NoticeState.PAUSED
    assert "43116" in (notice.stopped_because or "")
    assert await subscribers.states(notice) == {RecipientState.QUEUED: 3}
    await subscribers.act(NoticeAction.RESUME)
    await subscribers.work()
    assert await ends(subscribers) == {RecipientState.SENT: 3}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_platform_that_is_away_is_waited_for(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(3, topic)
    await story.item().published(subscribers.account)
    await subscribers.work_without_platform()
    (notice,) = await subscribers.notices()
    assert (notice.state, notice.tries) == (NoticeState.RUNNING, 1)
    assert "无法连接到平台" in (notice.wait_reason or "")
    with later(6):
        await subscribers.work()
    assert await ends(subscribers) == {RecipientState.SENT: 3}


async def test_a_worker_that_dies_when_all_are_told_leaves_no_notice_running(
    story: OfficeStory, subscribers: Subscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last outcome is stored, and nobody waits any more; the next sweep wakes somebody who says so."""
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(3, topic)
    await story.item().published(subscribers.account)

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "release", dies)
        await start_due(story.office)
        await send_due(story.office, worker="it dies", stop=asyncio.Event(), most_s=0.01)
    (notice,) = await subscribers.notices()
    assert notice.state is NoticeState.RUNNING
    async with story.office.db.read() as session:
        assert await is_any_to_finish(session)
    await subscribers.work()
    assert await ends(subscribers) == {RecipientState.SENT: 3}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_cancelled_notice_tells_nobody_more(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(3, topic)
    await story.item().published(subscribers.account)
    await fault(sandbox, TEMPLATE, "errcode", 3, 45011)
    await subscribers.work()
    await subscribers.act(NoticeAction.CANCEL)
    with later(120):
        await subscribers.work()
    assert await subscribers.told() == []
    (notice,) = await subscribers.notices()
    assert notice.state is NoticeState.CANCELLED


async def test_what_wechat_tells_later_closes_the_loop_also_of_a_lost_answer(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    openids = await subscribers.join(4, topic)
    await story.item().published(subscribers.account)
    await fault(sandbox, TEMPLATE, "drop_after", 1)
    await subscribers.work()
    told = {one["openid"]: one["id"] for one in await subscribers.told()}
    statuses = ("success", "failed:user block", "failed: system failed", "success")
    for _ in range(2):  # the same again changes nothing
        await subscribers.hear(dict(zip(openids, statuses, strict=True)), told)
    assert await subscribers.work() is None
    assert await calls(sandbox, TEMPLATE) == 4  # whose answer was lost is known to have been told
    (notice,) = await subscribers.notices()
    assert notice.state is NoticeState.DONE
    assert await subscribers.states(notice) == {
        RecipientState.DELIVERED: 2,
        RecipientState.REFUSED: 1,
        RecipientState.UNREACHABLE: 1,
    }
