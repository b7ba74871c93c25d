"""The self-check of the accounts: lights, the day on which one fails, and whoever is told before, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.foundation.mail import Mail
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.office.warn_of_indicators import warn_of_indicators
from outreach.office.withdraw_posts import withdraw_post
from outreach.people.contacts import add_contact
from outreach.people.model import Role
from outreach.publishing.model import Post, PostState
from outreach.statistics.indicators.rules import Level, Light, Terms, freshness, interaction
from tests.builders import OfficeStory
from tests.servers import Sqlite
from tests.web.conftest import Browser, browser, hire, new_browser, server

__all__ = ["browser", "new_browser", "server"]

TERMS = Terms(within_days=14, first_warning_days=7, second_warning_days=10, answer_hours=48)
DAY = date(2026, 11, 1)
MORNING = datetime(2026, 11, 1, 1, tzinfo=UTC)


@given(st.integers(0, 60))
def test_an_account_fails_on_the_day_that_was_foretold_and_is_warned_of_before(days: int) -> None:
    fresh = freshness(DAY, DAY, DAY + timedelta(days=days), TERMS)
    assert (fresh.light is Light.BAD) == (DAY + timedelta(days=days) >= fresh.red_on)
    assert (fresh.light is Light.GOOD) == (days < 7)
    assert (fresh.level is Level.SECOND) == (10 <= days <= 14)


def test_a_push_or_a_menu_is_an_interaction_and_of_weibo_nothing_is_known() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    wechat, old = ChannelName.WECHAT, now - timedelta(days=31)
    assert interaction(wechat, None, None, now).light is Light.BAD
    assert interaction(wechat, old, None, now).works is False
    assert interaction(wechat, old, old, now).works is True
    assert interaction(wechat, now, None, now).works is True
    assert interaction(ChannelName.WEIBO, None, None, now).works is None


async def at_desk(office: Office, new_browser: Callable[[], Browser], *roles: Role) -> Browser:
    await hire(office, "值班", *roles)
    browser = new_browser()
    await browser.sign_in("值班")
    return browser


async def mails(office: Office) -> list[str]:
    async with office.db.read() as session:
        return list(await session.scalars(select(Mail.subject).order_by(Mail.id)))


async def test_who_keeps_an_account_in_mind_is_told_once_of_each_level(
    office: Office, story: OfficeStory
) -> None:
    wechat, *others = await story.accounts()
    with clock.at(MORNING):
        keeper = await story.person(Role.STATISTICIAN)
        async with office.db.begin() as session:
            await add_contact(session, keeper, "张三", "zhang@example.cn", ["self_check"])
            await add_contact(session, keeper, "李四", "li@example.cn", ["bulletin"])
            ids = [one.id for one in others]
            await session.execute(update(Account).where(Account.id.in_(ids)).values(active=False))
        await story.item("event").published(wechat, at=MORNING)
    told = []
    for day in (6, 7, 8, 10, 14, 15, 16):
        with clock.at(MORNING + timedelta(days=day)):
            told += [day] * (await warn_of_indicators(office) + await warn_of_indicators(office))
    assert told == [7, 10, 15]
    first, second, overdue = await mails(office)
    assert first == second == f"政务新媒体自查：{wechat.name}须在2026年11月16日前更新"
    assert overdue == f"政务新媒体自查：{wechat.name}已超期 15 天未更新"
    with clock.at(MORNING + timedelta(days=20)):
        await story.item("event").published(wechat, at=clock.now())
        assert await warn_of_indicators(office) == 0
    with clock.at(MORNING + timedelta(days=27)):
        assert await warn_of_indicators(office) == 1
    assert len(await mails(office)) == 4


class TestPages:
    """What does not depend on the database."""

    @pytest.fixture
    def database_server(self, sqlite: Sqlite) -> Sqlite:
        return sqlite

    async def test_what_was_withdrawn_does_not_count_and_what_is_due_stands_where_it_is_seen(
        self, office: Office, story: OfficeStory, new_browser: Callable[[], Browser]
    ) -> None:
        wechat = (await story.accounts())[0]
        now = clock.now()
        older = await story.item("event", title="八天前的活动").published(wechat, at=now - timedelta(days=8))
        newer = await story.item("event", title="昨天的活动").published(wechat, at=now - timedelta(days=1))
        assert older.id != newer.id
        desk = await at_desk(office, new_browser, Role.PUBLISHER)
        before = (await desk.get("/statistics/indicators")).text
        assert "昨天的活动" in before
        assert "要更新的账号" not in (await desk.get("/needs-attention")).text
        publisher = await story.person(Role.PUBLISHER)
        async with office.db.begin() as session:
            await withdraw_post(session, (await story.post(newer)).id, publisher, "内容有误")
        after = (await desk.get("/statistics/indicators")).text
        red_on = (now - timedelta(days=8)).astimezone(office.settings.zone).date() + timedelta(days=15)
        assert "八天前的活动" in after
        assert f"{red_on.month}月{red_on.day}日起不达标" in after
        waiting = (await desk.get("/needs-attention")).text
        assert ("要更新的账号" in waiting, wechat.name in waiting) == (True, True)

    async def test_the_page_counts_what_the_quarter_brought_and_reads_without_colour(
        self, office: Office, story: OfficeStory, new_browser: Callable[[], Browser]
    ) -> None:
        wechat = (await story.accounts())[0]
        await story.item("event").published(wechat)
        source = {"origin": "repost", "repost_source": "内蒙古日报"}
        named = await story.item("event", **source).published(wechat)
        bare = await story.item("event", **source).published(wechat)
        failed = await story.item("event").planned(wechat)
        async with office.db.begin() as session:
            await session.execute(update(Item).where(Item.id == bare.id).values(repost_source=None))
            failed_post = (await story.post(failed)).id
            await session.execute(update(Post).where(Post.id == failed_post).values(state=PostState.FAILED))
            gone = (await story.post(named)).id
            await session.execute(update(Post).where(Post.id == gone).values(state=PostState.WITHDRAWN))
        desk = await at_desk(office, new_browser, Role.EDITOR)
        page = (await desk.get("/statistics/indicators")).text
        told = re.sub(r"<[^>]+>", "", page)
        assert "发布 3 件，其中原创 1 件，原创率 33.3%；撤回 1 件，其中被平台删除 1 件" in told
        assert "发布失败待处理 1 件" in told
        assert "转载未注明来源 1 件，没有审查记录 0 件" in told
        assert all(f"{word}</span>" in page for word in ("正常", "要处理", "未提供", "请人工查看"))
        wrong = await desk.get("/statistics/indicators?quarter=2026-5")
        assert (wrong.status, "不是季度" in wrong.text) == (422, True)
        assert "2019年第三季度" in (await desk.get("/statistics/indicators?quarter=2019-Q3")).text

    async def test_the_terms_are_the_offices_and_come_one_after_the_other(
        self, office: Office, story: OfficeStory, new_browser: Callable[[], Browser]
    ) -> None:
        admin = await at_desk(office, new_browser, Role.ADMIN)
        page = (await admin.get("/settings")).text
        form = dict(re.findall(r'name="(update_\w+)" value="(\d+)"', page))
        assert form == {
            "update_within_days": "14", "update_first_warning_days": "7", "update_second_warning_days": "10",
        }  # fmt: skip
        wrong = await admin.post("/settings", {**form, "update_second_warning_days": "7"})
        assert (wrong.status, "要晚于第一次提醒" in wrong.text) == (422, True)
