"""What becomes of an edition: the only way its state and, with it, that of its articles changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, raiseload

from outreach.channels.model import Account
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.problems import StaleState
from outreach.people.model import Person
from outreach.publishing.editions.model import Edition, EditionAttempt, EditionState
from outreach.publishing.editions.rules import POST_ACTIONS, POST_STATES, EditionAction, next_state
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import next_state as next_post_state

_UNHELD: Final[Mapping[str, None]] = {"lease_until": None, "lease_holder": None}


async def move(session: AsyncSession, edition: Edition, action: EditionAction, **changes: Any) -> Edition:
    """The edition after `action`, guarded by the state and version (and the lease) that were read; its articles
    follow, save where it is published: they are confirmed and counted one by one, before this.

    Raises NotPossible, StaleState.
    """
    before, after = edition.state, next_state(edition.state, action)
    query = (
        update(Edition)
        .where(Edition.id == edition.id, Edition.state == before, Edition.version == edition.version)
        .values(
            {**_UNHELD, "state": after, "version": Edition.version + 1, "updated_at": clock.now(), **changes}
        )
        .returning(Edition.id)
        .execution_options(synchronize_session=False)
    )
    if before is EditionState.SENDING:
        query = query.where(Edition.lease_holder == edition.lease_holder)
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise StaleState("这次推送的状态刚刚变了，您的操作没有生效。请刷新页面后再看。")
    await session.refresh(edition)
    await _move_articles(session, edition, action, before)
    return edition


async def hold_articles(session: AsyncSession, edition: Edition) -> list[Post]:
    """The edition's articles in their order, locked in the order of their ids, without what is sent."""
    query = (
        select(Post)
        .where(Post.edition_id == edition.id)
        .order_by(Post.id)
        .options(raiseload("*"), defer(Post.rendition))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    posts = (await session.scalars(query)).all()
    return sorted(posts, key=lambda post: post.article_idx or 0)


async def hold_account(session: AsyncSession, account_id: str) -> None:
    """Two who plan pushes of one account at the same time wait for each other: the quota is counted between."""
    query = select(Account.id).where(Account.id == account_id).with_for_update(key_share=True)
    await session.execute(query)


async def plan(session: AsyncSession, edition: Edition, by: Person, at: datetime | None) -> Edition:
    """It goes out at `at`, or as soon as may be."""
    now = clock.now()
    await move(
        session,
        edition,
        EditionAction.PLAN,
        at=at,
        due_at=at or now,
        planned_by=by.id,
        planned_at=now,
        tries=0,
        **_nothing_known(),
    )
    await audit.record(session, by, "edition.plan", "edition", edition.id, account=edition.account_id, at=at)
    return edition


async def recompose(session: AsyncSession, edition: Edition, by: Actor) -> Edition:
    """It is composed again: before its time, or after it failed. The draft that lies on the platform serves again
    where the articles stay the same."""
    await move(session, edition, EditionAction.RECOMPOSE, at=None, due_at=None, **_nothing_known())
    await audit.record(session, by, "edition.recompose", "edition", edition.id)
    return edition


async def cancel(session: AsyncSession, edition: Edition, by: Actor) -> Edition:
    """It won't be pushed: its items are free for another one."""
    await move(session, edition, EditionAction.CANCEL, due_at=None)
    await audit.record(session, by, "edition.cancel", "edition", edition.id)
    return edition


async def resolve_as_not_published(session: AsyncSession, edition: Edition, by: Actor) -> Edition:
    """A person looked: it was not pushed. It is composed again, so that a person decides when it goes out."""
    await move(
        session,
        edition,
        EditionAction.RESOLVE_NOT_PUBLISHED,
        at=None,
        due_at=None,
        media_id=None,
        draft_of=None,
        **_nothing_known(),
    )
    await audit.record(session, by, "edition.resolve", "edition", edition.id, outcome="not_published")
    return edition


async def note(
    session: AsyncSession, edition: Edition, worker: str, outcome: str, message: str, code: str | None = None
) -> None:
    """Keeps how one step went, for the edition's page."""
    row = {"edition_id": edition.id, "at": clock.now(), "worker": worker, "outcome": outcome}
    await session.execute(insert(EditionAttempt), [{**row, "code": code, "message": message}])


async def _move_articles(
    session: AsyncSession, edition: Edition, action: EditionAction, before: EditionState
) -> None:
    here, there = POST_STATES[before], POST_STATES[edition.state]
    if here is there or there in {PostState.PUBLISHED, PostState.WITHDRAWN}:
        return
    if next_post_state(here, POST_ACTIONS[action]) is not there:
        raise ValueError(f"articles don't follow {action} from {before}")
    told = {name: getattr(edition, name) for name in ("problem_code", "problem_message", "accepted_at")}
    tried = {"tries": Post.tries + 1} if action is EditionAction.CLAIM else {}
    await session.execute(
        update(Post)
        .where(Post.edition_id == edition.id, Post.state == here)
        .values(state=there, updated_at=clock.now(), **told, **tried)
        .execution_options(synchronize_session="fetch")
    )


def _nothing_known() -> dict[str, Any]:
    """The columns of a push that has not begun."""
    return {
        "client_msg_id": None,
        "release_began_at": None,
        "repeated_at": None,
        "msg_id": None,
        "msg_data_id": None,
        "accepted_at": None,
        "problem_code": None,
        "problem_message": None,
    }
