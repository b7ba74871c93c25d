"""What followers do, in the audit log: told by the follower's number, which is nobody's once they are erased."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.model import Follower
from outreach.foundation import audit
from outreach.foundation.audit import Machine

FOLLOWER: Final = Machine("关注者")


async def record(session: AsyncSession, follower: Follower, act: str, **detail: Any) -> None:
    """Appends `follower.ACT`, never with an openid or with words of theirs."""
    await audit.record(session, FOLLOWER, f"follower.{act}", "follower", str(follower.id), **detail)
