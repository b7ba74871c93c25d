"""An item with all that hangs on it, as programs are told of it: one JSON document an item, put together by the
database in the one statement that finds the items.

Its shape is `web.api.item_shapes.ItemShape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import String, bindparam, case, join, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.json_columns import json_text
from outreach.items.model import Item
from outreach.items.queries import ItemFilter
from outreach.items.rows import ATTACHMENTS, BEYOND, ITEM, SECTION, AnySelect, page
from outreach.office.rendition_sources import public_address
from outreach.people.model import Person, Section
from outreach.publishing.queries import POSTS
from outreach.review.queries import DECISIONS, EMERGENCIES
from outreach.screening.queries import FINDINGS


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """An item as JSON, and what an answer says of it besides."""

    json: str
    id: str
    version: int


async def list_documents(
    session: AsyncSession,
    reader: Person,
    narrow: ItemFilter,
    *,
    public_url: str,
    limit: int,
    cursor: str | None = None,
) -> tuple[Sequence[ItemDocument], str | None]:
    """A page of items that `reader` may see, newest first, and the cursor of the next page."""
    given = {"before": cursor or BEYOND, "public_pages": public_address("", public_url)}
    rows = await session.execute(_page(reader.section_ids, narrow, limit + 1), given)
    found = [ItemDocument(*row) for row in rows]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def document_of(session: AsyncSession, item_id: str, public_url: str) -> ItemDocument:
    """One item as it stands, also within a transaction."""
    await session.flush()
    given = {"id": item_id, "public_pages": public_address("", public_url)}
    return ItemDocument(*(await session.execute(_ONE, given)).one())


@lru_cache(maxsize=64)
def _page(section_ids: frozenset[str] | None, narrow: ItemFilter, rows: int) -> AnySelect:
    """The statement for such a reader. Made once: to build it costs more than to run it. The ids are found first:
    SQLite would put documents together before it sorts."""
    ids = page(select(ITEM.id), section_ids, narrow, rows).correlate(None)
    return _documents(_SHOWN.where(ITEM.id.in_(ids)))


def _documents(shown: AnySelect) -> AnySelect:
    """Reads what an `ItemDocument` has, newest first."""
    documents = json_text(shown, ITEM.id, ITEM.version)
    return documents.order_by(documents.selected_columns.id.desc())


_PUBLIC_PAGES: Final = bindparam("public_pages", type_=String)
_SHOWN: Final[AnySelect] = select(
    *(ITEM.id, ITEM.source_id, ITEM.kind, ITEM.title, ITEM.short_title, SECTION.name.label("section")),
    *(ITEM.origin, ITEM.repost_source, ITEM.repost_url, ITEM.corrects_id.label("corrects"), ITEM.formed_on),
    *(ITEM.body, ITEM.fields, ATTACHMENTS.label("attachments"), ITEM.state, ITEM.stage),
    *(ITEM.revision, ITEM.version, ITEM.deadline, ITEM.deadline_is_estimate, ITEM.not_before),
    case((ITEM.public_since.is_not(None), _PUBLIC_PAGES + ITEM.public_id)).label("public_url"),
    *(ITEM.withdraw_on, ITEM.public_end_reason.label("withdrawal_reason")),
    *(FINDINGS.label("findings"), DECISIONS.label("reviews"), EMERGENCIES.label("emergencies")),
    POSTS.label("posts"),
    *(ITEM.created_at, ITEM.updated_at),
).select_from(join(Item.__table__, Section.__table__, ITEM.section_id == SECTION.id))
_ONE: Final = _documents(_SHOWN.where(ITEM.id == bindparam("id", type_=String)))
