"""Several deeds at the same time, each to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable


async def run_all(deeds: Iterable[Awaitable[None]]) -> None:
    """Runs them side by side; one that fails takes no other with it.

    Raises ExceptionGroup with all failures when every one has ended.
    """
    outcomes = await asyncio.gather(*deeds, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("errors of the program", failures)
