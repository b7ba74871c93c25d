"""The queue `periodic`: once a second, whatever was lost or left is found again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from outreach.foundation import clock
from outreach.office import settle_editions, settle_posts
from outreach.publishing.editions import queries as editions
from outreach.publishing.queries import next_due
from workers.context import Context, job
from workers.publish import BATCH, JOBS_AT_ONCE

LOOK_AHEAD: Final = timedelta(seconds=3)


@job
async def sweep(ctx: Context) -> None:
    """Settles what a dead worker left and what was lost, asks for silent results, and has what is or will be
    due delivered at its time. Needs nothing of Redis to have survived."""
    office, worker = ctx["office"], ctx["worker"]
    await settle_posts.take_over_expired(office, worker=worker)
    await settle_posts.look_for_lost(office, worker=worker, limit=BATCH)
    await settle_posts.ask_results(office, worker=worker, limit=BATCH)
    await settle_editions.settle(office, worker=worker)
    now = clock.now()
    async with office.db.read() as session:
        due = await next_due(session, now + LOOK_AHEAD)
        due += [(moment, 1) for moment in await editions.next_due(session, now + LOOK_AHEAD)]
    for moment, posts in _from_now_on(due, now).items():
        for number in range(min(math.ceil(posts / BATCH), JOBS_AT_ONCE)):
            await ctx["queue"].deliver_at(moment, f"deliver:{moment.timestamp():.3f}:{number}")


def _from_now_on(due: Sequence[tuple[datetime, int]], now: datetime) -> Mapping[datetime, int]:
    """What was due before `now` is due now: a few jobs do for all of it, at however many moments it was due."""
    moments: Counter[datetime] = Counter()
    for moment, posts in due:
        moments[max(moment, now)] += posts
    return moments
