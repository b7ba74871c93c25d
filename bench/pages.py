"""Pages of an office with few and with many items, beside a bare page of fifty rows that makes one read.

One web process on PostgreSQL, the bare page in a process of its own on the same database, the load from a
third. Pages take turns in short spells, so that whatever else the machine does befalls them alike: each
figure is the median of its spells, each ratio the median of what two spells that follow one another give.
"""

from __future__ import annotations

import asyncio
import http.client
import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select

from bench import bare_page, grounds
from bench.load import p99_ms, requests_a_second
from bench.many_items import ManyItems
from bench.service import PROJECT, Service, free_port, running
from outreach.items.model import Item, ItemState
from outreach.office.context import Office, open_office
from outreach.people.model import Role
from outreach.web.sessions import COOKIE
from tests.builders import PASSWORD, OfficeStory

SIZES = (10_000, 1_000_000)
SPELLS = 5
SPELL_S = 2.0
P99_S = 10.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is measured: where it is, and who asks."""

    name: str
    port: int
    path: str
    headers: Mapping[str, str]


def measure() -> dict[str, float]:
    """Requests a second and the p99 at half that rate, in milliseconds, and their ratios to the bare page's."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as environment:
            office = open_office(grounds.settings_of(environment))
            try:
                items = ManyItems(office)
                await items.begin()
                for size in SIZES:
                    await items.grow_to(size)
                    taken = await _race(office, environment)
                    figures |= {f"{size:,} items, {name}": value for name, value in taken.items()}
            finally:
                await office.close()
    return figures


async def _race(office: Office, environment: Mapping[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "outreach", "serve", "--no-workers"]
    with running(command, PROJECT, Path(environment["HOME"]), environment) as service:
        cookie = _signed_in(service, Role.SECTION_HEAD.value)
        port = free_port()
        async with bare_page.serving(port, environment["DATABASE_URL"], cookie):
            bare = Page("bare page", port, "/", {"Cookie": f"{COOKIE}={cookie}"})
            return _compare(bare, await _pages(office, service, cookie))


async def _pages(office: Office, service: Service, cookie: str) -> list[Page]:
    """The pages as a head of section, a program and the public see them."""
    story = OfficeStory(office)
    token = await story.token(await story.person(Role.SECTION_HEAD))
    async with office.db.read() as session:
        middle = await session.scalar(select(func.count(Item.id))) or 0
        query = select(Item.id, Item.public_id).where(Item.state == ItemState.PUBLISHED)
        shown = (await session.execute(query.order_by(Item.id).offset(middle // 2).limit(1))).one()
    browser, program = {"Cookie": f"{COOKIE}={cookie}"}, {"Authorization": f"Bearer {token}"}
    port = urlsplit(service.url).port or 0
    return [
        Page("queue", port, "/queue", browser),
        Page("item", port, f"/items/{shown.id}", browser),
        Page("public page", port, f"/p/{shown.public_id}", {}),
        Page("list of the API", port, "/api/v1/items", program),
    ]


def _signed_in(service: Service, name: str) -> str:
    """The cookie of a browser in which that person signed in."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc)
    form = urlencode({"name": name, "password": PASSWORD})
    connection.request("POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
    given = connection.getresponse().getheader("Set-Cookie", "")
    connection.close()
    return given.partition(f"{COOKIE}=")[2].partition(";")[0]


def _compare(bare: Page, pages: list[Page]) -> dict[str, float]:
    rates: dict[str, list[float]] = {}
    for _ in range(SPELLS):
        for page in (bare, *pages):
            rate = requests_a_second(page.port, page.path, page.headers, SPELL_S)
            rates.setdefault(page.name, []).append(rate)
    figures: dict[str, float] = {}
    for page in (bare, *pages):
        rate = statistics.median(rates[page.name])
        figures[f"{page.name}, requests a second"] = rate
        figures[f"{page.name}, p99 ms"] = p99_ms(page.port, page.path, page.headers, P99_S, rate / 2)
    for page in pages:
        ratios = (ours / its for ours, its in zip(rates[page.name], rates[bare.name], strict=True))
        figures[f"{page.name}, rate to the bare page's"] = statistics.median(ratios)
        figures[f"{page.name}, p99 to the bare page's"] = (
            figures[f"{page.name}, p99 ms"] / figures[f"{bare.name}, p99 ms"]
        )
    return figures
