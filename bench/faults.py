"""Every single fault, and some thousands of double ones: processes that send posts are killed, cut off and stopped at
every call to a platform, the database and Redis, and what the platforms show afterwards is counted.

`FAULTS_DOUBLE` is how many double faults are tried (2000), `FAULTS_SEED` with which seed (printed), `FAULTS_ONLY`
the beginning of the calls that are struck (`http`, `sql`, `commit`, `redis`).
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from outreach.channels.wechat.errors import MEANINGS as WECHAT_CODES
from outreach.channels.weibo.errors import MEANINGS as WEIBO_CODES
from tests import servers
from tests.crash.strikes.cases import (
    NEVER_CAME,
    SCENARIOS,
    SIDES,
    Ended,
    Scenario,
    enumerate_cases,
    practise,
    run_case,
    run_codes,
    went_wrong,
)
from tests.crash.strikes.ground import Ground, Stuck, lane
from tests.crash.strikes.watching import How, Strike
from tests.workers.desk import DRAFT, SHARE, SUBMIT

HOWS: Final[tuple[How, ...]] = ("kill", "cut", "pause")
_CODES: Final = {
    "/cgi-bin/stable_token": WECHAT_CODES.keys(),
    "/cgi-bin/material/add_material": WECHAT_CODES.keys(),
    DRAFT: WECHAT_CODES.keys(),
    SUBMIT: WECHAT_CODES.keys(),
    SHARE: WEIBO_CODES.keys(),
}


def measure() -> dict[str, float]:
    """Cases, cases a minute, and how many went wrong, on each database. What went wrong is printed."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in ("sqlite", "postgresql"):
        async with _ground(name) as ground:
            began = time.monotonic()
            calls, single, wrong = await _single(ground)
            double, wrong_doubles = await _double(ground, calls)
            codes, wrong_codes = await _codes(ground)
            minutes = (time.monotonic() - began) / 60
            figures |= {
                f"{name}, calls that are struck": len(calls),
                f"{name}, single faults": single,
                f"{name}, double faults": double,
                f"{name}, error codes": codes,
                f"{name}, cases a minute": (single + double + codes) / minutes,
                f"{name}, went wrong": wrong + wrong_doubles + wrong_codes,
            }
    return figures


@asynccontextmanager
async def _ground(name: str) -> AsyncIterator[Ground]:
    with tempfile.TemporaryDirectory() as folder:
        if name == "sqlite":
            async with lane(Path(folder)) as ground:
                await practise(ground, SCENARIOS)
                yield ground
        else:
            async with servers.postgres() as postgres, lane(Path(folder), postgres) as ground:
                await practise(ground, SCENARIOS)
                yield ground


async def _single(ground: Ground) -> tuple[set[tuple[Scenario, str]], int, int]:
    calls: set[tuple[Scenario, str]] = set()
    cases = wrong = 0
    only = os.environ.get("FAULTS_ONLY", "")
    async for scenario, strikes, ended in enumerate_cases(ground, SCENARIOS, HOWS, only=only):
        cases += 1
        calls |= {(scenario, strike.what) for strike in strikes}
        if went_wrong(scenario, strikes, ended) == NEVER_CAME:
            # Which way a process takes hangs on the moment, too.
            ended = await _ended(ground, scenario, strikes)
        wrong += _is_wrong(scenario, strikes, ended)
    return calls, cases, wrong


async def _double(ground: Ground, calls: set[tuple[Scenario, str]]) -> tuple[int, int]:
    """Two processes are struck one after the other, wherever it may be."""
    cases, wrong = int(os.environ.get("FAULTS_DOUBLE", "2000")), 0
    seed = int(os.environ.get("FAULTS_SEED", secrets.randbelow(10**9)))
    print(f"double faults: FAULTS_SEED={seed}", flush=True)
    chance = random.Random(seed)
    known = sorted(calls, key=lambda one: (one[0].name, one[1]))
    for _ in range(cases):
        scenario, first = chance.choice(known)
        second = chance.choice([what for of, what in known if of == scenario])
        strikes = tuple(_at(what, chance) for what in (first, second))
        ended = await _ended(ground, scenario, strikes)
        wrong += _is_wrong(scenario, strikes, ended, must_be_struck=False)
    return cases, wrong


async def _ended(ground: Ground, scenario: Scenario, strikes: tuple[Strike, ...]) -> Ended | Exception:
    try:
        return await run_case(ground, scenario, *strikes)
    except (AssertionError, Stuck) as error:
        return error


async def _codes(ground: Ground) -> tuple[int, int]:
    """Every error code as the answer to every call up to the one that publishes."""
    answered = wrong = 0
    for path, codes in _CODES.items():
        answered += len(codes)
        try:
            await run_codes(ground, path, codes)
        except (AssertionError, Stuck) as error:
            wrong += 1
            print(f"codes of {path} | {type(error).__name__}: {error}"[:2000], flush=True)
    return answered, wrong


def _at(what: str, chance: random.Random) -> Strike:
    hows = HOWS if what.startswith("http ") else HOWS[:2]
    return Strike(what, chance.randint(1, 2), chance.choice(SIDES), chance.choice(hows))


def _is_wrong(
    scenario: Scenario,
    strikes: tuple[Strike, ...],
    ended: Ended | Exception,
    *,
    must_be_struck: bool = True,
) -> bool:
    """Whether the post was doubled, lost or not told; or ended otherwise than without a fault, or the fault was
    never met."""
    told = went_wrong(scenario, strikes, ended) if must_be_struck or isinstance(ended, Exception) else ""
    if told:
        print(f"{scenario.name} | {' + '.join(map(str, strikes))} | {told[:2000]}", flush=True)
    return bool(told)
