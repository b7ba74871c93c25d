"""What an item said goes; that it was, whose it was and when stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Text, cast, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.audit import AuditEvent
from outreach.items.model import Attachment, Item, Revision

_WORDS: Final = ("title", "name", "opinion", "basis")
"""Under these names an earlier version kept words in the audit log."""


async def purge(session: AsyncSession, item_id: str) -> None:
    """Empties the item and the snapshots of its revisions, whose hashes stay, and forgets its attachments."""
    emptied: dict[str, Any] = {
        "title": "",
        "short_title": None,
        "repost_source": None,
        "repost_url": None,
        "public_end_reason": None,
        "body": "",
        "fields": {},
    }
    await session.execute(update(Item).where(Item.id == item_id).values(emptied))
    await session.execute(update(Revision).where(Revision.item_id == item_id).values(snapshot={}))
    await session.execute(delete(Attachment).where(Attachment.item_id == item_id))


async def files_of(session: AsyncSession, item_id: str) -> set[str]:
    """The SHA-256 of every file that the item ever had: attached, in a revision, or replaced by another one."""
    attached = await session.scalars(
        select(Attachment.sha256).where(Attachment.item_id == item_id, Attachment.sha256.is_not(None))
    )
    found = {sha256 for sha256 in attached if sha256}
    for snapshot in await session.scalars(select(Revision.snapshot).where(Revision.item_id == item_id)):
        found.update(hashes_in(snapshot))
    uploads = select(AuditEvent.detail).where(
        AuditEvent.subject_id == item_id, AuditEvent.act == "item.attach"
    )
    for detail in await session.scalars(uploads):
        found.update(hashes_in(detail))
    return found


async def users_of(session: AsyncSession, sha256: str, *, but: str) -> Sequence[str]:
    """The ids of other items that have a file of that content, now or in an earlier revision."""
    attached = select(Attachment.item_id).where(Attachment.sha256 == sha256, Attachment.item_id != but)
    frozen = select(Revision.item_id).where(
        cast(Revision.snapshot, Text).contains(sha256), Revision.item_id != but
    )
    return (await session.scalars(attached.union(frozen))).all()


async def events_with_words(session: AsyncSession, item_id: str) -> Sequence[int]:
    """The numbers of audit events of the item that an earlier version wrote with its title, the name of a file or an
    opinion in them. They stay: without them the chain would be broken."""
    query = select(AuditEvent.number, AuditEvent.detail).where(AuditEvent.subject_id == item_id)
    events = await session.execute(query.order_by(AuditEvent.number))
    return [number for number, detail in events if any(detail.get(name) for name in _WORDS)]


def hashes_in(value: Any) -> Iterator[str]:
    """Every `sha256` in a snapshot or a rendition, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str):
            yield value["sha256"]
        for inner in value.values():
            yield from hashes_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from hashes_in(inner)
