"""The workers as they run send what waits in the outbox of e-mails, whatever Redis remembers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outreach.foundation import mail
from outreach.foundation.children import stop_child
from outreach.foundation.queue import PERIODIC
from outreach.foundation.redis_server import start_server
from outreach.office.context import Office
from outreach.settings import Settings
from tests.conftest import settings_for
from tests.mail_server import PASSWORD, MailServer, mail_server
from tests.office.test_mail import Reader
from tests.servers import Sqlite
from tests.waiting import eventually
from workers.runner import run_workers


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    return sqlite


@pytest.fixture
async def post_office() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, post_office: MailServer) -> Settings:
    return settings_for(
        tmp_path,
        database_url,
        smtp_host="127.0.0.1",
        OUTREACH_SMTP_PORT=post_office.port,
        smtp_from="gongkai@example.cn",
        smtp_tls="none",
        smtp_username="gongkai",
        OUTREACH_SMTP_PASSWORD=PASSWORD,
    )


async def test_the_sweep_has_the_outbox_sent(office: Office, post_office: MailServer, tmp_path: Path) -> None:
    async with office.db.begin() as session:
        await mail.queue_mail(session, [Reader(), Reader("李四", "lisi@example.cn")], "月报", "见附件。")
    redis, stop = await start_server(tmp_path), asyncio.Event()
    working = asyncio.create_task(run_workers(office, [PERIODIC], stop))

    async def has_arrived() -> bool:
        return len(post_office.mails) == 2

    await eventually(has_arrived)
    stop.set()
    await asyncio.wait_for(working, 20)
    await stop_child(redis, patience_s=5)
    assert {str(one["To"]) for one in post_office.mails} == {
        "张三 <zhangsan@example.cn>",
        "李四 <lisi@example.cn>",
    }
