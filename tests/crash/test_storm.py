"""Everything that can die dies, again and again, while posts go out: each is out once, and counted."""

from __future__ import annotations

import random

import psutil
import pytest

from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.crash.test_publishing import Day, begin
from tests.processes import REDIS, SANDBOX, WORKER, Installation, Running
from tests.waiting import eventually
from tests.workers.desk import counted, later, sweep

ITEMS_BETWEEN_KILLS = 8
# Its timeline has five rows: where five others stand beside the moment of a call that was looked for in vain
# before, nobody can know.
WEIBO_CANNOT_TELL = "微博只显示最近五条"
VICTIMS = (WORKER, REDIS, SANDBOX, WORKER, "serve")


@pytest.mark.timeout(900)
async def test_whatever_is_killed_every_post_is_out_exactly_once(
    story: OfficeStory, installation: Installation, storm_posts: int
) -> None:
    day = await begin(story, installation)
    chance = random.Random(20261125)
    async with installation.running("serve", "--sandbox") as service:
        await installation.until_ready(service)
        await widen_limits(installation)
        while len(day.items) * 2 < storm_posts:
            for _ in range(ITEMS_BETWEEN_KILLS):
                await day.plan()
            service = await kill(chance.choice(VICTIMS), service, installation)
        await installation.until_ready(service)
        await installation.until_the_sandbox_answers()
        await eventually(lambda: settled(day), within_s=600)
        await day.is_true()
        left = [one for one in await day.posts() if one.state is PostState.NEEDS_PERSON]
        assert all(WEIBO_CANNOT_TELL in (one.problem_message or "") for one in left)
        assert len(left) <= storm_posts / 50
        assert await counted(story) == await day.number_shown() - await day.number_shown_of(left)
        assert await counted(story) == len(day.items) * 2 - len(left)
        await service.end()


async def kill(victim: str, service: Running, installation: Installation) -> Running:
    """Kills one process in the middle of its work. A killed service is started again, as systemd would."""
    if victim != "serve":
        for child in children(service, victim):
            child.kill()
        return service
    service.process.kill()
    await service.process.wait()
    again = await installation.start("serve", "--sandbox")
    await installation.until_ready(again)
    return again


def children(service: Running, victim: str) -> list[psutil.Process]:
    """That child, where it is not just being started again."""
    try:
        return [service.child(victim)]
    except ValueError:
        return []


async def settled(day: Day) -> bool:
    """Whether all are out. Time passes more quickly for whoever takes over what the dead have left."""
    for seconds in (1, 120):
        with later(seconds, after_the_lease=True):
            await sweep(day.story.office)
    return await day.are(PostState.PUBLISHED, PostState.NEEDS_PERSON)


async def widen_limits(installation: Installation) -> None:
    """The platforms' daily limits would end the storm before its time."""
    for account in await installation.sandbox("accounts"):
        known = {name: account[name] for name in ("channel", "appid", "uid") if account.get(name)}
        limits = dict.fromkeys(account["limits"], 1_000_000)
        await installation.sandbox("accounts", {**known, "limits": limits})
