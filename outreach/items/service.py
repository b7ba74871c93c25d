"""What is done with items: written, given files, submitted, recalled, discarded, moved on.

Nothing here looks at the text for what must not be disclosed: that is done at the door, in `office/`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.rules import disclosure_deadline
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.problems import (
    FieldError,
    Forbidden,
    InvalidContent,
    NotPossible,
    StaleState,
    StaleVersion,
    invalid,
)
from outreach.items.compose import composed
from outreach.items.content import MAX_ATTACHMENTS, Content
from outreach.items.files import StoredFile
from outreach.items.model import Attachment, Author, Item, ItemState, Origin, Revision
from outreach.items.queries import (
    Corrected,
    References,
    find_by_source_id,
    find_references,
    require_to_open_sealed,
)
from outreach.items.rules import APPROVED, ItemAction, Place, content_hash, next_place, withdrawal_days
from outreach.people.model import Person
from outreach.people.rules import sees_section

NUMBER_TAKEN: Final = "已有信息使用这个来源编号。请更正，或留空。"


async def create_item(
    session: AsyncSession,
    by: Actor,
    content: Content,
    *,
    writer: Person | None,
    item_id: str | None = None,
) -> tuple[Item, bool]:
    """A new draft from `content`, and whether it is new: the same `source_id` again gives the item that is
    there and changes nothing.

    `item_id` is a ULID that was made before, so that a form sent twice makes one item: where `writer` made
    the item of that id, that one is given; where somebody else did, the new item gets an id of its own.

    `writer` is None for an import from the command line: then whoever submits it counts as its submitter.
    An empty body is composed from the fields. Raises InvalidContent, and Forbidden where the item is there already,
    sealed and not for `writer`'s eyes.
    """
    await audit.hold(session)  # of two that create the same at once, the second finds it here
    known = await _known_item(session, content, writer, item_id)
    if known is not None:
        if known.state is ItemState.SEALED and writer is not None:
            require_to_open_sealed(writer)
        return known, False
    content = composed(content)
    values = values_of(content, await find_references(session, [content]), writer)
    is_free = item_id is not None and await session.get(Item, item_id) is None
    item = Item(**draft_of(item_id if item_id and is_free else new_id(), content, writer, values))
    session.add(item)
    await session.flush()
    for position, name in enumerate(content.attachments):
        session.add(Attachment(item_id=item.id, name=name, position=position))
    await _remember_author(session, item, writer)
    await session.flush()
    await session.refresh(item, ["attachments", "section"])
    await audit.record(session, by, "item.create", "item", item.id, source_id=item.source_id)
    return item, True


def values_of(content: Content, references: References, writer: Person | None) -> dict[str, Any]:
    """The columns that `content` fills. Raises InvalidContent with every wrong reference at once."""
    errors: list[FieldError] = []
    section = references.sections.get(content.section)
    if section is None:
        errors.append(FieldError("section", f"没有科室“{content.section}”。请填已登记的科室名称。"))
    elif writer is not None and not sees_section(writer, section.id):
        errors.append(FieldError("section", f"您不属于“{content.section}”，不能替它填报。"))
    corrected = references.corrected.get(content.corrects) if content.corrects else None
    if content.corrects and (told := _why_not_corrected(content.corrects, corrected, writer)):
        errors.append(FieldError("corrects", told))
    if errors or section is None:
        raise InvalidContent(errors[0].message, errors=errors)
    formed_on = content.formed_on or clock.today(clock.SHANGHAI)
    decided_on = getattr(content.fields, "decided_on", None)
    deadline = disclosure_deadline(content.kind, formed_on, decided_on, references.holidays)
    return {
        "title": content.title,
        "short_title": content.short_title,
        "section_id": section.id,
        "origin": Origin(content.origin),
        "repost_source": content.repost_source,
        "repost_url": content.repost_url,
        "corrects_id": corrected.item_id if corrected else None,
        "formed_on": formed_on,
        "body": content.body,
        "fields": content.fields.as_json(),
        "deadline": deadline.day,
        "deadline_is_estimate": deadline.is_estimate,
        **withdrawal_days(
            getattr(content.fields, "publish_until", None),
            getattr(content.fields, "credit_repaired_on", None),
        ),
    }


def require_own_number(section_id: str, writer: Person | None) -> None:
    """Raises InvalidContent where a sender's number is that of an item of a section that `writer` may not see."""
    if writer is not None and not sees_section(writer, section_id):
        raise invalid("source_id", "别的科室的信息已使用这个来源编号。请更正。")


def draft_of(
    item_id: str, content: Content, writer: Person | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns of a new draft, of which `values` are those that its content fills."""
    now = clock.now()
    return {
        "id": item_id,
        "source_id": content.source_id,
        "kind": content.kind,
        "state": ItemState.DRAFT,
        "created_by": writer.id if writer else None,
        "created_at": now,
        "updated_at": now,
        **values,
    }


async def edit_item(session: AsyncSession, item: Item, by: Person, content: Content, *, version: int) -> Item:
    """Replaces the content; a `source_id` is given once and stays. In review, or approved without a live post,
    it makes a new revision and a draft.

    Raises StaleVersion (edited since `version`), NotPossible, InvalidContent.
    """
    require_version(item, version)
    place = next_place((item.state, item.stage), ItemAction.EDIT)
    if content.kind != item.kind:
        raise invalid("kind", "类别不能更改。请另建一条信息。")
    values = values_of(content, await find_references(session, [content]), by)
    if content.source_id != item.source_id:
        await _give_number(session, item, content.source_id)
    await _change(session, item, by, place, values)
    await _keep_attachments(session, item, content.attachments)
    await audit.record(session, by, "item.edit", "item", item.id, revision=item.revision)
    return item


async def attach_file(
    session: AsyncSession, item: Item, by: Person, *, name: str, file: StoredFile
) -> Attachment:
    """Gives the item a file: fills the name that waits for it, replaces one of that name, or adds it."""
    place = next_place((item.state, item.stage), ItemAction.EDIT)
    attachment = next((one for one in item.attachments if one.name == name), None)
    if attachment is None and len(item.attachments) >= MAX_ATTACHMENTS:
        raise invalid("attachments", f"附件最多{MAX_ATTACHMENTS}个。请先删去不需要的附件。")
    await _change(session, item, by, place, {})
    if attachment is None:
        attachment = Attachment(item_id=item.id, name=name, position=len(item.attachments))
        session.add(attachment)
    attachment.sha256, attachment.size, attachment.media_type = file.sha256, file.size, file.media_type
    await session.flush()
    await session.refresh(item, ["attachments"])
    await audit.record(
        session, by, "item.attach", "item", item.id, attachment=attachment.id, sha256=file.sha256
    )
    return attachment


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
        await _guarded(session, item, revision=item.revision + 1)
        known = None
    snapshot = snapshot_of(item)
    revision = known or Revision(item_id=item.id, number=item.revision)
    revision.snapshot, revision.content_hash = snapshot, content_hash(snapshot)
    revision.submitted_by, revision.submitted_at = by.id, clock.now()
    session.add(revision)
    await session.flush()
    await _remember_author(session, item, by)
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


async def set_not_before(session: AsyncSession, item: Item, by: Person, not_before: datetime | None) -> Item:
    """Nothing of it may go out before that time; None lifts it. Raises StaleState."""
    await _guarded(session, item, not_before=not_before)
    await audit.record(session, by, "item.embargo", "item", item.id, until=not_before)
    return item


async def move(session: AsyncSession, item: Item, action: ItemAction, **changes: Any) -> Item:
    """The only way an item's state changes: guarded by the state, stage, revision and version that were read.

    Raises NotPossible, StaleState.
    """
    state, stage = next_place((item.state, item.stage), action)
    await _guarded(session, item, state=state, stage=stage, **changes)
    return item


async def end_publicly(session: AsyncSession, item: Item, reason: str | None) -> Item:
    """All of the item is to be withdrawn for `reason`, which its public page tells from now on; None takes that back.
    Raises StaleState."""
    await _guarded(session, item, public_end_reason=reason)
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
    await _guarded(session, item, **days)
    told = {name: day.isoformat() if day else None for name, day in days.items()}
    await audit.record(session, by, "item.withdrawal_days", "item", item.id, **told)
    return item


async def free_item(session: AsyncSession, item: Item) -> Item:
    """A sealed item was a false alarm: it is a draft of a new revision, whose stages all start anew, and no longer
    public until a post of it is claimed again. Raises NotPossible, StaleState."""
    submitted = await session.get(Revision, (item.id, item.revision)) is not None
    revision = item.revision + 1 if submitted else item.revision
    return await move(
        session, item, ItemAction.FREE, revision=revision, public_since=None, public_end_reason=None
    )


async def publish_items(session: AsyncSession, item_ids: Collection[str]) -> None:
    """A post of each is out: those for which it is the first are published from now on."""
    state, stage = next_place(APPROVED, ItemAction.FIRST_PUBLISHED)
    query = (
        update(Item)
        .where(Item.id.in_(item_ids), Item.state == ItemState.APPROVED)
        .values(
            state=state,
            stage=stage,
            waiting_since=None,
            version=Item.version + 1,
            updated_at=clock.now(),
        )
    )
    await session.execute(query.execution_options(synchronize_session=False))


async def touch(session: AsyncSession, item: Item) -> Item:
    """Raises the version and holds the row until the transaction ends. Raises StaleState."""
    await _guarded(session, item)
    return item


def require_version(item: Item, version: int) -> None:
    """Raises StaleVersion where the item was changed since `version`."""
    if item.version != version:
        raise StaleVersion(
            f"这条信息已被他人更改（现为第 {item.version} 版，您看到的是第 {version} 版）。您填写的内容没有保存，请对照后再提交。"
        )


def snapshot_of(item: Item) -> dict[str, Any]:
    """The whole content of an item as JSON, in the shape of the import with the files' hashes."""
    return {
        "source_id": item.source_id,
        "kind": item.kind.value,
        "title": item.title,
        "short_title": item.short_title,
        "section": item.section.name,
        "origin": item.origin.value,
        "repost_source": item.repost_source,
        "repost_url": item.repost_url,
        "corrects": item.corrects_id,
        "formed_on": item.formed_on.isoformat(),
        "body": item.body,
        "fields": item.fields,
        "attachments": [
            {"name": one.name, "sha256": one.sha256, "size": one.size, "media_type": one.media_type}
            for one in item.attachments
        ],
    }


def as_typed(item: Item) -> dict[str, Any]:
    """The item in the shape in which it is typed and imported: attachments by their names."""
    return {**snapshot_of(item), "attachments": [one.name for one in item.attachments]}


def as_numbered(item: Item, corrects: str | None) -> dict[str, Any]:
    """The item as it leaves for another table: an item that has no number of a sender answers to its id, and what it
    corrects is told by the number of that."""
    return {**as_typed(item), "source_id": item.source_id or item.id, "corrects": corrects}


def _why_not_corrected(reference: str, corrected: Corrected | None, writer: Person | None) -> str | None:
    """Why it can't be corrected: it is told whether it is out only to who may see it."""
    if corrected is None or (writer is not None and not sees_section(writer, corrected.section_id)):
        return f"没有信息“{reference}”，或者它不属于您所在的科室。请填被更正信息的来源编号或编号。"
    if not corrected.has_been_out:
        return f"信息“{reference}”还没有发布，不能更正：请直接修改它。"
    return None


async def _give_number(session: AsyncSession, item: Item, source_id: str | None) -> None:
    """The number of an item that has none yet."""
    if item.source_id is not None or source_id is None:
        raise invalid("source_id", "来源编号不能更改。")
    await audit.hold(session)  # of two who give the same number at once, the second finds it here
    if await find_by_source_id(session, source_id):
        raise invalid("source_id", NUMBER_TAKEN)
    await _guarded(session, item, source_id=source_id)


async def _known_item(
    session: AsyncSession, content: Content, writer: Person | None, item_id: str | None
) -> Item | None:
    """The item that this content is already: sent before under the same id, or with the same number.
    Raises InvalidContent where the number is that of an item which `writer` may not see."""
    taken = await session.get(Item, item_id) if item_id else None
    if taken is not None and writer is not None and taken.created_by == writer.id:
        return taken
    known = await find_by_source_id(session, content.source_id) if content.source_id else None
    if known is not None:
        require_own_number(known.section_id, writer)
    return known


async def _change(
    session: AsyncSession, item: Item, by: Person, place: Place, values: Mapping[str, Any]
) -> None:
    """Writes `values` and moves to `place`; the first change after a submit makes a new revision."""
    submitted = await session.get(Revision, (item.id, item.revision)) is not None
    revision = item.revision + 1 if submitted else item.revision
    state, stage = place
    await _guarded(
        session,
        item,
        state=state,
        stage=stage,
        revision=revision,
        waiting_since=None,
        is_emergency=False,
        **values,
    )
    await _remember_author(session, item, by)


async def _guarded(session: AsyncSession, item: Item, **changes: Any) -> None:
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


async def _keep_attachments(session: AsyncSession, item: Item, names: list[str]) -> None:
    """The attachments become those of `names`, in that order: missing ones are listed, others struck."""
    known = {one.name: one for one in item.attachments}
    for name, attachment in known.items():
        if name not in names:
            await session.delete(attachment)
    for position, name in enumerate(names):
        if name in known:
            known[name].position = position
        else:
            session.add(Attachment(item_id=item.id, name=name, position=position))
    await session.flush()
    await session.refresh(item, ["attachments"])


async def _remember_author(session: AsyncSession, item: Item, person: Person | None) -> None:
    if person is None:
        return
    row = insert_into(session, Author).values(item_id=item.id, revision=item.revision, person_id=person.id)
    await session.execute(row.on_conflict_do_nothing())
