"""What is tried again, what fails with its reason, and what pauses the account."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from outreach.channels.model import Account, ChannelName
from outreach.channels.service import resume_account
from outreach.foundation import clock
from outreach.foundation.seal import Sealer, WrongKey
from outreach.office.context import open_office
from outreach.office.resolve_post import retry_post
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.channels.office import closed_port_url
from tests.conftest import settings_for
from tests.sandbox.platform import Platform
from tests.workers.desk import (
    DRAFT,
    SUBMIT,
    calls,
    counted,
    deliver,
    fault,
    later,
    shown,
    sweep,
)


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
