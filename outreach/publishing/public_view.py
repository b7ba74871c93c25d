"""What anybody may see of an item: the revision that goes out, and nothing of what was edited later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound, Problem
from outreach.items.model import Item, Revision
from outreach.items.queries import find_by_public_id, public_corrections_of
from outreach.items.rules import NO_LONGER_PUBLIC
from outreach.publishing.queries import outgoing_revision

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
class PublicView:
    """A public item. `content` is the snapshot of the revision (`items.service.snapshot_of`), `since` when
    its page was opened. `corrects` is the item that this one corrects, while that one is public."""

    public_id: str
    since: datetime
    content: Mapping[str, Any]
    corrects: PublicLink | None
    corrected_by: Sequence[PublicLink]

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The files of the revision: name, sha256, size, media_type."""
        return list(self.content["attachments"])


async def public_view(session: AsyncSession, public_id: str) -> PublicView:
    """The item behind a public address.

    Raises:
        NotFound: there is none, or none of its posts was claimed yet.
        NoLongerPublic: it was withdrawn or sealed.
    """
    item, since, revision = await _public(session, public_id)
    content = revision.snapshot
    links = [await _link(session, one) for one in await public_corrections_of(session, item.id)]
    return PublicView(
        public_id=public_id,
        since=since,
        content=content,
        corrects=await _corrected(session, content["corrects"]),
        corrected_by=[link for link in links if link is not None],
    )


async def public_attachment(session: AsyncSession, public_id: str, name: str) -> dict[str, Any]:
    """The file of that name of the revision that goes out. Raises as `public_view` does."""
    _, _, revision = await _public(session, public_id)
    for attachment in revision.snapshot["attachments"]:
        if attachment["name"] == name:
            return dict(attachment)
    raise NotFound("没有这个附件。请核对网址。")


async def _public(session: AsyncSession, public_id: str) -> tuple[Item, datetime, Revision]:
    item = await find_by_public_id(session, public_id)
    if item is None or item.public_since is None:
        raise NotFound(_NOT_PUBLIC)
    if item.state in NO_LONGER_PUBLIC:
        raise NoLongerPublic(item.public_end_reason or "该信息已由发布单位撤回。")
    revision = await outgoing_revision(session, item.id)
    if revision is None:
        raise NotFound(_NOT_PUBLIC)
    return item, item.public_since, revision


async def _corrected(session: AsyncSession, item_id: str | None) -> PublicLink | None:
    item = await session.get(Item, item_id) if item_id else None
    return await _link(session, item) if item else None


async def _link(session: AsyncSession, item: Item) -> PublicLink | None:
    """None where the item's page would not be shown."""
    if item.public_since is None or item.state in NO_LONGER_PUBLIC:
        return None
    revision = await outgoing_revision(session, item.id)
    return PublicLink(revision.snapshot["title"], item.public_id) if revision else None
