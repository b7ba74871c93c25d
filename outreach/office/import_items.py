"""A file of items comes in: wrong rows are told by row and field, the good ones are taken (or none).

A large file goes through in batches, each a transaction of its own: whoever else works here is hardly kept waiting,
and an import that is stopped half-way, by whatever, is gone on with by importing the same file again, since rows
that are there already change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.problems import ClassificationMarkFound, FieldError, InvalidContent
from outreach.items.compose import compose_body
from outreach.items.importing import Row, RowFile, read_file
from outreach.items.intake import Arrival, Judgement, Known, NewDraft, judge, store
from outreach.office.context import Office
from outreach.office.imported_files import FilesBeside
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.screening.marks import Doorkeeper, doorkeeper

BATCH: Final = 200
"""Rows that are stored together."""

Progress = Callable[[int, int], Awaitable[None]]
"""Hears how many rows of how many have been gone through: once before the first, and after each batch."""


class RowOutcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row: what became of it, what is wrong with it (Chinese, by field), and what is still to be done.
    `sheet` is the workbook's, None where a file has no sheets."""

    row: int
    source_id: str | None
    title: str | None
    outcome: RowOutcome
    item_id: str | None = None
    errors: tuple[FieldError, ...] = ()
    notes: tuple[str, ...] = ()
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """All rows in the file's order. `stored` is False for a trial, and where all was asked for and a row was wrong."""

    rows: tuple[RowReport, ...]
    stored: bool

    def count(self, outcome: RowOutcome) -> int:
        """How many rows came to `outcome`."""
        return sum(1 for row in self.rows if row.outcome is outcome)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A row on its way in: `arrival` is None where something is wrong with it."""

    row: Row
    arrival: Arrival | None
    errors: Sequence[FieldError] = ()
    notes: Sequence[str] = ()


Batch = Sequence[_Prepared]


class _Undo(Exception):
    """Rolls everything back."""


async def import_items(
    office: Office,
    name: str,
    content: bytes,
    *,
    by: Person | None,
    folder: Path | None = None,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Takes a file of items in as drafts of `by` (None: the command line's).

    Args:
        folder: where `attachments/<source_id>/` lies; None where only the file itself came.
        dry_run: nothing is stored; the report says what would happen.
        all_or_nothing: nothing is stored where any row is wrong.
        progress: what it raises ends the import; the batches that were stored before stay.

    Raises Forbidden, InvalidContent or TooLarge where the file as a whole can't be read.
    """
    if by is not None:
        require(by, Act.WRITE_ITEMS)
    rows = await asyncio.to_thread(read_file, name, content)
    files = FilesBeside(office, folder, keeps=not dry_run)
    async with office.db.read() as session:
        door = await doorkeeper(session)
    batches = _batches(rows, files, door, progress or _nobody_listens)
    if dry_run:
        return await _foresee(office, batches, by)
    if all_or_nothing:
        return await _take_all(office, [batch async for batch in batches], by)
    reports: list[RowReport] = []
    async for batch in batches:
        async with office.db.begin() as session:
            await _take(session, batch, by, reports)
    return ImportReport(tuple(reports), stored=True)


async def _foresee(office: Office, batches: AsyncIterator[Batch], by: Person | None) -> ImportReport:
    """What would become of each row. Nothing is written, so nobody has to wait for a trial."""
    reports: list[RowReport] = []
    async for batch in batches:
        async with office.db.read() as session:
            judged = await judge(session, _arrivals(batch), by)
        _add(reports, batch, judged)
    return ImportReport(_not_stored(reports), stored=False)


async def _take_all(office: Office, batches: Sequence[Batch], by: Person | None) -> ImportReport:
    """Stores all batches in one transaction, or nothing. They were prepared before it began, so it is short."""
    reports: list[RowReport] = []
    try:
        async with office.db.begin() as session:
            for batch in batches:
                await _take(session, batch, by, reports)
            if any(report.outcome is RowOutcome.REJECTED for report in reports):
                raise _Undo
    except _Undo:
        return ImportReport(_not_stored(reports), stored=False)
    return ImportReport(tuple(reports), stored=True)


async def _take(session: AsyncSession, batch: Batch, by: Person | None, reports: list[RowReport]) -> None:
    """Stores what is good of a batch, and adds what became of its rows to `reports`."""
    await audit.hold(session)  # of two files that bring the same at once, the second finds it here
    judged = await judge(session, _arrivals(batch), by)
    drafts = [one for one in judged if isinstance(one, NewDraft)]
    if drafts:
        actor = by or COMMAND_LINE
        await store(session, actor, drafts, by)
        await audit.record(session, actor, "item.import", "import", "file", created=len(drafts))
    _add(reports, batch, judged)


async def _batches(
    rows: RowFile, files: FilesBeside, door: Doorkeeper, progress: Progress
) -> AsyncIterator[Batch]:
    """The rows, read and looked through in a thread of their own: it is work for the processor."""
    await progress(0, rows.total)
    remaining, done = iter(rows), 0
    while batch := await asyncio.to_thread(_prepare, remaining, door):
        yield [await _with_files(one, files) for one in batch]
        done += len(batch)
        await progress(done, rows.total)


def _prepare(rows: Iterator[Row], door: Doorkeeper) -> Batch:
    return [_looked_through(row, door) for row in islice(rows, BATCH)]


def _looked_through(row: Row, door: Doorkeeper) -> _Prepared:
    """The row with the body that it will have; one that bears a classification mark goes no further, and the mark is
    told before whatever else is wrong with it."""
    content = row.content
    if row.repeats is not None:
        return _Prepared(row, None, row.errors)
    try:
        if content is None:
            door.refuse_typed(row.raw or {}, row.errors)
            return _Prepared(row, None, row.errors)
        door.refuse_item(content.as_json())
    except ClassificationMarkFound as problem:
        return _Prepared(row, None, problem.errors)
    body = content.body
    if not body.strip():
        body = compose_body(content.kind, content.title, content.fields.as_json())
    return _Prepared(row, Arrival(content, body, {}))


async def _with_files(one: _Prepared, files: FilesBeside) -> _Prepared:
    if one.arrival is None or not one.arrival.content.attachments:
        return one
    found = await files.of(one.arrival.content)
    arrival = None if found.errors else replace(one.arrival, files=found.stored)
    return replace(one, arrival=arrival, errors=found.errors, notes=found.notes)


def _arrivals(batch: Batch) -> list[Arrival]:
    return [one.arrival for one in batch if one.arrival is not None]


def _add(reports: list[RowReport], batch: Batch, judged: Sequence[Judgement]) -> None:
    """Adds the reports of the batch: those of its arrivals by their judgements, in the same order."""
    judgements = iter(judged)
    for one in batch:
        if one.row.repeats is not None:
            reports.append(_as_the_first(one.row, reports[one.row.repeats]))
        elif one.arrival is None:
            reports.append(_report(one, RowOutcome.REJECTED, errors=tuple(one.errors)))
        else:
            reports.append(_judged(one, next(judgements)))


def _judged(one: _Prepared, judgement: Judgement) -> RowReport:
    match judgement:
        case InvalidContent():
            return _report(one, RowOutcome.REJECTED, errors=judgement.errors)
        case Known():
            return _report(one, RowOutcome.UNCHANGED, judgement.item_id)
        case NewDraft():
            return _report(one, RowOutcome.CREATED, judgement.item_id, notes=tuple(one.notes))


def _report(
    one: _Prepared,
    outcome: RowOutcome,
    item_id: str | None = None,
    errors: tuple[FieldError, ...] = (),
    notes: tuple[str, ...] = (),
) -> RowReport:
    row = one.row
    named = (_named(row, "source_id"), _named(row, "title"))
    return RowReport(row.number, *named, outcome, item_id, errors, notes, row.sheet)


def _as_the_first(row: Row, first: RowReport) -> RowReport:
    """The same number with the same content again comes to the same, and changes nothing."""
    outcome = RowOutcome.REJECTED if first.outcome is RowOutcome.REJECTED else RowOutcome.UNCHANGED
    return replace(first, row=row.number, sheet=row.sheet, outcome=outcome, notes=())


def _not_stored(reports: Sequence[RowReport]) -> tuple[RowReport, ...]:
    """What was only tried has no id, and is called good."""
    tried = {one.item_id for one in reports if one.outcome is RowOutcome.CREATED}
    good = {RowOutcome.CREATED: RowOutcome.GOOD}
    return tuple(
        replace(one, item_id=None, outcome=good.get(one.outcome, one.outcome))
        if one.item_id in tried
        else one
        for one in reports
    )


def _named(row: Row, name: str) -> str | None:
    value = (row.raw or {}).get(name)
    return str(value)[:64] if value is not None else None


async def _nobody_listens(done: int, total: int) -> None:
    """Nobody asked to hear of the progress."""
