"""TEMPLATESENDJOBFINISH (and, for subscription notices, subscribe_msg_sent_event) closes the loop: the event names the follower and the message, and with them chunk and place.

The ids of a chunk's followers ascend, so that a directory of first and last ids, a row a chunk, leads to the few chunks in
which a follower stands; the message's id, kept beside the mark, says which of them is meant. Nothing is indexed a
recipient. Where the worker has not stored the id yet, or its answer was lost, the only place without one is meant: the
event proves that the message was sent.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.notice_protocol import NoticeCall
from outreach.followers.model import Follower
from outreach.followers.notices.marks import AWAITED, OPEN, Mark, mark_of_event, tally_of
from outreach.followers.notices.model import Notice, NoticeChunk
from outreach.followers.notices.packing import unpack
from outreach.followers.notices.service.states import finish_done
from outreach.foundation import clock

_LATEST: Final = timedelta(days=3)
"""How long after a notice began its results are still looked for."""


@dataclass(frozen=True, slots=True)
class JobFinish:
    """One TEMPLATESENDJOBFINISH, or one entry of a subscribe_msg_sent_event: FromUserName, MsgID (0: the call gave none by
    which it could be known), Status."""

    call: NoticeCall
    openid: str = field(repr=False)
    msg_id: int
    status: str


@dataclass(frozen=True, slots=True)
class _Found:
    follower_id: int
    finish: JobFinish
    mark: Mark

    def is_meant_by(self, chunk: _Chunk, place: int) -> bool:
        """Whether the place, which bears no message's id, may be the one that is told of."""
        return (
            chunk.call is self.finish.call
            and chunk.marks[place] in _WITHOUT_ID[chunk.call]
            and not chunk.msg_id_at(place)
        )


async def settle(session: AsyncSession, account_id: str, finishes: Sequence[JobFinish]) -> list[JobFinish]:
    """Stores what the events tell, of one account and any number at a time; those are given back for which no recipient is
    found. Safe to repeat: an event that was settled before changes nothing."""
    followers = await _followers(session, account_id, finishes)
    found = [
        _Found(followers[one.openid], one, mark)
        for one in finishes
        if one.openid in followers and (mark := mark_of_event(one.status)) is not None
    ]
    by_chunk = await _candidates(session, account_id, found)
    rows = {key: row for key in sorted(by_chunk) if (row := await _held(session, key)) is not None}
    settled = _settle_by_id(rows, by_chunk)
    settled |= _settle_without_id(rows, by_chunk, {one.finish for one in found} - settled.keys())
    await _write(session, rows, settled)
    await finish_done(session)
    return [one for one in finishes if one not in settled]


_Key = tuple[str, int]


class _Chunk:
    """A chunk that is held, with its marks to be changed."""

    def __init__(self, row: Row[NoticeCall, bytes, bytes, bytes]) -> None:
        self.call = row.call
        self.recipients: array[int] = unpack(row.recipients)
        self.marks = bytearray(row.marks)
        self.msg_ids = unpack(row.msg_ids) if row.msg_ids else None

    def place_of(self, follower_id: int) -> int | None:
        """Where the follower stands in it."""
        place = bisect_left(self.recipients, follower_id)
        stands = place < len(self.recipients) and self.recipients[place] == follower_id
        return place if stands else None

    def msg_id_at(self, place: int) -> int:
        """The message's id; 0 where it is not known."""
        return self.msg_ids[place] if self.msg_ids is not None else 0


async def _followers(
    session: AsyncSession, account_id: str, finishes: Sequence[JobFinish]
) -> Mapping[str, int]:
    query = select(Follower.openid, Follower.id).where(
        Follower.account_id == account_id, Follower.openid.in_({one.openid for one in finishes})
    )
    return {row.openid: row.id for row in await session.execute(query)}


async def _candidates(
    session: AsyncSession, account_id: str, found: Sequence[_Found]
) -> Mapping[_Key, list[_Found]]:
    """The chunks in whose range each follower lies, of the account's notices of the last days."""
    if not found:
        return {}
    query = (
        select(NoticeChunk.notice_id, NoticeChunk.number, NoticeChunk.first_id, NoticeChunk.last_id)
        .join(Notice, Notice.id == NoticeChunk.notice_id)
        .where(
            Notice.account_id == account_id,
            Notice.started_at >= clock.now() - _LATEST,
            NoticeChunk.call.in_({one.finish.call for one in found}),
            NoticeChunk.last_id >= min(one.follower_id for one in found),
            NoticeChunk.first_id <= max(one.follower_id for one in found),
        )
    )
    ids = sorted({one.follower_id for one in found})
    of_follower: defaultdict[int, list[_Found]] = defaultdict(list)
    for one in found:
        of_follower[one.follower_id].append(one)
    chunks: defaultdict[_Key, list[_Found]] = defaultdict(list)
    for notice_id, number, first, last in await session.execute(query):
        for follower_id in ids[bisect_left(ids, first) : bisect_left(ids, last + 1)]:
            chunks[notice_id, number] += of_follower[follower_id]
    return chunks


async def _held(session: AsyncSession, key: _Key) -> _Chunk | None:
    query = (
        select(NoticeChunk.call, NoticeChunk.recipients, NoticeChunk.marks, NoticeChunk.msg_ids)
        .where(NoticeChunk.notice_id == key[0], NoticeChunk.number == key[1])
        .with_for_update()
    )
    row = (await session.execute(query)).first()
    return _Chunk(row) if row is not None else None


def _settle_by_id(
    rows: Mapping[_Key, _Chunk], by_chunk: Mapping[_Key, list[_Found]]
) -> dict[JobFinish, set[_Key]]:
    settled: dict[JobFinish, set[_Key]] = {}
    for key, chunk in rows.items():
        for one in by_chunk[key]:
            place = chunk.place_of(one.follower_id)
            if place is None or not one.finish.msg_id or chunk.msg_id_at(place) != one.finish.msg_id:
                continue
            is_new = chunk.marks[place] in AWAITED
            if is_new:
                chunk.marks[place] = one.mark
            settled[one.finish] = {key} if is_new else set()
    return settled


def _settle_without_id(
    rows: Mapping[_Key, _Chunk], by_chunk: Mapping[_Key, list[_Found]], unsettled: set[JobFinish]
) -> dict[JobFinish, set[_Key]]:
    """Where a follower waits for one answer alone, the message is that one."""
    places: defaultdict[JobFinish, list[tuple[_Key, int, Mark]]] = defaultdict(list)
    for key, chunk in rows.items():
        for one in by_chunk[key]:
            place = chunk.place_of(one.follower_id) if one.finish in unsettled else None
            if place is not None and one.is_meant_by(chunk, place):
                places[one.finish].append((key, place, one.mark))
    settled: dict[JobFinish, set[_Key]] = {}
    for finish, candidates in places.items():
        if len(candidates) == 1:
            ((key, place, mark),) = candidates
            rows[key].marks[place] = mark
            settled[finish] = {key}
    return settled


_WITHOUT_ID: Final = {
    NoticeCall.TEMPLATE: frozenset({Mark.BEGUN, Mark.NO_ANSWER}),
    NoticeCall.SUBSCRIPTION: frozenset({Mark.BEGUN, Mark.NO_ANSWER, Mark.SENT}),
}
"""The marks of those whose message may have no id that is known here."""


async def _write(
    session: AsyncSession, rows: Mapping[_Key, _Chunk], settled: Mapping[JobFinish, set[_Key]]
) -> None:
    for notice_id, number in sorted({key for keys in settled.values() for key in keys}):
        marks = rows[notice_id, number].marks
        tally = tally_of(marks)
        await session.execute(
            update(NoticeChunk)
            .where(NoticeChunk.notice_id == notice_id, NoticeChunk.number == number)
            .values(
                marks=bytes(marks),
                tally={str(mark): count for mark, count in tally.items()},
                is_done=not any(mark in tally for mark in OPEN),
            )
            .execution_options(synchronize_session=False)
        )
