"""Items are written, edited and given files.

Nothing here looks at the text for what must not be disclosed: that is done at the door, in `office/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.rules import disclosure_deadline
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.ids import new_id
from outreach.foundation.problems import (
    FieldError,
    InvalidContent,
    StaleVersion,
    invalid,
)
from outreach.items.compose import composed
from outreach.items.content import MAX_ATTACHMENTS, Content
from outreach.items.files import StoredFile
from outreach.items.model import Attachment, Item, ItemState, Origin
from outreach.items.queries import (
    Corrected,
    References,
    find_by_source_id,
    find_references,
    require_to_open_sealed,
)
from outreach.items.rules import ItemAction, next_place, withdrawal_days
from outreach.items.service.states import change_content, guard, remember_author
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
    await remember_author(session, item, writer)
    await session.flush()
    await session.refresh(item, ["attachments", "section"])
    await audit.record(session, by, "item.create", "item", item.id, source_id=item.source_id)
    return item, True


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
    await change_content(session, item, by, place, values)
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
    await change_content(session, item, by, place, {})
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


def require_version(item: Item, version: int) -> None:
    """Raises StaleVersion where the item was changed since `version`."""
    if item.version != version:
        raise StaleVersion(
            f"这条信息已被他人更改（现为第 {item.version} 版，您看到的是第 {version} 版）。您填写的内容没有保存，请对照后再提交。"
        )


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
    await guard(session, item, source_id=source_id)


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
