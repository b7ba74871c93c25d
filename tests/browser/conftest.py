"""A demo in its own HOME, and a real browser in front of it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.processes import Installation
from tests.waiting import eventually

SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
async def loaded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HOME of a demo that was loaded, whose posts are out, and that was stopped again: to be copied. The processes
    of one run share it: whichever comes first makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home, ready = shared / "loaded" / "home", shared / "loaded.ready"
    with (shared / "loaded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            home.parent.mkdir()
            installation = Installation(home, {})
            async with installation.serving("--sandbox", "--demo"):
                await eventually(lambda: _is_quiet(installation))
            ready.touch()
    return home


@pytest.fixture(scope="module")
async def demo(loaded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """`outreach serve --sandbox --demo`, ready, its own posts no longer under way."""
    home = tmp_path_factory.mktemp("browser") / "home"
    shutil.copytree(loaded_home, home, ignore=shutil.ignore_patterns("redis", "serve.*"))
    installation = Installation(home, {})
    async with installation.serving("--sandbox", "--demo"):
        await eventually(lambda: _is_quiet(installation))
        yield installation


async def _is_quiet(installation: Installation) -> bool:
    with closing(sqlite3.connect(installation.home / "outreach.sqlite")) as database:
        states = {state for (state,) in database.execute("SELECT DISTINCT state FROM post")}
    return not states & {"planned", "sending", "accepted"}


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, in Chinese as the office has it (its package chromium-l10n). Where it is missing this
    fails: a browser test is never passed over."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium: install Debian's package chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(_SWITCHES), env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        yield browser
        await browser.close()


class Desk:
    """One person of the demo at a browser of their own. `complaints`: what the browser's console objected to."""

    def __init__(self, page: Page, installation: Installation) -> None:
        self.page = page
        self.installation = installation
        self.complaints: list[str] = []
        page.on("console", self._hear)

    async def open(self, path: str) -> Page:
        """Goes to a page of the service."""
        await self.page.goto(f"{self.installation.url}{path}")
        return self.page

    async def keep_picture(self, name: str, *, whole: bool = False) -> None:
        """Keeps what is seen now in docs/screenshots, or the whole page in a window as high as it is; it must
        not scroll sideways."""
        width = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{name}: {width} px wider than the window"
        if whole:
            height = await self.page.evaluate("document.documentElement.scrollHeight")
            await self.page.set_viewport_size(
                {"width": await self.page.evaluate("window.innerWidth"), "height": height}
            )
            await self.page.wait_for_load_state("networkidle")
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@asynccontextmanager
async def sits_down(
    chromium: Browser, demo: Installation, role: str, viewport: dict[str, int] | None = None
) -> AsyncIterator[Desk]:
    """Signs the demo's user of that role in; at the end nothing may have troubled the browser."""
    context: BrowserContext = await chromium.new_context(
        viewport=viewport or DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    desk = Desk(await context.new_page(), demo)
    page = await desk.open("/login")
    await page.get_by_label("用户名").fill(role)
    await page.get_by_label("密码").fill((demo.home / "demo_password").read_text().strip())
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url(re.compile(r"/queue"))
    try:
        yield desk
        assert desk.complaints == []
    finally:
        await context.close()
