"""A chunk of a notice goes out: its recipients are told side by side, and each outcome is stored.

Nobody is sent anything before it is committed that they are about to be, and nobody is left out: what a dead worker had
begun is begun again under the same id where the platform takes one, and stays uncertain where it does not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from outreach.channels.notice_protocol import (
    REPEATABLE,
    NoticeAnswer,
    NoticeSender,
    NoticeWords,
    Reaction,
)
from outreach.channels.protocol import NeedsOperator
from outreach.followers.notices import queries
from outreach.followers.notices.marks import Mark, mark_of
from outreach.followers.notices.rules import (
    ASKED_AGAIN,
    LEASE,
    UNDER_WAY,
    block_of,
    may_repeat,
    wait_after,
)
from outreach.followers.notices.service import chunks, recipients, states
from outreach.followers.notices.service.chunks import ChunkLost, Outcome, Stored, Work
from outreach.foundation import clock, office_settings
from outreach.foundation.outages import outage_of
from outreach.foundation.seal import WrongKey
from outreach.office.context import Office
from outreach.publishing.time_rules import quiet_hours

log = structlog.get_logger(__name__)

_STORE_EVERY_S: Final = 1.0
"""However slow the platform is, what is known is stored, shown and the lease renewed so often."""

_STRANGE_IN_A_ROW: Final = 20
"""So many errors in a row that stand in no table are no matter of single recipients."""

_LOST_IN_A_ROW: Final = 2 * UNDER_WAY
_QUIET: Final = "通知静默时段，到时自动继续。"
_UNREACHABLE: Final = "微信没有答复，稍后自动继续。"


async def send_due(office: Office, *, worker: str, stop: asyncio.Event, most_s: float) -> int:
    """Sends chunk after chunk until none is due, `stop` is set, or `most_s` seconds are over; how many it took. A chunk is
    taken while the last calls of the one before are under way. Safe to run twice and at the same time."""
    loop, number = asyncio.get_running_loop(), 0
    ends = loop.time() + most_s
    async with asyncio.TaskGroup() as sending:
        while not stop.is_set() and loop.time() < ends:
            async with office.db.begin() as session:
                work = await chunks.claim(session, worker=worker)
                if work is None:  # whoever told the last ones of a notice may have died before it said so
                    await states.finish_done(session)
            if work is None:
                break
            number += 1
            all_begun = asyncio.Event()
            sending.create_task(_send_held(office, work, stop, all_begun))
            await all_begun.wait()
    return number


async def _send_held(office: Office, work: Work, stop: asyncio.Event, all_begun: asyncio.Event) -> None:
    with structlog.contextvars.bound_contextvars(notice=work.notice_id, chunk=work.number):
        try:
            await _send(office, work, stop, all_begun)
        except ChunkLost:
            log.warning("chunk_lost")
        finally:
            all_begun.set()


async def _send(office: Office, work: Work, stop: asyncio.Event, all_begun: asyncio.Event) -> None:
    async with office.db.begin() as session:
        settings = await office_settings.load(session)
        quiet = quiet_hours(settings.notices_quiet_from, settings.notices_quiet_until)
        over = quiet.over_at(clock.now()) if quiet and not work.is_urgent else None
        if over is not None:
            await states.suspend(session, work.notice_id, over, _QUIET)
            await chunks.release(session, work, clock.now())
            return
        is_lasting = await queries.is_lasting(session, work.account.id, work.words["template_id"])
    try:
        notifier = await office.channels.notifier_of(work.account)
    except (NeedsOperator, WrongKey) as error:
        async with office.db.begin() as session:
            await states.pause(session, work.notice_id, str(error))
            await chunks.release(session, work, clock.now())
        return
    words = NoticeWords(**{**work.words, "call": work.call})
    sender = notifier.sender(words, work.notice_id)
    await _Run(office, work, words, sender, is_lasting, stop, all_begun).go()


class _Run:
    """One worker at one chunk.

    `_rest` are places that nobody has begun, `_ready` those whose beginning is committed, `_outcomes` what is known and
    not stored yet, and `_since` when each place was begun whose outcome is not known. `_may_be_told` are those that a
    worker before had begun: that they are not told now says nothing of then, and they never wait anew.
    """

    def __init__(
        self,
        office: Office,
        work: Work,
        words: NoticeWords,
        sender: NoticeSender,
        is_lasting: bool,
        stop: asyncio.Event,
        all_begun: asyncio.Event,
    ) -> None:
        self._office = office
        self._work = work
        self._words = words
        self._sender = sender
        self._is_lasting = is_lasting
        self._stop = stop
        self._all_begun = all_begun
        self._repeatable = work.call in REPEATABLE
        self._block = block_of(work.call)
        self._rest: deque[int] = deque()
        self._ready: deque[tuple[int, str]] = deque()
        self._outcomes: list[Outcome] = []
        self._since: dict[int, datetime] = {}
        self._may_be_told: set[int] = set()
        self._under_way = 0
        self._may_begin = True
        self._is_over = False
        self._more = asyncio.Event()
        self._wanted = asyncio.Event()
        self._lease_ends = asyncio.get_running_loop().time() + LEASE.total_seconds()
        self._strange = 0
        self._lost = 0
        self._hold_off: tuple[datetime, str, int] | None = None
        self._mend: str | None = None

    async def go(self) -> None:
        """Until nobody waits any more, or it may not go on; then gives the chunk back. Raises ChunkLost."""
        self._sort()
        is_lost = False
        try:
            async with asyncio.TaskGroup() as senders:
                for _ in range(UNDER_WAY):
                    senders.create_task(self._send_all())
                await self._keep()
                self._is_over = True
                self._more.set()
        except* ChunkLost:
            is_lost = True
        if is_lost:
            raise ChunkLost(self._work.notice_id)
        await self._give_back()

    def _sort(self) -> None:
        """Whom a dead worker may have told is told again first, while the platform still knows the id; after that, and
        where it takes none, nobody can know."""
        now = clock.now()
        again = may_repeat(self._work.call, self._work.begun_since, now)
        for place, mark in enumerate(self._work.marks):
            if mark == Mark.BEGUN and again:
                self._rest.append(place)
                self._since[place] = self._work.begun_since or now
                self._may_be_told.add(place)
            elif mark == Mark.BEGUN:
                self._outcomes.append(Outcome(place, Mark.NO_ANSWER))
        self._rest.extend(place for place, mark in enumerate(self._work.marks) if mark == Mark.QUEUED)

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_over:
            if not self._ready:
                self._more.clear()
                self._wanted.set()
                await self._more.wait()
                continue
            place, openid = self._ready.popleft()
            if loop.time() > self._lease_ends:
                raise ChunkLost(self._work.notice_id)
            if self._is_too_late(place):
                self._since.pop(place, None)
                self._outcomes.append(Outcome(place, Mark.NO_ANSWER))
                continue
            self._under_way += 1
            try:
                answer = await self._sender.send(openid)
            finally:
                self._under_way -= 1
            self._take(place, answer)

    def _is_too_late(self, place: int) -> bool:
        """Whether the platform may no longer know the id under which this one may have been told."""
        is_open = place in self._may_be_told
        return is_open and not may_repeat(self._work.call, self._since.get(place), clock.now())

    def _take(self, place: int, answer: NoticeAnswer) -> None:
        mark = mark_of(answer, repeatable=self._repeatable)
        if mark is Mark.QUEUED and place in self._may_be_told:
            mark = Mark.BEGUN
        self._outcomes.append(Outcome(place, mark, answer.msg_id))
        if mark is not Mark.BEGUN:
            self._since.pop(place, None)
        if answer.reaction is Reaction.SENT:
            self._strange = self._lost = 0
        else:
            self._react(answer)
        if len(self._ready) <= self._block // 2:
            self._wanted.set()

    def _react(self, answer: NoticeAnswer) -> None:
        """What an answer means for those who have not been told yet."""
        now = clock.now()
        match answer.reaction:
            case Reaction.SPENT:
                wait_s = answer.wait_s or 60.0
                self._hold(datetime.fromtimestamp(now.timestamp() + wait_s, now.tzinfo), answer.message)
            case Reaction.NOT_SENT:
                self._hold(now + wait_after(self._work.tries), answer.message, self._work.tries + 1)
            case Reaction.LOST:
                self._lost += 1
                if self._lost >= _LOST_IN_A_ROW:
                    self._hold(now + wait_after(self._work.tries), _UNREACHABLE, self._work.tries + 1)
            case Reaction.STOPPED:
                self._halt(answer.message)
            case Reaction.UNKNOWN:
                self._strange += 1
                if self._strange >= _STRANGE_IN_A_ROW:
                    self._halt(answer.message)
            case _:
                self._strange = 0

    def _hold(self, until: datetime, reason: str, tries: int = 0) -> None:
        if self._hold_off is None or self._hold_off[0] < until:
            self._hold_off = (until, reason, tries)
        self._begin_no_more()

    def _halt(self, reason: str) -> None:
        self._mend = reason
        self._begin_no_more()

    def _begin_no_more(self) -> None:
        """What is under way comes to its end; whoever was only about to be told for the first time waits again."""
        self._may_begin = False
        for place, _ in self._ready:
            if place in self._may_be_told:
                continue
            self._since.pop(place, None)
            self._outcomes.append(Outcome(place, Mark.QUEUED))
        self._ready.clear()
        self._wanted.set()

    async def _keep(self) -> None:
        """Stores what is known and begins the next block before the last one is out."""
        loop = asyncio.get_running_loop()
        stored_at = loop.time()
        while True:
            if self._stop.is_set() and self._may_begin:
                self._begin_no_more()
            if self._wants_more() or loop.time() - stored_at >= _STORE_EVERY_S:
                await self._store()
                stored_at = loop.time()
                continue
            if not self._rest:
                self._all_begun.set()
            if self._is_idle():
                if not self._outcomes:
                    return
                await self._store()
                continue
            self._wanted.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), _STORE_EVERY_S)

    def _wants_more(self) -> bool:
        return self._may_begin and bool(self._rest) and len(self._ready) <= self._block // 2

    def _is_idle(self) -> bool:
        return not self._ready and not self._under_way

    async def _store(self) -> None:
        """One commit: what is known, and who is begun next. While the database is away it is tried again until the lease
        ends."""
        loop = asyncio.get_running_loop()
        outcomes, begin, began_at = list(self._outcomes), self._next(), clock.now()
        since, renewed = min(self._since.values(), default=None), loop.time() + LEASE.total_seconds()
        try:
            async with self._office.db.begin() as session:
                openids = await chunks.openids(session, self._work, begin)
                absent = [Outcome(place, Mark.LEFT_BEFORE) for place in begin if place not in openids]
                present = [place for place in begin if place in openids]
                known = [*outcomes, *absent]
                stored = await chunks.store(session, self._work, known, present, since)
        except Exception as error:
            if not outage_of(error) or loop.time() > self._lease_ends:
                raise
            log.warning("outcomes_wait", reason=repr(error))
            self._rest.extendleft(reversed(begin))
            await asyncio.sleep(_STORE_EVERY_S)
            return
        self._lease_ends = renewed
        del self._outcomes[: len(outcomes)]
        for one in absent:
            self._since.pop(one.place, None)
        self._rest.extendleft(reversed(stored.left))
        self._make_ready(stored, openids, began_at)
        await self._learn(outcomes)

    def _next(self) -> list[int]:
        if not self._may_begin:
            return []
        return [self._rest.popleft() for _ in range(min(self._block, len(self._rest)))]

    def _make_ready(self, stored: Stored, openids: Mapping[int, str], began_at: datetime) -> None:
        for place in stored.begun:
            self._since.setdefault(place, began_at)
            self._ready.append((place, openids[place]))
        if not stored.goes_on or not self._may_begin:
            self._begin_no_more()
        elif stored.left:
            self._may_begin = False  # what is begun is paid for, and goes out
        self._more.set()

    async def _learn(self, outcomes: Sequence[Outcome]) -> None:
        """What the platform said of single followers is kept: not in the transaction that holds the chunk, since whoever
        handles their messages locks followers first."""
        call, known = self._work.call, {self._work.recipients[one.place]: one.mark for one in outcomes}
        if recipients.matter(call, self._is_lasting, known):
            async with self._office.db.begin() as session:
                await recipients.learn(session, call, self._words.template_id, self._is_lasting, known)

    async def _give_back(self) -> None:
        """The chunk, to whoever comes next; the notice waits, or is paused, where the platform said so."""
        async with self._office.db.begin() as session:
            due_at = clock.now() + ASKED_AGAIN if self._since else clock.now()
            await chunks.release(session, self._work, due_at)
            if self._mend is not None:
                await states.pause(session, self._work.notice_id, self._mend)
            elif self._hold_off is not None:
                until, reason, tries = self._hold_off
                await states.suspend(session, self._work.notice_id, until, reason, tries=tries)
            elif self._work.tries:
                await states.forget_tries(session, self._work.notice_id)
            await states.finish_done(session)
