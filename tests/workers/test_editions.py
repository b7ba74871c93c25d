"""Editions on their way: pushed once whatever gets lost, settled by the event or by asking, counted by article."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from outreach.channels.model import Account, AccountType
from outreach.channels.push_protocol import Reach, Reprint
from outreach.channels.service import resume_account
from outreach.channels.wechat.callback import PushFinished
from outreach.foundation import audit, clock
from outreach.foundation.problems import InvalidContent, NotPossible
from outreach.items.model import ItemState
from outreach.office import settle_editions
from outreach.office.compose_edition import (
    cancel_edition,
    compose_edition,
    create_edition,
    plan_push,
    recompose,
)
from outreach.office.confirm_edition import Outcome, resolve_edition
from outreach.office.context import open_office
from outreach.office.plan_posts import plan_posts
from outreach.office.preview_edition import send_previews
from outreach.office.push_edition import push_due
from outreach.office.resolve_post import cancel_post
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import articles_of, attempts_of
from outreach.publishing.model import Post, PostState
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import calls, counted, deliver, later

SENDALL = "/cgi-bin/message/mass/sendall"
DRAFT_ADD = "/cgi-bin/draft/add"
MASS_GET = "/cgi-bin/message/mass/get"


on_sqlite = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
"""What depends on no database is tried on one."""


class Desk:
    """The publisher's desk: one edition and what becomes of it."""

    def __init__(self, story: OfficeStory, sandbox: Platform, account: Account) -> None:
        self.story, self.sandbox, self.account = story, sandbox, account
        self.office = story.office
        self.id = ""

    async def composed(self, *titles: str) -> Edition:
        """A new edition with an approved item of each title."""
        items = [await self.story.item(title=title).approved() for title in titles]
        by = await self.story.person("publisher")
        edition = await create_edition(self.office, by, self.account.id, [item.id for item in items])
        self.id = edition.id
        return edition

    async def planned(self, *titles: str, in_s: float | None = None) -> Edition:
        await self.composed(*titles)
        return await self.plan(in_s=in_s)

    async def plan(self, *, in_s: float | None = None) -> Edition:
        at = None if in_s is None else clock.now() + timedelta(seconds=in_s)
        by = await self.story.person("publisher")
        async with self.office.db.begin() as session:
            return await plan_push(session, self.id, by, at, version=None)

    async def push(self) -> int:
        return await push_due(self.office, worker="a worker")

    async def settle(self) -> None:
        await settle_editions.settle(self.office, worker="another worker")

    async def fresh(self) -> Edition:
        async with self.office.db.read() as session:
            return await session.get_one(Edition, self.id)

    async def posts(self) -> list[Post]:
        async with self.office.db.read() as session:
            return await articles_of(session, self.id)

    async def outcomes(self) -> list[str]:
        async with self.office.db.read() as session:
            return [attempt.outcome for attempt in await attempts_of(session, self.id)]

    async def pushes(self) -> list[dict[str, Any]]:
        return list(await self.sandbox.control("wechat/pushes"))

    async def fault(self, path: str, action: str, value: float | None = None) -> None:
        await self.sandbox.control("faults", {"path": path, "action": action, "value": value, "times": 1})

    async def event(self, msg_id: str, status: str = "send success", **others: Any) -> None:
        """WeChat's event reaches the callback."""
        said = {
            "reach": Reach(3, 3, 3, 0),
            "reprints": (),
            "urls": {},
            "at": clock.now().replace(microsecond=0),
            **others,
        }
        event = PushFinished(msg_id=msg_id, status=status, dedupe_key=msg_id, **said)
        await settle_editions.receive_push_finished(self.office, self.account.id, event)

    async def is_true(self, *, pushed: int) -> None:
        """One push and no more, its articles counted each by itself, the audit chain whole."""
        assert len([one for one in await self.pushes() if one["status"] == "SEND_SUCCESS"]) == pushed
        assert await counted(self.story) == sum(post.published_at is not None for post in await self.posts())
        async with self.office.db.read() as session:
            assert await audit.verify(session) == []


@pytest.fixture
async def desk(story: OfficeStory, sandbox: Platform) -> Desk:
    await sandbox.followers(3)
    return Desk(story, sandbox, (await story.accounts())[0])


async def test_an_edition_is_pushed_once_and_each_of_its_articles_counts_one(desk: Desk) -> None:
    await desk.planned("头条公示", "第二条公示", "第三条公示")
    assert await desk.push() == 1
    edition = await desk.fresh()
    assert (edition.state, edition.msg_id is not None) == (EditionState.ACCEPTED, True)
    assert {post.state for post in await desk.posts()} == {PostState.ACCEPTED}
    (push,) = await desk.pushes()
    assert [one["title"] for one in push["articles"]] == ["头条公示", "第二条公示", "第三条公示"]
    assert push["client_msg_id"] == edition.client_msg_id

    said_at = clock.now().replace(microsecond=0)
    urls = {number: one["url"] for number, one in enumerate(push["articles"], start=1)}
    for _ in range(2):
        await desk.event(str(edition.msg_id), urls=urls, at=said_at)
    edition, posts = await desk.fresh(), await desk.posts()
    assert (edition.state, edition.published_at, edition.sent_count) == (EditionState.PUBLISHED, said_at, 3)
    assert [(post.state, post.url, post.published_at) for post in posts] == [
        (PostState.PUBLISHED, urls[number], said_at) for number in (1, 2, 3)
    ]
    assert (await desk.story.fresh(posts[0].item)).state is ItemState.PUBLISHED
    assert await desk.outcomes() == ["accepted", "published"]
    assert await desk.push() == await deliver(desk.office) == 0
    await desk.is_true(pushed=1)


@on_sqlite
async def test_without_an_event_the_result_is_asked_for_and_a_late_event_adds_what_it_knows(
    desk: Desk,
) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.push()
    await desk.settle()
    assert (await desk.fresh()).state is EditionState.ACCEPTED
    with later(61):
        await desk.settle()
    edition = await desk.fresh()
    assert (edition.state, edition.sent_count) == (EditionState.PUBLISHED, None)
    await desk.event(str(edition.msg_id), urls={1: "http://127.0.0.1/s/a", 2: "http://127.0.0.1/s/b"})
    assert [post.url for post in await desk.posts()] == ["http://127.0.0.1/s/a", "http://127.0.0.1/s/b"]
    assert ((await desk.fresh()).sent_count, (await desk.fresh()).published_at) == (3, edition.published_at)
    await desk.is_true(pushed=1)


@on_sqlite
@pytest.mark.parametrize("action", ["drop_after", "drop_before"])
async def test_a_lost_answer_is_settled_by_the_same_push_under_the_same_id(desk: Desk, action: str) -> None:
    await desk.planned("头条公示")
    await desk.fault(SENDALL, action)
    await desk.push()
    edition = await desk.fresh()
    assert (edition.state, edition.msg_id) == (EditionState.UNCERTAIN, None)
    await desk.settle()
    assert await calls(desk.sandbox, SENDALL) == 1
    await desk.sandbox.forward(61)
    with later(31):
        await desk.settle()
    assert (await desk.fresh()).state is EditionState.ACCEPTED
    with later(100):
        await desk.settle()
    assert (await desk.fresh()).state is EditionState.PUBLISHED
    (push,) = await desk.pushes()
    assert push["client_msg_id"] == edition.client_msg_id
    assert await calls(desk.sandbox, SENDALL) == 2
    await desk.is_true(pushed=1)


@on_sqlite
async def test_too_fast_is_no_answer_and_the_one_repetition_is_still_to_come(desk: Desk) -> None:
    await desk.planned("头条公示")
    await desk.fault(SENDALL, "drop_after")
    await desk.push()
    with later(31):
        await desk.settle()
        assert (await desk.fresh()).repeated_at is None
    await desk.sandbox.forward(61)
    with later(31 + 61):
        await desk.settle()
    assert (await desk.fresh()).state is EditionState.ACCEPTED
    assert len(await desk.pushes()) == 1


@on_sqlite
@pytest.mark.parametrize("code", [45028, 40007])
async def test_a_repetition_that_proves_nothing_waits_for_the_event_and_then_for_a_person(
    desk: Desk, code: int
) -> None:
    await desk.planned("头条公示")
    await desk.fault(SENDALL, "drop_after")
    await desk.push()
    await desk.fault(SENDALL, "errcode", code)
    with later(31):
        await desk.settle()
    edition = await desk.fresh()
    assert (edition.state, edition.problem_code) == (EditionState.UNCERTAIN, str(code))
    with later(600):
        await desk.settle()
    assert await calls(desk.sandbox, SENDALL) == 2
    with later(3600):
        await desk.settle()
    edition = await desk.fresh()
    assert edition.state is EditionState.NEEDS_PERSON
    assert "确认未群发" in (edition.problem_message or "")
    assert {post.state for post in await desk.posts()} == {PostState.NEEDS_PERSON}
    by = await desk.story.person("publisher")
    async with desk.office.db.begin() as session:
        await resolve_edition(session, desk.id, by, Outcome.PUBLISHED, desk.office.settings.zone)
    assert await calls(desk.sandbox, SENDALL) == 2
    await desk.is_true(pushed=1)


@on_sqlite
async def test_the_event_of_a_push_whose_answer_was_lost_is_taken_for_it(desk: Desk) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.fault(SENDALL, "drop_after")
    await desk.push()
    msg_id = str((await desk.pushes())[0]["id"])
    await desk.event("99", urls={1: "http://127.0.0.1/s/x"})
    await desk.event("98", at=clock.now() - timedelta(hours=1))
    assert (await desk.fresh()).state is EditionState.UNCERTAIN
    await desk.event(msg_id, urls={1: "http://127.0.0.1/s/a", 2: "http://127.0.0.1/s/b"})
    edition = await desk.fresh()
    assert (edition.state, edition.msg_id) == (EditionState.PUBLISHED, msg_id)
    assert await calls(desk.sandbox, SENDALL) == 1
    await desk.is_true(pushed=1)


@on_sqlite
async def test_a_person_who_found_nothing_composes_again_and_pushes_under_another_id(desk: Desk) -> None:
    await desk.planned("头条公示")
    await desk.fault(SENDALL, "drop_before")
    await desk.push()
    first = (await desk.fresh()).client_msg_id
    await desk.fault(SENDALL, "errcode", 45028)
    with later(31):
        await desk.settle()
    with later(3600):
        await desk.settle()
    by = await desk.story.person("publisher")
    async with desk.office.db.begin() as session:
        await resolve_edition(session, desk.id, by, Outcome.NOT_PUBLISHED, desk.office.settings.zone)
    assert (await desk.fresh()).state is EditionState.COMPOSING
    await desk.plan()
    await desk.push()
    (push,) = await desk.pushes()
    assert push["client_msg_id"] != first


@on_sqlite
async def test_an_administrator_is_asked_to_confirm_and_the_push_is_not_repeated(desk: Desk) -> None:
    await desk.sandbox.control("settings", {"mass_protection": 1})
    await desk.planned("头条公示")
    await desk.push()
    edition = await desk.fresh()
    assert (edition.state, edition.problem_code) == (EditionState.UNCERTAIN, "89504")
    assert "管理员在 30 分钟内" in (edition.problem_message or "")
    with later(1200):
        await desk.settle()
    assert await calls(desk.sandbox, SENDALL) == 1
    await desk.event(str((await desk.pushes())[0]["id"]), "err(40002)")
    edition = await desk.fresh()
    assert (edition.state, edition.problem_code) == (EditionState.FAILED, "mass-err-40002")
    assert {post.state for post in await desk.posts()} == {PostState.FAILED}


@on_sqlite
async def test_the_copyright_check_names_the_article_that_is_to_blame(desk: Desk) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.push()
    named = (Reprint(2, "https://mp.weixin.qq.com/s/original", can_be_sent=False),)
    await desk.event(str((await desk.fresh()).msg_id), "err(30002)", reprints=named, reach=Reach(0, 0, 0, 0))
    edition, (head, second) = await desk.fresh(), await desk.posts()
    assert edition.state is EditionState.FAILED
    assert "第 2 篇" in (edition.problem_message or "")
    assert (head.problem_code, second.problem_code) == ("mass-err-30002", "reprint")
    assert "https://mp.weixin.qq.com/s/original" in (second.problem_message or "")
    assert await counted(desk.story) == 0

    by = await desk.story.person("publisher")
    async with desk.office.db.begin() as session:
        await recompose(session, desk.id, by)
    await compose_edition(desk.office, desk.id, by, [head.item_id], version=None)
    await desk.plan()
    await desk.push()
    await desk.event(str((await desk.fresh()).msg_id))
    assert [post.state for post in await desk.posts()] == [PostState.PUBLISHED]


@on_sqlite
async def test_an_article_that_the_platform_left_out_of_a_push_is_not_counted(desk: Desk) -> None:
    await desk.planned("头条公示", "第二条公示", "第三条公示")
    await desk.push()
    named = (Reprint(2, "u", can_be_sent=False), Reprint(3, "v", can_be_sent=True))
    await desk.event(str((await desk.fresh()).msg_id), reprints=named)
    posts = await desk.posts()
    assert [post.state for post in posts] == [PostState.PUBLISHED, PostState.FAILED, PostState.PUBLISHED]
    assert [post.problem_code for post in posts] == [None, "reprint", "reprint"]
    assert (await desk.fresh()).state is EditionState.PUBLISHED
    assert await counted(desk.story) == 2
    by = await desk.story.person("publisher")
    async with desk.office.db.begin() as session:
        assert (await cancel_post(session, posts[1].id, by)).state is PostState.CANCELLED


@on_sqlite
async def test_what_the_platform_refuses_outright_is_composed_again_or_given_up(desk: Desk) -> None:
    await desk.planned("头条公示")
    await desk.fault(SENDALL, "errcode", 45028)
    await desk.push()
    edition = await desk.fresh()
    assert (edition.state, edition.problem_code) == (EditionState.FAILED, "45028")
    by = await desk.story.person("publisher")
    async with desk.office.db.begin() as session:
        await cancel_edition(session, desk.id, by)
    assert {post.state for post in await desk.posts()} == {PostState.CANCELLED}
    assert await desk.pushes() == []


@on_sqlite
async def test_an_account_that_is_paused_keeps_its_edition_until_it_is_resumed(desk: Desk) -> None:
    await desk.planned("头条公示")
    await desk.fault(DRAFT_ADD, "errcode", 48004)
    await desk.push()
    assert (await desk.fresh()).state is EditionState.PLANNED
    assert await desk.push() == 0
    admin = await desk.story.person("admin")
    async with desk.office.db.begin() as session:
        await resume_account(session, admin, await session.get_one(Account, desk.account.id))
    await desk.push()
    assert (await desk.fresh()).state is EditionState.ACCEPTED


@on_sqlite
async def test_a_push_that_was_held_up_for_hours_waits_for_a_person(desk: Desk) -> None:
    await desk.planned("头条公示")
    with later(3 * 3600):
        assert await desk.push() == 1
    edition = await desk.fresh()
    assert (edition.state, edition.problem_code) == (EditionState.FAILED, "missed")
    assert await calls(desk.sandbox, DRAFT_ADD) == 0


@on_sqlite
async def test_what_was_taken_down_on_the_platform_is_shown_as_withdrawn_and_stays_counted(
    desk: Desk,
) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.push()
    msg_id = str((await desk.fresh()).msg_id)
    channel = await desk.office.channels.pusher_of(desk.account)
    await eventually(lambda: _ended(desk.sandbox, msg_id))
    await channel.delete_pushed(msg_id, 2)
    assert [one["is_deleted"] for one in (await desk.pushes())[0]["articles"]] == [False, True]
    await channel.delete_pushed(msg_id, 0)
    with later(61):
        await desk.settle()
    assert (await desk.fresh()).state is EditionState.WITHDRAWN
    posts = await desk.posts()
    assert {post.state for post in posts} == {PostState.WITHDRAWN}
    assert (await desk.story.fresh(posts[0].item)).state is ItemState.WITHDRAWN
    assert await counted(desk.story) == 2


STEPS: dict[str, tuple[str, EditionState]] = {
    "while the draft is saved": (DRAFT_ADD, EditionState.PLANNED),
    "while it is pushed": (SENDALL, EditionState.UNCERTAIN),
}


@on_sqlite
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_between_two_steps_leaves_an_edition_that_goes_out_once(
    desk: Desk, step: str
) -> None:
    path, left = STEPS[step]
    await desk.planned("头条公示")
    await desk.fault(path, "delay", 1.5)
    working = asyncio.create_task(desk.push())
    await eventually(lambda: _struck(desk.sandbox))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await eventually(lambda: _called(desk.sandbox, path))
    with later(after_the_lease=True):
        await desk.settle()
        assert (await desk.fresh()).state is left
        await desk.push()
    await desk.sandbox.forward(61)
    with later(200):
        await desk.settle()
    with later(400):
        await desk.settle()
    assert (await desk.fresh()).state is EditionState.PUBLISHED
    await desk.is_true(pushed=1)


@on_sqlite
async def test_a_preview_goes_to_named_followers_and_its_draft_serves_the_push(desk: Desk) -> None:
    (openid, *_) = await desk.sandbox.followers(0)
    await desk.composed("头条公示", "第二条公示")
    by = await desk.story.person("publisher")
    sent = await send_previews(desk.office, desk.id, by, [openid, "reader_01", "o" + "x" * 27])
    assert [one.problem is None for one in sent] == [True, True, False]
    assert "没有关注本公众号" in (sent[2].problem or "")
    shown = await desk.sandbox.control("wechat/messages")
    assert [one["kind"] for one in shown] == ["preview", "preview"]
    draft = (await desk.fresh()).media_id
    await desk.plan()
    await desk.push()
    assert (await desk.fresh()).media_id == draft
    assert await calls(desk.sandbox, DRAFT_ADD) == 1
    with pytest.raises(NotPossible, match="不能再发送预览"):
        await send_previews(desk.office, desk.id, by, [openid])


@on_sqlite
async def test_what_was_changed_after_a_preview_is_what_goes_out_and_no_draft_is_left_behind(
    desk: Desk,
) -> None:
    (openid, *_) = await desk.sandbox.followers(0)
    await desk.composed("头条公示", "第二条公示")
    by = await desk.story.person("publisher")
    await send_previews(desk.office, desk.id, by, [openid])
    first, second = await desk.posts()
    await compose_edition(desk.office, desk.id, by, [second.item_id, first.item_id], version=None)
    await desk.plan()
    await desk.push()
    (push,) = await desk.pushes()
    assert [one["title"] for one in push["articles"]] == ["第二条公示", "头条公示"]
    assert (await desk.sandbox.query("/cgi-bin/draft/count"))["total_count"] == 0


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "told"),
    [([], "请填写"), (["张三"], "既不像微信号"), ([f"reader_{n}" for n in range(11)], "最多发给 10 人")],
)
async def test_a_preview_needs_somebody_to_go_to(desk: Desk, typed: list[str], told: str) -> None:
    await desk.composed("头条公示")
    with pytest.raises(InvalidContent, match=told):
        await send_previews(desk.office, desk.id, await desk.story.person("publisher"), typed)


@on_sqlite
async def test_an_item_goes_out_once_on_an_account_with_an_edition_or_by_itself(desk: Desk) -> None:
    by = await desk.story.person("publisher")
    alone = await desk.story.item(title="单独发布的公示").planned(desk.account)
    with pytest.raises(NotPossible, match="已在“乌兰察布生态环境”单独发布或安排发布"):
        await create_edition(desk.office, by, desk.account.id, [alone.id])
    await desk.composed("头条公示")
    (post,) = await desk.posts()
    with pytest.raises(NotPossible, match="已编入“乌兰察布生态环境”的推送"):
        await plan_posts(desk.office, post.item_id, by, [desk.account.id], None)
    with pytest.raises(NotPossible, match="另一次推送"):
        await create_edition(desk.office, by, desk.account.id, [post.item_id])
    with pytest.raises(NotPossible, match="请到它所在的推送页面处理"):
        async with desk.office.db.begin() as session:
            await cancel_post(session, post.id, by)
    assert await deliver(desk.office) == 1  # the one that goes by itself
    await compose_edition(desk.office, desk.id, by, [], version=None)
    _, new = await plan_posts(desk.office, post.item_id, by, [desk.account.id], None)
    assert new


@on_sqlite
async def test_a_push_beyond_the_quota_is_refused_with_the_earliest_day(desk: Desk) -> None:
    async with desk.office.db.begin() as session:
        account = await session.get_one(Account, desk.account.id)
        account.type = AccountType.SUBSCRIPTION
    with clock.at(clock.now().replace(year=2027, month=2, day=28, hour=2), running=True):
        await desk.planned("第一次公示", in_s=3600)
        await desk.composed("第二次公示")
        with pytest.raises(InvalidContent, match="在2月28日已有一次。最早可以排在2027年3月1日"):
            await desk.plan(in_s=7200)
        with pytest.raises(InvalidContent, match="发布时间已经过去"):
            await desk.plan(in_s=-1)
        await desk.plan(in_s=24 * 3600)


@on_sqlite
async def test_two_that_are_due_together_go_out_one_after_the_other(desk: Desk) -> None:
    await desk.planned("第一次公示")
    first = desk.id
    await desk.planned("第二次公示")
    await desk.fault(SENDALL, "drop_after")
    assert await desk.push() == 1
    assert await desk.push() == 0
    desk.id = first
    await desk.event(str((await desk.pushes())[0]["id"]))
    assert await desk.push() == 1
    assert len(await desk.pushes()) == 2


async def test_two_workers_take_an_edition_once(desk: Desk, database_url: str, tmp_path: Any) -> None:
    await desk.planned("头条公示")
    other = open_office(settings_for(tmp_path, database_url, wechat_base_url=desk.sandbox.url))
    taken = await asyncio.gather(desk.push(), push_due(other, worker="another worker"))
    await other.close()
    assert sum(taken) == 1
    assert len(await desk.pushes()) == 1


async def _ended(sandbox: Platform, msg_id: str) -> bool:
    return await sandbox.ended(int(msg_id)) == "SEND_SUCCESS"


async def _struck(sandbox: Platform) -> bool:
    return all(fault["left"] == 0 for fault in await sandbox.control("faults"))


async def _called(sandbox: Platform, path: str) -> bool:
    return await calls(sandbox, path) > 0
