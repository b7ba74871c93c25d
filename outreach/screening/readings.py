"""What was read in stored files, kept beside them: rules change, and what stands in a file does not.

A reading holds no more than its file and is as private; it is made anew where it is missing.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

from outreach.foundation.media import MediaStore
from outreach.foundation.whole_file import write_whole
from outreach.screening.file_reader import FileReader, ReadFile
from outreach.screening.files.passages import from_line, to_line
from outreach.screening.files.recognition import can_recognise

VERSION: Final = 1
"""Rises when the reader finds more in the same file than before: then kept readings count no longer."""


class Readings:
    """The readings of the files in a media store."""

    def __init__(self, media: MediaStore, reader: FileReader) -> None:
        self._media = media
        self._reader = reader
        self._kind = f"{VERSION}-ocr" if can_recognise() else str(VERSION)

    async def of(self, sha256: str, media_type: str) -> ReadFile:
        """What stands in a stored file."""
        path = self._path(sha256)
        if await asyncio.to_thread(path.exists):
            return await asyncio.to_thread(_load, path)
        read = await self._reader.read(await self._media.read(sha256), media_type)
        await self.keep(sha256, read)
        return read

    async def keep(self, sha256: str, read: ReadFile) -> None:
        """Keeps the reading of a stored file, unless another try may give more."""
        if read.is_final:
            await asyncio.to_thread(_store, self._path(sha256), read)

    async def remove(self, sha256: str) -> None:
        """Removes every reading of a file, of whatever version. Raises OSError."""
        await asyncio.to_thread(_remove, self._path(sha256).parent, sha256)

    def _path(self, sha256: str) -> Path:
        return self._media.folder / "readings" / sha256[:2] / f"{sha256}.{self._kind}.jsonl"


def _store(path: Path, read: ReadFile) -> None:
    lines = [json.dumps(to_line(part)) for part in read.parts]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "\n".join(lines).encode(), mode=0o600)


def _remove(folder: Path, sha256: str) -> None:
    for path in folder.glob(f"{sha256}.*"):
        path.unlink(missing_ok=True)


def _load(path: Path) -> ReadFile:
    lines = path.read_bytes().split(b"\n")
    return ReadFile.of(from_line(json.loads(line)) for line in lines if line)
