"""What an application and a request carry, and the typed ways to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import jinja2
from aiohttp import web

from outreach.foundation.office_settings import OfficeSettings
from outreach.foundation.problems import Unauthenticated
from outreach.foundation.stops import Stop
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.passwords import Passwords


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that is signed in: who it is, what guards its forms, and whether all publishing is stopped."""

    person: Person
    session_hash: str
    csrf_token: str
    settings: OfficeSettings
    stop: Stop | None


OFFICE = web.AppKey("office", Office)
WAKE: web.AppKey[Callable[[], Awaitable[None]]] = web.AppKey("wake")
CONVERSE: web.AppKey[Callable[[], Awaitable[None]]] = web.AppKey("converse")
DEMO = web.AppKey("demo", bool)
PASSWORDS = web.AppKey("passwords", Passwords)
PATHS: web.AppKey[frozenset[str]] = web.AppKey("paths")
TEMPLATES = web.AppKey("templates", jinja2.Environment)

VISIT = web.RequestKey("visit", Visit)
PERSON = web.RequestKey("person", Person)
REQUEST_ID = web.RequestKey("request_id", str)


def office_of(request: web.Request) -> Office:
    """The open office: settings, database, media, channels."""
    return request.app[OFFICE]


def person_of(request: web.Request) -> Person:
    """Who asks: the signed-in person of a page, or the person of an API call's token.

    Raises:
        Unauthenticated: the address is a public one and nobody is signed in.
    """
    if PERSON not in request:
        raise Unauthenticated("请先登录。")
    return request[PERSON]


def visit_of(request: web.Request) -> Visit:
    """The browser session of a page. Raises Unauthenticated."""
    if VISIT not in request:
        raise Unauthenticated("请先登录。")
    return request[VISIT]


async def wake(request: web.Request) -> None:
    """Tells the workers, after a commit, that there is something to do."""
    await request.app[WAKE]()
