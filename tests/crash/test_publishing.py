"""Processes die, answers are lost, servers go away: nothing goes out twice, nothing is forgotten."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import redis.asyncio

from outreach.channels.model import Account, ChannelName
from outreach.foundation import audit
from outreach.foundation.redis_server import answers, socket_path
from outreach.items.model import Item
from outreach.publishing.model import Post, PostState
from tests.builders import OfficeStory
from tests.processes import REDIS, WORKER, Installation, gone
from tests.waiting import eventually
from tests.workers.desk import DRAFT, SHARE, SUBMIT, counted, later, sweep

SETTLED = {PostState.PUBLISHED, PostState.NEEDS_PERSON}


class Day:
    """Items that are planned on both platforms, and what became of them."""

    def __init__(self, story: OfficeStory, installation: Installation, accounts: list[Account]) -> None:
        self.story = story
        self.installation = installation
        self.accounts = accounts
        self.items: list[Item] = []

    async def plan(self, *accounts: Account) -> Item:
        """One more item."""
        number = len(self.items) + 1
        item = await self.story.item(title=f"第{number}号行政处罚决定公示").planned(
            *(accounts or self.accounts)
        )
        self.items.append(item)
        return item

    async def posts(self) -> list[Post]:
        return [post for item in self.items for post in await self.story.posts(item)]

    async def shown(self) -> dict[str, list[str]]:
        """What each account's followers see: titles there, texts here."""
        wechat, weibo = self.accounts
        articles = await self.installation.sandbox("wechat/articles")
        statuses = await self.installation.sandbox("weibo/statuses")
        return {wechat.id: [one["title"] for one in articles], weibo.id: [one["text"] for one in statuses]}

    async def number_shown(self) -> int:
        return sum(len(texts) for texts in (await self.shown()).values())

    async def number_shown_of(self, posts: Sequence[Post]) -> int:
        """How many of these posts are there."""
        shown = await self.shown()
        return sum(any(post.item.title in one for one in shown[post.account_id]) for post in posts)

    async def are(self, *states: PostState) -> bool:
        """Whether every post has come to one of these states."""
        return {post.state for post in await self.posts()} <= set(states)

    async def is_true(self) -> None:
        """What is kept here is what the platforms show, and nothing was sent twice."""
        shown_there = await self.shown()
        for texts in shown_there.values():
            assert len(texts) == len(set(texts))
        for post in await self.posts():
            assert post.state in SETTLED
            is_shown = any(post.item.title in one for one in shown_there[post.account_id])
            assert is_shown if post.state is PostState.PUBLISHED else post.problem_message
        published = sum(post.state is PostState.PUBLISHED for post in await self.posts())
        assert await counted(self.story) == published
        async with self.story.office.db.read() as session:
            assert await audit.verify(session) == []


async def begin(story: OfficeStory, installation: Installation) -> Day:
    return Day(story, installation, (await story.accounts())[:2])


async def struck(installation: Installation, path: str) -> bool:
    return all(fault["left"] == 0 for fault in await installation.sandbox("faults") if fault["path"] == path)


async def test_a_worker_killed_in_the_middle_of_publishing(
    story: OfficeStory, installation: Installation
) -> None:
    day = await begin(story, installation)
    async with installation.serving("--sandbox") as service:
        for path in (SHARE, SUBMIT, DRAFT):
            await installation.fault(path, "delay", 30)
        for _ in range(3):
            await day.plan()
        for path in (SHARE, SUBMIT, DRAFT):
            await eventually(lambda path=path: struck(installation, path))  # type: ignore[misc]
        worker = service.child(WORKER)
        worker.kill()
        await day.plan()
        await eventually(lambda: last_article_is_out(day))
        assert service.child(WORKER).pid != worker.pid
        assert PostState.SENDING in {post.state for post in await day.posts()}
        with later(1, after_the_lease=True):
            await sweep(story.office)
        with later(10, after_the_lease=True):
            await sweep(story.office)
            await eventually(lambda: day.are(*SETTLED))
        with later(40, after_the_lease=True):
            await sweep(story.office)
            # What this took over is due when its clock said, not the worker's.
            await eventually(lambda: day.are(PostState.PUBLISHED), within_s=90)
        await day.is_true()
        assert await day.number_shown() == 8


async def last_article_is_out(day: Day) -> bool:
    """Whether the new worker has sent what the dead one's work does not hold up."""
    (article,) = [
        post for post in await day.story.posts(day.items[-1]) if post.account.channel is ChannelName.WECHAT
    ]
    return article.state is PostState.PUBLISHED


async def test_a_day_of_lost_answers(story: OfficeStory, installation: Installation) -> None:
    day = await begin(story, installation)
    wechat, weibo = day.accounts
    async with installation.serving("--sandbox"):
        for path in (SUBMIT, SHARE):
            await installation.fault(path, "drop_after")
        await day.plan(wechat, weibo)
        await installation.fault(DRAFT, "drop_before")
        await day.plan(wechat)
        await eventually(lambda: day.are(PostState.PUBLISHED))
        await day.is_true()
        sent = [call["path"] for call in await installation.sandbox("requests")]
        assert (sent.count(SUBMIT), sent.count(SHARE)) == (2, 1)
        assert await counted(story) == await day.number_shown() == 3


async def is_out(story: OfficeStory, item: Item) -> bool:
    return {post.state for post in await story.posts(item)} == {PostState.PUBLISHED}


async def test_redis_loses_everything_and_dies_with_its_folder(
    story: OfficeStory, installation: Installation
) -> None:
    day = await begin(story, installation)
    async with installation.serving("--sandbox") as service:
        client = redis.asyncio.Redis(unix_socket_path=str(socket_path(installation.home)))
        for _ in range(2):
            await day.plan()
            await client.flushall()
        await client.aclose()
        await eventually(lambda: day.are(PostState.PUBLISHED))
        service.child(REDIS).kill()
        shutil.rmtree(installation.home / "redis")
        await day.plan()
        await eventually(lambda: day.are(PostState.PUBLISHED))
        assert answers(socket_path(installation.home))
        await installation.until_ready(service)
        await day.is_true()
        assert await day.number_shown() == 6


async def test_while_the_platforms_are_away_posts_wait_and_go_out_afterwards(
    story: OfficeStory, installation: Installation
) -> None:
    day = await begin(story, installation)
    installation.environment |= {
        "OUTREACH_WECHAT_BASE_URL": installation.sandbox_url,
        "OUTREACH_WEIBO_BASE_URL": installation.sandbox_url,
    }
    async with installation.serving():
        await day.plan()
        await eventually(lambda: all_say(day, "无法连接到平台"))
        async with installation.running("sandbox"):
            await installation.until_the_sandbox_answers()
            await eventually(lambda: day.are(PostState.PUBLISHED))
            await day.is_true()
            assert await day.number_shown() == 2


async def all_say(day: Day, reason: str) -> bool:
    return all(
        post.state is PostState.PLANNED and reason in (post.problem_message or "")
        for post in await day.posts()
    )


async def test_the_whole_service_is_killed_and_started_again(
    story: OfficeStory, installation: Installation
) -> None:
    day = await begin(story, installation)
    async with installation.serving("--sandbox") as service:
        children = service.children()
        for _ in range(2):
            await day.plan()
        service.process.kill()
        await service.process.wait()
        await eventually(lambda: gone(children))
    async with installation.serving("--sandbox"):
        await day.plan()
        with later(1, after_the_lease=True):
            await sweep(story.office)
        with later(40, after_the_lease=True):
            await sweep(story.office)
            # What this took over is due when its clock said, not the worker's.
            await eventually(lambda: day.are(PostState.PUBLISHED), within_s=90)
        await day.is_true()
        assert await day.number_shown() == 6
