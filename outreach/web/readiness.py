"""GET /readyz: whether everything that the service stands on is in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from outreach import migrations
from outreach.followers.conversations.queries import oldest_waiting
from outreach.followers.notices.queries import is_any_due
from outreach.foundation import clock
from outreach.foundation.database import Database
from outreach.foundation.outages import Outage
from outreach.foundation.queue import CONVERSATIONS, NOTIFY, PERIODIC, PUBLISH
from outreach.publishing.queries import is_any_under_way, oldest_due
from outreach.web import keys


class QueueHealth(Protocol):
    """What the queue tells of itself."""

    async def ping(self) -> bool:
        """Whether Redis answers."""

    async def heartbeats(self) -> Mapping[str, bool]:
        """For each queue, whether a worker was alive within the last seconds."""

    async def lengths(self) -> Mapping[str, int]:
        """How many jobs wait in each queue; none is told where Redis is away."""


QUEUE = web.AppKey("queue", QueueHealth)
STARTED: web.AppKey[Callable[[], bool]] = web.AppKey("started")


async def show(request: web.Request) -> web.Response:
    """200 only when database, migrations and Redis are in order, the start is done, and each queue that has
    work to do has a worker."""
    db = keys.office_of(request).db
    checks = await _database(db)
    queue = request.app.get(QUEUE)
    if queue is not None:
        checks["redis"] = await queue.ping()
    if queue is not None and checks["migrations"]:
        checks |= await _workers(db, queue)
    started = request.app.get(STARTED)
    checks["start"] = started is None or started()
    ready = all(checks.values())
    return web.json_response({"ready": ready, "checks": checks}, status=200 if ready else 503)


async def _workers(db: Database, queue: QueueHealth) -> dict[str, bool]:
    """The queues that have work to do: what is due is published, and what is under way is swept up."""
    async with db.read() as session:
        due, asked = await oldest_due(session), await oldest_waiting(session)
        has_work = {
            PUBLISH: due is not None and due <= clock.now(),
            NOTIFY: await is_any_due(session),
            CONVERSATIONS: asked is not None and asked <= clock.now(),
            PERIODIC: await is_any_under_way(session),
        }
    alive = await queue.heartbeats()
    return {f"worker:{name}": alive[name] for name, works in has_work.items() if works}


async def _database(db: Database) -> dict[str, bool]:
    try:
        async with db.read() as session:
            await session.execute(text("SELECT 1"))
        return {"database": True, "migrations": await migrations.is_current(db)}
    except (SQLAlchemyError, Outage):
        return {"database": False, "migrations": False}
