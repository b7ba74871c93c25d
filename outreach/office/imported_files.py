"""The files that lie beside an import: `attachments/<source_id>/<name>`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from outreach.foundation.problems import FieldError, Problem, TooLarge
from outreach.items.content import Content
from outreach.items.files import MAX_FILE_BYTES, StoredFile
from outreach.office.context import Office
from outreach.office.take_file import look_through, store_file


@dataclass(slots=True)
class Found:
    """The files of one row by their names, and what is to be said of the others."""

    stored: dict[str, StoredFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FilesBeside:
    """Where the files lie (None: only the file of items itself came), and whether they are kept or just checked."""

    office: Office
    folder: Path | None
    keeps: bool

    async def of(self, content: Content) -> Found:
        """The files of an item. One that isn't there is a note: it can be uploaded later."""
        found = Found()
        for name in content.attachments:
            path = _beside(self.folder, content.source_id or "", name) if self.folder else None
            if path is None:
                found.notes.append(f"附件“{name}”未随文件一起导入，请在提交审核前上传或删去。")
                continue
            try:
                file = await look_through(self.office, name, await asyncio.to_thread(_read, path))
            except Problem as problem:
                found.errors.append(FieldError("attachments", f"{name}：{problem.detail}"))
                continue
            if self.keeps:
                found.stored[name] = await store_file(self.office, file)
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
