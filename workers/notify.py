"""The queue `notify`: followers are told what they subscribed to."""

from __future__ import annotations

import asyncio
from typing import Final

from outreach.foundation.ids import new_id
from outreach.office.send_notices import send_next
from outreach.office.start_notices import start_due
from workers.context import Context, job

JOBS_AT_ONCE: Final = 8
"""So many workers are woken a second; those that were woken stay at work."""

_AT_MOST_S: Final = 300


@job
async def notify_followers(ctx: Context) -> None:
    """Starts notices that are due and sends chunk after chunk until none is left, the worker is told to stop, or it is
    time for a job of its own. Safe to run twice and at the same time."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + _AT_MOST_S
    while not ctx["stop"].is_set() and loop.time() < ends:
        await start_due(ctx["office"])
        if not await send_next(ctx["office"], worker=ctx["worker"], stop=ctx["stop"]):
            return
    if not ctx["stop"].is_set():
        await ctx["queue"].notify_now(f"notify:{new_id()}")
