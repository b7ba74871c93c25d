"""What befalls a whole machine while posts go out: Redis is full, the clock was wrong, a connection to PostgreSQL dies
in the middle of a commit, the web process while an event arrives, a worker that is told to go."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest

from outreach.publishing.model import PostState
from tests.crash.strikes.cases import (
    SCENARIOS,
    WECHAT,
    WEIBO,
    drive,
    enumerate_cases,
    posts_of,
    strikes_at,
    verify,
    went_wrong,
)
from tests.crash.strikes.ground import Case, Ground, Process, Template, lane
from tests.crash.strikes.watching import Strike
from tests.servers import Postgres
from tests.waiting import eventually
from tests.workers.desk import SHARE, SUBMIT

AN_HOUR_S = 3600


@pytest.fixture(scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with lane(tmp_path_factory.mktemp("lane")) as running:
        yield running


async def state_of(case: Case) -> PostState:
    (post,) = await posts_of(case)
    return post.state


async def is_in(case: Case, state: PostState) -> bool:
    return await state_of(case) is state


async def test_a_redis_that_is_full_holds_posts_up_and_loses_none(ground: Ground) -> None:
    async with ground.case(WEIBO) as case:
        await ground.redis.config_set("maxmemory", 1)
        worker = await case.worker()
        await eventually(lambda: says(worker, "worker_restarts"))
        assert await state_of(case) is PostState.PLANNED
        await ground.redis.config_set("maxmemory", 0)
        await drive(case, worker)
        await case.end(worker)
        assert await verify(case) is PostState.PUBLISHED


async def says(process: Process, words: str) -> bool:
    return words in process.told()


@pytest.mark.parametrize(
    ("template", "path", "ends"),
    [
        (WECHAT, SUBMIT, {PostState.NEEDS_PERSON, PostState.PUBLISHED}),
        (WEIBO, SHARE, {PostState.NEEDS_PERSON}),
    ],
    ids=["wechat", "weibo"],
)
async def test_a_clock_that_was_an_hour_ahead_and_is_set_right_doubles_nothing(
    ground: Ground, template: Template, path: str, ends: set[PostState]
) -> None:
    """The worker dies with the answer on its way; the one that looks for it has the right time."""
    async with ground.case(template) as case:
        wrong_by(ground, AN_HOUR_S)
        worker = await case.worker(Strike(f"http POST {path}", 1, "after", "kill"))
        await drive(case, worker)
        assert await worker.ended == -signal.SIGKILL
        await case.buried()
        wrong_by(ground, -AN_HOUR_S)
        last = await case.worker()
        await drive(case, last)
        await case.end(last)
        assert await verify(case) in ends
        sent = [call["path"] for call in await ground.sandbox.control("requests")]
        assert sent.count(path) == 1


def wrong_by(ground: Ground, seconds: float) -> None:
    """Our clock alone: the platforms' goes on as before."""
    ground.clock.set(ground.clock.ahead_s + seconds)
    ground.sandbox.clock.forward(-seconds)


async def test_a_worker_that_is_told_to_go_finishes_what_it_has_begun(ground: Ground) -> None:
    async with ground.case(WEIBO) as case:
        fault = {"path": SHARE, "action": "delay", "value": 0.5, "times": 1}
        await ground.sandbox.control("faults", fault)
        worker = await case.worker()
        await case.sweep()
        await eventually(lambda: is_in(case, PostState.SENDING))
        await case.end(worker)
        assert await verify(case) is PostState.PUBLISHED


@pytest.mark.timeout(600)
async def test_the_web_process_dies_while_an_event_arrives(ground: Ground) -> None:
    """At each commit that it makes for the event; the sweep asks for what it did not store."""
    async with ground.case(WECHAT) as case:
        told = await with_event(case, None)
        commits = {what for what in told.calls() if what.startswith("commit ")}
        assert await verify(case) is PostState.PUBLISHED
    assert commits
    for strike in [strike for what in commits for strike in strikes_at(what, 1, ["kill"])]:
        async with ground.case(WECHAT) as case:
            web = await with_event(case, strike)
            assert web.was_struck(), str(strike)
            assert await verify(case) is PostState.PUBLISHED, str(strike)


async def with_event(case: Case, strike: Strike | None) -> Process:
    """A post whose event comes to a web process that is struck; then a worker goes on alone."""
    web, worker = await case.web(strike), await case.worker()
    await case.sweep()

    async def settled() -> bool:
        return web.ended.done() or await is_in(case, PostState.PUBLISHED)

    await eventually(settled)
    await drive(case, worker)
    await case.end(worker)
    return web


@pytest.mark.timeout(600)
async def test_a_connection_to_postgresql_dies_around_a_commit(
    postgresql: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenarios = [one for one in SCENARIOS if one.name == "weibo"]
    wrong = []
    async with lane(tmp_path_factory.mktemp("lane"), postgresql) as ground:
        async for scenario, strikes, ended in enumerate_cases(ground, scenarios, ["cut"], only="commit "):
            if went_wrong(scenario, strikes, ended):
                wrong.append(([str(one) for one in strikes], ended))
    assert not wrong
