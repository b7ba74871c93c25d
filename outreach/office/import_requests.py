"""A file of requests for information comes in: wrong rows are told by row and field, the good ones are taken (or none).

The same file again changes nothing of what was taken before, as with a register's entries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.problems import ClassificationMarkFound, FieldError, InvalidContent
from outreach.foundation.seal import Sealer
from outreach.office.context import Office
from outreach.office.import_register import ImportReport, RowOutcome, RowReport, as_tried
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.screening.marks import Doorkeeper, doorkeeper
from outreach.statistics.registers.importing import TypedRow, read_rows
from outreach.statistics.requests.ledger import LEDGER, SEALED, LedgerRow, read_row
from outreach.statistics.requests.model import InformationRequest
from outreach.statistics.requests.queries import registered_in
from outreach.statistics.requests.service import register_all

_SAME: Final = ("received_on", "way", "applicant", *SEALED)
"""By what a row is a request that is there."""

_Same = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A row on its way in: `values` is None where something is wrong with it."""

    row: TypedRow
    values: LedgerRow | None
    errors: tuple[FieldError, ...] = ()


async def import_requests(
    office: Office,
    name: str,
    content: bytes,
    *,
    by: Person,
    dry_run: bool = False,
    all_or_nothing: bool = False,
) -> ImportReport:
    """Takes a workbook or a CSV file in as requests for information, answered ones with their answers.

    Args:
        dry_run: nothing is stored; the report says what would happen.
        all_or_nothing: nothing is stored where any row is wrong.

    Raises Forbidden; TooLarge or InvalidContent where the file as a whole can't be read; NotPossible where it would
    change a year that is complete.
    """
    require(by, Act.KEEP_FIGURES)
    rows = await asyncio.to_thread(read_rows, LEDGER, name, content)
    async with office.db.read() as session:
        door = await doorkeeper(session)
    read = await asyncio.to_thread(lambda: [_read(row, door) for row in rows])
    if dry_run:
        async with office.db.read() as session:
            return ImportReport(as_tried(await _judged(session, office.sealer, read)), stored=False)
    async with office.db.begin() as session:
        await audit.hold(session)  # of two files that bring the same at once, the second finds it here
        reports = await _judged(session, office.sealer, read)
        if all_or_nothing and any(report.outcome is RowOutcome.REJECTED for report in reports):
            return ImportReport(as_tried(reports), stored=False)
        pairs = zip(read, reports, strict=True)
        good = [one.values for one, report in pairs if one.values and report.outcome is RowOutcome.CREATED]
        if good:
            await register_all(session, office.sealer, by, good)
    return ImportReport(reports, stored=True)


def _read(row: TypedRow, door: Doorkeeper) -> _Read:
    """The row's values; a classification mark is told before whatever else is wrong."""
    try:
        door.refuse_texts(**row.typed)
    except ClassificationMarkFound as problem:
        return _Read(row, None, problem.errors)
    wrong = {error.field for error in row.errors}
    try:
        values = read_row(row.typed)
    except InvalidContent as problem:
        return _Read(row, None, (*row.errors, *(one for one in problem.errors if one.field not in wrong)))
    return _Read(row, None, row.errors) if row.errors else _Read(row, values)


async def _judged(session: AsyncSession, sealer: Sealer, read: Sequence[_Read]) -> list[RowReport]:
    """What becomes of each row, by what is there already. A report never says who asked: it is read on a screen."""
    years = sorted({one.values.received_on.year for one in read if one.values})
    there: dict[_Same, list[InformationRequest]] = {}
    for request in await registered_in(session, years):
        if request.sealed:
            there.setdefault(_same_of(request, sealer), []).append(request)
    reports = []
    for one in read:
        if one.values is None:
            reports.append(RowReport(one.row, "", RowOutcome.REJECTED, one.errors))
            continue
        alike = there.get(tuple(one.values.registered[name] for name in _SAME))
        reports.append(_report(one.row, one.values, alike.pop(0) if alike else None))
    return reports


def _report(row: TypedRow, values: LedgerRow, there: InformationRequest | None) -> RowReport:
    told = f"{values.received_on} 收到的申请"
    if there is None:
        return RowReport(row, told, RowOutcome.CREATED)
    known = f"依申请〔{there.year}〕{there.number}号"
    if values.answer is None or _answer_of(there) == (values.answer["day"], values.answer["result"]):
        return RowReport(row, f"{told}（{known}）", RowOutcome.UNCHANGED)
    state = "已有另外的答复" if there.answered_on else "还没有登记答复"
    wrong = FieldError("answered_on", f"这一件已经登记为{known}，{state}。请在它的页面上登记或更正答复。")
    return RowReport(row, told, RowOutcome.REJECTED, (wrong,))


def _same_of(request: InformationRequest, sealer: Sealer) -> _Same:
    opened: Mapping[str, str] = sealer.open(request.sealed)
    return (
        request.received_on.isoformat(),
        request.way.value,
        request.applicant.value,
        *(opened[name] for name in SEALED),
    )


def _answer_of(request: InformationRequest) -> tuple[str, str] | None:
    if request.answered_on is None or request.result is None:
        return None
    return request.answered_on.isoformat(), request.result.value
