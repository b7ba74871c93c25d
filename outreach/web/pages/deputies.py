"""代审 on the pages of one's own account and of a user: who stands in for whom, and the form to name a deputy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.people.deputies import Absence, Standing, lendable_roles, possible_deputies, standings_of
from outreach.people.model import Person, Role
from outreach.web.forms import Form


@dataclass(frozen=True, slots=True)
class DeputiesView:
    """Of a person: by whom they are stood in for, for whom they stand in, the roles as which somebody may stand in for
    them, who could (id and name; nobody without such a role), today, and what was typed."""

    deputies: list[Standing]
    standing_in: list[Standing]
    roles: list[Role]
    people: Sequence[tuple[str, str]]
    today: date
    typed: Form


async def view_deputies(session: AsyncSession, person: Person, typed: Form | None = None) -> DeputiesView:
    """What the page shows."""
    deputies, standing_in = await standings_of(session, person.id)
    roles = lendable_roles(person)
    people = await possible_deputies(session, person) if roles else []
    today = clock.today(clock.SHANGHAI)
    return DeputiesView(deputies, standing_in, roles, people, today, typed or Form({}))


def absence_in(form: Form) -> Absence:
    """What was typed into the form; what can't be read is None."""
    role = form.text("role")
    return Absence(
        role=Role(role) if role in set(Role) else None,
        deputy_id=form.text("deputy"),
        first_day=_day(form.text("first_day")),
        last_day=_day(form.text("last_day")),
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
