"""段落意见: reviewers and writers of an item comment on a passage of it; a writer says that it is settled."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import Forbidden, NotFound, NotPossible, invalid
from outreach.items.model import Item
from outreach.items.rules import ItemAction, can, place_label, texts_of
from outreach.items.service import snapshot_of
from outreach.people.model import Person
from outreach.people.rules import writes_in
from outreach.review.acting import reviews_anywhere
from outreach.review.model import PassageComment
from outreach.review.service.decisions import require_revision
from outreach.screening.marks import doorkeeper

MAX_COMMENT: Final = 500


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of the passage `quote`, where it stands first in the text of `field`."""

    field: str
    quote: str
    text: str


def may_comment(person: Person, item: Item) -> bool:
    """Whether the person writes or reviews items, and this one can still be changed."""
    works = writes_in(person, item.section_id) or reviews_anywhere(person)
    return works and can((item.state, item.stage), ItemAction.EDIT)


def may_settle(person: Person, item: Item, one: PassageComment) -> bool:
    """Whether the person said it, or writes items of the section."""
    return one.by_id == person.id or writes_in(person, item.section_id)


async def comment(
    session: AsyncSession, item: Item, by: Person, remark: Remark, *, revision: int
) -> PassageComment:
    """Raises Forbidden, NotPossible, StaleState, InvalidContent (the passage is not there, or nothing is said),
    ClassificationMarkFound."""
    require_may_comment(by, item)
    require_revision(item, revision)
    (await doorkeeper(session)).refuse_texts(comment=remark.text)
    start, end = _place(texts_of(snapshot_of(item)), remark)
    if not 0 < len(remark.text.strip()) <= MAX_COMMENT:
        raise invalid("comment", f"请填写意见，最多 {MAX_COMMENT} 个字。")
    row = PassageComment(
        item_id=item.id,
        revision=item.revision,
        field=remark.field,
        start=start,
        end=end,
        quote_mac=_mac(session, remark.quote.strip()),
        text=remark.text.strip(),
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
    )
    session.add(row)
    await session.flush()
    await audit.record(session, by, "comment.add", "item", item.id, revision=item.revision)
    return row


async def settle(session: AsyncSession, item: Item, comment_id: str, by: Person) -> None:
    """A writer of items, or who said it, says that it is settled. Raises NotFound, Forbidden, NotPossible."""
    found = await require_comment(session, item, comment_id)
    if not may_settle(by, item, found):
        raise Forbidden("意见由编辑或提出的人标为已处理。")
    settled = await session.execute(
        update(PassageComment)
        .where(PassageComment.id == comment_id, PassageComment.resolved_at.is_(None))
        .values(resolved_by_id=by.id, resolved_by_name=by.name, resolved_at=clock.now())
        .returning(PassageComment.id)
    )
    if settled.scalar_one_or_none() is None:
        raise NotPossible("这条意见已经处理。")
    await audit.record(session, by, "comment.settle", "item", item.id, revision=item.revision)


def passage_of(session: AsyncSession, one: PassageComment, texts: Mapping[str, str]) -> str | None:
    """The passage that was meant, where it still stands in `texts` (by the names of `texts_of`)."""
    passage = texts.get(one.field, "")[one.start : one.end]
    return passage if hmac.compare_digest(_mac(session, passage), one.quote_mac) else None


async def require_comment(session: AsyncSession, item: Item, comment_id: str) -> PassageComment:
    """The comment of that id, as it stands. Raises NotFound."""
    found = await session.get(PassageComment, comment_id, populate_existing=True)
    if found is None or found.item_id != item.id:
        raise NotFound("没有这条意见。")
    return found


def require_may_comment(by: Person, item: Item) -> None:
    """Raises Forbidden, NotPossible where `may_comment` says no."""
    if may_comment(by, item):
        return
    if can((item.state, item.stage), ItemAction.EDIT):
        raise Forbidden("段落意见由编辑和审核人提出。")
    place = place_label((item.state, item.stage))
    raise NotPossible(f"信息当前为“{place}”，文字已不能修改，不再提意见。")


def _place(texts: Mapping[str, str], remark: Remark) -> tuple[int, int]:
    quote = remark.quote.strip()
    start = texts.get(remark.field, "").find(quote) if quote else -1
    if start < 0:
        raise invalid("quote", "所选的栏目里没有这几个字。请从原文复制。")
    return start, start + len(quote)


def _mac(session: AsyncSession, passage: str) -> str:
    key: bytes = session.info["audit_key"]
    return hmac.new(key, f"passage\0{passage}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
