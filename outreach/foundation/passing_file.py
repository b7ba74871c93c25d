"""Files that pass through: made in `HOME/tmp`, sent, and gone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from outreach.foundation.ids import new_id


@asynccontextmanager
async def passing_folder(home: Path) -> AsyncIterator[Path]:
    """A folder of one's own, which only this user can read; it goes with everything in it."""
    folder = home / "tmp" / new_id()
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)
