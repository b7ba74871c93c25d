"""Files that pass through: they are made in `HOME/tmp`, and nothing stays there for more than a day."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from outreach.foundation import clock
from outreach.foundation.ids import new_id

_KEPT_S: Final = 24 * 3600


@asynccontextmanager
async def passing_folder(home: Path) -> AsyncIterator[Path]:
    """A folder of one's own in `HOME/tmp`, which only this user can read; it goes with everything in it. What a
    killed process left, or was kept there for a while, goes too once it is a day old."""
    folder = passing_place(home) / new_id()
    await asyncio.to_thread(_make, folder)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


def passing_place(home: Path) -> Path:
    """Where such files lie."""
    return home / "tmp"


def _make(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.parent.iterdir():
        if path.stat().st_mtime >= clock.now().timestamp() - _KEPT_S:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.mkdir(mode=0o700)
