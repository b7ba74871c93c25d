"""The queue `conversations`: what followers wrote and did is handled, and they are answered."""

from __future__ import annotations

from typing import Final

from outreach.office.handle_message import handle_waiting
from outreach.office.send_replies import send_due
from outreach.office.sync_followers import take_step
from workers.context import Context, job

BATCH: Final = 200


@job
async def converse(ctx: Context) -> None:
    """Handles messages and sends answers until there are none or the worker is told to stop. Safe to run twice and at
    the same time."""
    while not ctx["stop"].is_set() and await handle_waiting(ctx["office"], worker=ctx["worker"], limit=BATCH):
        pass
    while not ctx["stop"].is_set() and await send_due(ctx["office"], worker=ctx["worker"]):
        pass


@job
async def sync_followers(ctx: Context) -> None:
    """Fetches followers until none are to be fetched or the worker is told to stop. Safe to run twice and at the same
    time."""
    while not ctx["stop"].is_set() and await take_step(ctx["office"], worker=ctx["worker"]):
        pass
