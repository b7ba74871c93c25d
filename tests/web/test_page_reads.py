"""How often a page asks the database: as often for many rows as for a few."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import event

from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

BODY = "联系电话：13800138000。"


@contextmanager
def statements(office: Office) -> Iterator[list[str]]:
    """What is read from the database meanwhile."""
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            read.append(statement)

    for engine in {office.db.engine, office.db.writers}:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield read
    for engine in {office.db.engine, office.db.writers}:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def reads_of(office: Office, show: Callable[[], Awaitable[Any]]) -> int:
    """How many statements the page takes once it was shown before."""
    await show()
    with statements(office) as read:
        await show()
    return len(read)


async def some_of_each(story: OfficeStory, *, number: int) -> None:
    for _ in range(number):
        await story.item(body=BODY).submitted()
        await story.item(body=BODY).submitted().returned_by(Role.SECTION_HEAD)
        await story.item(body="正文。").approved()
        await story.item(body="正文。").published(*(await story.accounts())[:2])


@pytest.fixture
async def signed_in(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.EDITOR, Role.SECTION_HEAD, Role.PUBLISHER, name="身兼数职")
    await browser.sign_in("身兼数职")
    return browser


async def test_the_queue_takes_six_reads_however_much_waits(
    office: Office, story: OfficeStory, signed_in: Browser
) -> None:
    await some_of_each(story, number=1)
    few = await reads_of(office, lambda: signed_in.get("/queue"))
    await some_of_each(story, number=3)
    assert await reads_of(office, lambda: signed_in.get("/queue")) == few <= 6


async def test_the_list_of_the_api_takes_two_reads_however_long_it_is(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    token = await story.token(await story.person(Role.AUDITOR))

    async def show() -> None:
        page = await browser.get("/api/v1/items", headers={"Authorization": f"Bearer {token}"})
        assert page.status == 200

    await some_of_each(story, number=1)
    few = await reads_of(office, show)
    await some_of_each(story, number=3)
    assert await reads_of(office, show) == few == 2


async def test_an_items_page_takes_fifteen_reads_whatever_hangs_on_it(
    office: Office, story: OfficeStory, signed_in: Browser
) -> None:
    plain = await story.item(body="正文。").submitted()
    few = await reads_of(office, lambda: signed_in.get(f"/items/{plain.id}"))
    item = await story.item(body="正文。").published(*(await story.accounts())[:2])
    assert max(few, await reads_of(office, lambda: signed_in.get(f"/items/{item.id}"))) <= 15


async def test_a_public_page_that_was_shown_before_takes_one_read(
    office: Office, story: OfficeStory, server: TestServer, browser: Browser
) -> None:
    item = await story.item(body="正文。").published()
    assert await reads_of(office, lambda: browser.get(f"/p/{item.public_id}")) == 1


async def test_a_public_page_shows_who_opens_it_the_newest_state_though_its_content_is_kept(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await story.item(body="正文。").published()
    assert (await browser.get(f"/p/{item.public_id}")).status == 200
    corrected = await story.item(body="更正后的正文。", corrects=item.id).published()
    assert f"/p/{corrected.public_id}" in (await browser.get(f"/p/{item.public_id}")).text
