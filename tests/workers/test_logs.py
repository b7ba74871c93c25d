"""What a worker's deliveries leave in the logs."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest

from outreach.foundation.logging import set_up_logging
from outreach.foundation.queue import Queue, redis_settings
from outreach.office.context import Office
from outreach.office.deliveries import Deliveries
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.workers.desk import SHARE
from workers.context import Context, job
from workers.publish import deliver_due


@pytest.fixture(autouse=True)
def logs_as_json(logs_restored: None) -> None:
    set_up_logging("json")


def at_work(office: Office) -> Context:
    queue = Queue(redis_settings(office.settings))
    deliveries = Deliveries(office, "a worker")
    return Context(office=office, queue=queue, worker="a worker", deliveries=deliveries, stop=asyncio.Event())


async def run(wrapped: Any, context: Context) -> None:
    """A job as arq runs it."""
    await asyncio.create_task(wrapped(cast(dict[str, Any], context)))


async def test_each_step_is_logged_with_worker_job_post_and_item(
    story: OfficeStory, sandbox: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    wechat, weibo, _ = await story.accounts()
    item = await story.item(title="只在这里出现的标题").planned(wechat, weibo)
    await sandbox.control("faults", {"path": SHARE, "action": "errcode", "value": 20019, "times": 1})
    capsys.readouterr()
    await run(deliver_due, at_work(story.office))
    told = capsys.readouterr().err
    steps = [line for line in map(json.loads, told.splitlines()) if line["event"] == "post_attempted"]
    posts = {post.account_id: post.id for post in await story.posts(item)}
    assert {line["post"]: line["outcome"] for line in steps}[posts[wechat.id]] == "accepted"
    assert {line["post"] for line in steps} == set(posts.values())
    for line in steps:
        assert (line["item"], line["worker"], line["job"]) == (item.id, "a worker", "deliver_due")
    assert "20019" in {line["code"] for line in steps}
    assert item.title not in told


async def test_a_job_that_fails_is_logged_with_an_id(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    @job
    async def break_down(ctx: Context) -> None:
        raise RuntimeError(ctx["worker"])

    await run(break_down, at_work(office))
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["level"]) == ("job_failed", "error")
    assert (line["worker"], line["job"], len(line["error_id"])) == ("a worker", "break_down", 26)
    assert "RuntimeError" in line["exception"]
