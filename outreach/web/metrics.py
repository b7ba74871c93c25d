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
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.publishing.model import Post, PostState
from outreach.web import keys

REQUESTS: Final = Histogram(
    "outreach_request_seconds", "How long requests took, by route and status", ["method", "route", "status"]
)


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts every request under its route's pattern, never under the address itself."""
    begun = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unknown"
    REQUESTS.labels(request.method, route, str(response.status)).observe(time.perf_counter() - begun)
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
    for state, stage, count in await session.execute(
        select(Item.state, Item.stage, func.count(Item.id)).group_by(Item.state, Item.stage)
    ):
        items.labels(state.value, stage.value if stage else "").set(count)
    posts = Gauge("outreach_posts", "Posts by state", ["state"], registry=registry)
    for post_state, count in await session.execute(
        select(Post.state, func.count(Post.id)).group_by(Post.state)
    ):
        posts.labels(post_state.value).set(count)
    oldest = await session.scalar(select(func.min(Post.due_at)).where(Post.state == PostState.PLANNED))
    late = max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
    Gauge("outreach_oldest_due_post_seconds", "How late the latest post is", registry=registry).set(late)
    paused = await session.scalar(select(func.count(Account.id)).where(Account.paused_at.is_not(None)))
    Gauge("outreach_accounts_paused", "Accounts that wait for an operator", registry=registry).set(
        paused or 0
    )
    return registry
