"""Posts that their platform published at once, or was found to have published: those of a process that come at the same
moment are confirmed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.foundation.database import Database
from outreach.office.confirm_post import confirm_held
from outreach.publishing import service as publishing
from outreach.publishing.model import PostState
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation, Hold, LeaseLost

OPENED: Final[Mapping[PostState, PostAction]] = {
    PostState.ACCEPTED: PostAction.PUBLISH,
    PostState.UNCERTAIN: PostAction.FIND_PUBLISHED,
}
"""What it is, in each state in which a post's outcome is open, to learn that it is out."""


@dataclass(frozen=True, slots=True)
class Out:
    """The platform says that the post in `hold` is out. Months begin in `zone`."""

    hold: Hold
    proof: Published
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Found:
    """`worker` asked the platform about the post, which was in `state`, and it is out."""

    post_id: str
    item_id: str
    state: PostState
    proof: Published
    worker: str
    zone: ZoneInfo


async def store_published(db: Database, out: Out) -> None:
    """The post is confirmed and counted. Raises LeaseLost, and nothing is stored."""
    hold = out.hold
    if not await db.write_together(_confirm, out):
        raise LeaseLost(hold.post_id)
    publishing.log_attempt(hold.post_id, hold.item_id, hold.worker, "published")


async def store_found(db: Database, found: Found) -> bool:
    """The post is confirmed and counted; False where its state has changed meanwhile, and nothing is stored."""
    if not await db.write_together(_confirm_found, found):
        return False
    publishing.log_attempt(found.post_id, found.item_id, found.worker, "published")
    return True


async def _confirm(session: AsyncSession, several: Sequence[Out]) -> list[bool]:
    """Whether each is stored: not those whose post somebody else has taken over."""
    (zone,) = {out.zone for out in several}
    posts = await publishing.hold_sending(session, [out.hold for out in several])
    confirmations = [
        Confirmation(posts[out.hold], PostAction.PUBLISH, out.proof) for out in several if out.hold in posts
    ]
    if confirmations:
        await confirm_held(session, confirmations, zone)
        workers = {hold.post_id: hold.worker for hold in posts}
        await publishing.note_attempts(session, workers, "published", "平台已发布。")
    return [out.hold in posts for out in several]


async def _confirm_found(session: AsyncSession, several: Sequence[Found]) -> list[bool]:
    """Whether each is stored: not those about which somebody else was faster."""
    (zone,) = {found.zone for found in several}
    posts = await publishing.hold_open(session, [found.post_id for found in several])
    known = {
        found.post_id: Confirmation(posts[found.post_id], OPENED[found.state], found.proof)
        for found in several
        if found.post_id in posts and posts[found.post_id].state is found.state
    }
    if known:
        await confirm_held(session, list(known.values()), zone)
        workers = {found.post_id: found.worker for found in several if found.post_id in known}
        await publishing.note_attempts(session, workers, "published", "在平台上查到：已发布。")
    return [found.post_id in known for found in several]
