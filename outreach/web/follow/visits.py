"""Which follower's browser it is: a signed cookie after WeChat's web login. No address and no page bears an openid.

The cookie names the follower by the number that they have here, until when, and for which account; the signature is
over all of it. Once the follower is erased, or follows no longer, it opens nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from typing import Final

from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.problems import Forbidden
from outreach.foundation.seal import same
from outreach.web import csrf, keys
from outreach.web.forms import Form, form_of

COOKIE: Final = "outreach_follow"
LOGIN_COOKIE: Final = "outreach_follow_login"
"""Both stand in deploy/nginx: no other cookie passes by the outer door."""

_PAGES: Final = {"": "", "data": "/data"}
_SURVEY: Final = re.compile(r"survey-([A-Za-z0-9_-]{22})")
_LIFE: Final = timedelta(hours=2)
_LOGIN_LIFE: Final = timedelta(minutes=10)
_PATH: Final = "/follow"


def follower_id_of(request: web.Request) -> int | None:
    """The number of the follower who was logged in to this account with this browser; None where nobody was, or it is
    too long ago."""
    number, _, rest = request.cookies.get(COOKIE, "").partition(".")
    until, _, mac = rest.partition(".")
    if not (_is_number(number) and _is_number(until) and clock.now().timestamp() < int(until)):
        return None
    return int(number) if same(mac, _mac(request, f"{number}/{until}")) else None


def set_follower(request: web.Request, response: web.Response, follower_id: int) -> None:
    """From now on the browser is that follower's."""
    until = int((clock.now() + _LIFE).timestamp())
    mac = _mac(request, f"{follower_id}/{until}")
    _set(request, response, COOKIE, f"{follower_id}.{until}.{mac}", _LIFE)
    response.del_cookie(LOGIN_COOKIE, path=_PATH)


def forget_follower(response: web.Response) -> None:
    """The browser is nobody's any more."""
    response.del_cookie(COOKIE, path=_PATH)


def place_of(page: str) -> str | None:
    """Where a login leads that was begun for `page`, below the account's own address; None where it leads nowhere."""
    if survey := _SURVEY.fullmatch(page):
        return f"/survey/{survey[1]}"
    return _PAGES.get(page)


def begin_login(request: web.Request, response: web.Response, page: str) -> str:
    """Gives the browser what its login will be known by, and returns the `state` that goes with it: letters and digits,
    as WeChat wants it. `page` is a word that `place_of` knows."""
    nonce = secrets.token_hex(16)
    _set(request, response, LOGIN_COOKIE, f"{nonce}.{page}", _LOGIN_LIFE)
    until = int((clock.now() + _LOGIN_LIFE).timestamp())
    return f"{until}{_mac(request, f'login/{nonce}/{until}')}"


def page_of_login(request: web.Request) -> str | None:
    """The page that the login which comes back was begun for; None where this browser did not begin it, or too long
    ago."""
    nonce, _, page = request.cookies.get(LOGIN_COOKIE, "").partition(".")
    state = request.query.get("state", "")
    until, mac = state[:-64], state[-64:]
    if not nonce or not _is_number(until) or clock.now().timestamp() >= int(until):
        return None
    return page if same(mac, _mac(request, f"login/{nonce}/{until}")) and place_of(page) is not None else None


def csrf_token(request: web.Request) -> str:
    """What a form of this browser bears."""
    return _mac(request, f"form/{request.cookies.get(COOKIE, '')}")


async def own_form(request: web.Request) -> Form:
    """The form that one of these pages sent. Raises Forbidden for any other."""
    csrf.require_own_origin(request)
    form = await form_of(request)
    if not same(form.text(csrf.FIELD), csrf_token(request)):
        raise Forbidden("页面已过期，请返回后刷新再操作。")
    return form


def _mac(request: web.Request, text: str) -> str:
    key = keys.office_of(request).sealer.key_for("follow")
    return hmac.new(key, f"{request.match_info['account']}/{text}".encode(), "sha256").hexdigest()


def _set(request: web.Request, response: web.Response, name: str, value: str, life: timedelta) -> None:
    is_https = keys.office_of(request).settings.public_url.startswith("https://")
    seconds = int(life.total_seconds())
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="Lax", secure=is_https, path=_PATH
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
