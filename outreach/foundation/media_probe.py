"""Whether the media folder of this machine is the one that all machines share: a file in it bears a word that
the database knows."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.ids import new_id
from outreach.foundation.office_settings import Setting

PROBE: Final = "probe"
_NAME: Final = "media_probe"


async def is_shared(session: AsyncSession, folder: Path) -> bool:
    """Whether `folder` bears the word. The first machine that asks puts it there.

    Raises OSError where the folder can't be read or written.
    """
    known = await session.get(Setting, _NAME)
    if known is None:
        session.add(Setting(name=_NAME, value=_put(folder / PROBE)))
        return True
    return _read(folder / PROBE) == str(known.value)


def _put(path: Path) -> str:
    with contextlib.suppress(FileExistsError), path.open("x", encoding="ascii") as file:
        file.write(new_id())
        file.flush()
        os.fsync(file.fileno())
    return _read(path)


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""
