"""What goes to the archive (备案): one zip with a folder for each record, a list of contents, and the SHA-256 of every
file, so that the archive can check it with `sha256sum -c SHA256SUMS`."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from outreach.foundation.clock import SHANGHAI
from outreach.foundation.media import MediaStore
from outreach.foundation.problems import NotPossible
from outreach.items.rules import canonical_json
from outreach.office.review_sheet import ReviewSheet
from outreach.office.sheet_document import TEMPLATE_NAME, SheetPrinter
from outreach.review.queries import RecordRow
from outreach.review.register_table import XlsxTable, cells_of

SUMS: Final = "SHA256SUMS"
CONTENTS: Final = "目录.xlsx"
_PIECE: Final = 1 << 18


class FilingPackage:
    """Writes the package record by record, in their order; nothing that was written is kept in memory. Every method
    blocks: to be called off the event loop."""

    def __init__(self, target: Path, media: MediaStore, printer: SheetPrinter) -> None:
        self._media, self._printer = media, printer
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._contents_path = target.with_name(CONTENTS)
        self._contents = XlsxTable(self._contents_path)
        self._sums: list[str] = []

    def add(self, rows: Sequence[RecordRow], sheets: Sequence[ReviewSheet]) -> None:
        """Adds these records; of a sealed one, which has no sheet, only its line in the list.

        Raises NotPossible where a file is missing, or is not what it was when it was reviewed.
        """
        self._contents.write(cells_of(row) for row in rows)
        open_rows = [row for row in rows if row.title is not None]
        for row, sheet in zip(open_rows, sheets, strict=True):
            self._add_record(row, sheet)

    def finish(self, at: datetime) -> None:
        """Adds the list and the hashes."""
        self._contents.close()
        with self._contents_path.open("rb") as file:
            self._write(CONTENTS, file, at)
        self._zip.writestr(_entry(SUMS, at), "".join(self._sums))

    def close(self) -> None:
        """To be called after an error too: only then are all files gone or whole."""
        self._contents.close()
        self._zip.close()

    def _add_record(self, row: RecordRow, sheet: ReviewSheet) -> None:
        folder, at = sheet.number, row.concluded_at or row.opened_at
        self._write_bytes(f"{folder}/{TEMPLATE_NAME}", self._printer.docx(sheet), at)
        self._write_bytes(f"{folder}/内容快照.json", canonical_json(sheet.snapshot), at)
        for file in sheet.files:
            path = self._media.path(file.sha256)
            if not path.is_file():
                raise NotPossible(
                    f"{sheet.number} 的附件“{file.name}”不在媒体库中，不能备案。请联系系统管理员。"
                )
            with path.open("rb") as source:
                digest = self._write(f"{folder}/附件/{file.name}", source, at, zipfile.ZIP_STORED)
            if digest != file.sha256:
                raise NotPossible(
                    f"{sheet.number} 的附件“{file.name}”与审查时的指纹不符，不能备案。请联系系统管理员。"
                )

    def _write_bytes(self, name: str, content: bytes, at: datetime) -> None:
        self._sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        self._zip.writestr(_entry(name, at), content)

    def _write(
        self, name: str, source: IO[bytes], at: datetime, compression: int = zipfile.ZIP_DEFLATED
    ) -> str:
        """Attachments are stored as they are: pictures and PDF are compressed already."""
        digest = hashlib.sha256()
        with self._zip.open(_entry(name, at, compression), "w") as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                target.write(piece)
        self._sums.append(f"{digest.hexdigest()}  {name}\n")
        return digest.hexdigest()


def _entry(name: str, at: datetime, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(SHANGHAI).timetuple()[:6])
    entry.compress_type = compression
    return entry
