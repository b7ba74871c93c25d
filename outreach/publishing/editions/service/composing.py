"""An edition is composed: which items it carries, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.problems import NotPossible, StaleVersion, invalid
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.people.model import Person
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import articles_of
from outreach.publishing.editions.rules import ARTICLES_MAX, STATE_LABELS
from outreach.publishing.editions.service import states
from outreach.publishing.model import Post
from outreach.publishing.rules import LIVE_STATES, PostAction

NOT_BEGUN = frozenset({EditionState.COMPOSING, EditionState.PLANNED, EditionState.FAILED})
_DROPPED = "有 {number} 篇的信息已封存或撤回，已从推送中移出。请看过其余的文章后重新安排群发。"
PUBLISHABLE = frozenset({ItemState.APPROVED, ItemState.PUBLISHED})


@dataclass(frozen=True, slots=True)
class Rendered:
    """An item as the account's followers would read it, at that revision."""

    revision: int
    rendition: dict[str, Any]


async def begin_edition(session: AsyncSession, account: Account, by: Person) -> Edition:
    """A new edition without articles."""
    now = clock.now()
    edition = Edition(
        account_id=account.id,
        state=EditionState.COMPOSING,
        created_by=by.id,
        created_at=now,
        updated_at=now,
    )
    session.add(edition)
    await session.flush()
    await session.refresh(edition)
    await audit.record(session, by, "edition.create", "edition", edition.id, account=account.id)
    return edition


async def hold_edition(session: AsyncSession, edition_id: str) -> Edition:
    """The edition as it stands, held until the transaction ends."""
    return await session.get_one(Edition, edition_id, with_for_update={"of": Edition}, populate_existing=True)


def require_composing(edition: Edition) -> None:
    """Raises NotPossible where it is no longer composed."""
    if edition.state is not EditionState.COMPOSING:
        told = STATE_LABELS[edition.state]
        raise NotPossible(f"推送当前为“{told}”，不能改动文章。已安排群发的，请先退回编排。")


def require_version(edition: Edition, version: int | None) -> None:
    """Raises StaleVersion where the edition was changed since `version`; None was told by nobody."""
    if version is not None and edition.version != version:
        raise StaleVersion("这次推送刚被他人更改，您的操作没有生效。请对照现在的内容再操作。")


def require_composition(item_ids: Sequence[str]) -> None:
    """Raises InvalidContent for too many articles, or one twice."""
    if len(item_ids) > ARTICLES_MAX:
        raise invalid("items", f"一次推送最多 {ARTICLES_MAX} 篇文章，现在有 {len(item_ids)} 篇。")
    if len(set(item_ids)) < len(item_ids):
        raise invalid("items", "同一条信息在一次推送里只能出现一次。")


async def compose(
    session: AsyncSession,
    edition: Edition,
    by: Person,
    item_ids: Sequence[str],
    added: Mapping[str, tuple[Item, Rendered]],
) -> Edition:
    """The edition, which the transaction holds, carries these items in this order, the head article first. `added`
    are those that are new in it, held as well, by their id.

    Raises NotPossible where one of them was changed since it was rendered, or goes out on this account already.
    """
    present = {post.item_id: post for post in await articles_of(session, edition.id)}
    for item_id, post in present.items():
        if item_id not in item_ids:
            await _take_out(session, post, by)
    for item, rendered in added.values():
        if item.id not in present:
            present[item.id] = await _put_in(session, edition, by, item, rendered)
    for number, item_id in enumerate(item_ids, start=1):
        present[item_id].article_idx = number
    edition.version += 1
    edition.updated_at = clock.now()
    await session.flush()
    await audit.record(session, by, "edition.compose", "edition", edition.id, items=list(item_ids))
    return edition


async def drop_ended(session: AsyncSession, edition_id: str, by: Actor) -> Edition | None:
    """Takes articles out of an edition that has not begun to go out whose items were sealed or withdrawn; one that was
    planned goes back to be composed, so that a person looks at what is left. None where nothing was to be done."""
    edition = await hold_edition(session, edition_id)
    ended = [post for post in await articles_of(session, edition.id) if has_ended(post.item)]
    if edition.state not in NOT_BEGUN or not ended:
        return None
    if edition.state is not EditionState.COMPOSING:
        await states.recompose(session, edition, by)
    for post in ended:
        await session.refresh(post)
        await _take_out(session, post, by)
    for number, post in enumerate(await articles_of(session, edition.id), start=1):
        post.article_idx = number
    edition.version += 1
    edition.updated_at = clock.now()
    edition.problem_code, edition.problem_message = "article-ended", _DROPPED.format(number=len(ended))
    await session.flush()
    return edition


def has_ended(item: Item) -> bool:
    """Whether nothing of the item may go out any more."""
    return item.state is ItemState.SEALED or item.public_end_reason is not None


async def require_free(session: AsyncSession, account: Account, item: Item) -> None:
    """Raises NotPossible where the item can't join an edition of the account."""
    if item.state not in PUBLISHABLE:
        raise NotPossible(f"《{item.title}》还没有审核通过，不能编入推送。")
    if item.public_end_reason is not None:
        raise NotPossible(f"《{item.title}》正在撤回，不能编入推送。")
    query = select(Post).where(
        Post.item_id == item.id, Post.account_id == account.id, Post.state.in_(LIVE_STATES)
    )
    live = (await session.scalars(query)).unique().one_or_none()
    if live is None:
        return
    if live.edition_id is not None:
        raise NotPossible(f"《{item.title}》已编入“{account.name}”的另一次推送，同一账号上只能发布一次。")
    raise NotPossible(
        f"《{item.title}》已在“{account.name}”单独发布或安排发布，同一账号上只能发布一次。"
        "要编入推送，请先取消它的发布。"
    )


async def _put_in(
    session: AsyncSession, edition: Edition, by: Person, item: Item, rendered: Rendered
) -> Post:
    await require_free(session, edition.account, item)
    if item.revision != rendered.revision:
        raise NotPossible(f"《{item.title}》刚被修改。请刷新页面后再看。")
    await items.touch(session, item)
    return await publishing.plan_one(
        session, item, by, edition.account_id, rendered.rendition, None, edition.id
    )


async def _take_out(session: AsyncSession, post: Post, by: Actor) -> None:
    edition_id = post.edition_id
    await publishing.move(session, post, PostAction.CANCEL, edition_id=None, article_idx=None)
    await audit.record(session, by, "post.cancel", "post", post.id, item=post.item_id, edition_id=edition_id)
