"""Who hears of something: found by one set-wise query, and handed out in chunks that the database packs itself.

A million followers as rows would take seconds to come here alone; as one value a chunk they take none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Label,
    Select,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from outreach.channels.notice_protocol import NoticeCall
from outreach.followers.model import Follower, Subscription
from outreach.followers.notices.marks import UNTOLD, Mark
from outreach.followers.notices.model import Notice, NoticeChunk, NoticeConsent, NoticeState
from outreach.followers.notices.packing import pack, unpack
from outreach.followers.notices.rules import CHUNK, SPOKE_WITHIN

_NO_CALL: Final = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose followers, of which topics, and by what they may be told: the template of each call that takes one.
    `digest_hour`: those who want everything at that hour, who are told apart by which of the topics they want; None:
    those who want each thing by itself, or with `is_urgent` all of them."""

    account_id: str
    topic_ids: Sequence[str]
    calls: Sequence[NoticeCall]
    templates: Mapping[NoticeCall, str]
    is_urgent: bool = False
    digest_hour: int | None = None


MOST_TOLD_APART: Final = 60
"""Topics that a digest can tell apart: a bit each of one number."""


@dataclass(frozen=True, slots=True)
class Part:
    """Recipients of one chunk, ascending and packed; `call` is None for those to whom there is no way. Of a digest, those
    who want the same: bit n of `wants` stands for the n-th of the topics."""

    call: NoticeCall | None
    wants: int
    recipients: bytes

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.recipients) // 8


async def parts_of(session: AsyncSession, wanted: Wanted, now: datetime) -> list[Part]:
    """The recipients, each once however many of the topics they want; by chunks of one call each."""
    found = _found(wanted, _way(wanted, now).label("way")).where(
        Follower.account_id == wanted.account_id, Follower.subscribed, Follower.consented_at.is_not(None)
    )
    rows = await session.execute(_in_chunks(found))
    return [Part(_call(way), int(wants), _packed(recipients)) for way, wants, recipients in rows]


async def times_told(session: AsyncSession, account_id: str, since: datetime, most: int) -> bytearray | None:
    """How often each follower was told something since then, by id; None where nobody can have been told `most` times
    yet. A byte each: `most` is well below 255."""
    begun = (Notice.account_id == account_id, Notice.started_at >= since)
    notices = await session.scalar(select(func.count()).select_from(Notice).where(*begun))
    if (notices or 0) < most:
        return None
    query = (
        select(NoticeChunk.recipients, NoticeChunk.marks, NoticeChunk.last_id, Notice.state)
        .join(Notice, Notice.id == NoticeChunk.notice_id)
        .where(*begun)
        .execution_options(yield_per=10)
    )
    times = bytearray()
    async for recipients, marks, last_id, state in await session.stream(query):
        times.extend(bytes(max(0, last_id + 1 - len(times))))
        never = UNTOLD | {Mark.QUEUED} if state is NoticeState.CANCELLED else UNTOLD
        for follower_id, mark in zip(unpack(recipients), marks, strict=True):
            if mark not in never and times[follower_id] < 255:
                times[follower_id] += 1
    return times


def without(part: Part, times: bytearray, most: int) -> Part:
    """The part without those who were told `most` times or more."""
    known = len(times)
    kept = (one for one in unpack(part.recipients) if one >= known or times[one] < most)
    return Part(part.call, part.wants, pack(kept))


def _found(wanted: Wanted, way: Label[str]) -> Select[*tuple[Any, ...]]:
    subscribed = Subscription.topic_id.in_(wanted.topic_ids)
    if wanted.digest_hour is None:
        told = select(Subscription.follower_id).where(subscribed)
        hour = () if wanted.is_urgent else (Follower.digest_hour.is_(None),)
        return select(Follower.id, way, literal(0).label("wants")).where(Follower.id.in_(told), *hour)
    bits = {topic_id: 1 << place for place, topic_id in enumerate(wanted.topic_ids)}
    bit = case(bits, value=Subscription.topic_id, else_=0)
    wants = func.sum(cast(bit, BigInteger)).label("wants")
    counted = select(Subscription.follower_id, wants).where(subscribed).group_by(Subscription.follower_id)
    sums = counted.subquery()
    return (
        select(Follower.id, way, sums.c.wants)
        .join(sums, sums.c.follower_id == Follower.id)
        .where(Follower.digest_hour == wanted.digest_hour)
    )


def _way(wanted: Wanted, now: datetime) -> ColumnElement[str]:
    """By which call each follower is told."""
    ways: list[tuple[ColumnElement[bool], str]] = []
    for call in wanted.calls:
        match call:
            case NoticeCall.TEMPLATE:
                ways.append(
                    (~_consent(wanted.templates[call], NoticeConsent.refused_at.is_not(None)), call.value)
                )
            case NoticeCall.SUBSCRIPTION:
                ways.append((_consent(wanted.templates[call], NoticeConsent.left > 0), call.value))
            case NoticeCall.CUSTOMER:
                ways.append((Follower.spoke_at > now - SPOKE_WITHIN, call.value))
    return case(*ways, else_=_NO_CALL) if ways else literal(_NO_CALL)


def _consent(template_id: str, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Not by a subquery that looks at each follower: PostgreSQL reads this one once."""
    return Follower.id.in_(
        select(NoticeConsent.follower_id).where(NoticeConsent.template_id == template_id, holds)
    )


def _in_chunks(found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """One row a chunk: the call, what its followers want, and their ids in their order."""
    all_ = found.subquery()
    kept_apart = (all_.c.way, all_.c.wants)
    number = func.row_number().over(partition_by=kept_apart, order_by=all_.c.id)
    place = type_coerce(number, Integer) - 1
    placed = select(all_.c.id, *kept_apart, (place // CHUNK).label("chunk")).subquery()
    ordered = select(placed).order_by(placed.c.way, placed.c.wants, placed.c.id).subquery()
    group = (ordered.c.way, ordered.c.wants, ordered.c.chunk)
    return select(ordered.c.way, ordered.c.wants, _Packed(ordered.c.id)).group_by(*group).order_by(*group)


def _call(way: str) -> NoticeCall | None:
    return None if way == _NO_CALL else NoticeCall(way)


def _packed(told: bytes | str) -> bytes:
    return bytes.fromhex(told) if isinstance(told, str) else told


class _Packed(FunctionElement[Any]):
    """The ids of a group in their order, eight bytes each: bytes, or their hexadecimal text."""

    type, inherit_cache = NullType(), True


@compiles(_Packed, "postgresql")
def _packed_on_postgresql(element: _Packed, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"string_agg(int8send({column}), ''::bytea ORDER BY {column})"


@compiles(_Packed, "sqlite")
def _packed_on_sqlite(element: _Packed, compiler: SQLCompiler, **options: Any) -> str:
    """Its group_concat goes by the order of the rows that it is given."""
    return f"group_concat(printf('%016x', {compiler.process(element.clauses, **options)}), '')"
