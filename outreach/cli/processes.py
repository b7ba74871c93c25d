"""What the processes of the service have in common: what each needs before it starts, what it hands to its children, and
what stops it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from typing import Final

from outreach import migrations
from outreach.foundation import audit
from outreach.foundation.queue import Queue
from outreach.office.context import Office
from outreach.settings import Settings

PARENT_DIES_TOO: Final = "--die-with-parent"


async def require_ground(office: Office, queue: Queue) -> None:
    """The database, migrated and of this installation's key, and a Redis that others run: whoever starts
    without them is told at once. What goes away later is waited for.

    Raises DatabaseAway, WrongKey or RedisAway.
    """
    if office.settings.redis_url:
        await queue.require()
    await migrations.upgrade(office.db)
    async with office.db.read() as session:
        await audit.require_own_key(session)


def environment_of(settings: Settings) -> Mapping[str, str]:
    """This process's environment with what was decided since: children decide nothing anew."""
    return {
        **os.environ,
        "OUTREACH_HOME": str(settings.home.absolute()),
        "OUTREACH_HOST": settings.host,
        "OUTREACH_PORT": str(settings.port),
        "OUTREACH_PUBLIC_URL": settings.public_url,
        "OUTREACH_SANDBOX_PORT": str(settings.sandbox_port),
        "OUTREACH_WECHAT_BASE_URL": settings.wechat_base_url,
        "OUTREACH_WECHAT_OPEN_URL": settings.wechat_open_url,
        "OUTREACH_WEIBO_BASE_URL": settings.weibo_base_url,
    }


def sandbox_command(settings: Settings, port: int) -> list[str]:
    """The command line of the sandbox."""
    return [sys.executable, "-m", "outreach.sandbox", "--host", settings.host, "--port", str(port)]


def stop_signal() -> asyncio.Event:
    """Set as soon as the process is told to end (SIGINT, SIGTERM)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
