"""What strikes where, and what has to be true afterwards.

A scenario is run once without a strike: its calls are listed. Each of them is struck, before and after. What a
struck run calls that no run before has called is struck as well, in the scenario that led there, until nothing
new is met: no boundary is picked by hand, and none is left out.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select

from outreach.channels.model import Account
from outreach.channels.service import resume_account
from outreach.channels.weibo.errors import DONE_BUT_SLOW
from outreach.foundation import audit, clock
from outreach.office.resolve_post import Outcome, resolve_post, retry_post
from outreach.publishing.model import Post, PostState
from outreach.statistics.reads.model import FiguresFetch
from tests.builders import OfficeStory
from tests.crash.strikes.ground import Case, Ground, Process, Stuck, Template
from tests.crash.strikes.watching import How, Side, Strike
from tests.workers.desk import DRAFT, QUOTA, SHARE, SUBMIT, counted

SIDES: Final[Sequence[Side]] = ("before", "after")
NEVER_CAME: Final = "the call never came"
_ALIKE: Final = ("redis", f"http POST {QUOTA}")
"""Calls of which a process makes many, each in the same state as the one before: nothing is kept between a quota and the
next, all are stored together."""
_ENDS: Final = {PostState.PUBLISHED, PostState.FAILED, PostState.NEEDS_PERSON, PostState.CANCELLED}
_ALWAYS: Final = 100
"""What is refused is refused as often as it is asked for: whoever dies before it has stored that asks again."""
_NOTHING_NEW_S: Final = 0.4
_LOOK_AGAIN_S: Final = 0.1
_STEP_S: Final = 8.0  # a third of a lease and less: whoever lives renews in time
_SWEEP_AGAIN_S: Final = 3.0
_PATIENCE_S: Final = 180.0


async def _plan(story: OfficeStory, place: int) -> None:
    account = (await story.accounts())[place]
    await _no_figures(story)
    await story.item(title="乌环罚〔2026〕1号行政处罚决定公示").planned(account)


async def _no_figures(story: OfficeStory) -> None:
    """No figures are to be fetched meanwhile, at whatever time of the day this runs."""
    async with story.office.db.begin() as session:
        for account in await story.accounts():
            fetched = {"fetched_on": date.max, "due_at": clock.now()}
            session.add(FiguresFetch(account_id=account.id, **fetched))


WECHAT: Final = Template("wechat", lambda story: _plan(story, 0))
WEIBO: Final = Template("weibo", lambda story: _plan(story, 1))
DRAFTS: Final = Template("drafts", lambda story: _plan(story, 2))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One post on its way, and what the platform does to it. `ends` is how it ends where nothing else strikes."""

    name: str
    template: Template
    faults: tuple[tuple[str, str, float | None], ...] = ()
    settings: tuple[tuple[str, float], ...] = ()
    ends: PostState = PostState.PUBLISHED


SCENARIOS: Final = (
    Scenario("wechat", WECHAT),
    Scenario("weibo", WEIBO),
    Scenario("drafts only", DRAFTS, ends=PostState.NEEDS_PERSON),
    Scenario("wechat, answer lost after the submit", WECHAT, ((SUBMIT, "drop_after", None),)),
    Scenario("wechat, answer lost before the submit", WECHAT, ((SUBMIT, "drop_before", None),)),
    Scenario("wechat, answer to the draft lost", WECHAT, ((DRAFT, "drop_after", None),)),
    Scenario("wechat, busy", WECHAT, ((SUBMIT, "errcode", 45011),)),
    Scenario("wechat, token no longer taken", WECHAT, ((DRAFT, "errcode", 42001),)),
    Scenario("wechat, cover deleted there", WECHAT, ((DRAFT, "errcode", 40007),)),
    Scenario("wechat, refused", WECHAT, settings=(("publish_status", 4),), ends=PostState.FAILED),
    Scenario("wechat, forbidden", WECHAT, ((DRAFT, "errcode", 48004),), ends=PostState.PLANNED),
    Scenario("weibo, answer lost after the share", WEIBO, ((SHARE, "drop_after", None),)),
    Scenario("weibo, answer lost before the share", WEIBO, ((SHARE, "drop_before", None),)),
    Scenario("weibo, too often", WEIBO, ((SHARE, "errcode", 20016),)),
    Scenario("weibo, refused", WEIBO, ((SHARE, "errcode", 20021),), ends=PostState.FAILED),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a case ended: what its processes called, in their order, and whether the strike was dealt."""

    calls: tuple[tuple[str, ...], ...]
    struck: bool
    state: PostState


async def practise(ground: Ground, scenarios: Sequence[Scenario]) -> None:
    """Has the nursery find out what each worker would have to find out for itself."""
    for scenario in scenarios:
        async with ground.case(scenario.template) as case:
            await _begin(ground, scenario)
            worker = await case.practise()
            await drive(case, worker)
            await case.end(worker)


async def run_case(ground: Ground, scenario: Scenario, *strikes: Strike) -> Ended:
    """The scenario, with a process for each strike, one after the other, and a last one that nobody strikes.
    Raises AssertionError where anything was doubled, lost or not told; Stuck where it does not come to an end."""
    async with ground.case(scenario.template) as case:
        await _begin(ground, scenario)
        paused = []
        for strike in strikes:
            worker = await case.worker(strike)
            await drive(case, worker, strike)
            if worker.ended.done():
                await case.buried()
            elif strike.how == "pause" and worker.was_struck():
                await case.buried()
                paused.append(worker)
            else:
                await case.end(worker)
        last = await case.worker()
        await drive(case, last)
        for worker in paused:
            await _wake(case, worker)
        if paused:
            await drive(case, last)
        await case.end(last)
        state = await verify(case)
        struck = all(process.was_struck() for process, _ in zip(case.processes, strikes, strict=False))
        return Ended(tuple(tuple(process.calls()) for process in case.processes), struck, state)


async def _begin(ground: Ground, scenario: Scenario) -> None:
    for name, given in scenario.settings:
        await ground.sandbox.control("settings", {name: given})
    times = 1 if scenario.ends is PostState.PUBLISHED else _ALWAYS
    for path, action, value in scenario.faults:
        await ground.sandbox.control(
            "faults", {"path": path, "action": action, "value": value, "times": times}
        )


async def _wake(case: Case, paused: Process) -> None:
    """It goes on where it was, long after others have done its work."""
    paused.signal(signal.SIGCONT)
    await case.sweep()
    await asyncio.sleep(0.1)
    await case.end(paused)


async def drive(case: Case, worker: Process, strike: Strike | None = None) -> None:
    """Lets time pass, as fast as the work allows, until every post has come to an end, or the process has."""
    began = swept_at = time.monotonic()
    await case.sweep()
    watcher = _Watcher(case)
    while time.monotonic() - began < _PATIENCE_S:
        if worker.ended.done() or (strike and strike.how == "pause" and worker.was_struck()):
            return
        if await watcher.has_nothing_to_wait_for():
            if all(_has_ended(post) for post in watcher.posts):
                return
            await watcher.let_time_pass()
            # What a cut left half finished in Redis looks like work for ever.
            if watcher.is_idle or time.monotonic() - swept_at > _SWEEP_AGAIN_S:
                swept_at = time.monotonic()
                await case.sweep()
        await case.poll()
    raise Stuck(f"{[_seen(post) for post in watcher.posts]}\n{worker.told()[-3000:]}")


class _Watcher:
    """Sees whether the workers have come to a rest."""

    def __init__(self, case: Case) -> None:
        self.posts: list[Post] = []
        self._case = case
        self.is_idle = False
        self._looked_at = self._changed_at = time.monotonic()

    async def has_nothing_to_wait_for(self) -> bool:
        """All that was due is done; or something is being done, and nothing comes of it."""
        self.is_idle, now = await self._case.is_idle(), time.monotonic()
        if not self.is_idle and now - self._looked_at < _LOOK_AGAIN_S:
            return False
        self._looked_at = now
        before, self.posts = self.posts, await posts_of(self._case)
        if [_seen(post) for post in before] != [_seen(post) for post in self.posts]:
            self._changed_at = now
        return self.is_idle or now - self._changed_at > _NOTHING_NEW_S

    async def let_time_pass(self) -> None:
        """Until the next thing is due; where one is being waited for, a step, so that whoever lives can renew."""
        shared = self._case.ground.clock
        self._changed_at = time.monotonic()
        if self.is_idle:
            open_ones = [post for post in self.posts if not _has_ended(post)]
            wait_s = (min(_due(post) for post in open_ones) - shared.now()) / timedelta(seconds=1)
            shared.set(shared.ahead_s + max(0.0, wait_s + 0.02))
        else:
            shared.set(shared.ahead_s + _STEP_S)


async def posts_of(case: Case) -> list[Post]:
    async with case.office.db.read() as session:
        return list((await session.scalars(select(Post).order_by(Post.id))).unique())


def _seen(post: Post) -> Any:
    return post.state, post.tries, post.due_at, post.lease_until, post.release_began_at, post.media_id


def _has_ended(post: Post) -> bool:
    return post.state in _ENDS or (
        post.state is not PostState.SENDING and post.account.paused_reason is not None
    )


def _due(post: Post) -> Any:
    return post.lease_until if post.state is PostState.SENDING else post.due_at


async def verify(case: Case) -> PostState:
    """Nothing is there twice; what is kept is what the platform shows; what is not out says why; tallies and audit
    chain are whole. The state of the one post."""
    (post,) = await posts_of(case)
    sandbox = case.ground.sandbox
    articles, statuses = await sandbox.control("wechat/articles"), await sandbox.control("weibo/statuses")
    shown = [one for one in [*articles, *statuses] if post.item.title in (one.get("title") or one["text"])]
    assert len(shown) == len(articles) + len(statuses) <= 1, f"shown {len(shown)} times"
    match post.state:
        case PostState.PUBLISHED:
            assert len(shown) == 1, "published, and not there"
            assert post.url
        case PostState.NEEDS_PERSON:
            assert post.problem_message
        case PostState.FAILED:
            assert post.problem_message and not shown
        case _:
            assert _has_ended(post), post.state
            assert post.problem_message and not shown
    assert await counted(case.story) == (post.state is PostState.PUBLISHED)
    async with case.office.db.read() as session:
        assert await audit.verify(session) == []
    for process in case.processes:
        assert "job_failed" not in process.told(), process.told()
    return post.state


class Coverage:
    """Which calls were met on the way of each kind of post, and which of them are struck there."""

    def __init__(self) -> None:
        self.met: set[tuple[str, str]] = set()
        self.struck: set[tuple[str, str]] = set()

    def new(self, template: Template, calls: Iterable[str]) -> list[str]:
        """The names among `calls` that no run before has called, each once."""
        found = [what for what in dict.fromkeys(calls) if (template.name, what) not in self.met]
        self.met |= {(template.name, what) for what in found}
        return found


def strikes_at(what: str, times: int, hows: Sequence[How]) -> list[Strike]:
    """Each of `hows` before and after each of the first `times` calls of that name."""
    return [
        Strike(what, nth, side, how)
        for nth in range(1, times + 1)
        for side in SIDES
        for how in hows
        if how != "pause" or what.startswith("http ")
    ]


async def enumerate_cases(
    ground: Ground, scenarios: Sequence[Scenario], hows: Sequence[How], *, only: str = ""
) -> AsyncIterator[tuple[Scenario, tuple[Strike, ...], Ended | Exception]]:
    """Every single fault: all calls of the scenarios whose name begins with `only`, and all that are met on the
    way back."""
    coverage = Coverage()
    for scenario in scenarios:
        plain = await run_case(ground, scenario)
        assert plain.state is scenario.ends, f"{scenario.name}: {plain.state}"
        yield scenario, (), plain
        waiting: list[tuple[tuple[Strike, ...], str, int]] = []
        counts = Counter(call for call in plain.calls[0] if call.startswith(only))
        for what in coverage.new(scenario.template, counts):
            waiting.append(((), what, 1 if what.startswith(_ALIKE) else counts[what]))
        while waiting:
            prelude, what, times = waiting.pop()
            coverage.struck.add((scenario.template.name, what))
            for strike in strikes_at(what, times, hows):
                strikes = (*prelude, strike)
                try:
                    ended: Ended | Exception = await run_case(ground, scenario, *strikes)
                except (AssertionError, Stuck) as error:
                    ended = error
                yield scenario, strikes, ended
                if isinstance(ended, Ended):
                    for calls in ended.calls[len(strikes) :]:
                        found = [call for call in calls if call.startswith(only)]
                        for new in coverage.new(scenario.template, found):
                            waiting.append((strikes, new, 1))
    assert coverage.met == coverage.struck, "calls that no case covers"


def went_wrong(scenario: Scenario, strikes: Sequence[Strike], ended: Ended | Exception) -> str:
    """In words, what did; nothing where all is well. A call's second time may not come: a slow machine takes other
    ways."""
    if isinstance(ended, Exception):
        return f"{type(ended).__name__}: {ended}"
    if not ended.struck and strikes[-1].nth == 1:
        return NEVER_CAME
    return "" if ended.state is scenario.ends else f"ended {ended.state}"


async def run_codes(ground: Ground, path: str, codes: Collection[int]) -> PostState:
    """One post meets each of `codes` as the answer to `path`, one after the other, in one worker process. Whenever it
    comes to an end somebody mends what was wrong: resumes the account, tries again, looks whether it is there. The
    state in which it ends. Raises AssertionError where anything was doubled, lost or not told."""
    async with ground.case(WEIBO if path == SHARE else WECHAT) as case:
        for code in sorted(codes, key=lambda code: (str(code) == DONE_BUT_SLOW, code)):  # with that it is out
            fault = {"path": path, "action": "errcode", "value": code, "times": 1}
            await ground.sandbox.control("faults", fault)
        worker = await case.worker()
        for _ in range(2 * len(codes)):
            await drive(case, worker)
            state = await verify(case)
            if state is PostState.PUBLISHED:
                break
            await _mend(case)
        await case.end(worker)
        left = [fault["value"] for fault in await ground.sandbox.control("faults") if fault["left"]]
        assert not left, f"never answered: {left}"
        return await verify(case)


async def _mend(case: Case) -> None:
    (post,) = await posts_of(case)
    publisher, shared = await case.story.person("publisher"), case.ground.clock
    with clock.at(shared.now(), running=True):
        async with case.office.db.begin() as session:
            account = await session.get_one(Account, post.account_id)
            if account.paused_reason is not None:
                await resume_account(session, publisher, account)
            if post.state is PostState.FAILED:
                await retry_post(session, post.id, publisher)
            if post.state is PostState.NEEDS_PERSON:
                is_not = Outcome.NOT_PUBLISHED  # `verify` has seen that it is not there
                await resolve_post(session, post.id, publisher, is_not, case.office.settings.zone)
