"""The notice on personal data, and who agreed to it (个人信息保护法 art. 13, 14, 17)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.acts import record
from outreach.followers.model import Follower
from outreach.followers.texts.catalogue import PRIVACY, filled
from outreach.followers.texts.queries import text_of
from outreach.foundation import clock, office_settings
from outreach.foundation.problems import NotPossible, StaleState
from outreach.foundation.seal import digest


class ConsentNeeded(NotPossible):
    """The follower has not agreed to the present notice on personal data."""

    code, title = "consent-needed", "需要先同意个人信息处理告知"


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice as followers read it. `hash` tells its versions apart."""

    content: str
    hash: str


async def present_notice(session: AsyncSession) -> Notice:
    """The notice that is in use now."""
    bureau = (await office_settings.load(session)).bureau
    content = filled(await text_of(session, PRIVACY), bureau=bureau)
    return Notice(content, digest(content))


async def has_consented(session: AsyncSession, follower: Follower) -> bool:
    """Whether the follower agreed to the present notice."""
    if follower.consented_at is None:
        return False
    return follower.consented_to == (await present_notice(session)).hash


async def consent(session: AsyncSession, follower: Follower, read_hash: str) -> None:
    """The follower agrees to the notice of that hash; the same again changes nothing. Raises StaleState where another
    one is in use by now: nobody agrees to what they did not read."""
    notice = await present_notice(session)
    if read_hash != notice.hash:
        raise StaleState("告知内容刚刚更新，请看过新的内容后再同意。")
    if follower.consented_at is not None and follower.consented_to == notice.hash:
        return
    follower.consented_at, follower.consented_to = clock.now(), notice.hash
    await record(session, follower, "consent", notice=notice.hash)
