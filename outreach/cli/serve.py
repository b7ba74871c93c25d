"""`outreach serve`: the website, and the processes that it looks after."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Final

import structlog
import typer
import uvloop
from aiohttp import ClientError, ClientSession, web

from outreach.channels.queries import list_accounts
from outreach.cli.common import make_home
from outreach.cli.demo import DEMO_ACCOUNT_IDS, check_demo_accounts, load_demo, require_demo_home
from outreach.cli.ports import port_told, require_port
from outreach.cli.processes import (
    PARENT_DIES_TOO,
    environment_of,
    require_ground,
    sandbox_command,
    stop_signal,
)
from outreach.foundation.children import start_child, stop_child
from outreach.foundation.logging import set_up_logging
from outreach.foundation.outages import Outage
from outreach.foundation.problems import NotPossible
from outreach.foundation.queue import Queue, redis_settings
from outreach.foundation.redis_server import start_server
from outreach.foundation.whole_file import write_whole
from outreach.office.context import Office, open_office
from outreach.people.model import Role
from outreach.publishing.renditions.cards import check_font
from outreach.settings import RUN_NOTE, Settings
from outreach.web.app import create_app

log = structlog.get_logger(__name__)

_PATIENCE_S: Final = 40.0
_SANDBOX_PATIENCE_S: Final = 60.0
_RESTART_AFTER_S: Final = 0.5


def serve(
    workers: Annotated[bool, typer.Option("--workers/--no-workers", help="同时运行后台任务")] = True,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="同时运行微信、微博模拟平台")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="启动时载入演示数据（须与 --sandbox 同用）")] = False,
) -> None:
    """运行网站；默认连同后台任务。"""
    if demo and not sandbox:
        raise typer.BadParameter("--demo 须与 --sandbox 同用。")
    settings = Settings()
    if sandbox:
        settings = _towards_sandbox(settings)
    set_up_logging(settings.log_format)
    make_home(settings.home)
    with _only_one(settings.home):
        uvloop.run(_Service(settings, workers=workers, sandbox=sandbox, demo=demo).run())


@dataclass(slots=True)
class _Service:
    """One `serve`: the web application, and the child processes that it keeps alive."""

    settings: Settings
    workers: bool
    sandbox: bool
    demo: bool
    _ready: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Runs until SIGINT or SIGTERM; then stops everything in order: web, workers, sandbox, Redis."""
        settings = self.settings
        stop = stop_signal()
        check_font()
        await require_port(settings.host, settings.port, "OUTREACH_PORT")
        if self.sandbox:
            await require_port(settings.host, settings.sandbox_port, "OUTREACH_SANDBOX_PORT")
        queue = Queue(redis_settings(settings))
        office = open_office(settings)
        note = settings.home / RUN_NOTE
        try:
            await require_ground(office, queue)
            async with office.db.read() as session:
                known = {account.id for account in await list_accounts(session)}
            if self.sandbox:
                require_demo_home(known)
            is_demo = self.demo or bool(known & DEMO_ACCOUNT_IDS)
            _write_note(note, settings)
            async with contextlib.AsyncExitStack() as running:
                await self._start_redis(running)
                site = await self._start_web(running, office, queue, is_demo=is_demo)
                await self._start_children(running)
                starting = asyncio.create_task(self._finish_start(office, queue))
                running.push_async_callback(_cancel, starting)
                await _until_stopped(stop, starting)
                await site.stop()
        finally:
            note.unlink(missing_ok=True)
            await queue.close()
            await office.close()

    async def _start_redis(self, running: contextlib.AsyncExitStack) -> None:
        if not self.settings.redis_url:
            await _keep_alive(running, "redis", lambda: start_server(self.settings.home), patience_s=5)

    async def _start_children(self, running: contextlib.AsyncExitStack) -> None:
        environment = environment_of(self.settings)
        if self.sandbox:
            command = [*sandbox_command(self.settings, self.settings.sandbox_port), PARENT_DIES_TOO]
            await _keep_alive(running, "sandbox", lambda: start_child(command, env=environment), patience_s=5)
        if self.workers:
            workers = [sys.executable, "-m", "outreach", "worker"]
            await _keep_alive(
                running, "worker", lambda: start_child(workers, env=environment), patience_s=_PATIENCE_S
            )

    async def _start_web(
        self, running: contextlib.AsyncExitStack, office: Office, queue: Queue, *, is_demo: bool
    ) -> web.TCPSite:
        app = create_app(
            office,
            wake=queue.wake,
            converse=queue.converse,
            demo=is_demo,
            queue=queue,
            startup=lambda: self._ready,
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=10)
        await runner.setup()
        running.push_async_callback(runner.cleanup)
        gc.collect()
        gc.freeze()  # what the start made stays; no collection during a request has to go through it again
        site = web.TCPSite(runner, self.settings.host, self.settings.port)
        with port_told(self.settings.host, self.settings.port, "OUTREACH_PORT"):
            await site.start()
        return site

    async def _finish_start(self, office: Office, queue: Queue) -> None:
        """What the start was told to do beyond serving; /readyz says when it is done."""
        if self.sandbox:
            await _until_the_sandbox_answers(self.settings.wechat_base_url)
        if self.demo:
            await load_demo(office)
            await check_demo_accounts(office)
            await queue.wake()
            _welcome(self.settings)
        self._ready = True


async def _keep_alive(
    running: contextlib.AsyncExitStack,
    name: str,
    start: Callable[[], Awaitable[asyncio.subprocess.Process]],
    *,
    patience_s: float,
) -> None:
    """Starts a child, starts it again whenever it ends by itself, and stops it with the service."""
    process = await start()

    async def watch() -> None:
        nonlocal process
        while True:
            await process.wait()
            log.warning("child_ended", child=name, code=process.returncode)
            await asyncio.sleep(_RESTART_AFTER_S)
            try:
                process = await start()
            except (Outage, OSError) as error:
                log.warning("child_not_started", child=name, reason=str(error))

    watching = asyncio.create_task(watch())

    async def end() -> None:
        await _cancel(watching)
        await stop_child(process, patience_s=patience_s)

    running.push_async_callback(end)


async def _until_stopped(stop: asyncio.Event, starting: asyncio.Task[None]) -> None:
    """Waits for the signal. A start that can't be finished ends the service with its reason."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        await starting
    await stopped


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _until_the_sandbox_answers(url: str) -> None:
    """Raises NotPossible where it can't be started: it has said why."""
    try:
        async with asyncio.timeout(_SANDBOX_PATIENCE_S), ClientSession() as client:
            while not await _answers(client, url):  # noqa: ASYNC110 - what it waits for is another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise NotPossible("模拟平台没有启动，原因见上面的提示。") from None


async def _answers(client: ClientSession, url: str) -> bool:
    try:
        async with client.get(url):
            return True
    except (ClientError, OSError):
        return False


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Holds HOME for this process; the system lets go of it whenever the process ends."""
    with (home / "serve.lock").open("a") as lock:
        _lock(lock, home)
        yield


def _lock(file: IO[str], home: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NotPossible(
            f"{home} 上已有一个 outreach serve 在运行。请先停止它，或用 OUTREACH_HOME 指定另一个目录。"
        ) from None


def _towards_sandbox(settings: Settings) -> Settings:
    """The settings with the platforms' addresses turned to the sandbox, where none was set explicitly."""
    address = f"http://{settings.host}:{settings.sandbox_port}"
    names = ("wechat_base_url", "wechat_open_url", "weibo_base_url")
    return settings.model_copy(
        update={name: address for name in names if name not in settings.model_fields_set}
    )


def _write_note(note: Path, settings: Settings) -> None:
    """What other commands on this HOME have to know of this run."""
    decided = {
        "host": settings.host,
        "port": settings.port,
        "sandbox_port": settings.sandbox_port,
        "public_url_given": settings.public_url,
        "wechat_base_url": settings.wechat_base_url,
        "wechat_open_url": settings.wechat_open_url,
        "weibo_base_url": settings.weibo_base_url,
    }
    write_whole(note, json.dumps(decided).encode())


def _welcome(settings: Settings) -> None:
    print(
        f"""
Outreach 演示已就绪：{settings.public_url}
模拟平台（手机和微博）：{settings.wechat_base_url}

用户名（以角色命名）：{"、".join(role.value for role in Role)}
密码（全部相同）：{settings.demo_password}

按 Ctrl-C 停止。
""",
        flush=True,
    )
