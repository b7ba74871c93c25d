"""Many items written at once: judged together, and stored by a few statements instead of a dozen each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.audit import Actor, Entry
from outreach.foundation.ids import new_id
from outreach.foundation.problems import InvalidContent
from outreach.items.content import Content
from outreach.items.files import StoredFile
from outreach.items.model import Attachment, Author, Item
from outreach.items.queries import Holder, References, find_numbers, find_references
from outreach.items.service import draft_of, require_own_number, values_of
from outreach.people.model import Person


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item that comes in: `body` is the written or the composed one, `files` those that came with it, by
    their names."""

    content: Content
    body: str
    files: Mapping[str, StoredFile]

    @property
    def number(self) -> str:
        """The number of its sender, which each item of an import bears."""
        return self.content.source_id or ""


@dataclass(frozen=True, slots=True)
class Known:
    """The item was there before; nothing changes."""

    item_id: str


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What will be stored: `columns` are those of the item's row."""

    arrival: Arrival
    columns: Mapping[str, Any]

    @property
    def item_id(self) -> str:
        """The id that the item will have."""
        return str(self.columns["id"])


Judgement = Known | NewDraft | InvalidContent

_FIRST_REVISION: Final = 1


async def judge(session: AsyncSession, arrivals: Sequence[Arrival], writer: Person | None) -> list[Judgement]:
    """What becomes of each; nothing is written. Their numbers differ from each other."""
    holders = await find_numbers(session, [one.number for one in arrivals])
    references = await find_references(session, [one.content for one in arrivals])
    return [_judged(one, holders.get(one.number), references, writer) for one in arrivals]


async def store(session: AsyncSession, by: Actor, drafts: Sequence[NewDraft], writer: Person | None) -> None:
    """Stores the drafts as `by`'s. They were judged in this transaction, which held the log's head before: no number
    of theirs came in elsewhere since."""
    await _add_all(session, Item, [dict(draft.columns) for draft in drafts])
    await _add_all(session, Attachment, [row for draft in drafts for row in _attachments(draft)])
    await _add_all(session, Author, [_author(draft, writer) for draft in drafts if writer is not None])
    await audit.record_all(session, by, [_entry(draft) for draft in drafts])


def _judged(
    arrival: Arrival, holder: Holder | None, references: References, writer: Person | None
) -> Judgement:
    try:
        if holder is not None:
            require_own_number(holder.section_id, writer)
            return Known(holder.item_id)
        values = values_of(arrival.content, references, writer)
    except InvalidContent as problem:
        return problem
    return NewDraft(arrival, draft_of(new_id(), arrival.content, writer, {**values, "body": arrival.body}))


def _attachments(draft: NewDraft) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for position, name in enumerate(draft.arrival.content.attachments):
        file = draft.arrival.files.get(name)
        rows.append(
            {
                "item_id": draft.item_id,
                "name": name,
                "position": position,
                "sha256": file.sha256 if file else None,
                "size": file.size if file else 0,
                "media_type": file.media_type if file else None,
            }
        )
    return rows


def _author(draft: NewDraft, writer: Person) -> dict[str, Any]:
    return {"item_id": draft.item_id, "revision": _FIRST_REVISION, "person_id": writer.id}


def _entry(draft: NewDraft) -> Entry:
    return Entry("item.create", "item", draft.item_id, {"source_id": draft.columns["source_id"]})


async def _add_all(
    session: AsyncSession, table: type[Attachment | Author | Item], rows: Sequence[dict[str, Any]]
) -> None:
    if rows:
        await session.execute(insert(table), list(rows))
