"""A running office with its people, and browsers to visit it with."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass

import pytest_asyncio
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from outreach.foundation.audit import COMMAND_LINE
from outreach.office.context import Office
from outreach.people import service
from outreach.people.model import Person, Role
from outreach.people.passwords import Passwords
from outreach.web.app import create_app

PASSWORD = "correct-horse-battery"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Page:
    """What a browser shows after a request."""

    status: int
    text: str
    path: str
    headers: dict[str, str]


class Browser:
    """A browser with cookies of its own; it fills forms with the token of the page that it shows."""

    def __init__(self, client: TestClient) -> None:  # type: ignore[type-arg]
        self.client = client
        self.csrf_token = ""

    async def get(self, path: str, *, follow: bool = True, headers: dict[str, str] | None = None) -> Page:
        return await self._page(await self.client.get(path, allow_redirects=follow, headers=headers))

    async def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
        headers: dict[str, str] | None = None,
        **fields: str | Iterable[str],
    ) -> Page:
        data = [("csrf_token", self.csrf_token)]
        for name, value in {**(form or {}), **fields}.items():
            data += [(name, value)] if isinstance(value, str) else [(name, one) for one in value]
        return await self._page(
            await self.client.post(path, data=data, allow_redirects=follow, headers=headers)
        )

    async def sign_in(self, name: str, password: str = PASSWORD, *, next: str = "/account") -> Page:  # noqa: A002
        return await self.post("/login", name=name, password=password, next=next)

    async def _page(self, response: ClientResponse) -> Page:
        text = await response.text()
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        if found:
            self.csrf_token = found[1]
        return Page(response.status, text, response.url.path_qs, dict(response.headers))


@pytest_asyncio.fixture
async def server(office: Office) -> AsyncIterator[TestServer]:
    """The application, listening."""
    async with TestServer(create_app(office, passwords=QUICK)) as running:
        yield running


@pytest_asyncio.fixture
async def new_browser(server: TestServer) -> AsyncIterator[Callable[[], Browser]]:
    """Opens browsers that share nothing."""
    clients: list[TestClient] = []  # type: ignore[type-arg]

    def open_one() -> Browser:
        clients.append(TestClient(server))
        return Browser(clients[-1])

    yield open_one
    for client in clients:
        await client.session.close()


@pytest_asyncio.fixture
async def browser(new_browser: Callable[[], Browser]) -> Browser:
    """One browser that nobody has signed in with."""
    return new_browser()


async def hire(
    office: Office, name: str, *roles: Role, must_change: bool = False, sections: Iterable[str] = ()
) -> Person:
    """Somebody whose password is PASSWORD."""
    async with office.db.begin() as session:
        person, _ = await service.add_person(
            session,
            COMMAND_LINE,
            name,
            roles or (Role.EDITOR,),
            list(sections),
            PASSWORD,
            must_change=must_change,
            passwords=QUICK,
        )
    return person
