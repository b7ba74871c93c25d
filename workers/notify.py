"""The queue `notify`: followers are told what they subscribed to."""

from __future__ import annotations

from typing import Final

from outreach.foundation.ids import new_id
from outreach.office.send_notices import send_due
from outreach.office.start_notices import start_due
from workers.context import Context, job

JOBS_AT_ONCE: Final = 8
"""So many workers are woken a second; those that were woken stay at work."""

_AT_MOST_S: Final = 300.0


@job
async def notify_followers(ctx: Context) -> None:
    """Starts notices that are due and sends chunk after chunk until none is left, the worker is told to stop, or it is
    time for a job of its own. Safe to run twice and at the same time."""
    await start_due(ctx["office"])
    sent = await send_due(ctx["office"], worker=ctx["worker"], stop=ctx["stop"], most_s=_AT_MOST_S)
    if sent and not ctx["stop"].is_set():
        await ctx["queue"].notify_now(f"notify:{new_id()}")
