"""The web application, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from outreach.office.context import Office
from outreach.people.passwords import Passwords
from outreach.web import keys, middleware, public_content, readiness, rendering, static
from outreach.web.body import FILES_LIMIT
from outreach.web.routes import ROUTES


def create_app(
    office: Office,
    *,
    wake: Callable[[], Awaitable[None]] | None = None,
    converse: Callable[[], Awaitable[None]] | None = None,
    demo: bool = False,
    passwords: Passwords | None = None,
    queue: readiness.QueueHealth | None = None,
    startup: Callable[[], bool] | None = None,
) -> web.Application:
    """The application over an open office; who opened the office closes it.

    Args:
        wake: tells the workers after a commit that something is due; nobody is told where it is None.
        converse: tells the workers that a follower's message was kept; likewise.
        demo: whether each page says 演示.
        passwords: how passwords are hashed; Argon2id as its library recommends where it is None.
        queue: tells /readyz whether Redis and the workers live.
        startup: tells /readyz whether what the start was told to do is done.
    """
    app = web.Application(middlewares=middleware.ALL, client_max_size=FILES_LIMIT)
    assets = static.Assets()
    app[keys.OFFICE] = office
    app[keys.WAKE] = wake or _nobody
    app[keys.CONVERSE] = converse or _nobody
    app[keys.DEMO] = demo
    if queue is not None:
        app[readiness.QUEUE] = queue
    if startup is not None:
        app[readiness.STARTED] = startup
    app[keys.PASSWORDS] = passwords or Passwords()
    app[static.ASSETS] = assets
    app[public_content.CONTENTS] = public_content.PublicContents()
    app[keys.TEMPLATES] = rendering.environment(office.settings.zone, assets)
    app[keys.PATHS] = frozenset(route.path for route in ROUTES if route.method == "GET")
    app[middleware.KNOWN_ROUTES] = {
        app.router.add_route(route.method, route.path, route.handler): route for route in ROUTES
    }
    app.on_response_prepare.append(middleware.secure)
    return app


async def _nobody() -> None:
    """There are no workers to wake."""
