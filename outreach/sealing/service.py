"""A sealed item's case: opened, written into, judged, purged, closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.problems import NotFound, NotPossible, invalid
from outreach.items.model import Item, Revision
from outreach.people.model import Person
from outreach.people.rules import Act, require, sees_section
from outreach.screening.marks import doorkeeper
from outreach.sealing.model import SealCase, SealEntry, Step, Verdict
from outreach.sealing.rules import (
    COPIES,
    MAX_NOTE,
    MAX_REASON,
    NO_SUCH_CASE,
    NOTED,
    Standing,
    require_closable,
    require_judgeable,
    require_open,
)


async def open_case(
    session: AsyncSession, item: Item, by: Actor, *, rules: Collection[str], reason: str | None
) -> SealCase:
    """The case of an item that was just sealed."""
    revision = await session.get(Revision, (item.id, item.revision))
    case = SealCase(
        item_id=item.id,
        revision=item.revision,
        content_hash=revision.content_hash if revision else None,
        rules=" ".join(sorted(rules)),
        reason=reason,
        sealed_by_id=by.id,
        sealed_by_name=by.name,
        sealed_at=clock.now(),
    )
    session.add(case)
    await session.flush()
    await audit.record(
        session, by, "item.seal", "item", item.id, revision=item.revision, case=case.id, rules=sorted(rules)
    )
    return case


async def hold_case(session: AsyncSession, case_id: str, by: Person) -> SealCase:
    """The case, held until the transaction ends, for whoever is about to write into it. Raises Forbidden, NotFound."""
    require(by, Act.KEEP_SCREENING)
    query = select(SealCase).where(SealCase.id == case_id).with_for_update()
    case = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    item = await session.get(Item, case.item_id) if case else None
    if case is None or item is None or not sees_section(by, item.section_id):
        raise NotFound(NO_SUCH_CASE)
    return case


async def checked_reason(session: AsyncSession, reason: str, field: str = "reason") -> str:
    """Why somebody seals, confirms or frees an item, typed into `field`. Raises InvalidContent, ClassificationMarkFound."""
    return await _checked(session, field, reason, MAX_REASON, "请写明理由。不要抄录涉密内容。")


async def note_step(session: AsyncSession, case: SealCase, by: Person, step: Step, note: str) -> SealEntry:
    """Writes down what was done at a step. Raises NotPossible, InvalidContent, ClassificationMarkFound."""
    require_open(case)
    if step not in NOTED:
        raise NotFound("这一步没有处理记录可填。")
    field = f"note-{step}"
    told = "请写明做了什么、何时、向谁。不要抄录涉密内容。"
    return await _add_entry(session, case, by, step, await _checked(session, field, note, MAX_NOTE, told))


async def tick_copies(
    session: AsyncSession, case: SealCase, by: Person, ticked: Collection[str], note: str
) -> SealEntry:
    """Every place where the content may still lie was looked after. Raises NotPossible, InvalidContent."""
    require_open(case)
    if case.purged_at is None:
        raise NotPossible("先清除内容，再清点副本：清除以前做的备份都要算上。")
    if missing := [label for name, label in COPIES.items() if name not in ticked]:
        raise invalid("places", f"请逐项核对后勾选：{'；'.join(missing)}。")
    told = "请写明如何处理，例如删除了哪几天的备份、由谁保管。"
    return await _add_entry(
        session, case, by, Step.COPIES, await _checked(session, "note-copies", note, MAX_NOTE, told)
    )


async def judge(
    session: AsyncSession, case: SealCase, by: Person, verdict: Verdict, reason: str, standing: Standing
) -> None:
    """A confidentiality reviewer says what it is; a false alarm closes the case. `reason` was checked. Raises
    NotPossible."""
    require_judgeable(case, verdict, standing)
    case.verdict, case.verdict_reason = verdict, reason
    case.judged_by_id, case.judged_by_name, case.judged_at = by.id, by.name, clock.now()
    await session.flush()
    await audit.record(session, by, f"seal.{verdict}", "item", case.item_id, case=case.id)
    if verdict is Verdict.FALSE_ALARM:
        await _close(session, case, by)


async def begin_purge(session: AsyncSession, case: SealCase, by: Person, files: Collection[str]) -> None:
    """The words are gone with this transaction; `files` are still to be looked at."""
    case.purge_began_at = case.purge_began_at or clock.now()
    case.files = sorted({*case.files, *files})
    await session.flush()
    await audit.record(session, by, "seal.purge", "item", case.item_id, case=case.id, files=len(case.files))


async def finish_purge(
    session: AsyncSession, case: SealCase, by: Person, files: Sequence[str], left: list[dict[str, Any]]
) -> None:
    """Keeps what a run of the purge could not do: `files` to look at again, and what is `left`. It is purged once
    nothing is left that another run could remove."""
    case.files, case.left = list(files), left
    if not any(one["again"] for one in left):
        case.purged_at = clock.now()
        case.purged_by_id, case.purged_by_name = by.id, by.name
    await session.flush()
    told = [one["what"] for one in left]
    await audit.record(session, by, "seal.purged", "item", case.item_id, case=case.id, left=told)


async def close(session: AsyncSession, case: SealCase, by: Person, standing: Standing) -> None:
    """All steps are done. Raises NotPossible naming those that are not."""
    require_closable(case, standing)
    await _close(session, case, by)


async def _close(session: AsyncSession, case: SealCase, by: Person) -> None:
    case.closed_at, case.closed_by_id, case.closed_by_name = clock.now(), by.id, by.name
    await session.flush()
    await audit.record(session, by, "seal.close", "item", case.item_id, case=case.id)


async def _add_entry(session: AsyncSession, case: SealCase, by: Person, step: Step, note: str) -> SealEntry:
    entry = SealEntry(case_id=case.id, step=step, note=note, by_id=by.id, by_name=by.name, at=clock.now())
    session.add(entry)
    await session.flush()
    await audit.record(session, by, f"seal.note.{step}", "item", case.item_id, case=case.id)
    return entry


async def _checked(session: AsyncSession, field: str, text: str, longest: int, told: str) -> str:
    text = text.strip()
    if not text:
        raise invalid(field, told)
    if len(text) > longest:
        raise invalid(field, f"最多 {longest} 个字，请缩短。")
    (await doorkeeper(session)).refuse_texts(**{field: text})
    return text
