"""The sandbox as an aiohttp application."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web

from outreach.sandbox import control, pages, phone
from outreach.sandbox.accounts import Accounts
from outreach.sandbox.clock import Clock
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.journal import journal
from outreach.sandbox.store import Store
from outreach.sandbox.wechat import calls as wechat
from outreach.sandbox.wechat import deliveries, mass_jobs, materials, publishing, quota, tokens, web_login
from outreach.sandbox.wechat.table import ENDPOINTS
from outreach.sandbox.weibo import calls as weibo
from outreach.sandbox.weibo import limits, oauth, statuses

_BODY_BYTES: Final = 32 * 1024 * 1024

_WEIBO: Final[Mapping[str, weibo.Endpoint]] = {
    "/2/account/rate_limit_status.json": weibo.Endpoint("GET", limits.status),
    "/2/statuses/share.json": weibo.Endpoint("POST", statuses.share),
    "/2/statuses/user_timeline.json": weibo.Endpoint("GET", statuses.user_timeline),
    "/2/statuses/show.json": weibo.Endpoint("GET", statuses.show),
    "/2/statuses/count.json": weibo.Endpoint("GET", statuses.count),
}


def create_app(*, state: Path | None = None, public_url: str, clock: Clock = time.time) -> web.Application:
    """A sandbox that keeps its state in the file `state` (without: in memory) and calls back the service at `public_url`."""
    app = web.Application(middlewares=[journal], client_max_size=_BODY_BYTES)
    store = Store(state)
    app[SANDBOX] = Sandbox(store, Accounts(store, public_url, clock), clock)
    app.cleanup_ctx.append(_running)
    app.add_routes(control.routes())
    app.add_routes(
        [
            web.get("/", pages.show),
            web.post("/phone/person", phone.take),
            web.post("/phone/say", phone.say),
            web.post("/phone/press", phone.press),
            web.get("/s/{id}", pages.article),
            web.get("/mmbiz/{id}/0", materials.picture),
            web.get("/large/{id}", statuses.picture),
            web.route("*", "/cgi-bin/token", tokens.token),
            web.route("*", "/cgi-bin/stable_token", tokens.stable_token),
            web.route("*", "/cgi-bin/clear_quota/v2", quota.clear_by_secret),
            web.get("/connect/oauth2/authorize", web_login.authorize),
            web.post("/connect/oauth2/authorize", web_login.authorize),
            web.route("*", "/sns/oauth2/access_token", web_login.access_token),
            web.route("*", "/sns/oauth2/refresh_token", web_login.refresh_token),
            web.route("*", "/sns/auth", web_login.check),
            web.route("*", "/sns/userinfo", web_login.userinfo),
            web.route("*", "/{kind:cgi-bin|wxaapi|datacube|sns|connect}/{call:.*}", _wechat),
            web.get("/oauth2/authorize", oauth.authorize),
            web.post("/oauth2/authorize", oauth.authorize),
            web.route("*", "/oauth2/access_token", oauth.access_token),
            web.route("*", "/oauth2/get_token_info", oauth.get_token_info),
            web.route("*", "/oauth2/revokeoauth2", oauth.revoke),
            web.route("*", "/{kind:oauth2|2}/{call:.*}", _weibo),
        ]
    )
    return app


async def _running(app: web.Application) -> AsyncIterator[None]:
    sandbox = app[SANDBOX]
    async with aiohttp.ClientSession() as sandbox.http:
        publishing.resume(sandbox)
        mass_jobs.resume(sandbox)
        deliveries.wake(sandbox)
        yield
        sandbox.cancel_tasks()
    sandbox.store.close()


async def _wechat(request: web.Request) -> web.Response:
    return await wechat.respond(request, ENDPOINTS)


async def _weibo(request: web.Request) -> web.Response:
    return await weibo.respond(request, _WEIBO)
