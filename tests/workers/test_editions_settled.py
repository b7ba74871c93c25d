"""Pushes whose outcome is open, refused or partly refused: settled by the event, by asking, or by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.channels.push_protocol import Reach, Reprint
from outreach.foundation import clock
from outreach.items.model import ItemState
from outreach.office.compose_edition import (
    cancel_edition,
    compose_edition,
    recompose,
)
from outreach.office.confirm_edition import Outcome, resolve_edition
from outreach.office.resolve_post import cancel_post
from outreach.publishing.editions.model import EditionState
from outreach.publishing.model import PostState
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import calls, counted, later
from tests.workers.edition_desk import SENDALL, EditionDesk, on_sqlite


@on_sqlite
async def test_without_an_event_the_result_is_asked_for_and_a_late_event_adds_what_it_knows(
    desk: EditionDesk,
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
async def test_a_lost_answer_is_settled_by_the_same_push_under_the_same_id(
    desk: EditionDesk, action: str
) -> None:
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
async def test_too_fast_is_no_answer_and_the_one_repetition_is_still_to_come(desk: EditionDesk) -> None:
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
    desk: EditionDesk, code: int
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
async def test_the_event_of_a_push_whose_answer_was_lost_is_taken_for_it(desk: EditionDesk) -> None:
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
async def test_a_person_who_found_nothing_composes_again_and_pushes_under_another_id(
    desk: EditionDesk,
) -> None:
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
async def test_an_administrator_is_asked_to_confirm_and_the_push_is_not_repeated(desk: EditionDesk) -> None:
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
async def test_the_copyright_check_names_the_article_that_is_to_blame(desk: EditionDesk) -> None:
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
async def test_an_article_that_the_platform_left_out_of_a_push_is_not_counted(desk: EditionDesk) -> None:
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
async def test_what_the_platform_refuses_outright_is_composed_again_or_given_up(desk: EditionDesk) -> None:
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
async def test_what_was_taken_down_on_the_platform_is_shown_as_withdrawn_and_stays_counted(
    desk: EditionDesk,
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


async def _ended(sandbox: Platform, msg_id: str) -> bool:
    return await sandbox.ended(int(msg_id)) == "SEND_SUCCESS"


async def _struck(sandbox: Platform) -> bool:
    return all(fault["left"] == 0 for fault in await sandbox.control("faults"))


async def _called(sandbox: Platform, path: str) -> bool:
    return await calls(sandbox, path) > 0
