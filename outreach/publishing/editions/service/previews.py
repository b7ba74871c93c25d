"""Previews to named followers: each is stored before it is sent, and counts against the day's hundred."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import invalid
from outreach.people.model import Person
from outreach.publishing.editions.model import Edition, EditionPreview
from outreach.publishing.editions.rules import PREVIEWS_PER_DAY, is_openid, is_wechat_name

RECIPIENTS_MAX = 10


def require_recipients(recipients: Sequence[str]) -> list[str]:
    """Each of them once. Raises InvalidContent naming the one that is neither openid nor WeChat name."""
    wanted = list(dict.fromkeys(one.strip() for one in recipients if one.strip()))
    if not wanted:
        raise invalid("to", "请填写接收预览的人的微信号或 OpenID。")
    if len(wanted) > RECIPIENTS_MAX:
        raise invalid("to", f"一次最多发给 {RECIPIENTS_MAX} 人。")
    for one in wanted:
        if not (is_openid(one) or is_wechat_name(one)):
            raise invalid(
                "to",
                f"“{one[:40]}”既不像微信号（6 至 20 位，字母开头，只含字母、数字、下划线和减号），也不是 OpenID。",
            )
    return wanted


async def begin_previews(
    session: AsyncSession, edition: Edition, by: Person, recipients: Sequence[str]
) -> list[EditionPreview]:
    """The previews that are about to be sent. Raises InvalidContent where the day's are used up."""
    midnight = clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    used = await session.scalar(
        select(func.count()).where(
            EditionPreview.account_id == edition.account_id, EditionPreview.at >= midnight
        )
    )
    left = PREVIEWS_PER_DAY - (used or 0)
    if len(recipients) > left:
        raise invalid("to", f"微信每天只接受 {PREVIEWS_PER_DAY} 次预览，今天还剩 {max(0, left)} 次。")
    previews = [
        EditionPreview(
            edition_id=edition.id,
            account_id=edition.account_id,
            recipient=one,
            at=clock.now(),
            by_id=by.id,
            by_name=by.name,
        )
        for one in recipients
    ]
    session.add_all(previews)
    await session.flush()
    await audit.record(session, by, "edition.preview", "edition", edition.id, count=len(previews))
    return previews


async def end_preview(session: AsyncSession, preview: EditionPreview, problem: str | None) -> None:
    """What came of it."""
    ended = {"problem": problem} if problem else {"sent_at": clock.now()}
    await session.execute(update(EditionPreview).where(EditionPreview.id == preview.id).values(**ended))


async def remember_draft(session: AsyncSession, edition: Edition, media_id: str, draft_of: str) -> str | None:
    """The draft that a preview made on the platform serves the push as well, where the edition is still composed as
    it was; a draft that serves nobody any more is given back, to be dropped there."""
    query = (
        update(Edition)
        .where(Edition.id == edition.id, Edition.version == edition.version)
        .values(media_id=media_id, draft_of=draft_of)
        .returning(Edition.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        return media_id
    return edition.media_id
