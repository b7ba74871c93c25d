"""The list of followers is fetched from WeChat step by step, and who left long ago is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import ColumnElement, func, select, update

from outreach.followers.conversations.model import Message
from outreach.followers.model import Follower
from outreach.followers.queries import count_following, syncs
from outreach.followers.syncing import service as syncing
from outreach.followers.syncing.model import FollowerSync, SyncState
from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE
from outreach.office.forget_followers import forget
from outreach.office.sync_followers import begin_sync, take_step
from outreach.people.model import Role
from outreach.web.app import create_app
from tests.builders import OfficeStory
from tests.followers.conftest import Street
from tests.web.conftest import PASSWORD, QUICK, Browser
from tests.workers.desk import calls

ON_SQLITE = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
LIST, DETAILS = "/cgi-bin/user/get", "/cgi-bin/user/info/batchget"


async def begin(street: Street) -> None:
    async with street.office.db.begin() as session:
        await begin_sync(session, COMMAND_LINE, street.account.id)


async def steps(street: Street, most: int = 1000) -> FollowerSync:
    """Takes steps until none is due; how the synchronisation then stands."""
    for _ in range(most):
        if not await take_step(street.office, worker="a worker"):
            break
    return await stands(street)


async def stands(street: Street) -> FollowerSync:
    async with street.office.db.read() as session:
        return (await syncs(session))[street.account.id]


async def count(street: Street, *where: ColumnElement[bool]) -> int:
    async with street.office.db.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Follower).where(*where)) or 0)


async def know_since_when(street: Street, number: int) -> None:
    """Of so many it was known already since when they follow."""
    async with street.office.db.begin() as session:
        known = select(Follower.id).where(Follower.subscribed).order_by(Follower.id).limit(number)
        await session.execute(
            update(Follower).where(Follower.id.in_(known)).values(subscribed_at=clock.now())
        )


@ON_SQLITE
async def test_a_long_list_is_fetched_although_its_worker_dies(street: Street) -> None:
    await street.tell("subscribe", openid="o-left-in-secret")
    await street.work()
    await street.sandbox.control("followers", {"count": 10_150})
    await street.tell("unsubscribe", openid="o-left-in-secret")
    async with street.office.db.begin() as session:
        await session.execute(Message.__table__.delete().where(Message.kind == "unsubscribe"))
    with clock.at(clock.now() + timedelta(seconds=2), running=True):
        await begin(street)
        assert (await steps(street, 1)).listed == 10_000
        async with street.office.db.begin() as session:
            assert await syncing.claim_step(session, worker="dies")
    with clock.at(clock.now() + syncing.LEASE + timedelta(seconds=3), running=True):
        assert (await steps(street, 1)).is_listed
        await know_since_when(street, 9_900)
        done = await steps(street)
    assert (done.state, done.listed, done.detailed) == (SyncState.DONE, 10_150, 250)
    assert await count(street, Follower.subscribed, Follower.subscribed_at.is_not(None)) == 10_150
    assert await count(street, ~Follower.subscribed, Follower.unsubscribed_at == done.begun_at) == 1
    assert (await calls(street.sandbox, LIST), await calls(street.sandbox, DETAILS)) == (2, 3)


async def test_what_is_known_to_have_happened_since_the_list_was_asked_for_holds(street: Street) -> None:
    await street.sandbox.control("followers", {"count": 3})
    await begin(street)
    async with street.office.db.begin() as session:
        step = await syncing.claim_step(session, worker="slow")
        assert step is not None and await syncing.claim_step(session, worker="other") is None
    channel = await street.office.channels.followers_of(street.account)
    page = await channel.list_followers(None)
    later = int(clock.now().timestamp()) + 1
    await street.tell("unsubscribe", openid=page.openids[0], CreateTime=later)
    await street.tell("subscribe", openid="o-new", CreateTime=later)
    await street.work()
    async with street.office.db.begin() as session:
        assert await syncing.keep_page(session, step, page)
    assert (await steps(street)).state is SyncState.DONE
    async with street.office.db.read() as session:
        following = (await count_following(session))[street.account.id]
    assert (following.follow, following.left) == (3, 1)


@ON_SQLITE
async def test_a_spent_budget_is_waited_for_and_a_refusal_ends_it(street: Street) -> None:
    await street.sandbox.control("followers", {"count": 3})
    await begin(street)
    await street.sandbox.control("faults", {"path": LIST, "action": "errcode", "value": 45009, "times": 1})
    waits = await steps(street)
    assert waits.state is SyncState.RUNNING and "次日" in (waits.problem or "")
    assert await calls(street.sandbox, LIST) == 1
    async with street.office.db.begin() as session:
        await syncing.stop(session, COMMAND_LINE, street.account.id)
    await street.sandbox.control("faults", {"path": LIST, "action": "errcode", "value": 48001, "times": 1})
    await begin(street)
    failed = await steps(street)
    assert failed.state is SyncState.FAILED and "48001" in (failed.problem or "")
    await begin(street)
    assert (await steps(street)).state is SyncState.DONE


@ON_SQLITE
async def test_who_left_long_ago_is_forgotten_with_their_words(street: Street) -> None:
    now = int(clock.now().timestamp())
    for number, left_days in enumerate((40, 10)):
        openid, left = f"o-{number}", now - left_days * 86_400
        await street.tell("text", content="再见", MsgId=number, openid=openid, CreateTime=left - 60)
        await street.tell("unsubscribe", openid=openid, CreateTime=left)
    await street.tell("text", content="你好", MsgId=9, openid="o-stays")
    await street.work()
    assert await forget(street.office) == 1
    assert [one.openid for one in await street.followers()] == ["o-1", "o-stays"]
    with clock.at(clock.now() + timedelta(days=181)):
        await forget(street.office)
        assert await forget(street.office) == 0
    async with street.office.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0
    assert [one.openid for one in await street.followers()] == ["o-stays"]


@ON_SQLITE
async def test_the_page_tells_counts_and_progress_and_never_who(street: Street, story: OfficeStory) -> None:
    await street.sandbox.control("followers", {"count": 4})
    await story.person(Role.PUBLISHER)
    await story.person(Role.EDITOR)
    sync = f"/followers/{street.account.id}/sync"
    async with TestClient(TestServer(create_app(street.office, passwords=QUICK))) as client:
        publisher = Browser(client)
        await publisher.get("/login")
        await publisher.sign_in("publisher", PASSWORD)
        await publisher.get("/followers")
        assert "第 1 步" in (await publisher.post(sync)).text
        assert (await publisher.post(sync)).status == 409
        await asyncio.gather(*(take_step(street.office, worker=f"w{n}") for n in range(2)))
        await steps(street)
        done = (await publisher.get("/followers")).text
        assert "4 人" in done and "名单上有 4 人" in done
        assert (await street.followers())[0].openid not in done
        await publisher.post(sync)
        assert "停止" in (await publisher.post(f"{sync}/stop")).text
    async with TestClient(TestServer(create_app(street.office, passwords=QUICK))) as client:
        editor = Browser(client)
        await editor.get("/login")
        await editor.sign_in("editor", PASSWORD)
        page = await editor.get("/followers")
        assert "4 人" in page.text and "/sync" not in page.text
        assert (await editor.post(sync)).status == 403
