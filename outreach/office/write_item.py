"""An item is written or changed. The door: what bears a classification mark is not stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import FieldError, InvalidContent, NotPossible
from outreach.items import service as items
from outreach.items.compose import composed
from outreach.items.content import Content, read_content
from outreach.items.model import Attachment, Item, ItemState
from outreach.items.queries import get_item, hold_item
from outreach.items.rules import ItemAction, next_place, place_label
from outreach.office.context import Office
from outreach.office.take_file import take_file
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing.service import live_posts
from outreach.screening.marks import doorkeeper


async def create_item(
    session: AsyncSession, writer: Person, raw: Mapping[str, Any], *, item_id: str | None = None
) -> tuple[Item, bool]:
    """A draft from what was typed, and whether it is new (the same `source_id` again is the same item, and
    so is an `item_id` that this writer has used already).

    Raises Forbidden, InvalidContent, ClassificationMarkFound.
    """
    require(writer, Act.WRITE_ITEMS)
    content = await _taken(session, raw)
    return await items.create_item(session, writer, content, writer=writer, item_id=item_id)


async def edit_item(
    session: AsyncSession,
    item_id: str,
    writer: Person,
    changes: Mapping[str, Any],
    *,
    version: int,
    composes: bool = False,
) -> Item:
    """Changes the named fields (a merge patch, RFC 7396) of the version that the writer read. `composes`: an
    empty body is composed from the fields, as in a new item.

    Raises NotFound, Forbidden, StaleVersion, NotPossible, InvalidContent, ClassificationMarkFound.
    """
    item = await hold_item(session, item_id, writer)
    require(writer, Act.WRITE_ITEMS)
    items.require_version(item, version)
    await require_editable(session, item)
    content = await _taken(session, _merged(items.as_typed(item), changes), composes=composes)
    return await items.edit_item(session, item, writer, content, version=version)


async def keep_draft(
    session: AsyncSession,
    item_id: str,
    writer: Person,
    changes: Mapping[str, Any],
    *,
    version: int,
    composes: bool,
) -> Item:
    """The same without anybody's pressing a button: only in a draft, since an edit takes everything else out
    of its review.

    Raises NotPossible besides.
    """
    item = await get_item(session, item_id, writer)
    if item.state is not ItemState.DRAFT:
        told = place_label((item.state, item.stage))
        raise NotPossible(f"信息当前为“{told}”，不自动保存。需要修改的，请按“保存”。")
    return await edit_item(session, item_id, writer, changes, version=version, composes=composes)


async def attach_file(
    office: Office, item_id: str, writer: Person, *, name: str, content: bytes
) -> Attachment:
    """Gives the item a file. It is looked through outside of the transaction, before anything is stored.

    Raises NotFound, Forbidden, NotPossible, InvalidContent, TooLarge, UnsupportedType, ClassificationMarkFound.
    """
    async with office.db.read() as session:
        item = await get_item(session, item_id, writer)
        require(writer, Act.WRITE_ITEMS)
        await require_editable(session, item)
    file = await take_file(office, name, content)
    async with office.db.begin() as session:
        item = await hold_item(session, item_id, writer)
        require(writer, Act.WRITE_ITEMS)
        await require_editable(session, item)
        return await items.attach_file(session, item, writer, name=name, file=file)


async def require_editable(session: AsyncSession, item: Item) -> None:
    """Raises NotPossible where the item's state, or a post that is planned or out, holds its content."""
    next_place((item.state, item.stage), ItemAction.EDIT)
    if item.state is ItemState.APPROVED and await live_posts(session, item.id):
        raise NotPossible("这条信息已安排发布。请先取消发布，再修改。")


async def _taken(session: AsyncSession, raw: Mapping[str, Any], *, composes: bool = False) -> Content:
    """What was typed, once it is known to bear no mark, whatever else is wrong with it."""
    door = await doorkeeper(session)
    try:
        content = read_content(raw)
    except InvalidContent as problem:
        door.refuse_typed(raw, problem.errors)
        raise
    content = composed(content) if composes else content
    door.refuse_item(content.as_json())
    return content


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it; inside `fields` name by name, `null` takes a value out."""
    merged = {**base, **changes}
    if "fields" in changes:
        if not isinstance(changes["fields"], Mapping):
            told = "字段内容应为“名称：值”的对象。"
            raise InvalidContent(told, errors=[FieldError("fields", told)])
        merged["fields"] = {**base["fields"], **changes["fields"]}
    return merged
