"""Limits, stops and outages as workers meet them: what is not possible now is not tried, and waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from outreach.channels import budgets
from outreach.channels.breaker import FAILURES_TO_OPEN, PROBE, breakers
from outreach.channels.budget_rules import CALLS, MOST_KEPT, Use, Window, end_of
from outreach.channels.budgets import Demand
from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office.check_account import check_account
from outreach.office.context import open_office
from outreach.office.read_quotas import read_quotas
from outreach.office.stop_publishing import go_on_publishing, stop_publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of, next_due
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import DRAFT, SHARE, SUBMIT, TIMELINE, calls, deliver, later, shown, sweep

REASON = "舆情处置，暂缓发布。"


async def plan(story: OfficeStory, account: Account, number: int) -> list[Item]:
    return [await story.item(title=f"第{n + 1}号行政处罚决定公示").planned(account) for n in range(number)]


async def posts_of(story: OfficeStory, items: list[Item]) -> list[Post]:
    return [await story.post(item) for item in items]


async def states(story: OfficeStory, items: list[Item]) -> list[PostState]:
    return [post.state for post in await posts_of(story, items)]


async def limit(sandbox: Platform, account: dict[str, Any], **limits: int) -> None:
    known = {name: account[name] for name in ("channel", "appid", "uid") if account.get(name)}
    await sandbox.control("accounts", {**known, "limits": limits})


async def fault(sandbox: Platform, path: str, action: str, times: int, value: float | None = None) -> None:
    await sandbox.control("faults", {"path": path, "action": action, "value": value, "times": times})


async def attempts(story: OfficeStory, items: list[Item]) -> int:
    async with story.office.db.read() as session:
        return sum([len(await attempts_of(session, post)) for post in await posts_of(story, items)])


async def refused_for_its_limit(sandbox: Platform) -> int:
    codes = {45009, 45011, 10022, 10023, 10024}
    return sum(
        any(str(code) in str(call["answer"]) for code in codes) for call in await sandbox.control("requests")
    )


async def test_a_stop_lets_no_release_begin_and_loses_no_draft(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    (item,) = await plan(story, wechat, 1)
    publisher = await story.person("publisher")
    await fault(sandbox, DRAFT, "delay", 1, 1.0)
    delivering = asyncio.create_task(deliver(story.office))
    await eventually(lambda: _was_called(sandbox, DRAFT))
    await stop_publishing(story.office, publisher, REASON, account_id=wechat.id)
    await delivering
    post = await story.post(item)
    assert (post.state, post.media_id is not None, post.release_began_at) == (PostState.PLANNED, True, None)
    waiting = await story.item(title="后来安排的").planned(wechat)
    with later(120):
        await sweep(story.office)
        async with story.office.db.read() as session:
            assert await next_due(session, clock.now(), clock.now()) == []
    assert await states(story, [item, waiting]) == [PostState.PLANNED] * 2
    assert (await calls(sandbox, DRAFT), await calls(sandbox, SUBMIT)) == (1, 0)
    await go_on_publishing(story.office, publisher, account_id=wechat.id)
    await deliver(story.office)
    assert await states(story, [item, waiting]) == [PostState.ACCEPTED] * 2
    assert (await calls(sandbox, DRAFT), await calls(sandbox, SUBMIT)) == (2, 2)


async def _was_called(sandbox: Platform, path: str) -> bool:
    return not any(fault["left"] for fault in await sandbox.control("faults") if fault["path"] == path)


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_while_all_is_stopped_what_had_begun_is_settled_as_ever(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    accepted, lost = await story.item(title="已受理的").planned(wechat), await story.item().planned(weibo)
    await fault(sandbox, SHARE, "drop_after", 1)
    await deliver(story.office)
    admin = await story.person("admin")
    await stop_publishing(story.office, admin, REASON, account_id=None)
    waiting = await story.item(title="后来安排的").planned(wechat, weibo)
    with later(31):
        await sweep(story.office)
    assert await states(story, [accepted, lost]) == [PostState.PUBLISHED] * 2
    assert {post.state for post in await story.posts(waiting)} == {PostState.PLANNED}
    await go_on_publishing(story.office, admin, account_id=None)
    await deliver(story.office)
    assert {post.state for post in await story.posts(waiting)} == {PostState.ACCEPTED, PostState.PUBLISHED}


async def test_what_the_platform_says_is_left_is_all_that_is_used(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    await limit(sandbox, sandbox.wechat, **{SUBMIT: 3})
    items = await plan(story, wechat, 5)
    assert await read_quotas(story.office) == 3
    assert await read_quotas(story.office) == 0  # once in a while
    await asyncio.gather(*(deliver(story.office, worker=f"worker {n}", limit=2) for n in range(3)))
    while await deliver(story.office):
        pass
    posts = await posts_of(story, items)
    assert sorted(post.state for post in posts) == [PostState.ACCEPTED] * 3 + [PostState.PLANNED] * 2
    waiting = [post for post in posts if post.state is PostState.PLANNED]
    assert {post.due_at for post in waiting} == {end_of(Window.DAY, clock.now())}
    assert {(post.problem_code, post.tries) for post in waiting} == {("budget", 0)}
    assert "“提交发布”的次数已用完（3 次）" in (waiting[0].problem_message or "")
    assert (await calls(sandbox, SUBMIT), await refused_for_its_limit(sandbox)) == (3, 0)


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_where_all_is_spent_the_platform_is_asked_whether_it_is_so(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    await limit(sandbox, sandbox.weibo, calls_per_day=6, posts_per_hour=2)
    items = await plan(story, weibo, 3)
    await read_quotas(story.office)
    while await deliver(story.office):
        pass
    assert await states(story, items) == [PostState.PUBLISHED] * 2 + [PostState.PLANNED]
    await limit(sandbox, sandbox.weibo, posts_per_hour=30)
    assert await read_quotas(story.office) == 1
    while await deliver(story.office):
        pass
    assert await states(story, items) == [PostState.PUBLISHED] * 3
    more = await plan(story, weibo, 1)  # two questions and three statuses: the last call is kept for a look
    assert (await deliver(story.office), await read_quotas(story.office)) == (0, 0)
    assert "“接口调用”的次数已用完" in ((await story.post(more[0])).problem_message or "")
    assert await refused_for_its_limit(sandbox) == 0


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_limit_that_nobody_knew_is_met_once(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    await limit(sandbox, sandbox.weibo, posts_per_hour=2)
    items = await plan(story, weibo, 5)
    while await deliver(story.office):
        pass
    opening = end_of(Window.HOUR, clock.now())
    posts = await posts_of(story, items)
    assert [post.state for post in posts] == [PostState.PUBLISHED] * 2 + [PostState.PLANNED] * 3
    assert all(
        opening - timedelta(seconds=1) <= post.due_at <= opening + timedelta(seconds=1) for post in posts[2:]
    )
    assert (await calls(sandbox, SHARE), await refused_for_its_limit(sandbox)) == (3, 1)
    assert await attempts(story, items[3:]) == 0


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_lost_share_is_looked_for_though_the_days_calls_are_spent(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    all_but_one = CALLS.limit - MOST_KEPT - 1
    async with story.office.db.begin() as session:
        demand = Demand(weibo.id, ChannelName.WEIBO, Use.LOOK, all_but_one)
        assert (await budgets.take(session, [demand]))[0].number == all_but_one
    lost, waiting = await plan(story, weibo, 2)
    await fault(sandbox, SHARE, "drop_after", 1)
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
        while await deliver(story.office):
            pass
    assert await states(story, [lost, waiting]) == [PostState.PUBLISHED, PostState.PLANNED]
    assert (await calls(sandbox, TIMELINE), await calls(sandbox, SHARE)) == (1, 1)
    assert "另留 10 次用于核对" in ((await story.post(waiting)).problem_message or "")


async def only_breaker(story: OfficeStory) -> Any:
    async with story.office.db.read() as session:
        (found,) = (await breakers(session)).values()
    return found


async def test_a_platform_that_does_not_answer_costs_one_call_now_and_then(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    items = await plan(story, wechat, FAILURES_TO_OPEN)
    await fault(sandbox, DRAFT, "http", 100, 502)
    await deliver(story.office)
    more = await plan(story, wechat, 4)
    met = await calls(sandbox, DRAFT)
    assert (met, await attempts(story, items)) == (FAILURES_TO_OPEN, FAILURES_TO_OPEN)
    opened = await only_breaker(story)
    with clock.at(opened.open_until - timedelta(seconds=1)):
        await sweep(story.office)
        assert await calls(sandbox, DRAFT) == met
        async with story.office.db.read() as session:
            assert await next_due(session, clock.now(), clock.now()) == []
    with clock.at(opened.open_until):
        await asyncio.gather(*(deliver(story.office, worker=f"worker {n}") for n in range(3)))
    assert (await calls(sandbox, DRAFT), await attempts(story, [*items, *more])) == (met + 1, met + 1)
    again = await only_breaker(story)
    assert again.openings == 2
    assert again.open_until - opened.open_until > timedelta(seconds=7)
    assert "没有收到微信的答复" in again.reason
    await fault(sandbox, DRAFT, "http", 0, 502)
    with clock.at(again.open_until + timedelta(seconds=20)):
        assert await deliver(story.office) == 1
        while await deliver(story.office):
            pass
        async with story.office.db.read() as session:
            assert await breakers(session) == {}
    with later(600):
        while await deliver(story.office):
            pass
    assert set(await states(story, [*items, *more])) == {PostState.ACCEPTED}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_probe_whose_worker_died_is_taken_again_and_a_check_closes_it(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    items = await plan(story, weibo, FAILURES_TO_OPEN)
    nowhere = story.office.settings.model_copy(update={"weibo_base_url": "http://127.0.0.1:9"})
    away = open_office(nowhere)
    for _ in range(FAILURES_TO_OPEN):
        await deliver(away)
    with later(45):
        await fault(sandbox, SHARE, "delay", 1, 5)
        dying = asyncio.create_task(deliver(story.office))
        await eventually(lambda: _was_called(sandbox, SHARE))
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        assert await deliver(away) == 0
    with later(45 + PROBE.total_seconds() + 1):
        await sweep(story.office)
    await away.close()
    await check_account(story.office, await story.person("admin"), weibo)
    async with story.office.db.read() as session:
        assert await breakers(session) == {}
    assert len(await shown(sandbox, ChannelName.WEIBO)) >= 1
    assert PostState.SENDING not in await states(story, items)
