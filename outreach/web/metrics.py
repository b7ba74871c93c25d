"""GET /metrics for Prometheus: requests as this process counted them, and how the house stands now."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from outreach.foundation import clock
from outreach.foundation.database import Database
from outreach.web import house, keys, readiness

REQUESTS: Final = Histogram(
    "outreach_request_seconds", "How long requests took, by route and status", ["method", "route", "status"]
)


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts every request under its route's pattern, never under what a client made up."""
    begun = time.perf_counter()
    response = await handler(request)
    known = request.match_info.route.resource is not None
    method = request.method if known else "other"
    REQUESTS.labels(method, route_of(request), str(response.status)).observe(time.perf_counter() - begun)
    return response


def route_of(request: web.Request) -> str:
    """The pattern of the address (`/items/{id}`); 'unknown' where there is none for it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"


async def show(request: web.Request) -> web.Response:
    """Where the database or Redis is away, that is told beside all that can still be told."""
    metrics = await _of_database(keys.office_of(request).db)
    queue = request.app.get(readiness.QUEUE)
    if queue is not None:
        metrics += house.of_queues(await queue.heartbeats(), await queue.lengths())
    told = CollectorRegistry()
    told.register(_Read(metrics))
    body = generate_latest(REGISTRY) + generate_latest(told)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _of_database(db: Database) -> list[Metric]:
    try:
        async with db.read() as session:
            metrics = await house.of_database(session, clock.now())
    except (SQLAlchemyError, OSError):
        metrics = []
    up = GaugeMetricFamily("outreach_database_up", "Whether the database answered", value=bool(metrics))
    return [up, *metrics]


class _Read(Collector):
    """What was read before, as a registry takes it."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics
