"""Waiting for something to become true, as long as it may take and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def eventually(ask: Callable[[], Awaitable[Answer]], *, within_s: float = 90) -> Answer:
    """What `ask` answers as soon as that is true; TimeoutError with its last answer where it never is."""
    answer: Answer | None = None
    try:
        async with asyncio.timeout(within_s):
            while not (answer := await ask()):  # noqa: ASYNC110 - what it waits for happens elsewhere
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TimeoutError(f"still {answer!r} after {within_s} s") from None
    return answer
