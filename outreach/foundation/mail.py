"""The outbox of e-mails: a row in the transaction that causes it, sent by a worker, never twice knowingly.

`queue_mail` knows nothing of a server: where none is configured the rows wait, and what has waited too long is given
up and shown. A mail is handed to the server at most once unless a person says so: the moment before that is stored,
and a worker that dies after it, or an answer that is lost, leaves the mail `uncertain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import JSON, Index, String, Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation import clock
from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.foundation.problems import NotFound, NotPossible, StaleState

LEASE: Final = timedelta(minutes=5)
GIVE_UP_AFTER: Final = timedelta(days=3)
_LONGEST_WAIT: Final = timedelta(hours=1)
_SUBJECT: Final = 200


class MailState(StrEnum):
    """Where a mail is on its way. UNCERTAIN: it was handed over, and nobody knows whether it arrived."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    DROPPED = "dropped"


class MailAction(StrEnum):
    """What moves a mail."""

    CLAIM = "claim"
    ACCEPT = "accept"
    DEFER = "defer"
    REFUSE = "refuse"
    LOSE_ANSWER = "lose_answer"
    SEND_AGAIN = "send_again"
    CONFIRM = "confirm"
    DROP = "drop"


TRANSITIONS: Final[Mapping[tuple[MailState, MailAction], MailState]] = {
    (MailState.QUEUED, MailAction.CLAIM): MailState.SENDING,
    (MailState.QUEUED, MailAction.REFUSE): MailState.FAILED,
    (MailState.QUEUED, MailAction.DROP): MailState.DROPPED,
    (MailState.SENDING, MailAction.ACCEPT): MailState.SENT,
    (MailState.SENDING, MailAction.DEFER): MailState.QUEUED,
    (MailState.SENDING, MailAction.REFUSE): MailState.FAILED,
    (MailState.SENDING, MailAction.LOSE_ANSWER): MailState.UNCERTAIN,
    (MailState.UNCERTAIN, MailAction.CONFIRM): MailState.SENT,
    (MailState.UNCERTAIN, MailAction.SEND_AGAIN): MailState.QUEUED,
    (MailState.UNCERTAIN, MailAction.DROP): MailState.DROPPED,
    (MailState.FAILED, MailAction.SEND_AGAIN): MailState.QUEUED,
    (MailState.FAILED, MailAction.DROP): MailState.DROPPED,
}
STATE_LABELS: Final[Mapping[MailState, str]] = {
    MailState.QUEUED: "等待发送",
    MailState.SENDING: "正在发送",
    MailState.SENT: "已发送",
    MailState.UNCERTAIN: "结果不明",
    MailState.FAILED: "没有发出",
    MailState.DROPPED: "不再发送",
}


def next_state(state: MailState, action: MailAction) -> MailState:
    """The state after `action`. Raises NotPossible."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise NotPossible(f"这封邮件现在是“{STATE_LABELS[state]}”，不能这样做。请刷新页面。")
    return after


def wait_before_try(tries: int) -> timedelta:
    """How long to wait after so many tries (from 1): a minute, doubled each time, an hour at most."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), _LONGEST_WAIT)


class Mail(Base):
    """An e-mail to one recipient. `attachments` are `Attachment` as objects: the files lie in the media store.

    `due_at` is when it is to be sent, or until when `holder` is at it; `handed_over_at` is stored before the first
    byte leaves. `give_up_at`: what was not sent until then is not sent by itself any more. `problem` is Chinese.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state_due_at", "state", "due_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    to_name: Mapped[str] = mapped_column(String(64))
    to_address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(_SUBJECT))
    text: Mapped[str] = mapped_column(Text)
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    state: Mapped[MailState] = mapped_column(stored_enum(MailState))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    give_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Addressee(Protocol):
    """Whoever gets mail: an entry of the address book, or anything with a name and an address."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail: its name for the reader, its media type (`application/pdf`), its content's SHA-256
    in the media store."""

    name: str
    media_type: str
    sha256: str


class Hold(NamedTuple):
    """A mail that a worker is sending; `holder` names the claim that gave it."""

    mail: Mail
    holder: str


async def queue_mail(
    session: AsyncSession,
    to: Sequence[Addressee],
    subject: str,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    not_before: datetime | None = None,
) -> list[Mail]:
    """Has the same mail sent to each of `to`, a row for each, in the caller's transaction: it goes out if and only if
    that is committed, and at `not_before` where that is still ahead. Nobody sees who else got it."""
    now = clock.now()
    due = max(now, not_before or now)
    mails = [
        Mail(
            to_name=one.name,
            to_address=one.address,
            subject=" ".join(subject.split())[:_SUBJECT],
            text=text,
            attachments=[asdict(file) for file in attachments],
            state=MailState.QUEUED,
            due_at=due,
            give_up_at=due + GIVE_UP_AFTER,
            written_at=now,
        )
        for one in to
    ]
    session.add_all(mails)
    await session.flush()
    return mails


async def is_any_due(session: AsyncSession, now: datetime) -> bool:
    """Whether there is a mail to send, or one whose worker let its time lapse."""
    states = Mail.state.in_((MailState.QUEUED, MailState.SENDING))
    return await session.scalar(select(Mail.id).where(states, Mail.due_at <= now).limit(1)) is not None


async def claim(session: AsyncSession, *, worker: str) -> Hold | None:
    """A mail that is to be sent now; None where there is none. What a dead worker had handed over becomes uncertain,
    what it had not waits again, and what has waited too long is given up."""
    now = clock.now()
    await _settle_lapsed(session, now)
    due = select(Mail.id).where(Mail.state == MailState.QUEUED, Mail.due_at <= now)
    found = await session.scalar(due.order_by(Mail.due_at).limit(1).with_for_update(skip_locked=True))
    if found is None:
        return None
    holder = f"{worker}:{new_id()[-6:]}"
    claimed = await _move(
        session,
        found,
        MailState.QUEUED,
        MailAction.CLAIM,
        holder=holder,
        due_at=now + LEASE,
        tries=Mail.tries + 1,
    )
    return Hold(await session.get_one(Mail, found, populate_existing=True), holder) if claimed else None


async def note_handover(session: AsyncSession, hold: Hold) -> None:
    """From here on nobody knows but the server. Raises StaleState where another worker has taken it over."""
    await _settle(session, hold, None, handed_over_at=clock.now(), due_at=clock.now() + LEASE)


async def accept(session: AsyncSession, hold: Hold) -> None:
    """The server has taken it. Raises StaleState."""
    await _settle(session, hold, MailAction.ACCEPT, problem=None, settled_at=clock.now())


async def defer(session: AsyncSession, hold: Hold, problem: str) -> None:
    """It was not taken this time, and is tried again later. Raises StaleState."""
    again_at = clock.now() + wait_before_try(hold.mail.tries)
    await _settle(session, hold, MailAction.DEFER, problem=problem, due_at=again_at, handed_over_at=None)


async def refuse(session: AsyncSession, hold: Hold, problem: str) -> None:
    """The server refused it for good. Raises StaleState."""
    await _settle(session, hold, MailAction.REFUSE, problem=problem, settled_at=clock.now())


async def lose_answer(session: AsyncSession, hold: Hold, problem: str) -> None:
    """It may have arrived: a person decides. Raises StaleState."""
    await _settle(session, hold, MailAction.LOSE_ANSWER, problem=problem)


async def decide(session: AsyncSession, mail_id: str, action: MailAction) -> Mail:
    """A person's word on a mail that does not go on by itself. Raises NotFound, NotPossible, StaleState."""
    mail = await get_mail(session, mail_id)
    now = clock.now()
    again = {
        "due_at": now,
        "give_up_at": now + GIVE_UP_AFTER,
        "tries": 0,
        "handed_over_at": None,
        "problem": None,
    }
    values = again if action is MailAction.SEND_AGAIN else {"settled_at": now}
    if not await _move(session, mail.id, mail.state, action, holder=None, **values):
        raise StaleState("这封邮件刚刚有了变化，请刷新页面后再操作。")
    await session.refresh(mail)
    return mail


async def drop_waiting(session: AsyncSession, mail_ids: Sequence[str]) -> int:
    """Those of them that still wait are not sent any more; how many they are."""
    waiting = update(Mail).where(Mail.id.in_(mail_ids), Mail.state == MailState.QUEUED)
    dropped = waiting.values(
        state=next_state(MailState.QUEUED, MailAction.DROP), settled_at=clock.now()
    ).returning(Mail.id)
    found = await session.scalars(dropped.execution_options(synchronize_session=False))
    return len(found.all())


async def get_mail(session: AsyncSession, mail_id: str) -> Mail:
    """Raises NotFound."""
    mail = await session.get(Mail, mail_id)
    if mail is None:
        raise NotFound("没有这封邮件。")
    return mail


async def recent_mails(session: AsyncSession, limit: int) -> Sequence[Mail]:
    """The last ones, the newest first."""
    return (await session.scalars(select(Mail).order_by(Mail.id.desc()).limit(limit))).all()


async def troubled_mails(session: AsyncSession) -> Sequence[Mail]:
    """Those of which a person has to decide what comes next, the oldest first."""
    query = select(Mail).where(Mail.state.in_((MailState.FAILED, MailState.UNCERTAIN)))
    return (await session.scalars(query.order_by(Mail.id))).all()


async def count_queued(session: AsyncSession) -> int:
    """How many wait to be sent."""
    query = select(func.count()).select_from(Mail).where(Mail.state == MailState.QUEUED)
    return await session.scalar(query) or 0


async def _settle_lapsed(session: AsyncSession, now: datetime) -> None:
    lapsed = (Mail.state == MailState.SENDING, Mail.due_at <= now)
    lost = "发送中断在交给服务器之后，不知道是否送达。"
    for where, action, values in (
        ((*lapsed, Mail.handed_over_at.is_not(None)), MailAction.LOSE_ANSWER, {"problem": lost}),
        ((*lapsed, Mail.handed_over_at.is_(None)), MailAction.DEFER, {}),
    ):
        moved = (
            update(Mail)
            .where(*where)
            .values(state=next_state(MailState.SENDING, action), holder=None, **values)
        )
        await session.execute(moved.execution_options(synchronize_session=False))
    given_up = update(Mail).where(Mail.state == MailState.QUEUED, Mail.give_up_at <= now)
    told = func.coalesce(Mail.problem + " ", "") + f"{GIVE_UP_AFTER.days} 天没有发出，不再自动发送。"
    failed = next_state(MailState.QUEUED, MailAction.REFUSE)
    end: dict[str, Any] = {"state": failed, "problem": told, "settled_at": now}
    await session.execute(given_up.values(end).execution_options(synchronize_session=False))


async def _settle(session: AsyncSession, hold: Hold, action: MailAction | None, **values: Any) -> None:
    held = Mail.holder == hold.holder
    if action is not None:
        values = {**values, "state": next_state(MailState.SENDING, action), "holder": None}
    changed = (
        update(Mail).where(Mail.id == hold.mail.id, Mail.state == MailState.SENDING, held).values(values)
    )
    if await session.scalar(changed.returning(Mail.id).execution_options(synchronize_session=False)) is None:
        raise StaleState("另一个进程已接手这封邮件。")


async def _move(
    session: AsyncSession, mail_id: str, state: MailState, action: MailAction, **values: Any
) -> bool:
    """Guarded by the state that was read; whether it was still so."""
    changed = update(Mail).where(Mail.id == mail_id, Mail.state == state)
    changed = changed.values(state=next_state(state, action), **values)
    moved = changed.returning(Mail.id).execution_options(synchronize_session=False)
    return await session.scalar(moved) is not None
