"""Runs the arq workers of some queues until told to stop; a Redis that goes away is waited for."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Any, Final

import structlog
from arq.cron import CronJob, cron
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func

from outreach.foundation.ids import new_id
from outreach.foundation.queue import (
    CONVERSATIONS,
    NOTIFY,
    PERIODIC,
    PUBLISH,
    Queue,
    from_bytes,
    heartbeat_key,
    queue_name,
    redis_settings,
    to_bytes,
)
from outreach.office.context import Office
from outreach.office.deliveries import Deliveries
from workers.context import Context
from workers.conversations import converse, fetch_figures, sync_followers
from workers.notify import notify_followers
from workers.periodic import check_indicators, end_surveys, send_mail, sweep
from workers.publish import JOBS_AT_ONCE, deliver_due, withdraw_due

log = structlog.get_logger(__name__)

POLL_S: Final = {PUBLISH: 0.05, CONVERSATIONS: 0.05, NOTIFY: 0.1, PERIODIC: 0.1}
"""How often each queue is asked for jobs: where somebody waits for what is due now, and where a moment is nothing."""

HEARTBEAT_S: Final = 5
JOB_TIMEOUT_S: Final = 600
DRAIN_S: Final = 30
JOBS: Final = {
    PUBLISH: [deliver_due, withdraw_due],
    NOTIFY: [notify_followers],
    CONVERSATIONS: [converse, sync_followers, fetch_figures],
    PERIODIC: [send_mail],
}
_WAIT_FOR_REDIS_S: Final = 0.5
_EVERY_SECOND: Final = set(range(60))
_ENDED_AT: Final = 1
"""The minute of each hour at which surveys are ended whose last day is over."""
_CHECKED_AT: Final = 5
"""The minute of each hour at which the accounts are checked."""


async def run_workers(office: Office, queues: Sequence[str], stop: asyncio.Event) -> None:
    """Works on `queues` until `stop` is set; then finishes what was begun."""
    queue = Queue(redis_settings(office.settings))
    worker = f"{socket.gethostname()[:24]}:{os.getpid()}:{new_id()[-6:]}"
    deliveries = Deliveries(office, worker)
    context = Context(office=office, queue=queue, worker=worker, deliveries=deliveries, stop=stop)
    try:
        async with asyncio.TaskGroup() as tasks:
            for name in queues:
                tasks.create_task(_keep_running(context, name))
    finally:
        await deliveries.close()
        await queue.close()


async def _keep_running(context: Context, name: str) -> None:
    """One arq worker after another: arq's own ends when Redis goes away."""
    stop = context["stop"]
    stopped = asyncio.create_task(stop.wait())
    async with asyncio.TaskGroup() as ending:
        while not stop.is_set():
            arq_worker = _make_worker(context, name)
            running = asyncio.create_task(arq_worker.async_run())
            await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            ending.create_task(_end(arq_worker, running))
            if not stop.is_set():
                log.warning("worker_restarts", queue=name, reason=repr(running.exception()))
                await asyncio.sleep(_WAIT_FOR_REDIS_S)


async def _end(worker: Worker, running: asyncio.Task[None]) -> None:
    """Lets what was begun come to its end (a delivery needs no Redis, and one cut off leaves a question),
    then closes the worker.

    Not by arq's own `close`, which is itself cancelled by the end of a job that it cancels, and then leaves
    its connections open.
    """
    worker.allow_pick_jobs = False
    jobs = list(worker.tasks.values())
    if jobs:
        await asyncio.wait(jobs, timeout=DRAIN_S)
    for task in (running, *jobs):
        task.cancel()
    await asyncio.gather(running, *jobs, return_exceptions=True)
    if worker.pool is not None:
        await worker.pool.aclose(close_connection_pool=True)


def _make_worker(context: Context, name: str) -> Worker:
    jobs = [func(one, timeout=JOB_TIMEOUT_S, keep_result=0, max_tries=1) for one in JOBS.get(name, [])]
    crons = {
        PERIODIC: [
            _often(sweep, second=_EVERY_SECOND),
            _often(end_surveys, minute=_ENDED_AT),
            _often(check_indicators, minute=_CHECKED_AT),
        ]
    }
    return Worker(
        functions=jobs,
        cron_jobs=crons.get(name),
        queue_name=queue_name(name),
        redis_settings=redis_settings(context["office"].settings),
        ctx={**context},
        handle_signals=False,
        poll_delay=POLL_S[name],
        max_jobs=1 if name == NOTIFY else JOBS_AT_ONCE,  # a chunk fills a process by itself
        keep_result=0,
        retry_jobs=False,
        health_check_interval=HEARTBEAT_S,
        health_check_key=heartbeat_key(name),
        job_serializer=to_bytes,
        job_deserializer=from_bytes,
    )


def _often(one: WorkerCoroutine, **when: Any) -> CronJob:
    return cron(one, **when, timeout=JOB_TIMEOUT_S, keep_result=0, max_tries=1)
