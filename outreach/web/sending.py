"""Files sent piece by piece, so that their size does not matter to memory."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import web

_PIECE: Final = 1 << 18


async def send_file(request: web.Request, path: Path, name: str, media_type: str) -> web.StreamResponse:
    """The whole file as a download of that name; when this returns it was sent, and may go."""
    response = web.StreamResponse(
        headers={
            "Content-Type": media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "private, no-store",
        }
    )
    with path.open("rb") as file:
        response.content_length = os.fstat(file.fileno()).st_size
        await response.prepare(request)
        while piece := await asyncio.to_thread(file.read, _PIECE):
            await response.write(piece)
    await response.write_eof()
    return response
