"""The HTTP API of a running office, on both databases, and programs that call it with their tokens."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event

from outreach.office.context import Office, open_office
from outreach.people.model import Person
from outreach.settings import Settings
from outreach.web.app import create_app
from tests.builders import OfficeStory
from tests.screening.documents import pdf

PDF = pdf()


@dataclass
class Answer:
    """What a call was answered."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def fields(self) -> dict[str, str]:
        """The wrong fields of a problem document, each with what is told about it."""
        return {error["field"]: error["message"] for error in self.body["errors"]}


class Caller:
    """A program that calls with one token, or without any."""

    def __init__(self, client: TestClient, token: str | None) -> None:  # type: ignore[type-arg]
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str, **query: str | int) -> Answer:
        return await self.call("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Answer:
        return await self.call("POST", path, json=body)

    async def patch(self, path: str, changes: Any, version: int | str) -> Answer:
        return await self.call("PATCH", path, json=changes, headers={"If-Match": str(version)})

    async def upload(
        self, path: str, *files: tuple[str, bytes], query: Mapping[str, str] | None = None
    ) -> Answer:
        form = FormData(quote_fields=False, default_to_multipart=True)
        form.add_field("note", "what comes is a file")
        for name, content in files:
            form.add_field("file", io.BytesIO(content), filename=name)
        return await self.call("POST", path, data=form, params=query)

    async def call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        sent = {**self._headers, **(headers or {})}
        async with self._client.request(method, f"/api/v1{path}", headers=sent, **options) as response:
            body = await response.json(content_type=None) if await response.read() else None
            if response.status >= 400:
                assert response.content_type == "application/problem+json"
                assert body["status"] == response.status
            return Answer(response.status, response.headers, body)


As = Callable[..., Awaitable[Caller]]


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """An open office on a migrated database."""
    opened = open_office(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def client(office: Office) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """The application, listening."""
    async with TestClient(TestServer(create_app(office))) as running:
        yield running


@pytest.fixture
def nobody(client: TestClient) -> Caller:  # type: ignore[type-arg]
    """A program without a token."""
    return Caller(client, None)


@pytest.fixture
def as_(client: TestClient, story: OfficeStory) -> As:  # type: ignore[type-arg]
    """Gives the caller for a role, or for a person: `await as_("editor")`."""
    known: dict[str, Caller] = {}

    async def of(who: str | Person) -> Caller:
        person = await story.person(who) if isinstance(who, str) else who
        if person.id not in known:
            known[person.id] = Caller(client, await story.token(person))
        return known[person.id]

    return of


@pytest.fixture
def queries(office: Office) -> Iterator[list[str]]:
    """Every statement that the database is given."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    for engine in {office.db.engine, office.db.writers}:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield told
    for engine in {office.db.engine, office.db.writers}:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
