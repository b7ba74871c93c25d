"""Signing in and out of a browser.

A login takes three steps, so that the slow check of the password holds no transaction and a wrong one is
committed: `find_login` reads, `Passwords.matches` checks, `record_login` writes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, case, delete, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock, office_settings, stops
from outreach.foundation.database import UtcDateTime
from outreach.foundation.office_settings import OfficeSettings
from outreach.foundation.problems import Problem
from outreach.foundation.seal import digest
from outreach.foundation.stops import Stop
from outreach.people.model import Person, WebSession
from outreach.people.queries import person_of_row, today, with_duties

WRONG_LOGINS: Final = 5
PAUSE: Final = timedelta(minutes=15)
_SEEN_EVERY: Final = timedelta(minutes=1)


class WrongLogin(Problem):
    """Name or password wrong, disabled, or paused: told in one sentence, so that it names nobody."""

    status, code, title = 422, "wrong-login", "登录失败"


@dataclass(frozen=True, slots=True)
class Login:
    """What a login is checked against; both are None where nobody bears the name."""

    person_id: str | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new browser session: who it is, the value of its cookie, which is kept nowhere, and what its forms
    bear."""

    person: Person
    cookie: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that is signed in: its session (by the hash of its cookie), when its use was noted last, what its
    forms bear, who it is, the settings as they stand, and whether all publishing is stopped."""

    id_hash: str
    seen_at: datetime
    csrf_token: str
    person: Person
    settings: OfficeSettings
    stop: Stop | None


async def find_login(session: AsyncSession, name: str) -> Login:
    """What is known of whoever bears `name`."""
    query = select(Person.id, Person.password_hash).where(Person.name == name.strip())
    row = (await session.execute(query)).one_or_none()
    return Login(row.id, row.password_hash) if row else Login(None, None)


async def record_login(
    session: AsyncSession, login: Login, *, matches: bool, idle_minutes: int
) -> SignedIn | None:
    """Signs in, or counts a wrong login: the fifth pauses the name for fifteen minutes.

    `matches` says whether the typed password is the one of `login`. Returns None where the login is
    refused, so that the caller commits the count before it tells (`refused`).
    """
    if login.person_id is None:
        await audit.record(session, audit.SERVICE, "login.refused", "person", "unknown")
        return None
    if not matches or not await _admit(session, login):
        await _count_wrong(session, login.person_id)
        return None
    person = await session.get_one(Person, login.person_id, populate_existing=True)
    await _forget_idle(session, idle_minutes)
    cookie, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    now = clock.now()
    session.add(
        WebSession(
            id_hash=digest(cookie),
            person_id=person.id,
            csrf_token=csrf_token,
            created_at=now,
            seen_at=now,
        )
    )
    await audit.record(session, person, "login", "person", person.id)
    return SignedIn(person, cookie, csrf_token)


def refused() -> WrongLogin:
    """What is shown for every refused login, whatever its reason."""
    minutes = int(PAUSE.total_seconds() // 60)
    return WrongLogin(
        f"用户名或密码不正确，或者该用户暂时不能登录。连续输错 {WRONG_LOGINS} 次后暂停登录 {minutes} 分钟；"
        "忘记密码请联系系统管理员。"
    )


async def visits_of(session: AsyncSession, cookies: Sequence[str]) -> list[Visit | None]:
    """For each cookie its browser session, the person and the office's settings, all in one read; None where it is
    unknown, idle for too long, or the person is disabled."""
    hashes = [digest(cookie) for cookie in cookies]
    rows = await session.execute(_VISITS, {"hashes": list(set(hashes)), **today()})
    found = {row.id_hash: row for row in rows}
    return [_visit(found[one]) if one in found else None for one in hashes]


def _visit(row: Row[Any]) -> Visit | None:
    settings = office_settings.of_row(row)
    if row.seen_at <= clock.now() - timedelta(minutes=settings.idle_minutes):
        return None
    return Visit(row.id_hash, row.seen_at, row.csrf_token, person_of_row(row), settings, stops.of_row(row))


def is_seen_lately(visit: Visit) -> bool:
    """Whether the session's last use is noted closely enough (one write a minute at most)."""
    return clock.now() - visit.seen_at < _SEEN_EVERY


async def note_seen(session: AsyncSession, id_hash: str) -> None:
    """Notes that the session is in use."""
    now = clock.now()
    await session.execute(
        update(WebSession).where(WebSession.id_hash == id_hash, WebSession.seen_at < now).values(seen_at=now)
    )


async def sign_out(session: AsyncSession, person: Person, id_hash: str) -> None:
    """Ends one browser session."""
    await session.execute(delete(WebSession).where(WebSession.id_hash == id_hash))
    await audit.record(session, person, "logout", "person", person.id)


async def _admit(session: AsyncSession, login: Login) -> bool:
    """Clears the count of wrong logins, unless the person is paused, disabled, or has another password
    than the one that was checked."""
    admitted = await session.execute(
        update(Person)
        .where(
            Person.id == login.person_id,
            Person.password_hash == login.password_hash,
            Person.disabled.is_(False),
            _not_paused(),
        )
        .values(failed_logins=0, paused_until=None)
        .returning(Person.id)
    )
    return admitted.first() is not None


async def _count_wrong(session: AsyncSession, person_id: str) -> None:
    is_last = Person.failed_logins + 1 >= WRONG_LOGINS
    counted = await session.execute(
        update(Person)
        .where(Person.id == person_id, _not_paused())
        .values(
            failed_logins=case((is_last, 0), else_=Person.failed_logins + 1),
            paused_until=case((is_last, literal(clock.now() + PAUSE, UtcDateTime())), else_=None),
        )
        .returning(Person.paused_until)
    )
    row = counted.first()
    is_paused = row is None or row.paused_until is not None
    await audit.record(session, audit.SERVICE, "login.refused", "person", person_id, paused=is_paused)


async def _forget_idle(session: AsyncSession, idle_minutes: int) -> None:
    oldest = clock.now() - timedelta(minutes=idle_minutes)
    await session.execute(delete(WebSession).where(WebSession.seen_at <= oldest))


def _not_paused() -> ColumnElement[bool]:
    return or_(Person.paused_until.is_(None), Person.paused_until <= clock.now())


_SESSION: Final = WebSession.__table__.c
_PERSON: Final = Person.__table__.c
_VISITS: Final = (
    with_duties(
        *(_SESSION.id_hash, _SESSION.seen_at, _SESSION.csrf_token),
        *office_settings.columns(),
        *stops.columns(),
    )
    .join_from(Person.__table__, WebSession.__table__, _SESSION.person_id == _PERSON.id)
    .where(_SESSION.id_hash.in_(bindparam("hashes", expanding=True)), _PERSON.disabled.is_(False))
)
