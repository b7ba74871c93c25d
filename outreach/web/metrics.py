"""GET /metrics for Prometheus: requests as they were counted, and what stands in the database now."""

from __future__ import annotations

import time
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
)
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.foundation import clock
from outreach.items.queries import count_by_place
from outreach.publishing.queries import count_by_state, oldest_due
from outreach.web import keys

REQUESTS: Final = Histogram(
    "outreach_request_seconds", "How long requests took, by route and status", ["method", "route", "status"]
)


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts every request under its route's pattern, never under what a client made up."""
    begun = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    method, route = (request.method, resource.canonical) if resource else ("other", "unknown")
    REQUESTS.labels(method, route, str(response.status)).observe(time.perf_counter() - begun)
    return response


async def show(request: web.Request) -> web.Response:
    """The counters of this process, and gauges read from the database."""
    async with keys.office_of(request).db.read() as session:
        gauges = await _gauges(session)
    body = generate_latest(REGISTRY) + generate_latest(gauges)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _gauges(session: AsyncSession) -> CollectorRegistry:
    registry = CollectorRegistry()
    items = Gauge("outreach_items", "Items by state and stage", ["state", "stage"], registry=registry)
    for (state, stage), count in (await count_by_place(session)).items():
        items.labels(state.value, stage.value if stage else "").set(count)
    posts = Gauge("outreach_posts", "Posts by state", ["state"], registry=registry)
    for post_state, count in (await count_by_state(session)).items():
        posts.labels(post_state.value).set(count)
    oldest = await oldest_due(session)
    late_s = max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
    Gauge("outreach_oldest_due_post_seconds", "How late the latest post is", registry=registry).set(late_s)
    paused = sum(account.paused_at is not None for account in await list_accounts(session))
    Gauge("outreach_accounts_paused", "Accounts that wait for an operator", registry=registry).set(paused)
    return registry
