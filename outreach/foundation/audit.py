"""The audit log: every act leaves an event, chained by HMAC under SECRET_KEY.

Each event's `mac` covers the event and the mac before it; the head (how many events there are, and the
last mac) is one row of its own with an HMAC over both, locked by each append. A changed, removed (also
the last), inserted or reordered row breaks the chain at a place that `verify` names.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from sqlalchemy import JSON, Integer, Row, Select, String, func, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation import clock
from outreach.foundation.database import ID, Base, UtcDateTime
from outreach.foundation.seal import WrongKey, same

GENESIS: Final = "0" * 64
_PIECE: Final = 500


class AuditEvent(Base):
    """One act: who did what to which thing, when, with which particulars (never a text under review)."""

    __tablename__ = "audit_event"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(ID)
    actor_name: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(64), index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    mac: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain, kept apart from it: one row, made by the migration, locked by each append."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    count: Mapped[int]
    last_mac: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))


class Actor(Protocol):
    """Whoever acts: a person of the office, or one of the two below."""

    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Machine:
    """An actor that is no person."""

    name: str
    id: str | None = None


COMMAND_LINE: Final = Machine("命令行")
SERVICE: Final = Machine("系统")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it lies in the database, whatever somebody did to it there: `at` is None where no time
    stands in its place, `detail` where no particulars do."""

    number: int
    at: datetime | None
    actor_id: str | None
    actor_name: str
    act: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any] | None
    mac: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the chain is broken. `number` is the event's (1 is the first), `message` Chinese."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What an event tells besides who acted and when. `act` reads like `item.submit`."""

    act: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, Any]


async def record(
    session: AsyncSession, by: Actor, act: str, subject_kind: str, subject_id: str, **detail: Any
) -> None:
    """Appends one event in the caller's transaction. `act` reads like `item.submit`. Raises WrongKey."""
    await record_all(session, by, [Entry(act, subject_kind, subject_id, detail)])


async def record_all(session: AsyncSession, by: Actor, entries: Sequence[Entry]) -> None:
    """Appends events in their order, in the caller's transaction; the head is locked and moved once.

    Raises WrongKey where the chain was written under another SECRET_KEY: one machine with a key of its own
    would break it for all.
    """
    head = await _locked_head(session)
    await _require_own_key(session, head)
    number, last_mac = head.count, head.last_mac
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        event = StoredEvent(
            number=number,
            at=clock.now(),
            actor_id=by.id,
            actor_name=by.name,
            act=entry.act,
            subject_kind=entry.subject_kind,
            subject_id=entry.subject_id,
            detail=json.loads(json.dumps(entry.detail, ensure_ascii=False, default=str)),
            mac="",
        )
        last_mac = _mac_of(session, event, last_mac)
        rows.append({**asdict(event), "mac": last_mac})
    if rows:
        await session.execute(insert(AuditEvent), rows)
    head.count, head.last_mac, head.mac = number, last_mac, _mac_of_head(session, number, last_mac)
    await session.flush()


async def require_own_key(session: AsyncSession) -> None:
    """Raises WrongKey where the chain was written under another SECRET_KEY."""
    head = await session.get(AuditHead, 1, populate_existing=True)
    if head is not None:
        await _require_own_key(session, head)


async def hold(session: AsyncSession) -> None:
    """Takes the head for this transaction already, before anything else that others may wait for: with
    `record` alone, two who insert the same could each hold what the other waits for."""
    await _locked_head(session)


def text_mac(session: AsyncSession, text: str | None) -> str | None:
    """What the log keeps of a text that somebody typed: an HMAC, by which a later change of the text is noticed. The
    log can't be purged without breaking its chain, so that no text may stand in it."""
    return _hmac(session, ["text", text]) if text else None


async def verify(session: AsyncSession) -> list[Fault]:
    """Reads the whole chain; every place where it is broken, in order. Empty means intact.

    What others append meanwhile is not read: the chain is checked up to the head as it stood at the start.
    """
    head = await session.get(AuditHead, 1, populate_existing=True)
    if head is None:
        return [Fault(0, "链头记录不见了")]
    count, last_mac = head.count, head.last_mac
    faults = _faults_of_head(session, head)
    expected, previous = 1, GENESIS
    async for event in events(session, until=count):
        if event.number < 1:
            faults.append(Fault(event.number, f"第 {event.number} 条不是本系统写入的：记录从第 1 条开始"))
            continue
        if event.number > expected:
            faults.append(Fault(expected, f"第 {expected} 条至第 {event.number - 1} 条缺失"))
        if not same(event.mac, _mac_of(session, event, previous)):
            told = f"{event.act}，{_when(event.at)}"
            faults.append(Fault(event.number, f"第 {event.number} 条被改动、插入或调换过（{told}）"))
        expected, previous = event.number + 1, event.mac
    if expected <= count:
        faults.append(Fault(expected, f"末尾缺少第 {expected} 条至第 {count} 条"))
    elif previous != last_mac:
        faults.append(Fault(count, f"第 {count} 条（末条）与链头不符"))
    return faults + await _faults_beyond_head(session)


async def events(session: AsyncSession, *, until: int | None = None) -> AsyncIterator[StoredEvent]:
    """The whole log (up to the event of number `until`), first event first, read in pieces."""
    query = select_stored().order_by(AuditEvent.number).limit(_PIECE)
    if until is not None:
        query = query.where(AuditEvent.number <= until)
    piece = query
    while rows := (await session.execute(piece)).all():
        for row in rows:
            yield stored_event(row)
        piece = query.where(AuditEvent.number > rows[-1].number)


def select_stored() -> Select[*tuple[Any, ...]]:
    """Reads events as they are stored: nothing is converted on the way, which would break on a row that
    somebody meddled with."""
    return select(
        AuditEvent.number,
        type_coerce(AuditEvent.at, String),
        AuditEvent.actor_id,
        AuditEvent.actor_name,
        AuditEvent.act,
        AuditEvent.subject_kind,
        AuditEvent.subject_id,
        type_coerce(AuditEvent.detail, String),
        AuditEvent.mac,
    )


def stored_event(row: Row[*tuple[Any, ...]]) -> StoredEvent:
    """The event in a row of `select_stored`."""
    number, at, actor_id, actor_name, act, subject_kind, subject_id, detail, mac = row
    return StoredEvent(
        number=number,
        at=_moment(at),
        actor_id=None if actor_id is None else str(actor_id),
        actor_name=str(actor_name),
        act=str(act),
        subject_kind=str(subject_kind),
        subject_id=str(subject_id),
        detail=_particulars(detail),
        mac=str(mac),
    )


def _moment(stored: Any) -> datetime | None:
    """PostgreSQL gives an aware time, SQLite the text of one in UTC."""
    try:
        moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _particulars(stored: Any) -> dict[str, Any] | None:
    """PostgreSQL gives the value, SQLite its JSON."""
    try:
        read = stored if isinstance(stored, dict) else json.loads(stored)
    except (TypeError, ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "时间已损坏"


async def _require_own_key(session: AsyncSession, head: AuditHead) -> None:
    """A head that was tampered with is `verify`'s to tell; under another key the last event is foreign too."""
    if not _faults_of_head(session, head):
        return
    query = select_stored().order_by(AuditEvent.number.desc()).limit(2)
    last = [stored_event(row) for row in await session.execute(query)]
    previous = last[1].mac if len(last) == 2 else GENESIS
    if last and not same(last[0].mac, _mac_of(session, last[0], previous)):
        raise WrongKey(
            "SECRET_KEY 与写下这个数据库审计链的不同。请恢复原来的密钥；多台机器须共用同一个 OUTREACH_SECRET_KEY。"
        )


def _faults_of_head(session: AsyncSession, head: AuditHead) -> list[Fault]:
    untouched = head.count == 0 and head.last_mac == GENESIS and head.mac == ""
    if untouched or same(head.mac, _mac_of_head(session, head.count, head.last_mac)):
        return []
    return [Fault(head.count, "链头记录被改动过")]


async def _faults_beyond_head(session: AsyncSession) -> list[Fault]:
    """Rows after the head were not written here. The last row is read before the head is read again: what is
    appended meanwhile moves both."""
    last = await session.scalar(select(func.max(AuditEvent.number))) or 0
    head = await session.get_one(AuditHead, 1, populate_existing=True)
    if last <= head.count:
        return []
    return [
        Fault(
            head.count + 1,
            f"第 {head.count + 1} 条至第 {last} 条不是本系统写入的：链头只到第 {head.count} 条",
        )
    ]


async def _locked_head(session: AsyncSession) -> AuditHead:
    """The head's row, which nobody else can read for an append until this transaction ends."""
    lock = update(AuditHead).where(AuditHead.id == 1).values(count=AuditHead.count).returning(AuditHead)
    return (await session.scalars(lock.execution_options(populate_existing=True))).one()


def _mac_of(session: AsyncSession, event: AuditEvent | StoredEvent, previous: str) -> str:
    return _hmac(
        session,
        [
            previous,
            event.number,
            event.at.isoformat() if event.at else None,
            event.actor_id,
            event.actor_name,
            event.act,
            event.subject_kind,
            event.subject_id,
            event.detail,
        ],
    )


def _mac_of_head(session: AsyncSession, count: int, last_mac: str) -> str:
    return _hmac(session, ["head", count, last_mac])


def _hmac(session: AsyncSession, fields: list[Any]) -> str:
    """The key comes with the session: whoever opens the database knows it, nobody else needs it."""
    key: bytes = session.info["audit_key"]
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
