"""Notices as workers send them: who hears, once, and what becomes of each recipient."""

from __future__ import annotations

import pytest

from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.model import NoticeState
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.workers.subscribers import Subscribers


@pytest.fixture
async def subscribers(story: OfficeStory, sandbox: Platform) -> Subscribers:
    made = Subscribers(story, sandbox, (await story.accounts())[0])
    await made.tell_at_any_hour()
    return made


async def test_a_publication_is_told_once_to_each_who_subscribed(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    every, county = await subscribers.topic(), await subscribers.topic(county="集宁区")
    await subscribers.template()
    both = await subscribers.join(3, every, county)
    await subscribers.join(2, county)
    await subscribers.join(1, every, consented_at=None)
    weibo = (await story.accounts())[1]
    item = await story.item(title="关于某公司行政处罚决定").published(subscribers.account, weibo)
    (notice,) = await subscribers.notices()
    await subscribers.work()
    told = await subscribers.told()
    assert sorted(one["openid"] for one in told) == sorted(both)
    assert {one["client_msg_id"] for one in told} == {notice.id}
    assert told[0]["content"]["data"]["thing1"] == {"value": "关于某公司行政处罚决定"}
    assert told[0]["content"]["url"].endswith(f"/p/{item.public_id}")
    (notice,) = await subscribers.notices()
    assert (notice.state, notice.audience) == (NoticeState.DONE, 3)
    assert await subscribers.states(notice) == {RecipientState.SENT: 3}
