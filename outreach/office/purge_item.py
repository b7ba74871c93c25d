"""The content of an item that is a secret is purged, wherever the service keeps it.

The words go in one transaction; then the files that no other item needs, what was packed for the archive, and the space
that the database still fills. Whatever interrupts it, it is run again, and tells what is left.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices import purging as notices
from outreach.followers.notices.model import Notice
from outreach.foundation import clock
from outreach.foundation.database import Base
from outreach.foundation.erasure import can_overwrite, erase_free_space
from outreach.foundation.passing_file import passing_place
from outreach.items import purging as items
from outreach.items.model import Attachment, Item, Revision
from outreach.items.queries import hold_item
from outreach.office.context import Office
from outreach.office.seal_case import standing_of
from outreach.people.model import Person
from outreach.publishing import purging as publishing
from outreach.publishing.model import Post
from outreach.review import purging as review
from outreach.review.model import Decision, PassageComment, RedactionProposal, Referral, ReviewRecord
from outreach.screening import purging as screening
from outreach.screening.model import Finding
from outreach.sealing import service as sealing
from outreach.sealing.model import SealCase
from outreach.sealing.rules import require_purgeable

SHARED: Final = "shared-file"
UNREMOVED: Final = "unremoved-file"
SPACE: Final = "database-space"
NOT_OVERWRITTEN: Final = "database-not-overwritten"
AUDIT: Final = "audit-words"

EMPTIED: Final[tuple[type[Base], ...]] = (
    *(Item, Revision, Attachment, Finding),
    *(Decision, Referral, RedactionProposal, PassageComment, ReviewRecord, Post, Notice),
)
"""The tables in which something is emptied."""

_IN_USE_S: Final = 3600
"""Nothing that is being packed or imported takes that long; what is older was left by a killed process."""


async def purge_item(office: Office, case_id: str, by: Person) -> SealCase:
    """Purges what the case is about, as far as it is not purged yet; the case as it stands then.

    Raises NotFound, Forbidden, NotPossible.
    """
    async with office.db.begin() as session:
        item_id = await _empty(session, case_id, by)
    async with office.db.begin() as session:
        case = await sealing.hold_case(session, case_id, by)
        kept = {sha256: await _remove_file(office, session, sha256, item_id) for sha256 in case.files}
        words = await items.events_with_words(session, item_id)
    await asyncio.to_thread(_remove_passing_files, passing_place(office.settings.home))
    left = {sha256: one for sha256, one in kept.items() if one is not None}
    told = [*left.values()]
    told += [_left(AUDIT, list(words))] if words else []
    reason = await erase_free_space(office.db, EMPTIED)
    told += [_left(SPACE, reason, again=True)] if reason else []
    told += [] if can_overwrite(office.db) else [_left(NOT_OVERWRITTEN, None)]
    async with office.db.begin() as session:
        case = await sealing.hold_case(session, case_id, by)
        await sealing.finish_purge(session, case, by, list(left), told)
    return case


async def _empty(session: AsyncSession, case_id: str, by: Person) -> str:
    """The item's id, once nothing in the database says any more what it said."""
    case = await sealing.hold_case(session, case_id, by)
    item = await hold_item(session, case.item_id, by)
    require_purgeable(case, await standing_of(session, case))
    files = await items.files_of(session, item.id) | await publishing.files_of(session, item.id)
    await sealing.begin_purge(session, case, by, files)
    await publishing.purge(session, item.id)
    await notices.purge(session, item.id)
    await review.purge(session, item.id)
    await screening.purge(session, item.id)
    await items.purge(session, item.id)
    return case.item_id


async def _remove_file(
    office: Office, session: AsyncSession, sha256: str, item_id: str
) -> dict[str, Any] | None:
    """Removes the file and what was read in it, unless another item has it too; what is left of it."""
    others = {
        *await items.users_of(session, sha256, but=item_id),
        *await publishing.users_of(session, sha256, but=item_id),
    }
    if others:
        return _left(SHARED, {"sha256": sha256, "items": sorted(others)})
    try:
        await office.readings.remove(sha256)
        await office.media.remove(sha256)
    except OSError:
        return _left(UNREMOVED, sha256, again=True)
    return None


def _left(what: str, detail: Any, *, again: bool = False) -> dict[str, Any]:
    """What is left; `again` says that another run may remove it."""
    return {"what": what, "detail": detail, "again": again}


def _remove_passing_files(place: Path) -> None:
    """Packages for the archive, which can be made anew, and what killed processes left."""
    if not place.is_dir():
        return
    for path in place.iterdir():
        if path.is_file():
            path.unlink(missing_ok=True)
        elif path.stat().st_mtime < clock.now().timestamp() - _IN_USE_S:
            shutil.rmtree(path)
