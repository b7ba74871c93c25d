"""A person says what the platform could not: whether a post is out. And: cancel it, try it again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.foundation import audit, clock
from outreach.foundation.addresses import is_web_address
from outreach.foundation.problems import NotPossible, invalid
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.office.confirm_post import confirm_post, remove_post
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import get_post
from outreach.publishing.rules import PostAction, next_state

_LONGEST_URL: Final = 1024


class Outcome(StrEnum):
    """What the person saw on the platform's own site."""

    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"
    WITHDRAWN = "withdrawn"


async def resolve_post(
    session: AsyncSession,
    post_id: str,
    by: Person,
    outcome: Outcome,
    zone: ZoneInfo,
    *,
    url: str | None = None,
    published_at: datetime | None = None,
) -> Post:
    """Settles a post that needs a person. A published one counts by `published_at`, else by now; one that was to be
    taken down by hand is gone, or stays as it was.

    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent.
    """
    post = await get_post(session, post_id, by)
    require_resolvable(post, by)
    match outcome:
        case Outcome.NOT_PUBLISHED:
            return await publishing.resolve_as_not_published(session, post, by)
        case Outcome.WITHDRAWN:
            return await _resolve_as_withdrawn(session, post, by, zone)
        case Outcome.PUBLISHED if post.after_withdrawing:
            return await _keep(session, post, by)
    _check(post, url, published_at)
    proof = Published(platform_id="", url=url or "", at=published_at)
    await confirm_post(session, post, PostAction.RESOLVE_PUBLISHED, proof, zone, by=by)
    await audit.record(session, by, "post.resolve", "post", post.id, outcome=outcome.value)
    return post


def require_resolvable(post: Post, by: Person) -> None:
    """Raises Forbidden, or NotPossible where the post doesn't wait for a person."""
    require(by, Act.PUBLISH)
    if not post.after_withdrawing:
        _require_alone(post)
    next_state(post.state, PostAction.RESOLVE_PUBLISHED, after_withdrawing=post.after_withdrawing)


async def cancel_post(session: AsyncSession, post_id: str, by: Person) -> Post:
    """It won't be sent. Raises NotFound, Forbidden, NotPossible, StaleState."""
    post = await get_post(session, post_id, by)
    require(by, Act.PUBLISH)
    if not await _was_left_out(session, post):
        _require_alone(post)
    return await publishing.cancel_post(session, post, by)


async def retry_post(session: AsyncSession, post_id: str, by: Person) -> Post:
    """A failed post is sent again. Raises NotFound, Forbidden, NotPossible, StaleState."""
    post = await get_post(session, post_id, by)
    require(by, Act.PUBLISH)
    _require_alone(post)
    return await publishing.retry_post(session, post, by)


async def _resolve_as_withdrawn(session: AsyncSession, post: Post, by: Person, zone: ZoneInfo) -> Post:
    action = PostAction.RESOLVE_WITHDRAWN
    await remove_post(session, post, post.withdraw_reason, zone, action=action, by=by)
    told = f"{by.name}确认：已在平台上撤回。"
    await publishing.note_attempt(session, post, publishing.OFFICE, "withdrawn", told)
    await audit.record(session, by, "post.resolve", "post", post.id, outcome=Outcome.WITHDRAWN.value)
    return post


async def _keep(session: AsyncSession, post: Post, by: Person) -> Post:
    """It stays out, and so does its item. Raises NotPossible where the item is sealed, or its day of withdrawal has
    come."""
    item = await session.get_one(Item, post.item_id)
    if item.state is ItemState.SEALED:
        raise NotPossible("这条信息发现密级标志，已经封存，必须撤回。请到平台上删除后，点“确认已撤回”。")
    if item.withdraw_on is not None and item.withdraw_on <= clock.today(clock.SHANGHAI):
        raise NotPossible(
            "这条处罚信息已到撤回的日期，应当撤回。确需继续公示的，请信息编辑先在信息页面更改日期。"
        )
    await publishing.keep_published(session, post)
    if item.public_end_reason is not None:
        await items.end_publicly(session, item, None)
    told = f"{by.name}确认：仍在平台上，不再撤回。"
    await publishing.note_attempt(session, post, publishing.OFFICE, "withdraw_given_up", told)
    await audit.record(session, by, "post.resolve", "post", post.id, outcome=Outcome.PUBLISHED.value)
    return post


async def _was_left_out(session: AsyncSession, post: Post) -> bool:
    """Whether its edition went out without it: then it can be cancelled, and its item planned anew."""
    edition = await session.get(Edition, post.edition_id) if post.edition_id else None
    return post.state is PostState.FAILED and edition is not None and edition.state is EditionState.PUBLISHED


def _require_alone(post: Post) -> None:
    """Raises NotPossible where the post goes out with an edition, whose fate it shares."""
    if post.edition_id is not None:
        raise NotPossible("这篇文章随推送一起发出，请到它所在的推送页面处理。")


def _check(post: Post, url: str | None, published_at: datetime | None) -> None:
    if url and (len(url) > _LONGEST_URL or not is_web_address(url)):
        raise invalid("url", "链接应以 http:// 或 https:// 开头，请从平台上复制完整的文章链接。")
    if published_at is not None and published_at > clock.now():
        raise invalid("published_at", "发布时间不能晚于现在。")
    if published_at is not None and published_at < post.planned_at.replace(second=0, microsecond=0):
        raise invalid("published_at", "发布时间不能早于安排发布的时间。")
