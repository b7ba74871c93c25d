"""Posts that their platform published at once: those of a process that come at the same moment are confirmed
together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.foundation.database import Database
from outreach.office.confirm_post import confirm_held
from outreach.publishing import service as publishing
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation, Hold, LeaseLost


@dataclass(frozen=True, slots=True)
class Out:
    """The platform says that the post in `hold` is out. Months begin in `zone`."""

    hold: Hold
    proof: Published
    zone: ZoneInfo


async def store_published(db: Database, out: Out) -> None:
    """The post is confirmed and counted. Raises LeaseLost, and nothing is stored."""
    hold = out.hold
    if not await db.write_together(_confirm, out):
        raise LeaseLost(hold.post_id)
    publishing.log_attempt(hold.post_id, hold.item_id, hold.worker, "published")


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
