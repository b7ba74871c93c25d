"""The read side of editions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outreach.channels.budget_rules import begin_of, end_of
from outreach.channels.budgets import Standing, standings
from outreach.channels.model import Account
from outreach.channels.queries import open_accounts
from outreach.channels.rules import can_publish
from outreach.foundation import clock
from outreach.foundation.problems import NotFound
from outreach.items.model import Item, ItemState
from outreach.items.queries import ItemFilter, visible
from outreach.people.model import Person
from outreach.publishing.editions.model import Edition, EditionAttempt, EditionPreview, EditionState
from outreach.publishing.editions.quota import PUSHES
from outreach.publishing.editions.rules import NEEDS_ATTENTION, OPEN, SPENDS_QUOTA
from outreach.publishing.model import Post
from outreach.publishing.rules import LIVE_STATES


async def get_edition(session: AsyncSession, edition_id: str, reader: Person) -> Edition:
    """The edition, if each of its articles is for `reader`'s eyes. Raises NotFound."""
    query = _visible(select(Edition).where(Edition.id == edition_id), reader)
    edition = (await session.scalars(query)).unique().one_or_none()
    if edition is None:
        raise NotFound("没有这次推送，或者其中有文章不属于您所在的科室。")
    return edition


async def articles_of(session: AsyncSession, edition_id: str) -> list[Post]:
    """The articles in their order, the head article first."""
    query = select(Post).where(Post.edition_id == edition_id).order_by(Post.article_idx, Post.id)
    return list((await session.scalars(query)).unique())


async def articles_by_edition(session: AsyncSession, edition_ids: Iterable[str]) -> dict[str, list[Post]]:
    """The articles of several editions, in their order."""
    grouped: dict[str, list[Post]] = {}
    query = select(Post).where(Post.edition_id.in_(list(edition_ids))).order_by(Post.article_idx, Post.id)
    for post in (await session.scalars(query)).unique():
        grouped.setdefault(str(post.edition_id), []).append(post)
    return grouped


async def editions_with_ended_articles(session: AsyncSession) -> Sequence[str]:
    """The ids of editions that have not begun to go out, with an article whose item was sealed or withdrawn."""
    is_ended = or_(Item.state == ItemState.SEALED, Item.public_end_reason.is_not(None))
    has_not_begun = Edition.state.in_({EditionState.COMPOSING, EditionState.PLANNED, EditionState.FAILED})
    query = (
        select(Edition.id)
        .join_from(Edition, Post, Post.edition_id == Edition.id)
        .join(Item, Item.id == Post.item_id)
        .where(has_not_begun, is_ended)
    )
    return (await session.scalars(query.distinct().order_by(Edition.id))).all()


async def list_editions(
    session: AsyncSession,
    reader: Person,
    *,
    state: EditionState | None = None,
    account_id: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[Edition], str | None]:
    """A page of editions that `reader` may see, newest first, and the cursor of the next page."""
    query = select(Edition).order_by(Edition.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(Edition.state == state)
    if account_id is not None:
        query = query.where(Edition.account_id == account_id)
    if cursor:
        query = query.where(Edition.id < cursor)
    rows = list((await session.scalars(_visible(query, reader))).unique())
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def attempts_of(session: AsyncSession, edition_id: str) -> Sequence[EditionAttempt]:
    """How each step went, first one first."""
    query = select(EditionAttempt).where(EditionAttempt.edition_id == edition_id).order_by(EditionAttempt.id)
    return (await session.scalars(query)).all()


async def previews_of(session: AsyncSession, edition_id: str) -> Sequence[EditionPreview]:
    """The previews that were sent, the latest first."""
    query = (
        select(EditionPreview)
        .where(EditionPreview.edition_id == edition_id)
        .order_by(EditionPreview.id.desc())
    )
    return (await session.scalars(query)).all()


async def candidates(
    session: AsyncSession, reader: Person, account_id: str, text: str, limit: int
) -> Sequence[Item]:
    """Items that can join an edition of the account, those that are not out anywhere first, then the newest: at
    most `limit`, of titles with `text` in them."""
    is_live = exists().where(
        Post.item_id == Item.id, Post.account_id == account_id, Post.state.in_(LIVE_STATES)
    )
    query = visible(select(Item), reader.section_ids, ItemFilter(text=text or None)).where(
        Item.state.in_({ItemState.APPROVED, ItemState.PUBLISHED}), ~is_live
    )
    in_order = query.order_by(Item.state, Item.updated_at.desc(), Item.id.desc()).limit(limit)
    return (await session.scalars(in_order)).unique().all()


async def pushed_on(session: AsyncSession, account_id: str, *, but: str = "") -> list[date]:
    """The days, in China, of the account's pushes that count against its quota: those that were, may have been or will
    be; one entry a push, without the edition `but`."""
    moment = func.coalesce(Edition.published_at, Edition.release_began_at, Edition.at, Edition.due_at)
    query = select(moment).where(
        Edition.account_id == account_id, Edition.id != but, Edition.state.in_(SPENDS_QUOTA)
    )
    return [one.astimezone(clock.SHANGHAI).date() for one in await session.scalars(query)]


async def standings_of(session: AsyncSession, account: Account) -> list[Standing]:
    """Every budget of the account as it stands: its pushes first (those planned in the present window count), then
    its calls."""
    calls = await standings(session, account)
    if account.type is None or not can_publish(account):
        return calls
    budget, now = PUSHES[account.type], clock.now()
    begin, end = begin_of(budget.window, now), end_of(budget.window, now)
    first, beyond = (one.astimezone(clock.SHANGHAI).date() for one in (begin, end))
    used = sum(first <= day < beyond for day in await pushed_on(session, account.id))
    return [Standing(budget, used, budget.limit, end, None), *calls]


async def editions_needing_attention(session: AsyncSession, reader: Person) -> list[Edition]:
    """The editions on which a person has to act, or whose outcome is not known yet; the oldest first."""
    query = select(Edition).where(Edition.state.in_(NEEDS_ATTENTION)).order_by(Edition.updated_at)
    return list((await session.scalars(_visible(query, reader))).unique())


async def late_editions(session: AsyncSession, reader: Person, before: datetime) -> list[Edition]:
    """The planned editions that should have gone out by `before`, the one that waits longest first."""
    planned_for = func.coalesce(Edition.at, Edition.planned_at)
    query = (
        select(Edition)
        .where(Edition.state == EditionState.PLANNED, planned_for <= before)
        .order_by(planned_for, Edition.id)
    )
    return list((await session.scalars(_visible(query, reader))).unique())


async def count_open(session: AsyncSession) -> dict[EditionState, int]:
    """How many editions are in each state that is not the end of their way."""
    query = select(Edition.state, func.count()).where(Edition.state.in_(OPEN)).group_by(Edition.state)
    return {row[0]: row[1] for row in await session.execute(query)}


async def next_due(session: AsyncSession, before: datetime) -> list[datetime]:
    """The moments until `before` at which editions are due that can go out."""
    query = (
        select(Edition.due_at)
        .where(
            Edition.state == EditionState.PLANNED,
            Edition.due_at <= before,
            Edition.account_id.in_(open_accounts()),
        )
        .distinct()
        .order_by(Edition.due_at)
    )
    return [moment for moment in await session.scalars(query) if moment is not None]


async def of_job(session: AsyncSession, account_id: str, msg_id: str) -> Edition | None:
    """The edition that the platform pushes, or pushed, under that id; held until the transaction ends."""
    query = select(Edition).where(Edition.account_id == account_id, Edition.msg_id == msg_id)
    return (await session.scalars(query.with_for_update(of=Edition))).unique().one_or_none()


async def without_job(session: AsyncSession, account_id: str) -> Edition | None:
    """The account's edition whose push was begun and whose job nobody knows, if there is one; held until the
    transaction ends. There is at most one."""
    query = select(Edition).where(
        Edition.account_id == account_id,
        Edition.state.in_({EditionState.SENDING, EditionState.UNCERTAIN}),
        Edition.release_began_at.is_not(None),
        Edition.msg_id.is_(None),
    )
    return (await session.scalars(query.with_for_update(of=Edition))).unique().first()


_Article: Final = aliased(Post)


def is_visible(reader: Person) -> ColumnElement[bool]:
    """Whether `reader` may see an edition: each of its articles is for their eyes."""
    if reader.section_ids is None:
        return true()
    foreign = exists().where(
        _Article.edition_id == Edition.id, _Article.section_id.not_in(reader.section_ids)
    )
    return ~foreign


def _visible(query: Select[Edition], reader: Person) -> Select[Edition]:
    return query.where(is_visible(reader))
