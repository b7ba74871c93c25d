"""A person's stop: nothing is published any more, of one account or of the whole office, until somebody lets it go on.

It is no pause (`channels.service.pause_account`), which the service sets by itself where an operator has to
mend something: each is lifted by itself, and a resume leaves a stop in force. Of the whole office it stands on
every page, so it is read with whoever asks (`columns`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.database import ID, Base, UtcDateTime
from outreach.foundation.problems import NotPossible, StaleState, invalid

OFFICE: Final = "office"
"""The scope of a stop of the whole office; any other scope is an account's id."""

LONGEST_REASON: Final = 200
_PREFIX: Final = "stop_"


class Stop(Base):
    """A stop that is in force: who pressed the button, when and why (Chinese)."""

    __tablename__ = "publishing_stop"

    scope: Mapped[str] = mapped_column(ID, primary_key=True)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    by_id: Mapped[str | None] = mapped_column(ID)
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


async def stop(session: AsyncSession, by: Actor, scope: str, reason: str) -> Stop:
    """Puts a stop in force. Raises InvalidContent without a reason, NotPossible where one is in force."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise invalid("reason", f"请写明停发的原因，1至{LONGEST_REASON}个字，不分行。")
    made = Stop(scope=scope, reason=reason, by_id=by.id, by_name=by.name, at=clock.now())
    try:
        async with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise NotPossible("已经停发，无需再停。请刷新页面查看是谁停的、为什么。") from None
    await audit.record(session, by, "publishing.stop", *_subject(scope), reason=reason)
    return made


async def go_on(session: AsyncSession, by: Actor, scope: str) -> None:
    """Lifts a stop. Raises StaleState where none is in force."""
    lifted = await session.execute(delete(Stop).where(Stop.scope == scope).returning(Stop.scope))
    if lifted.first() is None:
        raise StaleState("已经恢复发布了，无需再点。请刷新页面。")
    await audit.record(session, by, "publishing.go_on", *_subject(scope))


async def stops(session: AsyncSession) -> dict[str, Stop]:
    """The stops in force, by their scope."""
    return {one.scope: one for one in await session.scalars(select(Stop))}


def columns() -> list[ColumnElement[Any]]:
    """The stop of the whole office as columns, for a query that reads something else as well."""
    stored = Stop.__table__.c
    return [
        select(column).where(stored.scope == OFFICE).scalar_subquery().label(f"{_PREFIX}{column.name}")
        for column in stored
    ]


def of_row(row: Row[Any]) -> Stop | None:
    """The stop of the whole office out of a row that has `columns()`; None where it is not stopped."""
    values = {column.name: getattr(row, f"{_PREFIX}{column.name}") for column in Stop.__table__.c}
    return Stop(**values) if values["scope"] is not None else None


def _subject(scope: str) -> tuple[str, str]:
    return ("office", OFFICE) if scope == OFFICE else ("account", scope)
