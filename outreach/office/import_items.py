"""A file of items comes in: wrong rows are told by row and field, the good ones are taken (or none)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.problems import FieldError, Problem, TooLarge
from outreach.items.content import Content
from outreach.items.files import MAX_FILE_BYTES, check_file
from outreach.items.importing import Row, read_file
from outreach.items.service import store_imported_file
from outreach.office.context import Office
from outreach.office.write_item import create_from
from outreach.people.model import Person
from outreach.people.rules import Act, require

BATCH: Final = 50


class RowOutcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row: what became of it, what is wrong with it (Chinese, by field), and what is still to be done."""

    row: int
    source_id: str | None
    title: str | None
    outcome: RowOutcome
    item_id: str | None = None
    errors: tuple[FieldError, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """All rows in the file's order. `stored` is False for a trial, and where all was asked for and a row was wrong."""

    rows: tuple[RowReport, ...]
    stored: bool

    def count(self, outcome: RowOutcome) -> int:
        """How many rows came to `outcome`."""
        return sum(1 for row in self.rows if row.outcome is outcome)


class _Undo(Exception):
    """Rolls a trial back."""


@dataclass(frozen=True, slots=True)
class _StoredFile:
    sha256: str
    size: int
    media_type: str


@dataclass(slots=True)
class _Files:
    """The files of one row that lie beside the import, and what is to be said of the others."""

    stored: dict[str, _StoredFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


async def import_items(
    office: Office,
    name: str,
    content: bytes,
    *,
    by: Person | None,
    folder: Path | None = None,
    dry_run: bool = False,
    all_or_nothing: bool = False,
) -> ImportReport:
    """Takes a file of items in as drafts of `by` (None: the command line's).

    Args:
        folder: where `attachments/<source_id>/` lies; None where only the file itself came.
        dry_run: nothing is stored; the report says what would happen.
        all_or_nothing: nothing is stored where any row is wrong.

    Raises Forbidden, InvalidContent or TooLarge where the file as a whole can't be read.
    """
    if by is not None:
        require(by, Act.WRITE_ITEMS)
    rows = await asyncio.to_thread(read_file, name, content)
    files = {row.number: await _files(office, row.content, folder) for row in rows if row.content}
    if not dry_run and not all_or_nothing:
        reports: list[RowReport] = []
        for start in range(0, len(rows), BATCH):
            async with office.db.begin() as session:
                reports += await _take(session, rows[start : start + BATCH], files, by)
        return ImportReport(tuple(reports), stored=True)
    return await _take_all_or_undo(office, rows, files, by, dry_run=dry_run)


async def _take_all_or_undo(
    office: Office, rows: Sequence[Row], files: Mapping[int, _Files], by: Person | None, *, dry_run: bool
) -> ImportReport:
    reports: list[RowReport] = []
    try:
        async with office.db.begin() as session:
            reports = await _take(session, rows, files, by)
            if dry_run or any(report.outcome is RowOutcome.REJECTED for report in reports):
                raise _Undo
    except _Undo:
        return ImportReport(tuple(_not_stored(report) for report in reports), stored=False)
    return ImportReport(tuple(reports), stored=True)


def _not_stored(report: RowReport) -> RowReport:
    if report.outcome is not RowOutcome.CREATED:
        return report
    return RowReport(
        report.row, report.source_id, report.title, RowOutcome.GOOD, errors=report.errors, notes=report.notes
    )


async def _take(
    session: AsyncSession, rows: Sequence[Row], files: Mapping[int, _Files], by: Person | None
) -> list[RowReport]:
    reports = [await _take_row(session, row, files.get(row.number) or _Files(), by) for row in rows]
    created = sum(1 for report in reports if report.outcome is RowOutcome.CREATED)
    if created:
        await audit.record(session, by or COMMAND_LINE, "item.import", "import", "file", created=created)
    return reports


async def _take_row(session: AsyncSession, row: Row, files: _Files, by: Person | None) -> RowReport:
    source_id, title = _named(row, "source_id"), _named(row, "title")
    errors = (*row.errors, *files.errors)
    if errors or row.content is None:
        return RowReport(row.number, source_id, title, RowOutcome.REJECTED, errors=tuple(errors))
    try:
        async with session.begin_nested():
            item, new = await create_from(session, by, row.content)
            if new:
                for name, file in files.stored.items():
                    await store_imported_file(
                        session, item, name=name, sha256=file.sha256, size=file.size, media_type=file.media_type
                    )  # fmt: skip
    except Problem as problem:
        told = problem.errors or (FieldError("", problem.detail),)
        return RowReport(row.number, source_id, title, RowOutcome.REJECTED, errors=tuple(told))
    if not new:
        return RowReport(row.number, source_id, title, RowOutcome.UNCHANGED, item.id)
    return RowReport(row.number, source_id, title, RowOutcome.CREATED, item.id, notes=tuple(files.notes))


def _named(row: Row, name: str) -> str | None:
    value = (row.raw or {}).get(name)
    return str(value)[:64] if value is not None else None


async def _files(office: Office, content: Content, folder: Path | None) -> _Files:
    """Puts the row's files into the media store. One that isn't there is a note: it can be uploaded later."""
    found = _Files()
    for name in content.attachments:
        path = _beside(folder, content.source_id or "", name) if folder else None
        if path is None:
            found.notes.append(f"附件“{name}”未随文件一起导入，请在提交审核前上传或删去。")
            continue
        try:
            data = await asyncio.to_thread(_read, path)
            media_type = check_file(name, data)
        except Problem as problem:
            found.errors.append(FieldError("attachments", f"{name}：{problem.detail}"))
            continue
        found.stored[name] = _StoredFile(await office.media.put(data), len(data), media_type)
    return found


def _beside(folder: Path, source_id: str, name: str) -> Path | None:
    """The file beside the import, if it is there; a number such as `../x` leads nowhere."""
    attachments = folder / "attachments"
    path = attachments / source_id / name
    if ".." in Path(source_id).parts or not path.is_relative_to(attachments):
        return None
    try:
        return path if path.is_file() else None
    except OSError:  # a name that this file system can't have
        return None


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise TooLarge(f"文件超过{MAX_FILE_BYTES // 1024**2}MB。请压缩或拆分后再导入。")
    return path.read_bytes()
