"""The door for files, however they come: looked through before anything is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from outreach.items.files import StoredFile, check_file
from outreach.office.context import Office
from outreach.screening.file_reader import ReadFile
from outreach.screening.marks import doorkeeper


@dataclass(frozen=True, slots=True)
class LookedThrough:
    """A file that may be stored: a picture without the data about where and when it was taken."""

    content: bytes
    media_type: str
    read: ReadFile


async def look_through(office: Office, name: str, content: bytes) -> LookedThrough:
    """Reads what comes in. Nothing is stored.

    Raises InvalidContent, TooLarge, UnsupportedType, ClassificationMarkFound (in its name, or in what stands in it).
    """
    media_type = await asyncio.to_thread(check_file, name, content)
    async with office.db.read() as session:
        door = await doorkeeper(session)
    door.refuse_item({"attachments": [name]})
    content = await office.reader.cleaned(content, media_type)
    read = await office.reader.read(content, media_type)
    await asyncio.to_thread(door.refuse_file, name, read)
    return LookedThrough(content, media_type, read)


async def store_file(office: Office, file: LookedThrough) -> StoredFile:
    """Stores the file and what was read in it."""
    sha256 = await office.media.put(file.content)
    await office.readings.keep(sha256, file.read)
    return StoredFile(sha256, len(file.content), file.media_type)


async def take_file(office: Office, name: str, content: bytes) -> StoredFile:
    """Both: the file as it lies in the media store."""
    return await store_file(office, await look_through(office, name, content))
