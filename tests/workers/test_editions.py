"""Editions on their way: pushed once whatever happens, each article counted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.channels import budgets
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.service import resume_account
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotPossible
from outreach.items.model import ItemState
from outreach.office.compose_edition import (
    compose_edition,
    create_edition,
)
from outreach.office.context import open_office
from outreach.office.plan_posts import plan_posts
from outreach.office.push_edition import push_due
from outreach.office.resolve_post import cancel_post
from outreach.publishing.editions.model import EditionState
from outreach.publishing.editions.queries import standings_of
from outreach.publishing.model import PostState
from tests.conftest import settings_for
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import calls, deliver, later
from tests.workers.edition_desk import DRAFT_ADD, SENDALL, EditionDesk, on_sqlite


async def test_an_edition_is_pushed_once_and_each_of_its_articles_counts_one(desk: EditionDesk) -> None:
    await desk.planned("头条公示", "第二条公示", "第三条公示")
    assert await desk.push() == 1
    edition = await desk.fresh()
    assert (edition.state, edition.msg_id is not None) == (EditionState.ACCEPTED, True)
    assert {post.state for post in await desk.posts()} == {PostState.ACCEPTED}
    (push,) = await desk.pushes()
    assert [one["title"] for one in push["articles"]] == ["头条公示", "第二条公示", "第三条公示"]
    assert push["client_msg_id"] == edition.client_msg_id

    said_at = clock.now().replace(microsecond=0)
    urls = {number: one["url"] for number, one in enumerate(push["articles"], start=1)}
    for _ in range(2):
        await desk.event(str(edition.msg_id), urls=urls, at=said_at)
    edition, posts = await desk.fresh(), await desk.posts()
    assert (edition.state, edition.published_at, edition.sent_count) == (EditionState.PUBLISHED, said_at, 3)
    assert [(post.state, post.url, post.published_at) for post in posts] == [
        (PostState.PUBLISHED, urls[number], said_at) for number in (1, 2, 3)
    ]
    assert (await desk.story.fresh(posts[0].item)).state is ItemState.PUBLISHED
    assert await desk.outcomes() == ["accepted", "published"]
    assert await desk.push() == await deliver(desk.office) == 0
    await desk.is_true(pushed=1)


@on_sqlite
async def test_an_account_that_is_paused_keeps_its_edition_until_it_is_resumed(desk: EditionDesk) -> None:
    await desk.planned("头条公示")
    await desk.fault(DRAFT_ADD, "errcode", 48004)
    await desk.push()
    assert (await desk.fresh()).state is EditionState.PLANNED
    assert await desk.push() == 0
    admin = await desk.story.person("admin")
    async with desk.office.db.begin() as session:
        await resume_account(session, admin, await session.get_one(Account, desk.account.id))
    await desk.push()
    assert (await desk.fresh()).state is EditionState.ACCEPTED


@on_sqlite
async def test_a_push_that_was_held_up_for_hours_waits_for_a_person(desk: EditionDesk) -> None:
    await desk.planned("头条公示")
    with later(3 * 3600):
        assert await desk.push() == 1
    edition = await desk.fresh()
    assert (edition.state, edition.problem_code) == (EditionState.FAILED, "missed")
    assert await calls(desk.sandbox, DRAFT_ADD) == 0


STEPS: dict[str, tuple[str, EditionState]] = {
    "while the draft is saved": (DRAFT_ADD, EditionState.PLANNED),
    "while it is pushed": (SENDALL, EditionState.UNCERTAIN),
}


@on_sqlite
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_between_two_steps_leaves_an_edition_that_goes_out_once(
    desk: EditionDesk, step: str
) -> None:
    path, left = STEPS[step]
    await desk.planned("头条公示")
    await desk.fault(path, "delay", 1.5)
    working = asyncio.create_task(desk.push())
    await eventually(lambda: _struck(desk.sandbox))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await eventually(lambda: _called(desk.sandbox, path))
    with later(after_the_lease=True):
        await desk.settle()
        assert (await desk.fresh()).state is left
        await desk.push()
    await desk.sandbox.forward(61)
    with later(200):
        await desk.settle()
    with later(400):
        await desk.settle()
    assert (await desk.fresh()).state is EditionState.PUBLISHED
    await desk.is_true(pushed=1)


@on_sqlite
async def test_an_item_goes_out_once_on_an_account_with_an_edition_or_by_itself(desk: EditionDesk) -> None:
    by = await desk.story.person("publisher")
    alone = await desk.story.item(title="单独发布的公示").planned(desk.account)
    with pytest.raises(NotPossible, match="已在“乌兰察布生态环境”单独发布或安排发布"):
        await create_edition(desk.office, by, desk.account.id, [alone.id])
    await desk.composed("头条公示")
    (post,) = await desk.posts()
    with pytest.raises(NotPossible, match="已编入“乌兰察布生态环境”的推送"):
        await plan_posts(desk.office, post.item_id, by, [desk.account.id], None)
    with pytest.raises(NotPossible, match="另一次推送"):
        await create_edition(desk.office, by, desk.account.id, [post.item_id])
    with pytest.raises(NotPossible, match="请到它所在的推送页面处理"):
        async with desk.office.db.begin() as session:
            await cancel_post(session, post.id, by)
    assert await deliver(desk.office) == 1  # the one that goes by itself
    await compose_edition(desk.office, desk.id, by, [], version=None)
    _, new = await plan_posts(desk.office, post.item_id, by, [desk.account.id], None)
    assert new


@on_sqlite
async def test_a_push_beyond_the_quota_is_refused_with_the_earliest_day(desk: EditionDesk) -> None:
    async with desk.office.db.begin() as session:
        account = await session.get_one(Account, desk.account.id)
        account.type = AccountType.SUBSCRIPTION
    with clock.at(clock.now().replace(year=2027, month=2, day=28, hour=2), running=True):
        await desk.planned("第一次公示", in_s=3600)
        await desk.composed("第二次公示")
        with pytest.raises(InvalidContent, match="在2月28日已有一次。最早可以排在2027年3月1日"):
            await desk.plan(in_s=7200)
        with pytest.raises(InvalidContent, match="发布时间已经过去"):
            await desk.plan(in_s=-1)
        await desk.plan(in_s=24 * 3600)


@on_sqlite
async def test_a_push_waits_where_the_minutes_calls_are_spent_and_is_counted_once(desk: EditionDesk) -> None:
    moment = clock.now().replace(year=2027, month=1, day=31, hour=2, minute=5, second=50)
    with clock.at(moment):
        await desk.planned("头条公示")
        async with desk.office.db.begin() as session:
            spent = Demand(desk.account.id, ChannelName.WECHAT, Use.PUSH, 60)
            assert (await budgets.take(session, [spent]))[0].number == 60
        assert await desk.push() == 1
        waiting = await desk.fresh()
        assert (waiting.state, waiting.release_began_at) == (EditionState.PLANNED, None)
        assert "“群发类接口”的次数已用完（60 次）" in str(waiting.problem_message)
        assert await desk.pushes() == []
    with clock.at(moment + timedelta(seconds=11), running=True):
        assert await desk.push() == 1
        await desk.event(str((await desk.pushes())[0]["id"]))
        await desk.is_true(pushed=1)
        async with desk.office.db.read() as session:
            pushes, *calls = await standings_of(session, desk.account)
    assert (pushes.used, pushes.limit, pushes.renewed_at) == (1, 4, datetime(2027, 1, 31, 16, tzinfo=UTC))
    assert next(one.used for one in calls if one.budget.label == "群发接口") == 61


@on_sqlite
async def test_two_that_are_due_together_go_out_one_after_the_other(desk: EditionDesk) -> None:
    await desk.planned("第一次公示")
    first = desk.id
    await desk.planned("第二次公示")
    await desk.fault(SENDALL, "drop_after")
    assert await desk.push() == 1
    assert await desk.push() == 0
    desk.id = first
    await desk.event(str((await desk.pushes())[0]["id"]))
    assert await desk.push() == 1
    assert len(await desk.pushes()) == 2


async def test_two_workers_take_an_edition_once(desk: EditionDesk, database_url: str, tmp_path: Any) -> None:
    await desk.planned("头条公示")
    other = open_office(settings_for(tmp_path, database_url, wechat_base_url=desk.sandbox.url))
    taken = await asyncio.gather(desk.push(), push_due(other, worker="another worker"))
    await other.close()
    assert sum(taken) == 1
    assert len(await desk.pushes()) == 1


async def _ended(sandbox: Platform, msg_id: str) -> bool:
    return await sandbox.ended(int(msg_id)) == "SEND_SUCCESS"


async def _struck(sandbox: Platform) -> bool:
    return all(fault["left"] == 0 for fault in await sandbox.control("faults"))


async def _called(sandbox: Platform, path: str) -> bool:
    return await calls(sandbox, path) > 0
