"""The words of an applicant, and who it was, are deleted and leave the database's files."""

from __future__ import annotations

from outreach.foundation.erasure import erase_free_space
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.statistics.requests import service
from outreach.statistics.requests.model import InformationRequest


async def erase_applicant(office: Office, request_id: str, by: Person, *, version: int) -> str | None:
    """None where nothing of it is left that the database can give up, else the reason in Chinese why something is.
    Raises as `service.erase_applicant` does."""
    async with office.db.begin() as session:
        await service.erase_applicant(session, request_id, by, version=version)
    return await erase_free_space(office.db, [InformationRequest])
