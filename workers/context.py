"""What every job is given, and the outermost door at which its errors are logged."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict, cast

import structlog
from arq.typing import WorkerCoroutine

from outreach.foundation.ids import new_id
from outreach.foundation.outages import outage_of
from outreach.foundation.queue import Queue
from outreach.office.context import Office
from outreach.office.deliveries import Deliveries

log = structlog.get_logger(__name__)


class Context(TypedDict):
    """What a job works with: the open office, the queue, the name under which it holds leases, the posts that this
    process has under way, and the sign to begin nothing new."""

    office: Office
    queue: Queue
    worker: str
    deliveries: Deliveries
    stop: asyncio.Event


def job(run: Callable[[Context], Awaitable[None]]) -> WorkerCoroutine:
    """Names worker and job in each line that it logs, and logs an error with an id instead of handing it to
    arq: the sweep runs the job again anyway."""

    @functools.wraps(run)
    async def guarded(ctx: Any) -> None:
        with structlog.contextvars.bound_contextvars(worker=ctx["worker"], job=run.__name__):
            try:
                await run(ctx)
            except Exception as error:
                outage = outage_of(error)
                if outage:
                    log.warning("job_postponed", reason=outage.detail)
                else:
                    log.exception("job_failed", error_id=new_id())

    return cast(WorkerCoroutine, guarded)
