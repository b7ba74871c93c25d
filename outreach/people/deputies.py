"""代审: who is away names a deputy for the stage at which they decide, or an administrator does it for them.

What is lent is that one role's decisions on items of the absent person's sections; which acts those are is told in
`review.acting`. It ends with its last day, or when it is revoked. Nobody stands in for a deputy: rights are lent by
whoever holds them (`LENT` looks at the absent person's own roles), and whoever is away in a time stands in for nobody
in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outreach.foundation import audit, clock
from outreach.foundation.problems import FieldError, InvalidContent, NotFound, NotPossible
from outreach.people.model import Deputy, Person, Role
from outreach.people.rules import LENDABLE, ROLE_LABELS

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Absence:
    """For whom somebody wants a deputy: as which role, who it is to be, and the first and last day."""

    role: Role | None
    deputy_id: str
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """That somebody stands in for somebody else, now or later."""

    id: str
    absent: str
    deputy: str
    role: Role
    first_day: date
    last_day: date

    @property
    def is_today(self) -> bool:
        """Whether it has begun."""
        return self.first_day <= clock.today(clock.SHANGHAI)


def lendable_roles(person: Person) -> list[Role]:
    """The roles of the person as which somebody can stand in for them."""
    return [role for role in LENDABLE if role in person.roles]


async def name_deputy(session: AsyncSession, by: Person, absent: Person, absence: Absence) -> Deputy:
    """From the first to the last day the deputy decides in the stead of `absent`. Whether `by` may say so (`absent`, or
    an administrator) is the caller's to know.

    Raises InvalidContent naming each field.
    """
    await audit.hold(session)  # of two deputies for the same days, the second finds the first here
    role, first_day, last_day = _understood(absent, absence)
    deputy = await session.get(Person, absence.deputy_id)
    errors = await _objections(session, absent, deputy, role, first_day, last_day)
    if deputy is None or errors:
        raise InvalidContent(errors[0].message, errors=errors)
    row = Deputy(
        person_id=absent.id,
        deputy_id=deputy.id,
        role=role,
        first_day=first_day,
        last_day=last_day,
        named_by_id=by.id,
        named_by_name=by.name,
        named_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    await audit.record(
        session, by, "deputy.name", "person", absent.id,
        name=absent.name, deputy=deputy.name, roles=[role.value],
        first=first_day.isoformat(), last=last_day.isoformat(),
    )  # fmt: skip
    return row


async def revoke_deputy(session: AsyncSession, by: Person, absent: Person, deputy_id: str) -> None:
    """Ends it at once. Raises NotFound, NotPossible."""
    row = await session.get(Deputy, deputy_id)
    if row is None or row.person_id != absent.id:
        raise NotFound("没有这项代审委托。")
    revoked = await session.execute(
        update(Deputy)
        .where(Deputy.id == row.id, *_in_force_from(clock.today(clock.SHANGHAI)))
        .values(revoked_by_id=by.id, revoked_by_name=by.name, revoked_at=clock.now())
        .returning(Deputy.id)
    )
    if revoked.scalar_one_or_none() is None:
        raise NotPossible("这项代审委托已经撤销或期满。")
    deputy = await session.get_one(Person, row.deputy_id)
    await audit.record(
        session, by, "deputy.revoke", "person", absent.id,
        name=absent.name, deputy=deputy.name, roles=[row.role.value],
    )  # fmt: skip


async def standings_of(session: AsyncSession, person_id: str) -> tuple[list[Standing], list[Standing]]:
    """Who stands in for that person, and for whom that person does: now and later, the next one first."""
    absent, deputy = aliased(Person), aliased(Person)
    query = (
        select(Deputy, absent.name, deputy.name)
        .join(absent, absent.id == Deputy.person_id)
        .join(deputy, deputy.id == Deputy.deputy_id)
        .where(
            (Deputy.person_id == person_id) | (Deputy.deputy_id == person_id),
            *_in_force_from(clock.today(clock.SHANGHAI)),
        )
        .order_by(Deputy.first_day, Deputy.id)
    )
    rows = (await session.execute(query)).all()
    told = [
        (row, Standing(row.id, away, stands, row.role, row.first_day, row.last_day))
        for row, away, stands in rows
    ]
    return (
        [one for row, one in told if row.person_id == person_id],
        [one for row, one in told if row.deputy_id == person_id],
    )


async def possible_deputies(session: AsyncSession, absent: Person) -> Sequence[tuple[str, str]]:
    """Id and name of everybody who could be named, by name."""
    query = select(Person.id, Person.name).where(Person.disabled.is_(False), Person.id != absent.id)
    return [(id_, name) for id_, name in await session.execute(query.order_by(Person.name))]


def in_force_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """That somebody stands in for somebody else on that day."""
    return (*_in_force_from(day), Deputy.first_day <= day)


def _understood(absent: Person, absence: Absence) -> tuple[Role, date, date]:
    """What was typed, where it makes sense by itself. Raises InvalidContent with all that does not."""
    errors: list[FieldError] = []
    if absence.role not in lendable_roles(absent):
        errors.append(FieldError("role", f"请选择{absent.name}担任的审查角色。"))
    if not absence.deputy_id:
        errors.append(FieldError("deputy", "请选择代审人。"))
    today, first, last = clock.today(clock.SHANGHAI), absence.first_day, absence.last_day
    if first is None or first < today:
        errors.append(FieldError("first_day", "请填写开始日期，不能早于今天。"))
    if last is None or last < (first or today):
        errors.append(FieldError("last_day", "请填写结束日期，不能早于开始日期。"))
    elif last - (first or today) > LONGEST:
        errors.append(FieldError("last_day", "代审最长一年，请缩短。"))
    if errors or absence.role is None or first is None or last is None:
        raise InvalidContent(errors[0].message, errors=errors)
    return absence.role, first, last


async def _objections(
    session: AsyncSession, absent: Person, deputy: Person | None, role: Role, first: date, last: date
) -> list[FieldError]:
    if deputy is None or deputy.disabled or deputy.id == absent.id:
        return [FieldError("deputy", "请选择一位在用的其他用户。")]
    meanwhile = (*_in_force_from(first), Deputy.first_day <= last)
    rows = (
        await session.scalars(select(Deputy).where(Deputy.person_id.in_([absent.id, deputy.id]), *meanwhile))
    ).all()
    errors = [
        FieldError("first_day", f"这段时间里{ROLE_LABELS[role]}已有代审人，请先撤销。")
        for one in rows
        if one.person_id == absent.id and one.role is role
    ][:1]
    if any(one.person_id == deputy.id for one in rows):
        errors.append(FieldError("deputy", f"{deputy.name}这段时间自己也委托了代审人，请选择别人。"))
    standing_in = select(Deputy.id).where(Deputy.deputy_id == absent.id, *meanwhile).limit(1)
    if await session.scalar(standing_in):
        told = f"{absent.name}这段时间正代别人审查，代审人不能再委托代审人。请先撤销那一项委托。"
        errors.append(FieldError("deputy", told))
    return errors


def _in_force_from(day: date) -> tuple[ColumnElement[bool], ...]:
    """That it was not revoked and does not end before that day."""
    return Deputy.revoked_at.is_(None), Deputy.last_day >= day
