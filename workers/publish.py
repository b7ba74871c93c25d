"""The queue `publish`: posts and editions go out, and posts are taken down again."""

from __future__ import annotations

from typing import Final

from outreach.office.deliveries import BATCH
from outreach.office.push_edition import push_due
from outreach.office.take_down_posts import take_down_due
from workers.context import Context, job

JOBS_AT_ONCE: Final = 4


@job
async def deliver_due(ctx: Context) -> None:
    """Pushes editions that are due and delivers posts until none is due or the worker is told to stop. Safe to run
    twice and at the same time."""
    if not ctx["stop"].is_set():
        await push_due(ctx["office"], worker=ctx["worker"])
    await ctx["deliveries"].work(ctx["stop"])


@job
async def withdraw_due(ctx: Context) -> None:
    """Takes down posts until none is to be withdrawn now or the worker is told to stop. Safe to run twice and at the
    same time."""
    while not ctx["stop"].is_set() and await take_down_due(ctx["office"], worker=ctx["worker"], limit=BATCH):
        pass
