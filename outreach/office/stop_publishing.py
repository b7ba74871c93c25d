"""All publishing is stopped at once, of an account or of the whole office, and goes on."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import get_account
from outreach.foundation import stops
from outreach.foundation.stops import OFFICE, Stop
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.rules import STOPPING, require_any
from outreach.publishing import service as publishing
from outreach.publishing.editions.service import pushing


async def stop_publishing(office: Office, by: Person, reason: str, *, account_id: str | None) -> Stop:
    """Stops the account (None: the whole office). When this returns, no release begins any more; one that had begun
    is settled as ever. What was claimed and had not begun it waits, with its draft.

    The stop is committed first: a release that begins later sees it. Then those are waited for that may have looked
    before; each is a short transaction. Raises Forbidden, NotFound, InvalidContent, NotPossible.
    """
    async with office.db.begin() as session:
        scope = await _scope(session, account_id)
        require_any(by, STOPPING)
        made = await stops.stop(session, by, scope, reason)
    async with office.db.begin() as session:
        await publishing.wait_for_releases(session, account_id)
        await pushing.wait_for_releases(session, account_id)
    return made


async def go_on_publishing(office: Office, by: Person, *, account_id: str | None) -> None:
    """Lifts the stop; the caller wakes the workers. Raises Forbidden, NotFound, StaleState."""
    async with office.db.begin() as session:
        scope = await _scope(session, account_id)
        require_any(by, STOPPING)
        await stops.go_on(session, by, scope)


async def _scope(session: AsyncSession, account_id: str | None) -> str:
    return OFFICE if account_id is None else (await get_account(session, account_id)).id
