"""What is out is taken down again, once, whatever happens on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from outreach.channels.model import Account, ChannelName
from outreach.channels.service import resume_account
from outreach.foundation import audit, clock
from outreach.foundation.problems import NotPossible
from outreach.items.model import Item, ItemState
from outreach.office import take_down_posts
from outreach.office.plan_posts import plan_posts
from outreach.office.resolve_post import Outcome, resolve_post
from outreach.office.withdraw_posts import set_days, withdraw_due, withdraw_item, withdraw_post
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of, held_up_withdrawals, is_any_withdrawal_due
from outreach.publishing.rules import PostAction
from outreach.statistics.queries import month_figures
from outreach.statistics.rules import month_of
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.servers import Sqlite
from tests.workers.desk import calls, counted, deliver, fault, later, shown, sweep

DELETE = "/cgi-bin/freepublish/delete"
LOOK = "/cgi-bin/freepublish/getarticle"
REASON = "处罚决定已被撤销。"


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What depends on the database stands in `test_withdrawal_at_once`."""
    return sqlite


async def out(story: OfficeStory, *accounts: Account, **changes: Any) -> Item:
    """An item that the platforms show."""
    item = await story.item(**changes).planned(*accounts)
    await deliver(story.office)
    with later(5):
        await sweep(story.office)
    assert {post.state for post in await story.posts(item)} == {PostState.PUBLISHED}
    return await story.fresh(item)


async def withdrawn(story: OfficeStory, item: Item, reason: str = REASON) -> Item:
    """All of it, by the publisher."""
    async with story.office.db.begin() as session:
        return await withdraw_item(session, item.id, await story.person("publisher"), reason)


async def take_down(story: OfficeStory, worker: str = "a worker") -> int:
    return await take_down_posts.take_down_due(story.office, worker=worker, limit=10)


async def outcomes(story: OfficeStory, post: Post) -> list[str]:
    async with story.office.db.read() as session:
        return [one.outcome for one in await attempts_of(session, post) if "withdr" in one.outcome]


async def deleted_twice(sandbox: Platform) -> bool:
    """Whether the platform was asked to delete what was gone."""
    requests = await sandbox.control("requests")
    return any(one["path"] == DELETE and "53600" in str(one["answer"]) for one in requests)


async def resolved(story: OfficeStory, post: Post, outcome: Outcome) -> None:
    async with story.office.db.begin() as session:
        publisher = await story.person("publisher")
        await resolve_post(session, post.id, publisher, outcome, story.office.settings.zone)


async def test_a_withdrawn_item_is_gone_and_stays_counted(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await out(story, wechat)
    ended = await withdrawn(story, item)
    assert (ended.state, ended.public_end_reason) == (ItemState.PUBLISHED, REASON)
    assert (await story.post(item)).state is PostState.WITHDRAWING
    assert await take_down(story) == 1
    post = await story.post(item)
    assert (post.state, post.withdraw_reason, post.withdraw_by) == (PostState.WITHDRAWN, REASON, "publisher")
    assert post.withdrawn_at is not None and post.published_at is not None
    assert (await story.fresh(item)).state is ItemState.WITHDRAWN
    assert (await shown(sandbox, ChannelName.WECHAT), await calls(sandbox, DELETE)) == ([], 1)
    assert await outcomes(story, post) == ["withdraw_ordered", "withdrawn"]
    assert await counted(story) == 1
    async with story.office.db.read() as session:
        figures = await month_figures(session, month_of(clock.now(), clock.SHANGHAI))
        assert figures.total()["withdrawn"] == 1
        assert await audit.verify(session) == []


@pytest.mark.parametrize(("action", "deletions"), [("drop_after", 1), ("drop_before", 2)])
async def test_after_a_lost_answer_it_looks_before_it_deletes_again(
    story: OfficeStory, sandbox: Platform, wechat: Account, action: str, deletions: int
) -> None:
    item = await out(story, wechat)
    await withdrawn(story, item)
    await fault(sandbox, DELETE, action)
    await take_down(story)
    post = await story.post(item)
    assert (post.state, "自动核对" in (post.problem_message or "")) == (PostState.WITHDRAWING, True)
    with later(30):
        await take_down(story)
    post = await story.post(item)
    assert (post.state, post.problem_message) == (PostState.WITHDRAWN, None)
    assert await outcomes(story, post) == ["withdraw_ordered", "withdraw_uncertain", "withdrawn"]
    assert (await calls(sandbox, DELETE), await calls(sandbox, LOOK)) == (deletions, 2)
    assert await shown(sandbox, ChannelName.WECHAT) == []
    assert not await deleted_twice(sandbox)


async def test_what_somebody_deleted_on_the_site_is_not_deleted_again(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await out(story, wechat)
    channel = await story.office.channels.of(wechat)
    await channel._api.delete(DELETE, {"article_id": (await story.post(item)).platform_id})  # type: ignore[attr-defined]
    await withdrawn(story, item)
    await take_down(story)
    assert (await story.post(item)).state is PostState.WITHDRAWN
    assert await calls(sandbox, DELETE) == 1


async def test_an_id_that_wechat_does_not_know_is_never_taken_for_gone(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().published(wechat)  # under an id that the sandbox never gave
    await withdrawn(story, item)
    await take_down(story)
    post = await story.post(item)
    assert (post.state, post.after_withdrawing) == (PostState.NEEDS_PERSON, True)
    assert (post.url or "?") in (post.problem_message or "")
    assert await calls(sandbox, DELETE) == 0


async def test_what_can_only_be_taken_down_by_hand_is_a_persons_at_once(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    drafts_only = (await story.accounts())[2]
    item = await story.item().planned(weibo, drafts_only)
    await deliver(story.office)
    for post in await story.posts(item):
        if post.state is PostState.NEEDS_PERSON:
            await resolved(story, post, Outcome.PUBLISHED)
    await withdrawn(story, item)
    for post in await story.posts(item):
        assert (post.state, post.after_withdrawing) == (PostState.NEEDS_PERSON, True)
        assert "确认已撤回" in (post.problem_message or "")
        with pytest.raises(NotPossible):
            await resolved(story, post, Outcome.NOT_PUBLISHED)
        await resolved(story, post, Outcome.WITHDRAWN)
    assert (await story.fresh(item)).state is ItemState.WITHDRAWN
    assert await counted(story) == 2


async def test_who_decides_to_keep_it_counts_it_once(story: OfficeStory, weibo: Account) -> None:
    item = await out(story, weibo)
    await withdrawn(story, item)
    before = await story.post(item)
    await resolved(story, before, Outcome.PUBLISHED)
    post = await story.post(item)
    assert (post.state, post.after_withdrawing, post.published_at) == (
        PostState.PUBLISHED,
        False,
        before.published_at,
    )
    assert (await story.fresh(item)).public_end_reason is None
    assert await counted(story) == 1


async def test_with_the_last_one_that_is_seen_the_item_ends(
    story: OfficeStory, wechat: Account, weibo: Account
) -> None:
    item = await out(story, wechat, weibo)
    publisher = await story.person("publisher")
    for post, reason in zip(await story.posts(item), (None, REASON), strict=True):
        async with story.office.db.begin() as session:
            await withdraw_post(session, post.id, publisher, REASON)
        assert (await story.fresh(item)).public_end_reason == reason


async def test_while_the_account_is_paused_it_waits_and_then_goes_on_by_itself(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await out(story, wechat)
    await withdrawn(story, item)
    await fault(sandbox, LOOK, "errcode", 40164)
    await take_down(story)
    assert (await story.post(item)).account.paused_at is not None
    assert await take_down(story) == 0
    publisher = await story.person("publisher")
    async with story.office.db.read() as session:
        (waits,) = await held_up_withdrawals(session, publisher, clock.now())
        assert waits.id == (await story.post(item)).id
    admin = await story.person("admin")
    async with story.office.db.begin() as session:
        await resume_account(session, admin, await session.get_one(Account, wechat.id))
    assert await take_down(story) == 1
    assert (await story.post(item)).state is PostState.WITHDRAWN


@pytest.mark.parametrize(
    ("code", "outcome", "state"),
    [
        (45009, "withdraw_postponed", PostState.WITHDRAWING),
        (53500, "withdraw_paused", PostState.WITHDRAWING),
        (48001, "withdraw_by_hand", PostState.NEEDS_PERSON),
    ],
)
async def test_each_kind_of_error_says_what_comes_next(
    story: OfficeStory, sandbox: Platform, wechat: Account, code: int, outcome: str, state: PostState
) -> None:
    item = await out(story, wechat)
    await withdrawn(story, item)
    await fault(sandbox, DELETE, "errcode", code)
    await take_down(story)
    post = await story.post(item)
    assert (post.state, await outcomes(story, post)) == (state, ["withdraw_ordered", outcome])


async def test_a_post_that_was_only_moved_is_taken_down_too(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await out(story, wechat)
    async with story.office.db.begin() as session:
        post = await session.get_one(Post, (await story.post(item)).id)
        await publishing.move(session, post, PostAction.WITHDRAW)
    async with story.office.db.read() as session:
        assert await is_any_withdrawal_due(session, clock.now())
    await take_down(story)
    assert (await story.post(item)).state is PostState.WITHDRAWN
    assert await shown(sandbox, ChannelName.WECHAT) == []


@pytest.mark.parametrize("day", ["publish_until", "credit_repaired_on"])
async def test_a_penalty_withdraws_itself_on_its_day(
    story: OfficeStory, sandbox: Platform, wechat: Account, day: str
) -> None:
    fields = {"publish_until": "2099-05-01"}
    item = await out(story, wechat, fields=fields)
    assert item.withdraw_on == date(2099, 5, 1)
    async with story.office.db.begin() as session:
        days = {"publish_until": date(2098, 5, 1), "credit_repaired_on": None, day: date(2027, 3, 2)}
        revision = item.revision
        await set_days(session, item.id, await story.person("editor"), **days)
    assert (await story.fresh(item)).revision == revision
    with clock.at(datetime(2027, 3, 1, 15, 59, 59, tzinfo=UTC)):
        assert await withdraw_due(story.office, limit=10) == 0
    with clock.at(datetime(2027, 3, 1, 16, 0, tzinfo=UTC), running=True):
        assert await withdraw_due(story.office, limit=10) == 1
        assert await withdraw_due(story.office, limit=10) == 0
        await take_down(story)
    post = await story.post(item)
    assert (post.state, post.withdraw_by) == (PostState.WITHDRAWN, "系统")
    assert "2027年3月2日" in (post.withdraw_reason or "")
    assert await shown(sandbox, ChannelName.WECHAT) == []


async def test_what_would_be_withdrawn_at_once_does_not_go_out(story: OfficeStory, wechat: Account) -> None:
    past = (clock.today(clock.SHANGHAI) - timedelta(days=1)).isoformat()
    item = await story.item(formed_on="2020-01-01", fields={"publish_until": past}).approved()
    with pytest.raises(NotPossible, match="撤回"):
        await plan_posts(story.office, item.id, await story.person("publisher"), [wechat.id], None)
