"""`python -m outreach.sandbox`: runs the sandbox until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import errno
import logging
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Final

from aiohttp import web

from outreach.sandbox.app import create_app

_PR_SET_PDEATHSIG: Final = 1
_SHUTDOWN_S: Final = 2.0


def main() -> None:
    """Reads the command line and the environment, and serves. What is wrong with the machine is told in
    one sentence, with status 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    arguments = _arguments()
    try:
        asyncio.run(_serve(arguments))
    except (OSError, sqlite3.Error) as error:
        sys.exit(_told(error, arguments))


def _told(error: OSError | sqlite3.Error, arguments: argparse.Namespace) -> str:
    number, name = getattr(error, "errno", None), getattr(error, "sqlite_errorname", "")
    if number == errno.EADDRINUSE:
        return f"端口 {arguments.port} 已被占用，请关闭占用它的程序，或设置 OUTREACH_SANDBOX_PORT。"
    if number == errno.ENOSPC or name in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):
        return f"磁盘已满，模拟平台不能保存它的数据（{arguments.state}）。请清理磁盘或扩容后再试一次。"
    return f"模拟平台不能启动：{error}。请检查 {arguments.state.parent} 的权限和 OUTREACH_HOST。"


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    parser = argparse.ArgumentParser("python -m outreach.sandbox", description="Imitates WeChat and Weibo.")
    parser.add_argument("--host", default=environment("OUTREACH_HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=int(environment("OUTREACH_SANDBOX_PORT") or 9090))
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(environment("OUTREACH_HOME") or "var") / "sandbox.sqlite",
        help="the file that holds what the sandbox knows",
    )
    parser.add_argument(
        "--die-with-parent", action="store_true", help="stop when the starting process is gone"
    )
    return parser.parse_args()


def _public_url() -> str:
    environment = os.environ.get
    host, port = environment("OUTREACH_HOST") or "127.0.0.1", environment("OUTREACH_PORT") or "8080"
    return environment("OUTREACH_PUBLIC_URL") or f"http://{host}:{port}"


async def _serve(arguments: argparse.Namespace) -> None:
    parent = os.getppid()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if arguments.die_with_parent:
        _die_with_parent()
    app = create_app(state=arguments.state, public_url=_public_url())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, arguments.host, arguments.port).start()
        logging.getLogger("outreach.sandbox").info("http://%s:%d", *runner.addresses[0][:2])
        await _until_stopped(stop, parent if arguments.die_with_parent else None)
    finally:
        await runner.cleanup()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def _until_stopped(stop: asyncio.Event, parent: int | None) -> None:
    """Waits for a signal; where `parent` is given, also for its end, which not every system signals."""
    while not stop.is_set() and (parent is None or os.getppid() == parent):
        try:
            await asyncio.wait_for(stop.wait(), timeout=None if parent is None else 1)
        except TimeoutError:
            continue


if __name__ == "__main__":
    main()
