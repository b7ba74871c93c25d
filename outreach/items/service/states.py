"""What becomes of an item: the only way its state changes, guarded by what was read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.database import UtcDateTime, insert_into
from outreach.foundation.problems import (
    Forbidden,
    NotPossible,
    StaleState,
    invalid,
)
from outreach.items.model import Author, Item, ItemState, Revision
from outreach.items.queries import HeldItem
from outreach.items.rules import APPROVED, ItemAction, Place, content_hash, next_place, withdrawal_days
from outreach.items.service.snapshots import snapshot_of
from outreach.people.model import Person

_PUBLISHED: Final = next_place(APPROVED, ItemAction.FIRST_PUBLISHED)
_PUBLISH: Final = (
    update(Item)
    .where(Item.id == bindparam("held_id"), Item.state == ItemState.APPROVED)
    .values(
        state=_PUBLISHED[0],
        stage=_PUBLISHED[1],
        waiting_since=None,
        version=Item.version + 1,
        updated_at=bindparam("now", type_=UtcDateTime),
    )
)
_PUBLISH_FIRST: Final = _PUBLISH.values(first_post_id=bindparam("post_id"))
_FIRST_POST: Final = (
    update(Item)
    .where(Item.id == bindparam("held_id"), Item.first_post_id.is_(None))
    .values(first_post_id=bindparam("post_id"))
)


async def move(session: AsyncSession, item: Item, action: ItemAction, **changes: Any) -> Item:
    """The only way an item's state changes: guarded by the state, stage, revision and version that were read.

    Raises NotPossible, StaleState.
    """
    state, stage = next_place((item.state, item.stage), action)
    await guard(session, item, state=state, stage=stage, **changes)
    return item


async def freeze_revision(session: AsyncSession, item: Item, by: Person, *, reviewed: bool) -> Revision:
    """The immutable snapshot of what is submitted now.

    `reviewed` says that the present number already bears decisions: then a new number is taken, since all
    stages start anew and a stage decides once on a revision.
    """
    missing = [one.name for one in item.attachments if one.missing]
    if missing:
        told = "、".join(missing)
        raise invalid("attachments", f"附件还没有上传：{told}。请上传，或从附件清单中删去。")
    known = await session.get(Revision, (item.id, item.revision))
    if known is not None and reviewed:
        await guard(session, item, revision=item.revision + 1)
        known = None
    snapshot = snapshot_of(item)
    revision = known or Revision(item_id=item.id, number=item.revision)
    revision.snapshot, revision.content_hash = snapshot, content_hash(snapshot)
    revision.submitted_by, revision.submitted_at = by.id, clock.now()
    session.add(revision)
    await session.flush()
    await remember_author(session, item, by)
    return revision


async def recall_item(session: AsyncSession, item: Item, by: Person) -> Item:
    """The submitter takes it back."""
    if item.submitted_by != by.id and item.state is ItemState.IN_REVIEW:
        raise Forbidden("只有提交人本人可以撤回提交。")
    item = await move(session, item, ItemAction.RECALL, waiting_since=None, is_emergency=False)
    await audit.record(session, by, "item.recall", "item", item.id, revision=item.revision)
    return item


async def discard_item(session: AsyncSession, item: Item, by: Person, *, reviewed: bool) -> None:
    """Deletes a draft. One that bears decisions stays: their record has to be kept."""
    next_place((item.state, item.stage), ItemAction.DISCARD)
    if reviewed:
        raise NotPossible("这条信息已有审查记录，依规定须留存，不能删除。可以修改后重新提交。")
    await audit.record(session, by, "item.discard", "item", item.id, source_id=item.source_id)
    gone = await session.execute(
        delete(Item).where(Item.id == item.id, Item.version == item.version).returning(Item.id)
    )
    if gone.scalar_one_or_none() is None:
        raise StaleState("这条信息刚被他人更改，没有删除。请刷新后再看。")


async def free_item(session: AsyncSession, item: Item) -> Item:
    """A sealed item was a false alarm: it is a draft of a new revision, whose stages all start anew, and no longer
    public until a post of it is claimed again. Raises NotPossible, StaleState."""
    submitted = await session.get(Revision, (item.id, item.revision)) is not None
    revision = item.revision + 1 if submitted else item.revision
    return await move(
        session, item, ItemAction.FREE, revision=revision, public_since=None, public_end_reason=None
    )


async def publish_items(
    session: AsyncSession, held: Collection[HeldItem], first_posts: Mapping[str, str]
) -> None:
    """A post of each is out: those that were approved are published from now on. `first_posts`: by the item's id, which
    post came out of it first of all."""
    now, connection = clock.now(), await session.connection()
    approved = [one.id for one in held if one.state is ItemState.APPROVED]
    known = [
        {"held_id": one, "now": now, "post_id": first_posts[one]} for one in approved if one in first_posts
    ]
    others = [{"held_id": one, "now": now} for one in approved if one not in first_posts]
    late = [
        {"held_id": one, "post_id": post} for one, post in first_posts.items() if one not in set(approved)
    ]
    for query, values in ((_PUBLISH_FIRST, known), (_PUBLISH, others), (_FIRST_POST, late)):
        if values:
            await connection.execute(query, values)


async def end_publicly(session: AsyncSession, item: Item, reason: str | None) -> Item:
    """All of the item is to be withdrawn for `reason`, which its public page tells from now on; None takes that back.
    Raises StaleState."""
    await guard(session, item, public_end_reason=reason)
    return item


async def set_withdrawal_days(
    session: AsyncSession,
    item: Item,
    by: Actor,
    *,
    publish_until: date | None,
    credit_repaired_on: date | None,
) -> Item:
    """On which day a penalty is withdrawn, whatever its revision said. Raises StaleState."""
    days = withdrawal_days(publish_until, credit_repaired_on)
    await guard(session, item, **days)
    told = {name: day.isoformat() if day else None for name, day in days.items()}
    await audit.record(session, by, "item.withdrawal_days", "item", item.id, **told)
    return item


async def set_not_before(session: AsyncSession, item: Item, by: Person, not_before: datetime | None) -> Item:
    """Nothing of it may go out before that time; None lifts it. Raises StaleState."""
    await guard(session, item, not_before=not_before)
    await audit.record(session, by, "item.embargo", "item", item.id, until=not_before)
    return item


async def touch(session: AsyncSession, item: Item) -> Item:
    """Raises the version and holds the row until the transaction ends. Raises StaleState."""
    await guard(session, item)
    return item


async def change_content(
    session: AsyncSession, item: Item, by: Person, place: Place, values: Mapping[str, Any]
) -> None:
    """Writes `values` and moves to `place`; the first change after a submit makes a new revision."""
    submitted = await session.get(Revision, (item.id, item.revision)) is not None
    revision = item.revision + 1 if submitted else item.revision
    state, stage = place
    await guard(
        session,
        item,
        state=state,
        stage=stage,
        revision=revision,
        waiting_since=None,
        is_emergency=False,
        **values,
    )
    await remember_author(session, item, by)


async def guard(session: AsyncSession, item: Item, **changes: Any) -> None:
    """Writes `changes` where nobody has changed the item since it was read. Raises StaleState."""
    query = (
        update(Item)
        .where(
            Item.id == item.id,
            Item.state == item.state,
            Item.stage.is_(None) if item.stage is None else Item.stage == item.stage,
            Item.revision == item.revision,
            Item.version == item.version,
        )
        .values(version=Item.version + 1, updated_at=clock.now(), **changes)
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise StaleState("这条信息刚被他人处理过，您的操作没有生效。请刷新页面后再看。")
    await session.refresh(item)


async def remember_author(session: AsyncSession, item: Item, person: Person | None) -> None:
    """Whoever wrote or submitted a revision decides at no stage of it."""
    if person is None:
        return
    row = insert_into(session, Author).values(item_id=item.id, revision=item.revision, person_id=person.id)
    await session.execute(row.on_conflict_do_nothing())
