"""When followers are told: not at night, not too often, at their hour, on the eve."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from outreach.followers.notices.model import NoticeState
from outreach.foundation import clock
from outreach.items.model import Kind
from outreach.office.plan_digests import plan_digests
from outreach.office.withdraw_posts import withdraw_item
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.workers.subscribers import Subscribers

NOON = datetime(2026, 12, 1, 12, tzinfo=clock.SHANGHAI)


NIGHT = datetime(2026, 12, 1, 23, tzinfo=clock.SHANGHAI)


WARNING = {
    "period": "warning",
    "concentrations": ...,
    "stated": ...,
    "hour": ...,
    "warning": {
        "level": "黄色",
        "starts_at": "2026-12-01T22:00",
        "authority_document": "乌政办字〔2026〕1号",
    },
}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_notices_wait_for_the_end_of_the_quiet_hours_but_a_warning_does_not(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    await subscribers.settings(notices_quiet_from="21:30", notices_quiet_until="07:30")
    topic, warned = await subscribers.topic(), await subscribers.topic(Kind.AIR_QUALITY, aqi_above=150)
    await subscribers.template()
    await subscribers.template("air_quality")
    await subscribers.join(1, topic, warned)
    with clock.at(NIGHT, running=True):
        await story.item().published(subscribers.account)
        await story.item("air_quality", title="重污染天气黄色预警", fields=WARNING).published(
            subscribers.account
        )
        await subscribers.work()
    assert [one["content"]["data"]["thing1"]["value"] for one in await subscribers.told()] == [
        "重污染天气黄色预警"
    ]
    waiting = (await subscribers.notices())[0]
    assert waiting.due_at == datetime(2026, 12, 2, 7, 30, tzinfo=clock.SHANGHAI)
    with clock.at(waiting.due_at, running=True):
        await subscribers.work()
    assert len(await subscribers.told()) == 2


async def test_each_hears_no_more_than_so_often_a_day(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    await subscribers.settings(notices_a_day=2)
    topic = await subscribers.topic()
    await subscribers.template()
    with clock.at(NOON, running=True):
        await subscribers.join(2, topic)
        for number in range(2):
            await story.item(title=f"第{number}条").published(subscribers.account)
            await subscribers.work()
        await subscribers.join(1, topic)
        await story.item(title="第三条").published(subscribers.account)
        await subscribers.work()
    assert len(await subscribers.told()) == 5
    last = (await subscribers.notices())[-1]
    assert (last.audience, last.held_back) == (1, 2)


async def test_who_wants_everything_at_once_hears_of_what_they_subscribed_to_at_their_hour(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    penalties, events = await subscribers.topic(), await subscribers.topic(Kind.EVENT)
    for use in ("penalty", "event", "digest"):
        await subscribers.template(use)
    with clock.at(NOON, running=True):
        (both,) = await subscribers.join(1, penalties, events, digest_hour=18)
        (one,) = await subscribers.join(1, events, digest_hour=18)
        await subscribers.join(1, penalties, digest_hour=20)
        await story.item(title="一条处罚").published(subscribers.account)
        await story.item("event", title="一场活动").published(subscribers.account)
        await subscribers.work()
    assert await subscribers.told() == []
    with clock.at(NOON + timedelta(hours=6), running=True):
        for _ in range(2):
            await plan_digests(story.office)
            await subscribers.work()
    told = {one["openid"]: one["content"]["data"]["thing1"]["value"] for one in await subscribers.told()}
    assert told == {both: "2 条：一场活动", one: "一场活动"}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_on_the_eve_of_an_event_its_followers_are_reminded_unless_it_is_withdrawn(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic(Kind.EVENT)
    await subscribers.template("event")
    begins = {"starts_at": "2026-12-10T09:00", "ends_at": "2026-12-10T11:00"}
    with clock.at(NOON, running=True):
        await subscribers.join(1, topic)
        await story.item("event", title="开放日", fields=begins).published(subscribers.account)
        ended = await story.item("event", title="取消的活动", fields=begins).published(subscribers.account)
        await subscribers.work()
        publisher = await story.person("publisher")
        async with story.office.db.begin() as session:
            await withdraw_item(session, ended.id, publisher, "活动取消")
    assert len(await subscribers.told()) == 2
    await sandbox.forward(120)  # the same words within a minute are refused
    with clock.at(datetime(2026, 12, 9, 18, tzinfo=clock.SHANGHAI), running=True):
        await subscribers.work()
    assert len(await subscribers.told()) == 3
    states = {one.event.partition(":")[0] + one.title: one.state for one in await subscribers.notices()}
    assert states["eve取消的活动"] is NoticeState.CANCELLED
    assert states["eve开放日"] is NoticeState.DONE
