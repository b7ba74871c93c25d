"""Budgets: nobody makes the call that would be one too many, however many take at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.channels import budgets
from outreach.channels.budget_rules import (
    CALLS,
    MOST_KEPT,
    SUBMITS,
    Use,
    Window,
    begin_of,
    end_of,
)
from outreach.channels.budgets import Demand, Grant
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Quota
from outreach.foundation import clock
from outreach.foundation.database import Database
from tests.builders import OfficeStory
from tests.channels.office import Office

CHINA = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 11, 30, 22, 45, 30, tzinfo=CHINA)


@pytest.fixture
async def other_worker(office: Office) -> AsyncIterator[Database]:
    """Another process' way to the same database."""
    opened = Database(office.database_url, audit_key=b"")
    yield opened
    await opened.close()


async def taken(db: Database, account: Account, use: Use, number: int = 1) -> Grant:
    async with db.begin() as session:
        (grant,) = await budgets.take(session, [Demand(account.id, account.channel, use, number)])
    return grant


async def test_workers_that_take_at_once_never_overspend(
    story: OfficeStory, office: Office, other_worker: Database
) -> None:
    weibo = (await story.accounts())[1]
    with clock.at(EVENING):
        grants = await asyncio.gather(
            *(taken(db, weibo, Use.RELEASE, 2) for _ in range(10) for db in (office.db, other_worker))
        )
        assert sum(grant.number for grant in grants) == 30  # an hour's statuses
        refused = [grant for grant in grants if grant.number < 2]
        assert len(refused) == 5
        assert {grant.opens_at for grant in refused} == {datetime(2026, 11, 30, 23, 0, tzinfo=CHINA)}
        assert "“发微博”的次数已用完（30 次）" in refused[0].reason
        async with other_worker.read() as session:
            used = {one.budget.name: one.used for one in await budgets.standings(session, weibo)}
    assert used == {"calls": 30, "statuses": 30}


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_no_share_takes_the_calls_that_looks_need(story: OfficeStory, office: Office) -> None:
    db, weibo = office.db, (await story.accounts())[1]
    for hour in (9, 10, 11):
        with clock.at(EVENING.replace(hour=hour)):
            assert (await taken(db, weibo, Use.RELEASE, 30)).number == 30
    with clock.at(EVENING):
        spent = await taken(db, weibo, Use.RELEASE)
        assert (spent.number, spent.opens_at) == (0, datetime(2026, 12, 1, tzinfo=CHINA))
        assert f"另留 {MOST_KEPT} 次用于核对" in spent.reason
        assert (await taken(db, weibo, Use.CHECK)).number == 0
        assert (await taken(db, weibo, Use.LOOK, 50)).number == MOST_KEPT
    with clock.at(EVENING + timedelta(hours=2)):
        assert (await taken(db, weibo, Use.RELEASE)).number == 1


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_what_the_platform_tells_stands_above_what_is_published_and_counted(
    story: OfficeStory, office: Office
) -> None:
    db, wechat = office.db, (await story.accounts())[0]
    with clock.at(EVENING):
        assert (await taken(db, wechat, Use.RELEASE, 500)).number == 500
        async with db.begin() as session:
            await budgets.learn(session, wechat.id, {SUBMITS: Quota(510, 503)})
        partly = await taken(db, wechat, Use.RELEASE, 20)
        assert (partly.number, partly.opens_at) == (7, datetime(2026, 12, 1, tzinfo=CHINA))
        until = clock.now() + timedelta(minutes=10)
    with clock.at(EVENING + timedelta(days=1)):
        assert (await taken(db, wechat, Use.RELEASE, 20)).number == 20
        async with db.begin() as session:
            await budgets.shut(
                session, wechat.id, ChannelName.WECHAT, until + timedelta(days=1), "发布过于频繁。"
            )
        shut = await taken(db, wechat, Use.RELEASE)
        assert (shut.number, shut.opens_at) == (0, until + timedelta(days=1))
        assert (await taken(db, wechat, Use.RESULT)).number == 1


def test_windows_are_those_of_chinas_calendar() -> None:
    ends = {
        Window.MINUTE: EVENING.replace(minute=46, second=0),
        Window.HOUR: EVENING.replace(hour=23, minute=0, second=0),
        Window.DAY: datetime(2026, 12, 1, tzinfo=CHINA),
        Window.MONTH: datetime(2026, 12, 1, tzinfo=CHINA),
    }
    assert {window: end_of(window, EVENING) for window in Window} == ends
    assert begin_of(Window.MONTH, EVENING) == datetime(2026, 11, 1, tzinfo=CHINA)
    assert CALLS.limit == 100
