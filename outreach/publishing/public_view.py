"""What anybody may see of an item: the revision that goes out, and nothing of what was edited later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import office_settings
from outreach.foundation.problems import NotFound, Problem
from outreach.items.model import Item, Revision
from outreach.items.queries import public_corrections, public_corrections_of
from outreach.items.rows import ITEM
from outreach.items.rules import NO_LONGER_PUBLIC
from outreach.publishing.queries import outgoing_number, outgoing_revision

_NOT_PUBLIC = "没有这个页面，或者内容尚未公开。请核对网址。"


class NoLongerPublic(Problem):
    """It was public and was taken back; `detail` is the reason."""

    status, code, title = 410, "no-longer-public", "内容已停止公开"


@dataclass(frozen=True, slots=True)
class PublicLink:
    """Another public item: its title as it is shown there, and the id of its page."""

    title: str
    public_id: str


@dataclass(frozen=True, slots=True)
class PublicItem:
    """An item that anybody may see now. `since` is when its page was opened, `number` and `content_hash` are
    those of the revision that goes out, `bureau` is what the office calls itself."""

    id: str
    public_id: str
    since: datetime
    number: int
    content_hash: str
    is_corrected: bool
    bureau: str


async def public_item(session: AsyncSession, public_id: str) -> PublicItem:
    """The item behind a public address, in one read.

    Raises:
        NotFound: there is none, or none of its posts was claimed yet.
        NoLongerPublic: it was withdrawn or sealed, or all of it is being withdrawn.
    """
    row = (await session.execute(_PUBLIC_ITEM, {"public_id": public_id})).one_or_none()
    if row is None or row.public_since is None:
        raise NotFound(_NOT_PUBLIC)
    if row.state in NO_LONGER_PUBLIC or row.public_end_reason is not None:
        raise NoLongerPublic(row.public_end_reason or "该信息已由发布单位撤回。")
    if row.number is None:
        raise NotFound(_NOT_PUBLIC)
    return PublicItem(
        id=row.id,
        public_id=public_id,
        since=row.public_since,
        number=row.number,
        content_hash=row.content_hash,
        is_corrected=row.is_corrected,
        bureau=office_settings.of_row(row).bureau,
    )


async def snapshot_of(session: AsyncSession, item: PublicItem) -> Mapping[str, Any]:
    """The snapshot of the revision that goes out (`items.service.snapshot_of`); it never changes."""
    query = select(Revision.snapshot).where(Revision.item_id == item.id, Revision.number == item.number)
    snapshot: Mapping[str, Any] = (await session.execute(query)).scalar_one()
    return snapshot


async def corrections_of(session: AsyncSession, item: PublicItem) -> list[PublicLink]:
    """The public items that correct this one, the first one first."""
    if not item.is_corrected:
        return []
    found = [await _link(session, one) for one in await public_corrections_of(session, item.id)]
    return [link for link in found if link is not None]


async def corrected_by(session: AsyncSession, item_id: str | None) -> PublicLink | None:
    """The item that another one corrects, while it is public."""
    item = await session.get(Item, item_id) if item_id else None
    return await _link(session, item) if item else None


async def _link(session: AsyncSession, item: Item) -> PublicLink | None:
    """None where the item's page would not be shown."""
    if item.public_since is None or item.state in NO_LONGER_PUBLIC or item.public_end_reason is not None:
        return None
    revision = await outgoing_revision(session, item.id)
    return PublicLink(revision.snapshot["title"], item.public_id) if revision else None


_REVISION: Final = Revision.__table__.c
_PUBLIC_ITEM: Final = (
    select(
        *(ITEM.id, ITEM.state, ITEM.public_since, ITEM.public_end_reason),
        *(_REVISION.number, _REVISION.content_hash),
        exists(public_corrections(ITEM.id)).label("is_corrected"),
        *office_settings.columns(),
    )
    .outerjoin_from(
        Item.__table__,
        Revision.__table__,
        and_(_REVISION.item_id == ITEM.id, _REVISION.number == outgoing_number(ITEM.id)),
    )
    .where(ITEM.public_id == bindparam("public_id"))
)
