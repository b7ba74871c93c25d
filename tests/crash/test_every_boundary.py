"""Workers are killed at every call that they make to a platform; every error code is the answer to a call that
publishes. `make bench ONLY=faults` also cuts and stops them, at the database's and Redis' calls too, and twice in a
row."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from outreach.channels.wechat.errors import MEANINGS as WECHAT_CODES
from outreach.channels.weibo.errors import MEANINGS as WEIBO_CODES
from outreach.publishing.model import PostState
from tests.crash.strikes.cases import SCENARIOS, enumerate_cases, practise, run_codes, went_wrong
from tests.crash.strikes.ground import Ground, lane
from tests.workers.desk import SHARE, SUBMIT

SHORT = [one for one in SCENARIOS if one.name in {"wechat", "weibo"}]


@pytest.fixture(scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with lane(tmp_path_factory.mktemp("lane")) as running:
        await practise(running, SHORT)
        yield running


@pytest.mark.timeout(600)
async def test_killed_before_or_after_any_call_to_a_platform_it_is_out_once(ground: Ground) -> None:
    wrong = []
    async for scenario, strikes, ended in enumerate_cases(ground, SHORT, ["kill"], only="http "):
        if went_wrong(scenario, strikes, ended):
            wrong.append((scenario.name, [str(one) for one in strikes], ended))
    assert not wrong


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("path", "codes"),
    [(SUBMIT, WECHAT_CODES), (SHARE, WEIBO_CODES)],
    ids=["submit", "share"],
)
async def test_whatever_code_is_answered_it_goes_out_once_or_says_why(
    ground: Ground, path: str, codes: dict[int, object]
) -> None:
    assert await run_codes(ground, path, codes) is PostState.PUBLISHED
