"""`outreach worker`: a process of background jobs."""

from __future__ import annotations

from typing import Annotated

import typer
import uvloop

from outreach.cli.common import make_home
from outreach.cli.processes import require_ground, stop_signal
from outreach.foundation.logging import set_up_logging
from outreach.foundation.problems import NotPossible
from outreach.foundation.queue import QUEUES, Queue, redis_settings
from outreach.foundation.redis_server import answers, socket_path
from outreach.office.context import open_office
from outreach.settings import Settings, load_settings
from workers.runner import run_workers


def worker(
    queues: Annotated[list[str] | None, typer.Argument(help=f"队列：{'、'.join(QUEUES)}；不写则全部")] = None,
) -> None:
    """只运行后台任务。"""
    unknown = set(queues or ()) - set(QUEUES)
    if unknown:
        raise typer.BadParameter(f"没有队列 {'、'.join(sorted(unknown))}。可用：{'、'.join(QUEUES)}。")
    settings = load_settings()
    set_up_logging(settings.log_format)
    if not settings.redis_url and not answers(socket_path(settings.home)):
        raise NotPossible(
            f"没有设置 OUTREACH_REDIS_URL，而 {settings.home} 上也没有正在运行的 outreach serve 可以加入。"
        )
    make_home(settings.home)
    uvloop.run(_work(settings, queues or list(QUEUES)))


async def _work(settings: Settings, queues: list[str]) -> None:
    queue = Queue(redis_settings(settings))
    office = open_office(settings)
    try:
        await require_ground(office, queue)
        await run_workers(office, queues, stop_signal())
    finally:
        await queue.close()
        await office.close()
