"""Files by the hash of their content, in `HOME/media`."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from outreach.foundation.whole_file import write_whole


class MediaStore:
    """Keeps each content once. A name is its SHA-256 in hexadecimal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, content: bytes) -> str:
        """Stores `content` and gives its name; storing it again changes nothing."""
        return await asyncio.to_thread(self._put, content)

    async def read(self, sha256: str) -> bytes:
        """The content of that name. Raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    async def remove(self, sha256: str) -> None:
        """Removes the content of that name; removing it again changes nothing. Raises OSError."""
        await asyncio.to_thread(self.path(sha256).unlink, missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the content of that name lies."""
        return self.folder / sha256[:2] / sha256

    def _put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        if path.exists():
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, mode=0o600)
        return name
