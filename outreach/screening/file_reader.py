"""Files are read by child processes: whatever a file does to its reader, the service goes on answering.

A child gets the file on its standard input and answers on its standard output, so that nothing is stored before it
has been looked through. It limits its own time and memory before it looks at the file (`files/limits.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Final

from outreach.foundation.problems import UnsupportedType
from outreach.screening.files.limits import OUTPUT_BYTES, WALL_S
from outreach.screening.files.outcomes import CANT_BE_CLEANED, OUT_OF_MEMORY
from outreach.screening.files.passages import (
    DAMAGED,
    THE_FILE,
    TOO_BIG,
    Part,
    Passage,
    Unread,
    from_line,
)

AT_ONCE: Final = 2
"""Files that one process of the service has read at the same time."""

PICTURES: Final = frozenset({"image/png", "image/jpeg"})
"""What is cleaned of its data before it is stored."""

_TOO_SLOW: Final = "文件过大或过于复杂，在限定时间内没能读完。请拆分或缩小后再上传。"
_BUSY: Final = "系统繁忙，在限定时间内没能读完文件。请稍后重新提交。"
_REASONS: Final = {-signal.SIGXCPU: _TOO_SLOW, -signal.SIGKILL: _BUSY, OUT_OF_MEMORY: TOO_BIG}
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a reading gave. `is_final` is False where another try may give more."""

    passages: tuple[Passage, ...]
    unread: tuple[Unread, ...]
    is_final: bool = True

    @classmethod
    def of(cls, parts: Iterable[Part]) -> ReadFile:
        """A reading that came to its end."""
        given = list(parts)
        passages = tuple(one for one in given if isinstance(one, Passage))
        return cls(passages, tuple(one for one in given if isinstance(one, Unread)))

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of it."""
        return (*self.passages, *self.unread)

    def cut_short(self, reason: str, *, is_final: bool) -> ReadFile:
        """The same, with the reason why there is no more."""
        return replace(self, unread=(*self.unread, Unread(THE_FILE, reason)), is_final=is_final)


class FileReader:
    """Has files read, a few at the same time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)

    async def read(self, content: bytes, media_type: str) -> ReadFile:
        """What stands in the file, and what could not be read."""
        code, output = await self._run("read", content, media_type)
        read, is_whole = await asyncio.to_thread(_parsed, output)
        if is_whole:
            return read
        if len(output) > OUTPUT_BYTES:
            return read.cut_short(TOO_BIG, is_final=True)
        return read.cut_short(_reason(code), is_final=code != -signal.SIGKILL)

    async def cleaned(self, content: bytes, media_type: str) -> bytes:
        """A picture without the data about where, when and by whom it was taken; another file as it is.

        Raises UnsupportedType where the picture can't be cleaned.
        """
        if media_type not in PICTURES:
            return content
        code, output = await self._run("clean", content, media_type)
        if code == 0:
            return output
        raise UnsupportedType(output.decode() if code == CANT_BE_CLEANED else _reason(code))

    async def _run(self, act: str, content: bytes, media_type: str) -> tuple[int, bytes]:
        """The exit code of the child and what it answered, both as far as they came."""
        async with self._free, _child(act, media_type) as child:
            output = bytearray()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WALL_S):
                    await asyncio.gather(_feed(child, content), _drain(child, output))
                    await child.wait()
        return await child.wait(), bytes(output)


@contextlib.asynccontextmanager
async def _child(act: str, media_type: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The child; it is ended in any case. It gets none of the service's secrets, and what it says of errors is thrown
    away, since that might quote the file."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "outreach.screening.files", act, media_type),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")},
        start_new_session=True,
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _feed(child: asyncio.subprocess.Process, content: bytes) -> None:
    """Gives the child its file. One that has ended already takes no more."""
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(content)
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()


async def _drain(child: asyncio.subprocess.Process, output: bytearray) -> None:
    """Adds what the child answers to `output`; one that never stops is left."""
    assert child.stdout is not None
    while chunk := await child.stdout.read(_CHUNK):
        output += chunk
        if len(output) > OUTPUT_BYTES:
            child.kill()


def _parsed(output: bytes) -> tuple[ReadFile, bool]:
    """What the child answered, and whether it came to its end."""
    lines = [json.loads(line) for line in output.split(b"\n")[:-1]]
    is_whole = bool(lines) and lines[-1] == []
    return ReadFile.of(from_line(line) for line in lines if line), is_whole


def _reason(code: int) -> str:
    return _REASONS.get(code, DAMAGED)
