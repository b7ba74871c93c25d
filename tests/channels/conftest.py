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
async def office(tmp_path: Path, database_url: str, sandbox: SandboxServer) -> AsyncIterator[Office]:
    office = Office(tmp_path, database_url, sandbox)
    yield office
    await office.close()
