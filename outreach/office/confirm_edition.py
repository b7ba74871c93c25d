"""The platform, or a person, says what became of a push: each article is confirmed and counted by itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.channels.push_protocol import PushSent, PushStopped, Reach, Reprint
from outreach.foundation import audit, clock
from outreach.foundation.addresses import is_web_address
from outreach.foundation.audit import SERVICE, Actor
from outreach.foundation.problems import invalid
from outreach.office.confirm_post import confirm_held, remove_post
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import get_edition
from outreach.publishing.editions.rules import POST_ACTIONS, EditionAction, next_state
from outreach.publishing.editions.service import composing, states
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation

_FOUND: Final = {
    EditionState.ACCEPTED: EditionAction.PUBLISH,
    EditionState.UNCERTAIN: EditionAction.FIND_PUBLISHED,
}
_LONGEST_URL: Final = 1024


class Outcome(StrEnum):
    """What the person saw on the platform's own site."""

    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"


async def confirm_sent(session: AsyncSession, edition: Edition, sent: PushSent, zone: ZoneInfo) -> Edition:
    """The push is out: each article counts one, at the platform's own time. An article that the platform names as
    one that may not be sent did not go out."""
    return await _confirm(session, edition, _FOUND[edition.state], sent, zone, SERVICE)


async def stop_edition(session: AsyncSession, edition: Edition, stopped: PushStopped) -> Edition:
    """Nothing was pushed. Articles that were to blame say so themselves."""
    if edition.state is EditionState.UNCERTAIN:
        await states.move(session, edition, EditionAction.FIND_UNDER_WAY)
    await states.move(
        session,
        edition,
        EditionAction.FAIL,
        due_at=None,
        media_id=None,
        draft_of=None,
        problem_code=stopped.code,
        problem_message=_with_numbers(stopped),
    )
    blamed = {one.article_idx: one for one in stopped.reprints}
    for post in await states.hold_articles(session, edition):
        if post.article_idx in blamed:
            post.problem_code, post.problem_message = "reprint", _blamed(blamed[post.article_idx])
    await session.flush()
    return edition


async def remove_edition(session: AsyncSession, edition: Edition, message: str, zone: ZoneInfo) -> Edition:
    """It was out, and was taken down on the platform: it stays counted, and is shown as withdrawn beside."""
    for post in await states.hold_articles(session, edition):
        if post.state is PostState.PUBLISHED:
            await remove_post(session, post, message, zone)
    return await states.move(session, edition, EditionAction.REMOVED, problem_message=message)


async def add_facts(session: AsyncSession, edition: Edition, sent: PushSent) -> None:
    """What the event tells of a push that was known to be out already: addresses and counts. By when it counts
    stays."""
    if sent.reach is not None and edition.sent_count is None:
        for name, value in _counts(sent.reach).items():
            setattr(edition, name, value)
    for post in await states.hold_articles(session, edition):
        post.url = post.url or sent.urls.get(post.article_idx or 0)
    await session.flush()


async def resolve_edition(
    session: AsyncSession,
    edition_id: str,
    by: Person,
    outcome: Outcome,
    zone: ZoneInfo,
    *,
    url: str | None = None,
    published_at: datetime | None = None,
) -> Edition:
    """A person says whether it was pushed. What was counts by `published_at`, else by now; `url` is the head
    article's. What was not is composed again.

    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent.
    """
    await get_edition(session, edition_id, by)
    require(by, Act.PUBLISH)
    edition = await composing.hold_edition(session, edition_id)
    require_resolvable(edition, by)
    if outcome is Outcome.NOT_PUBLISHED:
        return await states.resolve_as_not_published(session, edition, by)
    _check(edition, url, published_at)
    sent = PushSent(at=published_at, urls={1: url} if url else {})
    await _confirm(session, edition, EditionAction.RESOLVE_PUBLISHED, sent, zone, by)
    await audit.record(session, by, "edition.resolve", "edition", edition.id, outcome=outcome.value)
    return edition


def require_resolvable(edition: Edition, by: Person) -> None:
    """Raises Forbidden, or NotPossible where the edition doesn't wait for a person."""
    require(by, Act.PUBLISH)
    next_state(edition.state, EditionAction.RESOLVE_PUBLISHED)


async def _confirm(
    session: AsyncSession,
    edition: Edition,
    action: EditionAction,
    sent: PushSent,
    zone: ZoneInfo,
    by: Actor,
) -> Edition:
    now = clock.now()
    posts = await states.hold_articles(session, edition)
    named = {one.article_idx: one for one in sent.reprints}
    out = [post for post in posts if _went_out(named.get(post.article_idx or 0))]
    proofs = {post.id: _proof(edition, post, sent, now) for post in out}
    confirmations = [Confirmation(post, POST_ACTIONS[action], proofs[post.id]) for post in out]
    kept_out = [post for post in posts if post not in out]
    await confirm_held(session, confirmations, zone, by=by)
    for post in kept_out:
        await _keep_out(session, post, named[post.article_idx or 0])
    await states.move(
        session,
        edition,
        action,
        due_at=None,
        published_at=sent.at or now,
        confirmed_at=now,
        problem_code=None,
        problem_message=None,
        **(_counts(sent.reach) if sent.reach else {}),
    )
    await _note_reprints(session, edition, named)
    return edition


async def _keep_out(session: AsyncSession, post: Post, reprint: Reprint) -> None:
    if post.state is PostState.UNCERTAIN:
        await publishing.move(session, post, PostAction.FIND_UNDER_WAY)
    await publishing.move(
        session, post, PostAction.FAIL, problem_code="reprint", problem_message=_blamed(reprint)
    )


async def _note_reprints(session: AsyncSession, edition: Edition, named: dict[int, Reprint]) -> None:
    """An article that went out as a reprint says so: its readers see the original's text."""
    for post in await states.hold_articles(session, edition):
        if post.state is PostState.PUBLISHED and post.article_idx in named:
            post.problem_code, post.problem_message = "reprint", _reprinted(named[post.article_idx])
    await session.flush()


def _went_out(named: Reprint | None) -> bool:
    return named is None or named.can_be_sent


def _proof(edition: Edition, post: Post, sent: PushSent, now: datetime) -> Published:
    number = post.article_idx or 0
    platform_id = f"{edition.msg_id}_{number}" if edition.msg_id else ""
    return Published(platform_id, sent.urls.get(number, ""), sent.at or now)


def _counts(reach: Reach) -> dict[str, Any]:
    return {
        "total_count": reach.total,
        "filter_count": reach.filtered,
        "sent_count": reach.sent,
        "error_count": reach.errors,
    }


def _with_numbers(stopped: PushStopped) -> str:
    numbers = "、".join(str(one.article_idx) for one in stopped.reprints)
    return f"{stopped.message}涉及第 {numbers} 篇。" if numbers else stopped.message


def _blamed(reprint: Reprint) -> str:
    how = "是转载" if reprint.can_be_sent else "与他人的原创文章相似，不能群发"
    return f"微信判定这篇文章{how}（原文：{reprint.original_url or '微信没有给出'}）。请修改内容，或把它移出推送。"


def _reprinted(reprint: Reprint) -> str:
    return f"微信判定这篇文章为转载，读者看到的可能是原文（{reprint.original_url or '微信没有给出'}）。请到公众平台核对。"


def _check(edition: Edition, url: str | None, published_at: datetime | None) -> None:
    if url and (len(url) > _LONGEST_URL or not is_web_address(url)):
        raise invalid("url", "链接应以 http:// 或 https:// 开头，请从平台上复制完整的文章链接。")
    if published_at is None:
        return
    if published_at > clock.now():
        raise invalid("published_at", "群发时间不能晚于现在。")
    if edition.planned_at is not None and published_at < edition.planned_at.replace(second=0, microsecond=0):
        raise invalid("published_at", "群发时间不能早于安排群发的时间。")
