"""The queue `periodic`: once a second, whatever was lost or left is found again."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from outreach.foundation import clock
from outreach.office import settle_posts
from outreach.publishing.queries import next_due
from workers.context import Context, job
from workers.publish import BATCH

LOOK_AHEAD: Final = timedelta(seconds=3)
_MOST_JOBS: Final = 20


@job
async def sweep(ctx: Context) -> None:
    """Settles what a dead worker left and what was lost, asks for silent results, and has what is or will be
    due delivered at its time. Needs nothing of Redis to have survived."""
    office, worker = ctx["office"], ctx["worker"]
    await settle_posts.take_over_expired(office, worker=worker)
    await settle_posts.look_for_lost(office, worker=worker, limit=BATCH)
    await settle_posts.ask_results(office, worker=worker, limit=BATCH)
    async with office.db.read() as session:
        due = await next_due(session, clock.now() + LOOK_AHEAD)
    for moment, posts in due:
        for number in range(min(math.ceil(posts / BATCH), _MOST_JOBS)):
            await ctx["queue"].deliver_at(moment, f"deliver:{moment.timestamp():.3f}:{number}")
