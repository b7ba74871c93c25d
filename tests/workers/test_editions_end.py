"""Editions whose articles are sealed or withdrawn on the way, and pushes while publishing is stopped."""

from __future__ import annotations

from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office.drop_ended_articles import drop_ended_articles
from outreach.office.resolve_post import Outcome, resolve_post
from outreach.office.seal_item import seal_by_hand
from outreach.office.settle_posts import ask_results, look_for_lost
from outreach.office.stop_publishing import go_on_publishing, stop_publishing
from outreach.office.take_down_posts import take_down_due
from outreach.office.withdraw_posts import withdraw_post
from outreach.people.model import Role
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.model import PostState
from outreach.publishing.queries import posts_needing_attention
from tests.workers.desk import calls, counted, later
from tests.workers.edition_desk import SENDALL, EditionDesk

DELETE = "/cgi-bin/message/mass/delete"


async def seal(desk: EditionDesk, number: int) -> None:
    """A confidentiality reviewer seals the item of that article, counted from 1."""
    post = (await desk.posts())[number - 1]
    reviewer = await desk.story.person(Role.CONFIDENTIALITY_REVIEWER)
    async with desk.office.db.begin() as session:
        await seal_by_hand(session, post.item_id, reviewer, "群众来电提醒。")


async def test_a_sealed_article_leaves_a_planned_edition_which_a_person_plans_anew(desk: EditionDesk) -> None:
    await desk.planned("头条公示", "第二条公示", "第三条公示", in_s=3600)
    await seal(desk, 2)
    assert await drop_ended_articles(desk.office) == 1
    assert await drop_ended_articles(desk.office) == 0
    edition, posts = await desk.fresh(), await desk.posts()
    assert (edition.state, edition.problem_code) == (EditionState.COMPOSING, "article-ended")
    assert [(post.article_idx, post.item.title) for post in posts] == [(1, "头条公示"), (2, "第三条公示")]
    assert {post.state for post in posts} == {PostState.PLANNED}
    await desk.plan()
    assert await desk.push() == 1
    (push,) = await desk.pushes()
    assert [one["title"] for one in push["articles"]] == ["头条公示", "第三条公示"]


async def test_what_was_sealed_a_moment_before_its_time_is_not_pushed(desk: EditionDesk) -> None:
    await desk.planned("头条公示", "第二条公示")
    await seal(desk, 1)
    assert await desk.push() == 1
    assert (await desk.fresh()).state is EditionState.FAILED
    assert await calls(desk.sandbox, SENDALL) == 0
    assert await calls(desk.sandbox, "/cgi-bin/draft/add") == 0
    assert await drop_ended_articles(desk.office) == 1
    assert [post.item.title for post in await desk.posts()] == ["第二条公示"]


async def test_no_push_begins_while_publishing_is_stopped(desk: EditionDesk) -> None:
    await desk.planned("头条公示")
    publisher = await desk.story.person(Role.PUBLISHER)
    await stop_publishing(desk.office, publisher, "先停一停。", account_id=None)
    assert await desk.push() == 0
    assert (await desk.fresh()).state is EditionState.PLANNED
    await go_on_publishing(desk.office, publisher, account_id=None)
    assert await desk.push() == 1
    assert await calls(desk.sandbox, SENDALL) == 1


async def test_one_article_of_a_push_is_withdrawn_and_stays_counted(desk: EditionDesk) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.push()
    await desk.event(str((await desk.fresh()).msg_id), at=clock.now().replace(microsecond=0))
    second = (await desk.posts())[1]
    async with desk.office.db.begin() as session:
        await withdraw_post(session, second.id, await desk.story.person(Role.PUBLISHER), "数据有误。")
    await desk.fault(DELETE, "drop_after")
    assert await take_down_due(desk.office, worker="a worker", limit=5) == 1
    async with desk.office.db.begin() as session:
        (await session.get_one(type(second), second.id)).due_at = clock.now()
    assert await take_down_due(desk.office, worker="a worker", limit=5) == 1
    assert [post.state for post in await desk.posts()] == [PostState.PUBLISHED, PostState.WITHDRAWN]
    (push,) = await desk.pushes()
    assert [one["is_deleted"] for one in push["articles"]] == [False, True]
    assert await counted(desk.story) == 2
    async with desk.office.db.read() as session:
        assert (await session.get_one(Item, second.item_id)).public_end_reason == "数据有误。"


async def test_an_article_of_a_push_without_a_known_job_is_taken_down_by_hand(desk: EditionDesk) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.push()
    await desk.event(str((await desk.fresh()).msg_id), at=clock.now().replace(microsecond=0))
    async with desk.office.db.begin() as session:
        (await session.get_one(Edition, desk.id)).msg_id = None
    first, publisher = (await desk.posts())[0], await desk.story.person(Role.PUBLISHER)
    async with desk.office.db.begin() as session:
        await withdraw_post(session, first.id, publisher, "数据有误。")
    await take_down_due(desk.office, worker="a worker", limit=5)
    async with desk.office.db.read() as session:
        assert [post.id for post in await posts_needing_attention(session, publisher)] == [first.id]
    zone = desk.office.settings.zone
    async with desk.office.db.begin() as session:
        await resolve_post(session, first.id, publisher, Outcome.WITHDRAWN, zone)
    assert [post.state for post in await desk.posts()] == [PostState.WITHDRAWN, PostState.PUBLISHED]
    assert await counted(desk.story) == 2


async def test_an_accepted_push_is_asked_about_as_a_push_alone(desk: EditionDesk) -> None:
    await desk.planned("头条公示", "第二条公示")
    await desk.push()
    assert {post.state for post in await desk.posts()} == {PostState.ACCEPTED}
    with later(3600):
        assert await ask_results(desk.office, worker="another worker", limit=50) == 0
        assert await look_for_lost(desk.office, worker="another worker", limit=50) == 0
