"""发布日历: a month day by day, and posts that are moved to another day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from outreach.channels.push_protocol import PushSent
from outreach.foundation import clock
from outreach.foundation.clock import SHANGHAI
from outreach.office.compose_edition import create_edition, plan_push
from outreach.office.confirm_edition import confirm_sent
from outreach.people.model import Role
from outreach.publishing.editions.model import Edition
from outreach.publishing.editions.rules import EditionAction
from outreach.publishing.editions.service import states
from outreach.publishing.model import Post
from tests.builders import OfficeStory, claim
from tests.web.api.test_times import with_quiet_hours
from tests.web.conftest import Browser

NOON = datetime(2026, 9, 22, 4, tzinfo=UTC)  # in Shanghai, a Tuesday
HERE = "/calendar?month=2026-09"


def on(page: str, day: str) -> str:
    """What stands on that day of the month."""
    return page.partition(f'data-day="{day}"')[2].partition('data-day="')[0]


async def planned(story: OfficeStory, title: str = "开放日活动", **changes: str) -> Post:
    at = datetime(2026, 9, 24, 1, 30, tzinfo=UTC)
    return await story.post(await story.item("event", title=title, **changes).planned(at=at))


async def moved(browser: Browser, post: Post, seen: datetime, **to: str) -> str:
    form = {"seen": seen.isoformat(), "back": HERE, **to}
    return (await browser.post(f"/calendar/{post.id}", form)).text


async def test_a_month_shows_what_is_planned_and_what_went_out(story: OfficeStory, browser: Browser) -> None:
    accounts = await story.accounts()
    with clock.at(NOON):
        await planned(story, "还没有发出的活动")
        await story.item("penalty", title="已经发出的处罚").published(
            accounts[1], at=NOON - timedelta(days=20)
        )
        await story.item("event", title="下个月的活动").planned(at=datetime(2026, 9, 30, 16, 0, tzinfo=UTC))
        await story.person(Role.PUBLISHER)
        await browser.sign_in("publisher")
        page = (await browser.get(HERE)).text
        assert "还没有发出的活动" in on(page, "2026-09-24") and "09:30" in on(page, "2026-09-24")
        assert 'draggable="true"' in on(page, "2026-09-24")
        assert "已经发出的处罚" in on(page, "2026-09-02") and 'draggable="true"' not in on(page, "2026-09-02")
        assert "下个月的活动" not in page
        assert "中秋" in on(page, "2026-09-25") and "休</b>" in on(page, "2026-09-25")
        assert "班</b>" in on(page, "2026-09-20") and "month-from-1" in page
        assert "下个月的活动" in on((await browser.get("/calendar?month=2026-10")).text, "2026-10-01")
        narrowed = (await browser.get(f"{HERE}&account={accounts[1].id}")).text
        assert "已经发出的处罚" in narrowed and "还没有发出的活动" not in narrowed
        assert "2026年9月" in (await browser.get("/calendar?month=bald")).text


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_moving_to_another_day_keeps_the_time_of_day_and_goes_by_the_rules(
    story: OfficeStory, browser: Browser
) -> None:
    await with_quiet_hours(story)
    with clock.at(NOON):
        post = await planned(story)
        assert post.at is not None
        await story.person(Role.PUBLISHER)
        await browser.sign_in("publisher")
        await browser.get(HERE)
        page = await moved(browser, post, post.at, day="2026-09-28")
        assert (
            "已改期" in page
            and "09:30" in on(page, "2026-09-28")
            and "开放日活动" not in on(page, "2026-09-24")
        )
        assert "发布时间已经过去" in await moved(browser, post, post.at + timedelta(days=4), day="2026-09-21")
        assert "刚被他人改期" in await moved(browser, post, post.at, day="2026-09-29")
        quiet = await moved(browser, post, post.at, at="2026-09-28T23:10")
        assert "静默时段（22:00 至 07:00）" in quiet and "2026年9月29日 07:00" in quiet
        assert "10:15" in on(await moved(browser, post, post.at, at="2026-09-27T10:15"), "2026-09-27")
        folded = await browser.post(f"/posts/{post.id}/reschedule", at="2026-09-21T08:00")
        assert folded.status == 422 and "发布时间已经过去" in folded.text
    with clock.at(datetime(2026, 9, 27, 3, tzinfo=UTC)):
        await claim(story.office, post.id)
        await browser.sign_in("publisher")
        refused = await moved(browser, post, datetime(2026, 9, 27, 2, 15, tzinfo=UTC), day="2026-09-30")
        assert "不能改期" in refused


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_only_publishers_move_and_each_sees_their_sections(
    story: OfficeStory, browser: Browser
) -> None:
    with clock.at(NOON):
        post = await planned(story)
        assert post.at is not None
        await story.section("别的科室")
        await story.person(Role.PUBLISHER, name="别科的发布员", sections=["别的科室"])
        await browser.sign_in("editor")
        page = (await browser.get(HERE)).text
        assert "开放日活动" in page and 'draggable="true"' not in page
        assert "没有权限" in await moved(browser, post, post.at, day="2026-09-28")
        await browser.post("/logout")
        await browser.sign_in("别科的发布员")
        page = (await browser.get(HERE)).text
        assert "开放日活动" not in page
        assert re.findall(r'<option value="([^"]+)">别的科室', page) == ["别的科室"]
        assert "找不到" in await moved(browser, post, post.at, day="2026-09-28")


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_an_edition_stands_there_once_and_leads_to_its_page(
    story: OfficeStory, browser: Browser
) -> None:
    with clock.at(NOON):
        wechat, weibo, _ = await story.accounts()
        person = await story.person(Role.PUBLISHER)
        items = [await story.item(title=title).approved() for title in ("头条公示", "第二条公示")]
        edition = await create_edition(story.office, person, wechat.id, [one.id for one in items])
        await browser.sign_in("publisher")
        assert "推送：" not in (await browser.get(HERE)).text
        async with story.office.db.begin() as session:
            await plan_push(session, edition.id, person, NOON + timedelta(days=2), version=None)
        page = (await browser.get(HERE)).text
        there = on(page, "2026-09-24")
        assert "推送：头条公示 等 2 篇" in there and "12:00" in there and "待群发" in there
        assert f'href="/editions/{edition.id}"' in there and "到推送页面改时间" in there
        assert there.count('<li class="entry') == 1 and 'draggable="true"' not in there
        assert "第二条公示" not in page
        assert "推送：" not in (await browser.get(f"{HERE}&account={weibo.id}")).text
        assert "推送：" not in (await browser.get(f"{HERE}&section=没有的科室")).text
        assert "推送：" in (await browser.get(f"{HERE}&account={wechat.id}")).text
        async with story.office.db.begin() as session:
            row = await session.get_one(Edition, edition.id)
            await states.move(session, row, EditionAction.CLAIM, lease_holder="a worker:1")
            await states.move(session, row, EditionAction.ACCEPT, msg_id="1")
            await confirm_sent(session, row, PushSent(at=NOON + timedelta(days=3)), SHANGHAI)
        page = (await browser.get(HERE)).text
        assert "推送：" not in on(page, "2026-09-24")
        there = on(page, "2026-09-25")
        assert "推送：头条公示 等 2 篇" in there and "已群发" in there and "到推送页面改时间" not in there
        assert "第二条公示" not in page


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_an_edition_that_is_not_wholly_for_the_readers_eyes_leads_to_their_article(
    story: OfficeStory, browser: Browser
) -> None:
    with clock.at(NOON):
        account = (await story.accounts())[0]
        person = await story.person(Role.PUBLISHER)
        other = await story.section("别的科室")
        items = [
            await story.item(title="头条公示").approved(),
            await story.item(title="别科的公示", section=other.name).approved(),
        ]
        edition = await create_edition(story.office, person, account.id, [one.id for one in items])
        async with story.office.db.begin() as session:
            await plan_push(session, edition.id, person, NOON + timedelta(days=2), version=None)
        await story.person(Role.PUBLISHER, name="别科的发布员", sections=["别的科室"])
        await browser.sign_in("别科的发布员")
        page = (await browser.get(HERE)).text
        there = on(page, "2026-09-24")
        assert "推送：别科的公示" in there and "等 " not in there and "头条公示" not in page
        assert f'href="/posts/{(await story.post(items[1])).id}"' in there
        assert 'draggable="true"' not in page and f"/editions/{edition.id}" not in page
