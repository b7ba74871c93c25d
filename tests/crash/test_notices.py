"""Workers die again and again while followers are told, and Redis once: each hears of each thing exactly once."""

from __future__ import annotations

from collections import Counter

import aiohttp
import pytest

from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.model import NoticeState
from tests.builders import OfficeStory
from tests.crash.test_storm import children, widen_limits
from tests.processes import REDIS, WORKER, Installation, Running
from tests.sandbox.platform import MovableClock, Platform
from tests.waiting import eventually
from tests.workers.desk import later
from tests.workers.subscribers import Subscribers

NOTICES, FOLLOWERS, KILLS = 6, 300, 5


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_server", ["postgresql"], indirect=True)
async def test_whatever_is_killed_each_follower_hears_of_each_thing_exactly_once(
    story: OfficeStory, installation: Installation
) -> None:
    async with installation.running("serve", "--sandbox") as service, aiohttp.ClientSession() as http:
        await installation.until_ready(service)
        await widen_limits(installation)
        subscribers = await begin(story, installation, http)
        topic = await subscribers.topic()
        await subscribers.template()
        openids = await subscribers.join(FOLLOWERS, topic)
        items = [
            await story.item(title=f"第{n}号处罚决定").published(subscribers.account) for n in range(NOTICES)
        ]
        for kill in range(KILLS):
            await kill_in_the_middle(subscribers, service, REDIS if kill == 2 else WORKER)
        await installation.until_ready(service)

        async def all_are_done() -> bool:
            with later(after_the_lease=True):
                await subscribers.work(worker="whoever comes next")
            return {one.state for one in await subscribers.notices()} == {NoticeState.DONE}

        await eventually(all_are_done, within_s=240)
        told = Counter((one["openid"], one["client_msg_id"]) for one in await all_told(subscribers))
        ids = {one.id for one in await subscribers.notices()}
        assert told == dict.fromkeys([(openid, id_) for openid in openids for id_ in ids], 1)
        assert len(items) == len(ids)

        async def all_have_arrived() -> bool:
            states = [await subscribers.states(one) for one in await subscribers.notices()]
            return states == [{RecipientState.DELIVERED: FOLLOWERS}] * NOTICES

        await eventually(all_have_arrived, within_s=240)
        await service.end()


async def begin(story: OfficeStory, installation: Installation, http: aiohttp.ClientSession) -> Subscribers:
    sandbox = Platform(http, installation.sandbox_url, MovableClock())
    sandbox.accounts = await sandbox.control("accounts")
    sandbox.token = (await sandbox.stable_token())["access_token"]
    subscribers = Subscribers(story, sandbox, (await story.accounts())[0])
    await subscribers.settings(notices_quiet_from="", notices_quiet_until="", notices_a_day=20)
    return subscribers


async def kill_in_the_middle(subscribers: Subscribers, service: Running, victim: str) -> None:
    """Kills it as soon as some more have been told."""
    before = (await subscribers.sandbox.control("wechat/messages/summary"))["total"]

    async def some_more_are_told() -> bool:
        total = (await subscribers.sandbox.control("wechat/messages/summary"))["total"]
        return total > min(before + 40, NOTICES * FOLLOWERS - 1)

    await eventually(some_more_are_told, within_s=120)
    for child in children(service, victim):
        child.kill()


async def all_told(subscribers: Subscribers) -> list[dict[str, str]]:
    """What reached followers, page by page."""
    told: list[dict[str, str]] = []
    after = 0
    while page := await subscribers.sandbox.control(f"wechat/messages?after={after}&limit=1000"):
        told += page
        after = page[-1]["id"]
    return told
