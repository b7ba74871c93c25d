"""A sealed item's case, as people go through its steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.problems import NotPossible, StaleState
from outreach.items import service as items
from outreach.items.model import Item
from outreach.items.queries import get_item, hold_item
from outreach.items.rules import texts_of
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import posts_by_item
from outreach.publishing.rules import LIVE_STATES
from outreach.screening.marks import lines_like_marks
from outreach.screening.service import release_line
from outreach.sealing import service as sealing
from outreach.sealing.model import SealCase, Step, Verdict
from outreach.sealing.queries import entries_of, get_case
from outreach.sealing.rules import Standing


async def standing_of(session: AsyncSession, case: SealCase) -> Standing:
    """How far the case has come."""
    posts = (await posts_by_item(session, [case.item_id])).get(case.item_id, [])
    noted = {entry.step for entry in await entries_of(session, case.id)}
    return standing(noted, posts)


def standing(noted: Collection[Step], posts: Sequence[Post]) -> Standing:
    """The same, from what was written down and the item's posts."""
    live = [post for post in posts if post.state in LIVE_STATES]
    return Standing(
        noted=noted,
        at_large=len(live),
        unsettled=sum(not _is_being_withdrawn(post) for post in live),
        was_out=any(post.tries > 0 for post in posts),
    )


async def note_step(session: AsyncSession, case_id: str, by: Person, step: Step, note: str) -> None:
    """Writes down what was done at a step. Raises NotFound, Forbidden, NotPossible, InvalidContent."""
    await sealing.note_step(session, await sealing.hold_case(session, case_id, by), by, step, note)


async def tick_copies(
    session: AsyncSession, case_id: str, by: Person, ticked: Collection[str], note: str
) -> None:
    """All copies were looked after. Raises NotFound, Forbidden, NotPossible, InvalidContent."""
    await sealing.tick_copies(session, await sealing.hold_case(session, case_id, by), by, ticked, note)


async def confirm_secret(session: AsyncSession, case_id: str, by: Person, reason: str) -> None:
    """It is a secret. Raises NotFound, Forbidden, NotPossible, InvalidContent."""
    case = await sealing.hold_case(session, case_id, by)
    checked = await sealing.checked_reason(session, reason)
    await sealing.judge(session, case, by, Verdict.CONFIRMED, checked, await standing_of(session, case))


async def free_item(office: Office, case_id: str, by: Person, reason: str) -> Item:
    """A false alarm: the lines that look like marks are released, and the item is a draft again.

    Files are read outside of the writing transaction. Raises NotFound, Forbidden, NotPossible, StaleState,
    InvalidContent.
    """
    async with office.db.read() as session:
        seen = await get_item(session, (await get_case(session, case_id, by)).item_id, by)
    lines = await _lines_like_marks(office, seen)
    async with office.db.begin() as session:
        case = await sealing.hold_case(session, case_id, by)
        checked = await sealing.checked_reason(session, reason, "free_reason")
        item = await hold_item(session, case.item_id, by)
        if item.version != seen.version:
            raise StaleState("这条信息刚被他人处理过，您的操作没有生效。请刷新页面后再看。")
        await sealing.judge(session, case, by, Verdict.FALSE_ALARM, checked, await standing_of(session, case))
        for line in lines:
            await release_line(session, by, line, checked)
        await items.free_item(session, item)
        await audit.record(session, by, "item.free", "item", item.id, revision=item.revision, case=case.id)
        return item


async def close_case(session: AsyncSession, case_id: str, by: Person) -> None:
    """Everything was done. Raises NotFound, Forbidden, NotPossible."""
    case = await sealing.hold_case(session, case_id, by)
    await sealing.close(session, case, by, await standing_of(session, case))


async def _lines_like_marks(office: Office, item: Item) -> list[str]:
    try:
        files = [
            await office.readings.of(one.sha256, one.media_type or "")
            for one in item.attachments
            if one.sha256 is not None
        ]
    except FileNotFoundError as error:
        raise NotPossible(
            "有附件的文件在本系统中找不到了，无法核对。请联系维护人员恢复 media 文件夹。"
        ) from error
    return lines_like_marks(texts_of(items.snapshot_of(item)).values(), files)


def _is_being_withdrawn(post: Post) -> bool:
    is_left_to_a_person = post.state is PostState.NEEDS_PERSON and post.after_withdrawing
    return post.state is PostState.WITHDRAWING or is_left_to_a_person
