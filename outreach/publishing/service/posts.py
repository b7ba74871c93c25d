"""What becomes of posts: planned, moved from state to state by guarded updates, confirmed, cancelled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, raiseload

from outreach.channels.protocol import ChannelError, Published
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.database import UtcDateTime
from outreach.foundation.problems import NotPossible, StaleState
from outreach.items import service as items
from outreach.items.model import Item, ItemState, Kind, Origin
from outreach.people.model import Person
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import LEASED_STATES, LIVE_STATES, STARTS_AGAIN, PostAction, next_state
from outreach.publishing.service.room import require_room
from outreach.publishing.service.steps import Hold, log_attempt, note_attempts
from outreach.publishing.service.times import check_time

_LOCKED: Final = (
    select(Post).order_by(Post.id).options(raiseload("*"), defer(Post.rendition)).with_for_update()
)
_HELD: Final = _LOCKED.where(Post.id.in_(bindparam("ids", expanding=True)))
_SENDING: Final = _HELD.where(Post.state == PostState.SENDING)
_IS_OPEN: Final = Post.state.in_({PostState.ACCEPTED, PostState.UNCERTAIN})
_OPEN: Final = _HELD.where(_IS_OPEN)
_WAITING: Final = _LOCKED.where(
    Post.account_id.in_(bindparam("account_ids", expanding=True)),
    Post.publish_id.in_(bindparam("publish_ids", expanding=True)),
    _IS_OPEN,
)
_CONFIRM: Final = (
    update(Post)
    .where(Post.id == bindparam("held_id"), Post.state == bindparam("held_in"))
    .values(updated_at=bindparam("now", type_=UtcDateTime), lease_until=None, lease_holder=None)
)


async def plan_posts(
    session: AsyncSession,
    item: Item,
    by: Person,
    renditions: Mapping[str, dict[str, Any]],
    *,
    revision: int,
    at: datetime | None,
) -> tuple[list[Post], bool]:
    """One post for each account in `renditions` (account id → rendition), and whether any is new.

    An account that has a live post of the item keeps that one. Raises NotPossible where the item is not
    approved or published, was changed since it was rendered at `revision`, or is in an edition of the account;
    InvalidContent where nothing of it may go out at that time, or an account has no calls left for it then.
    """
    if item.state not in {ItemState.APPROVED, ItemState.PUBLISHED} or item.revision != revision:
        raise NotPossible("只有审核通过的信息才能安排发布。请刷新页面后再看。")
    if item.public_end_reason is not None:
        raise NotPossible("这条信息正在撤回，不能再安排发布。")
    await check_time(session, item, at)
    await items.touch(session, item)
    live = await live_posts(session, item.id)
    posts, new = [], False
    for account_id, rendition in renditions.items():
        post = live.get(account_id)
        if post is not None and post.edition_id is not None:
            raise NotPossible(
                f"这条信息已编入“{post.account.name}”的推送，不能再单独发布到这个账号。要单独发布，请先把它移出推送。"
            )
        if post is None:
            if at is not None:
                await require_room(session, account_id, at)
            post, new = await plan_one(session, item, by, account_id, rendition, at), True
        posts.append(post)
    return posts, new


async def plan_one(
    session: AsyncSession,
    item: Item,
    by: Person,
    account_id: str,
    rendition: dict[str, Any],
    at: datetime | None,
    edition_id: str | None = None,
) -> Post:
    """One planned post of an item that has no live one on the account: to go out by itself, or with an edition."""
    now = clock.now()
    post = Post(
        item_id=item.id,
        revision=item.revision,
        account_id=account_id,
        kind=item.kind,
        section_id=item.section_id,
        origin=item.origin,
        is_correction=item.corrects_id is not None,
        state=PostState.PLANNED,
        rendition=rendition,
        at=at,
        due_at=at or now,
        edition_id=edition_id,
        planned_by=by.id,
        planned_at=now,
        updated_at=now,
    )
    session.add(post)
    await session.flush()
    await session.refresh(post)
    await audit.record(
        session,
        by,
        "post.plan",
        "post",
        post.id,
        item=item.id,
        account=account_id,
        revision=item.revision,
        at=at,
        **({"edition_id": edition_id} if edition_id else {}),
    )
    return post


async def live_posts(session: AsyncSession, item_id: str) -> dict[str, Post]:
    """The item's posts that are neither cancelled nor withdrawn, by account."""
    query = select(Post).where(Post.item_id == item_id, Post.state.in_(LIVE_STATES))
    return {post.account_id: post for post in (await session.scalars(query)).unique()}


async def hold_waiting(
    session: AsyncSession, jobs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Post]:
    """The posts of these publish jobs (account and publish_id) whose outcome is open, by their job: held until
    the transaction ends, and locked in the order of their ids."""
    asked = {
        "account_ids": list({account_id for account_id, _ in jobs}),
        "publish_ids": list({publish_id for _, publish_id in jobs}),
    }
    waiting = await session.scalars(_WAITING, asked)
    found = {(post.account_id, post.publish_id or ""): post for post in waiting}
    return {job: post for job, post in found.items() if job in jobs}


async def hold_open(session: AsyncSession, post_ids: Collection[str]) -> dict[str, Post]:
    """Those of the posts whose outcome is open, in the same way."""
    return {post.id: post for post in await session.scalars(_OPEN, {"ids": list(post_ids)})}


async def hold_sending(session: AsyncSession, holds: Collection[Hold]) -> dict[Hold, Post]:
    """The posts of these holds that nobody has taken over, in the same way."""
    ids = list({hold.post_id for hold in holds})
    found = {(post.id, post.lease_holder): post for post in await session.scalars(_SENDING, {"ids": ids})}
    return {hold: found[key] for hold in holds if (key := (hold.post_id, hold.holder)) in found}


async def move(session: AsyncSession, post: Post, action: PostAction, **changes: Any) -> Post:
    """The only way a post's state changes: guarded by the state (and the lease) that were read. What is to be taken
    down is due at once, whoever orders it; what would be sent again though its item is withdrawn meanwhile is cancelled
    instead.

    Raises NotPossible, StaleState.
    """
    state = next_state(post.state, action, after_withdrawing=post.after_withdrawing)
    if state is PostState.WITHDRAWING:
        changes = {"due_at": clock.now(), "tries": 0, **changes}
    query = (
        update(Post)
        .where(Post.id == post.id, Post.state == post.state)
        .values(state=state, lease_until=None, lease_holder=None, updated_at=clock.now(), **changes)
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    if post.state in LEASED_STATES:
        query = query.where(Post.lease_holder.is_not_distinct_from(post.lease_holder))
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise StaleState("这个发布件的状态刚刚变了，您的操作没有生效。请刷新页面后再看。")
    await session.refresh(post)
    if state in STARTS_AGAIN and await _is_withdrawn(session, post.item_id):
        return await move(session, post, PostAction.CANCEL)
    return post


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The platform, or a person, says that the post is out: `proof`."""

    post: Post
    action: PostAction
    proof: Published


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What counts of a post that is out; as the columns of `Post`."""

    id: str
    item_id: str
    account_id: str
    kind: Kind
    section_id: str
    origin: Origin
    is_correction: bool
    edition_id: str | None
    url: str | None
    published_at: datetime


async def confirm(session: AsyncSession, one: Confirmation) -> Confirmed:
    """It is out: its address and the time by which it counts are kept. Raises NotPossible, StaleState."""
    known = _known_of(one)
    await move(session, one.post, one.action, **known)
    return _confirmed(one.post, known)


async def confirm_held(session: AsyncSession, several: Sequence[Confirmation]) -> list[Confirmed]:
    """The same for posts that `hold_waiting` or `hold_sending` holds: one guarded update, sent once for all of them.
    The posts in memory stay as they were read. Raises NotPossible."""
    known = {one: _known_of(one) for one in several}
    now = clock.now()
    rows = [
        {
            "held_id": one.post.id,
            "held_in": one.post.state,
            "now": now,
            "state": next_state(one.post.state, one.action, after_withdrawing=one.post.after_withdrawing),
            **values,
        }
        for one, values in known.items()
    ]
    await (await session.connection()).execute(_CONFIRM, rows)
    return [_confirmed(one.post, values) for one, values in known.items()]


def problem_of(error: ChannelError) -> dict[str, str | None]:
    """The columns that tell `error` on the post."""
    return {"problem_code": error.code or type(error).__name__, "problem_message": error.message}


async def note_attempt(
    session: AsyncSession, post: Post, worker: str, outcome: str, message: str, code: str | None = None
) -> None:
    """Keeps how one step went, for the post's page and the figures, and logs it."""
    await note_attempts(session, {post.id: worker}, outcome, message, code)
    log_attempt(post.id, post.item_id, worker, outcome, code)


async def cancel_post(session: AsyncSession, post: Post, by: Actor) -> Post:
    """It won't be sent."""
    await move(session, post, PostAction.CANCEL)
    await audit.record(session, by, "post.cancel", "post", post.id, item=post.item_id)
    return post


async def retry_post(session: AsyncSession, post: Post, by: Actor) -> Post:
    """A failed post is sent again, from the start."""
    await move(session, post, PostAction.RETRY, **_from_the_start())
    await audit.record(session, by, "post.retry", "post", post.id, item=post.item_id)
    return post


async def resolve_as_not_published(session: AsyncSession, post: Post, by: Actor) -> Post:
    """A person looked: it is not there. It is sent again, from the start."""
    await move(session, post, PostAction.RESOLVE_NOT_PUBLISHED, **_from_the_start())
    await audit.record(session, by, "post.resolve", "post", post.id, outcome="not_published")
    return post


async def _is_withdrawn(session: AsyncSession, item_id: str) -> bool:
    """Whether all of the item is to be withdrawn. Whoever is ordering that right now is waited for: held are posts
    first, then their item, here as there."""
    query = select(Item.public_end_reason).where(Item.id == item_id).with_for_update(read=True)
    return await session.scalar(query) is not None


def _known_of(one: Confirmation) -> dict[str, Any]:
    """The columns that a confirmation fills."""
    now = clock.now()
    return {
        "platform_id": one.proof.platform_id or one.post.platform_id,
        "url": one.proof.url or None,
        "published_at": one.proof.at or now,
        "confirmed_at": now,
        "problem_code": None,
        "problem_message": None,
    }


def _confirmed(post: Post, known: Mapping[str, Any]) -> Confirmed:
    kept = {field.name: getattr(post, field.name) for field in fields(Confirmed)}
    return Confirmed(**{**kept, **{name: known[name] for name in ("url", "published_at")}})


def _from_the_start() -> dict[str, Any]:
    return {
        "due_at": clock.now(),
        "media_id": None,
        "release_began_at": None,
        "publish_id": None,
        "msg_data_id": None,
        "problem_code": None,
        "problem_message": None,
    }
