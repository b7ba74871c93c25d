"""What followers write and do: kept once before it is acknowledged, handled once, whatever order it comes in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text
from structlog.testing import capture_logs

from outreach.channels.follower_protocol import Answer, NewsAnswer, TextAnswer
from outreach.followers.conversations import service as conversations
from outreach.followers.conversations.model import Message, MessageState, Reply, ReplyState
from outreach.followers.conversations.rules import LEASE, MOST_TRIES
from outreach.foundation import clock
from outreach.office.handle_message import handle_waiting
from outreach.office.send_replies import send_due
from tests.followers.conftest import Street
from tests.waiting import eventually

ON_SQLITE = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
SEND = "/cgi-bin/message/custom/send"


async def messages(street: Street) -> list[Message]:
    async with street.office.db.read() as session:
        return list(await session.scalars(select(Message).order_by(Message.id)))


async def replies(street: Street) -> list[Reply]:
    async with street.office.db.read() as session:
        return list(await session.scalars(select(Reply).order_by(Reply.id)))


async def wrote(street: Street) -> None:
    """Somebody wrote; what they are answered is the test's own to say."""
    await street.tell("text", content="空气质量")
    await handle_waiting(street.office, worker="a worker", limit=50)
    async with street.office.db.begin() as session:
        await session.execute(delete(Reply))


async def plan(street: Street, *answers: Answer) -> None:
    """The last message is to be answered so."""
    async with street.office.db.begin() as session:
        last = (await session.scalars(select(Message).order_by(Message.id.desc()).limit(1))).one()
        await conversations.plan_replies(session, last, answers)


@ON_SQLITE
async def test_whoever_follows_and_leaves_is_known_and_no_openid_is_logged(street: Street) -> None:
    with capture_logs() as logs:
        assert (await street.tell("subscribe"))["delivered"]
        await street.work()
    (follower,) = await street.followers()
    assert follower.subscribed and follower.subscribed_at and not follower.unsubscribed_at
    await street.tell("unsubscribe", CreateTime=int(clock.now().timestamp()) + 5)
    await street.work()
    (left,) = await street.followers()
    assert (left.id, left.subscribed, bool(left.unsubscribed_at)) == (follower.id, False, True)
    assert [kept.sealed for kept in await messages(street)] == [None, None]
    assert logs and follower.openid not in str(logs)


async def test_events_may_come_in_any_order(street: Street) -> None:
    now = int(clock.now().timestamp())
    for kind, at in (("unsubscribe", 30), ("subscribe", 10), ("CLICK", 20)):
        await street.tell(kind, CreateTime=now + at, EventKey="k")
    await street.work()
    (gone,) = await street.followers()
    assert (gone.subscribed, gone.unsubscribed_at) == (False, datetime.fromtimestamp(now + 30, UTC))
    await street.tell("subscribe", CreateTime=now + 40)
    await street.tell("unsubscribe", CreateTime=now + 15)
    await street.work()
    (back,) = await street.followers()
    assert (back.subscribed, back.subscribed_at) == (True, datetime.fromtimestamp(now + 40, UTC))


async def test_a_message_that_comes_again_and_at_once_is_one(street: Street) -> None:
    told = await asyncio.gather(*(street.tell("text", content="你好", MsgId=7) for _ in range(6)))
    assert all(one["delivered"] for one in told)
    await street.tell("text", content="你好", MsgId=8)
    assert [kept.state for kept in await messages(street)] == [MessageState.WAITING] * 2
    await street.work()
    assert [kept.state for kept in await messages(street)] == [MessageState.HANDLED] * 2
    (follower,) = await street.followers()
    assert follower.spoke_at is not None
    async with street.office.db.read() as session:
        stored = (await session.execute(text("SELECT sealed FROM message"))).scalars().all()
    assert not [one for one in stored if "你好" in str(one) or follower.openid in str(one)]


@ON_SQLITE
async def test_an_event_that_nobody_knows_is_kept_as_it_came(street: Street) -> None:
    await street.tell("made_up_event", EventKey="秘方")
    await street.work()
    (kept,) = await messages(street)
    assert (kept.kind, kept.state, kept.follower_id) == ("made_up_event", MessageState.HANDLED, None)
    assert "秘方" in street.office.sealer.open(str(kept.sealed))["xml"]


async def test_many_at_work_handle_each_message_once_and_one_that_dies_is_followed(street: Street) -> None:
    for number in range(8):
        await street.tell("text", content="你好", MsgId=number, openid=f"reader-{number}")
    async with street.office.db.begin() as session:
        dead = await conversations.claim_waiting(session, worker="dies", limit=3)
    assert len(dead) == 3
    took = await asyncio.gather(*(handle_waiting(street.office, worker=f"w{n}", limit=5) for n in range(3)))
    assert sum(took) == 5
    assert await handle_waiting(street.office, worker="w", limit=50) == 0
    with clock.at(clock.now() + LEASE + timedelta(seconds=1), running=True):
        assert await handle_waiting(street.office, worker="w", limit=50) == 3
        async with street.office.db.begin() as session:
            assert await conversations.finish(session, dead) == []
    assert len(await street.followers()) == 8


@ON_SQLITE
async def test_a_message_that_can_not_be_handled_hinders_no_other_and_is_given_up(street: Street) -> None:
    await street.tell("text", content="你好", MsgId=1, openid="o-one")
    await street.tell("text", content="你好", MsgId=2, openid="o-other")
    async with street.office.db.begin() as session:
        await session.execute(
            text("UPDATE message SET sealed = 'no seal' WHERE id = (SELECT min(id) FROM message)")
        )
    with capture_logs() as logs:
        await street.work()
        assert [kept.state for kept in await messages(street)] == [MessageState.WAITING, MessageState.HANDLED]
        for number in range(MOST_TRIES):
            with clock.at(clock.now() + timedelta(minutes=number + 1)):
                await street.work()
    assert [line["event"] for line in logs].count("message_failed") == MOST_TRIES
    assert (await messages(street))[0].state is MessageState.FAILED


@ON_SQLITE
async def test_an_answer_is_sent_once(street: Street) -> None:
    await wrote(street)
    await plan(street, TextAnswer("集宁区：优"), NewsAnswer("空气质量", "日报", "http://127.0.0.1/p/1"))
    await asyncio.gather(*(send_due(street.office, worker=f"w{n}") for n in range(3)))
    await street.work()
    said = [message["content"] for message in await street.heard()]
    assert [one["msgtype"] for one in said] == ["text", "news"]
    assert [reply.state for reply in await replies(street)] == [ReplyState.SENT] * 2


@pytest.mark.parametrize(
    ("fault", "state", "arrived"),
    [
        ({"action": "drop_after"}, ReplyState.UNCERTAIN, 1),
        ({"action": "drop_before"}, ReplyState.UNCERTAIN, 0),
        ({"action": "errcode", "value": -1}, ReplyState.UNCERTAIN, 0),
        ({"action": "errcode", "value": 45015}, ReplyState.FAILED, 0),
        ({"action": "errcode", "value": 45011}, ReplyState.PLANNED, 0),
    ],
)
@ON_SQLITE
async def test_an_answer_whose_fate_is_unclear_is_never_sent_again(
    street: Street, fault: dict[str, object], state: ReplyState, arrived: int
) -> None:
    await wrote(street)
    await plan(street, TextAnswer("集宁区：优"))
    await street.sandbox.control("faults", {"path": SEND, "times": 1, **fault})
    await street.work()
    (reply,) = await replies(street)
    assert (reply.state, bool(reply.problem_message)) == (state, True)
    assert len(await street.heard()) == arrived
    with clock.at(clock.now() + timedelta(minutes=2), running=True):
        await street.work()
    assert len(await street.heard()) == arrived + (state is ReplyState.PLANNED)


@ON_SQLITE
async def test_an_answer_that_a_dead_worker_was_sending_is_not_sent_again(street: Street) -> None:
    await wrote(street)
    await plan(street, TextAnswer("集宁区：优"))
    await street.sandbox.control("faults", {"path": SEND, "action": "delay", "value": 60, "times": 1})
    sending = asyncio.create_task(send_due(street.office, worker="dies"))
    await eventually(street.heard)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1), running=True):
        await street.work()
    (reply,) = await replies(street)
    assert reply.state is ReplyState.UNCERTAIN
    assert len(await street.heard()) == 1


@ON_SQLITE
async def test_who_takes_back_what_they_allowed_is_erased(street: Street) -> None:
    await street.tell("text", content="你好", openid="o-1")
    await street.tell("text", content="你好", openid="o-2", MsgId=2)
    await street.work()
    await street.tell("user_authorization_revoke", openid="o-other", OpenID="o-1")
    await street.work()
    assert [one.openid for one in await street.followers()] == ["o-2"]
    assert [kept.kind for kept in await messages(street)] == ["text", "user_authorization_revoke"]
