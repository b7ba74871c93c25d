"""What a measured service stands on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from outreach.foundation.children import stop_child
from outreach.foundation.redis_server import socket_path, start_server
from outreach.settings import Settings
from tests import servers

SECRET_KEY = "a secret key for measurements alone"


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[dict[str, str]]:
    """SQLite and the embedded Redis: their settings, without the names' prefix."""
    home = folder / "home"
    home.mkdir()
    url = f"sqlite+aiosqlite:///{home / 'outreach.sqlite'}"
    yield {"HOME": str(home), "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[dict[str, str]]:
    """PostgreSQL and a Redis of its own: their settings, without the names' prefix."""
    home, redis_home = folder / "home", folder / "redis"
    home.mkdir()
    async with AsyncExitStack() as running_servers:
        postgres = await running_servers.enter_async_context(servers.postgres(durable=True))
        url = await running_servers.enter_async_context(postgres.migrated(folder))
        redis = await start_server(redis_home)
        running_servers.push_async_callback(lambda: stop_child(redis, patience_s=5))
        redis_url = f"unix://{socket_path(redis_home)}"
        yield {"HOME": str(home), "DATABASE_URL": url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY}


def settings_of(environment: Mapping[str, str], **others: Any) -> Settings:
    """The settings of whoever works on that ground beside its processes."""
    given: dict[str, Any] = {
        f"OUTREACH_{name}": value for name, value in environment.items() if name != "HOME"
    }
    return Settings(home=Path(environment["HOME"]), **given, **others)
