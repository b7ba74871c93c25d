"""What followers are answered: from what is published now, and by what they asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from outreach.followers.personal_data import HELD, kept_of, tables_of_followers
from outreach.followers.questions.service import open_questions
from outreach.followers.topics.rules import Wish
from outreach.foundation import clock, office_settings
from outreach.foundation.audit import COMMAND_LINE, AuditEvent
from outreach.foundation.office_settings import OfficeSettings
from outreach.items.model import Kind
from outreach.office.forget_followers import forget
from outreach.office.withdraw_posts import withdraw_item
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.followers.builders import Conversation, conversation
from tests.followers.conftest import Street

AIR, EIA, PENALTY, EVENT = Kind.AIR_QUALITY, Kind.EIA_NOTICE, Kind.PENALTY, Kind.EVENT

ON_SQLITE = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@ON_SQLITE
async def test_nobody_is_subscribed_before_they_agreed_to_the_notice(story: OfficeStory) -> None:
    reader = await conversation(story)
    asked = await reader.say("同意")
    assert "个人信息处理告知" in asked
    asked = await reader.say("訂閱 空氣 集寧")
    assert "乌兰察布市生态环境局个人信息处理告知" in asked
    assert "请回复：同意 空气 集宁" in asked
    assert len(asked.encode()) <= 2048
    assert await reader.wishes() == []
    assert "已订阅：\n· 集宁区空气质量" in await reader.say("同意 空气 集宁")
    assert await reader.wishes() == [Wish(AIR, "集宁区")]
    assert "您已经订阅过" in await reader.say("订阅集宁空气质量")


@ON_SQLITE
async def test_who_agreed_to_another_notice_is_asked_anew(story: OfficeStory) -> None:
    reader = await _subscriber(story, "空气 集宁")
    async with story.office.db.begin() as session:
        changed = OfficeSettings(bureau="乌兰察布市生态环境局（新址）")
        await office_settings.change(session, COMMAND_LINE, changed)
    assert "（新址）个人信息处理告知" in await reader.say("订阅 处罚")
    assert await reader.wishes() == [Wish(AIR, "集宁区")]


async def test_what_was_subscribed_to_is_ended_by_place_by_words_and_all_at_once(story: OfficeStory) -> None:
    reader = await _subscriber(story, "空气 集宁、丰镇", "处罚", "活动")
    assert await reader.say("退订") == await reader.say("我的订阅")
    assert "1. 集宁区空气质量\n2. 丰镇市空气质量\n3. 全市行政处罚\n4. 全市活动预告" in await reader.say(
        "退订"
    )
    assert "已退订：\n· 丰镇市空气质量" in await reader.say("退订 2")
    assert "您没有订阅这一项" in await reader.say("退订 项目")
    assert "已退订：\n· 全市行政处罚" in await reader.say("取消订阅 行政处罚")
    assert await reader.wishes() == [Wish(AIR, "集宁区"), Wish(EVENT)]
    assert "已全部退订" in await reader.say("退订 全部")
    assert await reader.wishes() == []
    assert "您现在没有订阅" in await reader.say("退订全部")


async def test_a_follower_has_so_many_topics_and_no_more(story: OfficeStory) -> None:
    reader = await _subscriber(story, "空气 集宁")
    async with story.office.db.begin() as session:
        await office_settings.change(session, COMMAND_LINE, OfficeSettings(subscription_limit=3))
    assert "每人最多订阅 3 项" in await reader.say("订阅 空气 丰镇、兴和、凉城")
    assert await reader.wishes() == [Wish(AIR, "集宁区")]
    assert "名称太笼统" in await reader.say("订阅 处罚 有限公司")


@ON_SQLITE
@pytest.mark.parametrize("words", ["订阅", "订阅 你们什么时候上班"])
async def test_whoever_does_not_know_how_is_told(story: OfficeStory, words: str) -> None:
    assert "请在“订阅”后写上内容" in await (await conversation(story)).say(words)


async def test_questions_are_answered_from_what_is_published_now(story: OfficeStory) -> None:
    reader = await conversation(story)
    assert "最近公开的信息里没有行政处罚" in await reader.say("最近处罚")
    penalty = await story.item("penalty", title="丰镇某厂处罚决定").published()
    await story.item("penalty", title="某公司处罚决定").approved()
    post = await story.post(penalty)
    assert await reader.say("最近处罚") == (f"丰镇某厂处罚决定\n行政处罚，{_day()}发布\n{post.url}")
    await story.item(
        "penalty", title="集宁某店处罚决定", fields={"party": "集宁区禾川供热有限公司"}
    ).published()
    both = await reader.say("行政處罰")
    assert both.index("集宁某店处罚决定</a>") < both.index("丰镇某厂处罚决定</a>")
    assert (await reader.say("处罚 禾川供热")).startswith("集宁某店处罚决定")
    assert "最近公开的信息里没有兴和县行政处罚" in await reader.say("兴和处罚")
    publisher = await story.person(Role.PUBLISHER)
    async with story.office.db.begin() as session:
        await withdraw_item(session, penalty.id, publisher, "内容有误，另行公布。")
    assert (await reader.say("最近处罚")).startswith("集宁某店处罚决定")


@ON_SQLITE
async def test_air_and_events_are_told_as_they_matter(story: OfficeStory) -> None:
    reader = await conversation(story)
    await story.item("air_quality", title="集宁日报", fields=_report("集宁城区", 58)).published()
    await story.item("air_quality", title="集宁日报二", fields=_report("集宁城区", 172)).published()
    await story.item("air_quality", title="丰镇日报", fields=_report("丰镇市", 40)).published()
    await story.item(
        "event", title="过去的活动", fields={"starts_at": "2020-06-05", "ends_at": ...}
    ).published()
    await story.item("event", title="开放日", fields={"starts_at": "2099-06-05", "ends_at": ...}).published()
    all_ = await reader.say("空气质量")
    assert "丰镇日报" in all_
    assert "AQI 172" in all_
    assert "AQI 58" not in all_
    assert (await reader.say("集宁空气怎么样")).startswith("集宁日报二\nAQI 172")
    assert (await reader.say("活动")).startswith("开放日\n2099年6月5日")


@ON_SQLITE
async def test_what_nobody_understood_is_counted_without_whose_it_is(story: OfficeStory) -> None:
    reader = await conversation(story)
    for words in ("项目什么时候开工", "项目什么时候　开工", "我的电话13812345678，请回电"):
        assert "没有看懂" in await reader.say(words)
    await reader.say("机密★1年 某某方案")
    async with story.office.db.read() as session:
        questions = [(one.words, one.count) for one in await open_questions(session)]
    assert questions == [("项目什么时候开工", 2), ("我的电话〔手机号码〕，请回电", 1)]


async def test_all_that_is_kept_is_shown_and_goes(story: OfficeStory) -> None:
    reader = await _subscriber(story, "空气 集宁")
    before = await reader.someone()
    async with story.office.db.read() as session:
        assert (await kept_of(session, before)).counts == {
            "订阅": 1, "发来的消息": 2, "给您的回复": 2, "收通知的授权": 0,
        }  # fmt: skip
    assert "/follow/" in await reader.say("我的数据")
    assert "已经删除" in await reader.say("删除我的数据")
    after = await reader.someone()
    assert after.id > before.id
    assert (after.consented_at, after.subscribed_at) == (None, before.subscribed_at)
    async with story.office.db.read() as session:
        assert (await kept_of(session, after)).counts == {
            "订阅": 0, "发来的消息": 1, "给您的回复": 1, "收通知的授权": 0,
        }  # fmt: skip
        acts = select(AuditEvent).where(AuditEvent.act.startswith("follower.")).order_by(AuditEvent.number)
        events = (await session.scalars(acts)).all()
    assert [one.act for one in events] == ["follower.consent", "follower.subscribe", "follower.erase"]
    assert all(one.subject_id == str(before.id) and before.openid not in str(one.detail) for one in events)


def test_whatever_hangs_on_a_follower_is_shown_and_erased() -> None:
    assert tables_of_followers() == set(HELD)


async def _subscriber(story: OfficeStory, *topics: str) -> Conversation:
    """Somebody who agreed and asked for these."""
    reader = await conversation(story)
    await reader.say(f"订阅 {topics[0]}")
    for topic in topics:
        await reader.say(f"同意 {topic}")
    return reader


def _report(area: str, aqi: int) -> dict[str, object]:
    day = "2026-11-23"
    return {
        "area": area, "period": "daily", "period_start": day, "period_end": day,
        "concentrations": {"PM10_24h": 50}, "stated": {"aqi": aqi}, "standard": "HJ 633-2026",
    }  # fmt: skip


def _day() -> str:
    today: datetime = clock.now().astimezone(clock.SHANGHAI)
    return f"{today.month}月{today.day}日"


@ON_SQLITE
async def test_a_press_on_the_menu_and_a_message_are_answered_in_wechat(street: Street) -> None:
    await street.tell("text", content="订阅 空气 集宁")
    await street.tell("CLICK", EventKey="最近处罚")
    await street.work()
    said = [one["content"]["text"]["content"] for one in await street.heard()]
    assert "请回复：同意 空气 集宁" in said[0]
    assert "最近公开的信息里没有行政处罚" in said[1]


@ON_SQLITE
async def test_questions_are_kept_no_longer_than_messages(street: Street) -> None:
    await street.tell("text", content="你们几点上班")
    await street.work()
    with clock.at(clock.now() + timedelta(days=181)):
        assert await forget(street.office) >= 2
    async with street.office.db.read() as session:
        assert await open_questions(session) == []
