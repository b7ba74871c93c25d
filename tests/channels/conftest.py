import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from .office import Json, Office, SandboxServer, receive_pushes, run_sandbox, url_of


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    pushed: asyncio.Queue[tuple[Json, bytes]] = asyncio.Queue()
    callback = await receive_pushes(pushed)
    runner, url = await run_sandbox(url_of(callback))
    async with aiohttp.ClientSession() as http:
        server = SandboxServer(runner, url, http, pushed)
        await server.post("settings", publish_delay_s=0)
        yield server
    await runner.cleanup()
    await callback.cleanup()


@pytest.fixture
async def office(tmp_path: Path, sandbox: SandboxServer) -> AsyncIterator[Office]:
    office = await Office(tmp_path, sandbox).open()
    yield office
    await office.close()
