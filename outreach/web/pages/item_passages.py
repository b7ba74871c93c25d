"""What is said of an item's passages, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.labels import field_label
from outreach.items.model import Item, ItemState
from outreach.items.rules import texts_of
from outreach.items.service import snapshot_of
from outreach.people.model import Person
from outreach.review.model import PassageComment
from outreach.review.queries import comments_of
from outreach.review.service import may_comment, may_settle, passage_of


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment: `passage` is None where the text was changed there since."""

    comment: PassageComment
    place: str
    passage: str | None
    may_settle: bool


@dataclass(frozen=True, slots=True)
class PassagesView:
    """The comments, and the texts (name and label) on which the reader may comment."""

    comments: list[CommentView]
    fields: list[tuple[str, str]]


async def view_passages(session: AsyncSession, item: Item, reader: Person) -> PassagesView:
    """What `reader` sees of the comments; of a sealed item nothing."""
    if item.state is ItemState.SEALED:
        return PassagesView([], [])
    texts = texts_of(snapshot_of(item))
    comments = [
        CommentView(
            one,
            field_label(item.kind, one.field),
            passage_of(session, one, texts),
            one.resolved_at is None and may_settle(reader, item, one),
        )
        for one in await comments_of(session, item.id)
    ]
    names = texts if may_comment(reader, item) else ()
    return PassagesView(comments, [(name, field_label(item.kind, name)) for name in names])
