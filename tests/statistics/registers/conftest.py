"""A statistician who keeps the registers."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from aiohttp import FormData

from outreach.office.context import Office
from outreach.people.model import Role
from outreach.statistics.counted import CountedFigure, counted_figures
from tests.builders import OfficeStory
from tests.web.conftest import Browser, Page, browser, new_browser, server

__all__ = ["browser", "new_browser", "server"]


@dataclass
class Keeper:
    """A statistician before a browser."""

    office: Office
    browser: Browser

    async def type(self, register: str, form: dict[str, str]) -> Page:
        """An entry is typed; where it was taken, the list is shown."""
        return await self.browser.post(f"/statistics/registers/{register}/new", form)

    async def bring(self, register: str, content: bytes, name: str = "登记.xlsx", **ticked: str) -> Page:
        """A file comes in."""
        return await self.bring_to(f"/statistics/registers/{register}/import", content, name, **ticked)

    async def bring_to(self, path: str, content: bytes, name: str = "登记.xlsx", **ticked: str) -> Page:
        """A file comes in at the address `path`."""
        fields = {"csrf_token": self.browser.csrf_token, **ticked}
        data = FormData(fields, quote_fields=False)  # as browsers send the name of a file
        data.add_field("file", content, filename=name)
        response = await self.browser.client.post(path, data=data)
        return Page(response.status, await response.text(), response.url.path_qs, dict(response.headers))

    async def download(self, path: str) -> bytes:
        """A file goes out."""
        response = await self.browser.client.get(path)
        assert response.status == 200
        return await response.read()

    async def figures(self, year: int) -> dict[str, CountedFigure]:
        """What all registers count for the year."""
        async with self.office.db.read() as session:
            return await counted_figures(session, year)


@pytest.fixture
async def keeper(office: Office, story: OfficeStory, browser: Browser) -> Keeper:
    await story.person(Role.STATISTICIAN)
    await browser.sign_in("statistician")
    return Keeper(office, browser)
