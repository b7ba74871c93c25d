from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Status
from outreach.channels.service import resume_account
from outreach.foundation import clock
from outreach.foundation.problems import NotPossible, Problem
from outreach.foundation.seal import Sealer, WrongKey
from outreach.items.model import Item, ItemState
from outreach.office import leases
from outreach.office.context import open_office
from outreach.office.resolve_post import Outcome, cancel_post, resolve_post, retry_post
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of
from tests.builders import OfficeStory
from tests.channels.office import Delivery, closed_port_url
from tests.conftest import settings_for
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import (
    DRAFT,
    SHARE,
    SUBMIT,
    TIMELINE,
    calls,
    counted,
    deliver,
    die_during,
    later,
    shown,
    sweep,
)


@pytest.fixture
async def wechat(story: OfficeStory) -> Account:
    return (await story.accounts())[0]


@pytest.fixture
async def weibo(story: OfficeStory) -> Account:
    return (await story.accounts())[1]


@pytest.fixture
async def drafts_only(story: OfficeStory) -> Account:
    return (await story.accounts())[2]


async def fault(
    sandbox: Platform, path: str, action: str, value: float | None = None, times: int = 1
) -> None:
    await sandbox.control("faults", {"path": path, "action": action, "value": value, "times": times})


async def is_in(state: PostState, story: OfficeStory, item: Item) -> bool:
    return (await story.post(item)).state is state


async def outcomes(story: OfficeStory, post: Post) -> list[str]:
    async with story.office.db.read() as session:
        return [attempt.outcome for attempt in await attempts_of(session, post)]


async def test_wechat_accepts_first_and_tells_the_result_when_asked(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, post.media_id is not None, post.publish_id is not None) == (
        PostState.ACCEPTED,
        True,
        True,
    )
    assert (await story.fresh(item)).public_since is not None
    with later(5):
        await sweep(story.office)
    post = await story.post(item)
    (article,) = await shown(sandbox, ChannelName.WECHAT)
    assert (post.state, post.url, article["title"]) == (PostState.PUBLISHED, article["url"], item.title)
    assert (await story.fresh(item)).state is ItemState.PUBLISHED
    assert await counted(story) == 1
    assert await outcomes(story, post) == ["accepted", "published"]


async def test_weibo_publishes_at_once(story: OfficeStory, sandbox: Platform, weibo: Account) -> None:
    item = await story.item().planned(weibo)
    await deliver(story.office)
    post = await story.post(item)
    (status,) = await shown(sandbox, ChannelName.WEIBO)
    assert (post.state, post.platform_id) == (PostState.PUBLISHED, status["id"])
    assert item.title in status["text"]
    assert f"/p/{item.public_id}" in status["text"]


async def test_nothing_goes_out_before_its_time(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo, at=clock.now() + timedelta(hours=1))
    assert await deliver(story.office) == 0
    assert (await story.fresh(item)).public_since is None
    with later(3601):
        assert await deliver(story.office) == 1
    assert len(await shown(sandbox, ChannelName.WEIBO)) == 1


async def test_an_account_for_drafts_only_leaves_the_last_step_to_a_person(
    story: OfficeStory, sandbox: Platform, drafts_only: Account
) -> None:
    item = await story.item().planned(drafts_only)
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, post.problem_code) == (PostState.NEEDS_PERSON, "draft-only")
    assert "草稿箱" in (post.problem_message or "")
    assert await calls(sandbox, SUBMIT) == 0
    async with story.office.db.begin() as session:
        await resolve_post(
            session,
            post.id,
            await story.person("publisher"),
            Outcome.PUBLISHED,
            story.office.settings.zone,
            url="https://mp.weixin.qq.com/s/abc",
        )
    assert await counted(story) == 1
    assert (await story.fresh(item)).state is ItemState.PUBLISHED


@pytest.mark.parametrize(
    ("channel", "path"), [(ChannelName.WECHAT, SUBMIT), (ChannelName.WEIBO, SHARE)], ids=["wechat", "weibo"]
)
@pytest.mark.parametrize(("action", "tries"), [("drop_after", 1), ("drop_before", 2), ("http", 2)])
async def test_after_a_lost_answer_the_platform_is_looked_at_and_only_what_is_not_there_is_sent_again(
    story: OfficeStory, sandbox: Platform, channel: ChannelName, path: str, action: str, tries: int
) -> None:
    account = next(one for one in await story.accounts() if one.channel is channel)
    item = await story.item().planned(account)
    await fault(sandbox, path, action, 502)
    await deliver(story.office)
    assert (await story.post(item)).state is PostState.UNCERTAIN
    await sweep(story.office)
    assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(31):
        await sweep(story.office)
    with later(45):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, bool(post.url), post.problem_message) == (PostState.PUBLISHED, True, None)
    assert await calls(sandbox, path) == tries
    assert len(await shown(sandbox, channel)) == await counted(story) == 1


async def test_what_is_published_but_hidden_behind_five_others_is_left_to_a_person(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    await fault(sandbox, SHARE, "drop_after")
    await deliver(story.office)
    channel = await story.office.channels.of(weibo)
    for number in range(5):
        await channel.publish(
            Status(f"工作人员手工发的第{number}条 http://127.0.0.1:8080/p/x", None), Delivery()
        )
    with later(31):
        await sweep(story.office)
    post = await story.post(item)
    assert post.state is PostState.NEEDS_PERSON
    assert "最近五条" in (post.problem_message or "")
    assert (await calls(sandbox, SHARE), await counted(story)) == (6, 0)


async def test_five_that_went_out_right_before_hide_nothing(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    for number in range(5):
        await story.item(title=f"第{number}号行政处罚决定公示").planned(weibo)
        await deliver(story.office)
    item = await story.item(title="没有答复的一条").planned(weibo)
    await fault(sandbox, SHARE, "drop_before")
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, await calls(sandbox, SHARE)) == (PostState.PUBLISHED, 7)
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == 6


async def test_another_post_of_the_same_words_is_not_taken_for_the_lost_one(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    twins = [await story.item(title="同名公示", body="同样的正文。").planned(weibo) for _ in range(2)]
    await deliver(story.office)
    await fault(sandbox, SHARE, "drop_before")
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
    with later(45):
        await sweep(story.office)
    first, second = [await story.post(item) for item in twins]
    assert {first.state, second.state} == {PostState.PUBLISHED}
    assert first.platform_id != second.platform_id
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == 2


async def test_while_an_outcome_is_open_the_account_sends_nothing_else_to_weibo(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    lost = await story.item(title="没有答复的一条").planned(weibo)
    await fault(sandbox, SHARE, "drop_after")
    await deliver(story.office)
    waits = await story.item(title="等着的一条").planned(weibo)
    assert await deliver(story.office) == 0
    assert (await story.post(waits)).state is PostState.PLANNED
    with later(31):
        await sweep(story.office)
    assert [(await story.post(item)).state for item in (lost, waits)] == [PostState.PUBLISHED] * 2


async def test_a_lost_answer_is_looked_for_until_the_platform_can_be_asked(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    await fault(sandbox, SHARE, "drop_after")
    await deliver(story.office)
    await fault(sandbox, TIMELINE, "http", 502)
    with later(31):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(60):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert (await calls(sandbox, SHARE), await counted(story)) == (1, 1)


async def test_a_publication_without_result_is_left_to_a_person_after_half_an_hour(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_delay_s": 86_400})
    await deliver(story.office)
    with later(60):
        await sweep(story.office)
        assert (await story.post(item)).state is PostState.ACCEPTED
    with later(1801):
        await sweep(story.office)
        await sweep(story.office)
    post = await story.post(item)
    assert post.state is PostState.NEEDS_PERSON
    assert "一直没有给出结果" in (post.problem_message or "")
    assert await calls(sandbox, SUBMIT) == 1


async def test_a_lost_submit_whose_article_never_appears_is_left_to_a_person(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_delay_s": 86_400})
    await fault(sandbox, SUBMIT, "drop_after")
    await deliver(story.office)
    with later(60):
        await sweep(story.office)
        assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(1801):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.NEEDS_PERSON
    assert await calls(sandbox, SUBMIT) == 1


async def test_a_lost_submit_that_the_platform_refused_fails_with_its_reason(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_status": 4})
    await fault(sandbox, SUBMIT, "drop_after")
    await deliver(story.office)
    with later(31):
        await sweep(story.office)
    with later(45):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, "审核" in (post.problem_message or "")) == (PostState.FAILED, True)
    assert await outcomes(story, post) == ["uncertain", "not_there", "accepted", "failed"]
    assert (await calls(sandbox, DRAFT), await counted(story)) == (1, 0)


async def test_a_slow_platform_does_not_cost_the_worker_its_lease(
    story: OfficeStory, sandbox: Platform, weibo: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_RENEW_AFTER_S", 0.05)
    item = await story.item().planned(weibo)
    await fault(sandbox, SHARE, "delay", 1.0)
    slow = asyncio.create_task(deliver(story.office))
    await eventually(lambda: is_in(PostState.SENDING, story, item))
    claimed_until = (await story.post(item)).lease_until
    await eventually(lambda: is_renewed(story, item, claimed_until))
    await slow
    assert (await story.post(item)).state is PostState.PUBLISHED


async def is_renewed(story: OfficeStory, item: Item, before: datetime | None) -> bool:
    until = (await story.post(item)).lease_until
    return until is not None and before is not None and until > before


@pytest.mark.parametrize("action", ["drop_after", "drop_before", "http"])
async def test_a_lost_answer_before_that_is_tried_again(
    story: OfficeStory, sandbox: Platform, wechat: Account, action: str
) -> None:
    item = await story.item().planned(wechat)
    await fault(sandbox, DRAFT, action, 502)
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, post.tries) == (PostState.PLANNED, 1)
    assert "自动重试" in (post.problem_message or "")
    with later(45):
        await sweep(story.office)
    with later(55):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert len(await shown(sandbox, ChannelName.WECHAT)) == 1


async def test_a_platform_that_is_too_busy_is_tried_again_from_the_draft_that_is_there(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await fault(sandbox, SUBMIT, "errcode", 45011)
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, post.release_began_at) == (PostState.PLANNED, None)
    with later(61):
        await deliver(story.office)
    assert (await calls(sandbox, DRAFT), await calls(sandbox, SUBMIT)) == (1, 2)
    assert (await story.post(item)).media_id == post.media_id


async def test_while_the_platform_is_away_posts_wait_and_say_why(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    item = await story.item().planned(wechat, weibo)
    nowhere = closed_port_url()
    away = open_office(
        story.office.settings.model_copy(update={"wechat_base_url": nowhere, "weibo_base_url": nowhere})
    )
    assert await deliver(away) == 2
    await away.close()
    for post in await story.posts(item):
        assert (post.state, post.tries) == (PostState.PLANNED, 1)
        assert "无法连接到平台" in (post.problem_message or "")
        assert post.due_at > clock.now()
    with later(45):
        await deliver(story.office)
    with later(55):
        await sweep(story.office)
    assert {post.state for post in await story.posts(item)} == {PostState.PUBLISHED}
    assert (await counted(story), len(await shown(sandbox, ChannelName.WEIBO))) == (2, 1)


async def test_what_the_platform_refuses_fails_with_its_reason_and_can_be_tried_again(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_status": 4})
    await deliver(story.office)
    with later(5):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, bool(post.problem_message)) == (PostState.FAILED, True)
    await sandbox.control("settings", {"publish_status": 0})
    async with story.office.db.begin() as session:
        await retry_post(session, post.id, await story.person("publisher"))
    await deliver(story.office)
    with later(5):
        await sweep(story.office)
    post = await story.post(item)
    assert (post.state, post.problem_message) == (PostState.PUBLISHED, None)
    assert await counted(story) == 1


async def test_wrong_credentials_pause_the_account_and_no_other(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    item = await story.item().planned(wechat, weibo)
    good = wechat.sealed_credentials
    broken = story.office.sealer.open(good) | {"secret": "f" * 32}
    async with story.office.db.begin() as session:
        sealed = story.office.sealer.seal(broken)
        await session.execute(
            update(Account).where(Account.id == wechat.id).values(sealed_credentials=sealed)
        )
    admin = await story.person("admin")
    await deliver(story.office)
    on_wechat, on_weibo = sorted(await story.posts(item), key=lambda post: post.account.number)
    assert (on_wechat.state, on_weibo.state) == (PostState.PLANNED, PostState.PUBLISHED)
    assert on_wechat.account.paused_reason
    with later(60):
        assert await deliver(story.office) == 0
    async with story.office.db.begin() as session:
        account = await session.get_one(Account, wechat.id)
        account.sealed_credentials = good
        await resume_account(session, admin, account)
    await deliver(story.office)
    assert {post.state for post in await story.posts(item)} == {PostState.ACCEPTED, PostState.PUBLISHED}


async def test_a_worker_that_dies_before_the_release_is_taken_over_and_goes_on(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await die_during(sandbox, story.office, DRAFT)
    assert (await story.post(item)).state is PostState.SENDING
    await sweep(story.office)
    assert (await story.post(item)).state is PostState.SENDING
    with later(1, after_the_lease=True):
        await sweep(story.office)
    with later(45, after_the_lease=True):
        await sweep(story.office)
    post = await story.post(item)
    assert post.state is PostState.PUBLISHED
    assert await outcomes(story, post) == ["taken_over", "accepted", "published"]
    assert (len(await shown(sandbox, ChannelName.WECHAT)), await calls(sandbox, SUBMIT)) == (1, 1)
    assert await counted(story) == 1


@pytest.mark.parametrize(
    ("channel", "path"), [(ChannelName.WECHAT, SUBMIT), (ChannelName.WEIBO, SHARE)], ids=["wechat", "weibo"]
)
async def test_what_a_worker_was_releasing_when_it_died_is_looked_for_and_not_sent_again(
    story: OfficeStory, sandbox: Platform, channel: ChannelName, path: str
) -> None:
    account = next(one for one in await story.accounts() if one.channel is channel)
    item = await story.item().planned(account)
    await die_during(sandbox, story.office, path)
    with later(1, after_the_lease=True):
        await sweep(story.office)
        assert (await story.post(item)).state is PostState.UNCERTAIN
    with later(35, after_the_lease=True):
        await sweep(story.office)
        post = await story.post(item)
    assert post.state is PostState.PUBLISHED
    assert await outcomes(story, post) == ["uncertain", "published"]
    assert (await calls(sandbox, path), len(await shown(sandbox, channel))) == (1, 1)
    assert await counted(story) == 1


async def test_a_worker_that_comes_back_after_its_lease_keeps_silent(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await fault(sandbox, DRAFT, "delay", 0.3)
    slow = asyncio.create_task(deliver(story.office, worker="the slow one"))
    await eventually(lambda: is_in(PostState.SENDING, story, item))
    with later(1, after_the_lease=True):
        await sweep(story.office, worker="the quick one")
        await slow
    with later(45, after_the_lease=True):
        await sweep(story.office, worker="the quick one")
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert (await calls(sandbox, SUBMIT), len(await shown(sandbox, ChannelName.WECHAT))) == (1, 1)


async def test_workers_at_the_same_time_send_each_post_once(
    story: OfficeStory, sandbox: Platform, wechat: Account, weibo: Account
) -> None:
    items = [
        await story.item(title=f"第{number}号行政处罚决定公示").planned(wechat, weibo) for number in range(8)
    ]
    took = await asyncio.gather(*(deliver(story.office, worker=f"worker {n}", limit=4) for n in range(4)))
    # Each has its share of what goes out side by side; Weibo takes one at a time.
    assert 8 <= sum(took) <= 12
    while await deliver(story.office):
        pass
    with later(5):
        await sweep(story.office)
    for channel, name in ((ChannelName.WECHAT, "title"), (ChannelName.WEIBO, "text")):
        shown_there = [one[name] for one in await shown(sandbox, channel)]
        assert len(shown_there) == len(set(shown_there)) == len(items)
    assert await counted(story) == 2 * len(items)


async def test_a_cancelled_post_is_not_sent(story: OfficeStory, sandbox: Platform, weibo: Account) -> None:
    item = await story.item().planned(weibo)
    async with story.office.db.begin() as session:
        await cancel_post(session, (await story.post(item)).id, await story.person("publisher"))
    assert await deliver(story.office) == 0
    assert (await shown(sandbox, ChannelName.WEIBO), await counted(story)) == ([], 0)


async def test_cancelled_while_being_taken_either_it_goes_out_or_it_does_not(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    publisher = await story.person("publisher")
    post = await story.post(item)

    async def cancel() -> bool:
        try:
            async with story.office.db.begin() as session:
                await cancel_post(session, post.id, publisher)
        except (NotPossible, Problem):
            return False
        return True

    was_cancelled, _ = await asyncio.gather(cancel(), deliver(story.office))
    statuses = await shown(sandbox, ChannelName.WEIBO)
    assert (await story.post(item)).state is (PostState.CANCELLED if was_cancelled else PostState.PUBLISHED)
    assert len(statuses) == await counted(story) == (0 if was_cancelled else 1)


async def test_resolved_as_not_published_it_is_sent_again_from_the_start(
    story: OfficeStory, sandbox: Platform, wechat: Account
) -> None:
    item = await story.item().planned(wechat)
    await sandbox.control("settings", {"publish_delay_s": 86_400})
    await deliver(story.office)
    with later(1801):
        await sweep(story.office)
        await sweep(story.office)
    post = await story.post(item)
    await sandbox.control("settings", {"publish_delay_s": 0})
    async with story.office.db.begin() as session:
        publisher = await story.person("publisher")
        await resolve_post(session, post.id, publisher, Outcome.NOT_PUBLISHED, story.office.settings.zone)
    await deliver(story.office)
    with later(5):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.PUBLISHED
    assert await calls(sandbox, DRAFT) == await calls(sandbox, SUBMIT) == 2
    assert await counted(story) == 1


async def test_credentials_sealed_with_another_key_pause_the_account(
    story: OfficeStory, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    foreign = Sealer(b"another key").seal({"app_key": "1"})
    async with story.office.db.begin() as session:
        await session.execute(
            update(Account).where(Account.id == weibo.id).values(sealed_credentials=foreign)
        )
    await deliver(story.office)
    post = await story.post(item)
    assert (post.state, "SECRET_KEY" in (post.account.paused_reason or "")) == (PostState.PLANNED, True)


async def test_a_worker_with_another_key_changes_nothing(
    story: OfficeStory, sandbox: Platform, weibo: Account
) -> None:
    item = await story.item().planned(weibo)
    given = story.office.settings
    stranger = open_office(settings_for(given.home, given.database_url, OUTREACH_SECRET_KEY="another key"))
    with pytest.raises(ExceptionGroup) as failures:
        await deliver(stranger)
    await stranger.close()
    assert failures.group_contains(WrongKey)
    assert (await story.post(item)).account.paused_reason is None
    assert await shown(sandbox, ChannelName.WEIBO) == []
    with later(after_the_lease=True):
        await sweep(story.office)
    assert (await story.post(item)).state is PostState.PUBLISHED
