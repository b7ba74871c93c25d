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
from outreach.items.model import Attachment, Author, Item
from outreach.items.queries import References, find_numbers, find_references
from outreach.items.service import draft_of, insert_into, values_of
from outreach.people.model import Person


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the media store already."""

    sha256: str
    size: int
    media_type: str


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
    known = await find_numbers(session, [one.number for one in arrivals])
    references = await find_references(session, [one.content for one in arrivals])
    return [
        Known(known[one.number]) if one.number in known else _draft(one, references, writer)
        for one in arrivals
    ]


async def store(
    session: AsyncSession, by: Actor, drafts: Sequence[NewDraft], writer: Person | None
) -> dict[str, Known]:
    """Stores the drafts as `by`'s. One whose number came in elsewhere at the same moment is not stored: for its id,
    the item that has the number is given."""
    query = insert_into(session, Item).on_conflict_do_nothing(index_elements=[Item.source_id])
    rows = [dict(draft.columns) for draft in drafts]
    stored = set((await session.scalars(query.returning(Item.id), rows)).all())
    fresh = [draft for draft in drafts if draft.item_id in stored]
    await _add_all(session, Attachment, [row for draft in fresh for row in _attachments(draft)])
    await _add_all(session, Author, [_author(draft, writer) for draft in fresh if writer is not None])
    await audit.record_all(session, by, [_entry(draft) for draft in fresh])
    late = [draft for draft in drafts if draft.item_id not in stored]
    taken = await find_numbers(session, [draft.arrival.number for draft in late]) if late else {}
    return {draft.item_id: Known(taken[draft.arrival.number]) for draft in late}


def _draft(arrival: Arrival, references: References, writer: Person | None) -> NewDraft | InvalidContent:
    try:
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
    detail = {"title": draft.columns["title"], "source_id": draft.columns["source_id"]}
    return Entry("item.create", "item", draft.item_id, detail)


async def _add_all(
    session: AsyncSession, table: type[Attachment | Author], rows: Sequence[dict[str, Any]]
) -> None:
    if rows:
        await session.execute(insert(table), list(rows))
