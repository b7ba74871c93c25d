"""节假日: the administrator pastes the notice of the next year; open deadlines are counted anew."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from outreach.catalogue.notice import read_notice
from outreach.foundation import clock
from outreach.foundation.audit import AuditEvent
from outreach.foundation.problems import InvalidContent
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

NOTICE_2026 = """
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""
# The year's arrangement was not announced when this was written: what is tried is that it is read, not that it is so.
NOTICE_2027 = """
一、元旦：2026年12月31日（周四）至2027年1月2日（周六）放假调休，共3天。2026年12月27日（星期日）上班。
二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月14日（周日）上班。安排职工在2月4日休息。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


def test_the_notice_is_read_as_the_program_knows_the_year() -> None:
    from outreach.catalogue.calendar import is_working_day

    days = read_notice(2026, NOTICE_2026)
    assert len(days) == 33 + 6
    assert all(is_working_day(one.day) is one.works for one in days)
    assert {one.name for one in days} >= {"元旦", "春节", "国庆节"}


def test_two_festivals_share_their_days() -> None:
    text = NOTICE_2026.replace("六、中秋节：9月25日（周五）至27日（周日）放假，共3天。", "").replace(
        "国庆节：", "国庆节、中秋节："
    )
    assert {one.name for one in read_notice(2026, text)} >= {"国庆节、中秋节"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("1月1日（周四）", "1月1日（周三）", "2026年1月1日是周四，不是周三"),
        ("共9天", "共8天", "写着放假 8 天，按日期是 9 天"),
        ("2月28日（周六）上班", "2月27日上班", "不是周末"),
        ("三、清明节：", "三、", "没有找到：清明节"),
        ("9月20日（周日）", "9月31日", "没有“9月31日”这样的日期"),
        ("6月19日（周五）至21日", "6月19日（周五）至11日", "起止日期不对"),
        ("1月4日（周日）", "2025年1月4日", "不在 2026 年"),
        ("5月9日（周六）上班", "5月2日（周六）上班", "既放假又上班"),
    ],
)
def test_what_does_not_fit_is_told(before: str, after: str, told: str) -> None:
    assert before in NOTICE_2026
    with pytest.raises(InvalidContent) as caught:
        read_notice(2026, NOTICE_2026.replace(before, after))
    assert any(told in error.message for error in caught.value.errors)
    assert {error.field for error in caught.value.errors} == {"text"}


async def test_it_is_looked_at_then_kept_and_open_deadlines_are_counted_anew(
    story: OfficeStory, browser: Browser
) -> None:
    await story.person(Role.ADMIN)
    await story.person(Role.EDITOR)
    with clock.at(datetime(2026, 12, 15, 4, tzinfo=UTC)):
        item = await story.item("event", formed_on="2026-12-14").submitted()
        assert (item.deadline, item.deadline_is_estimate) == (date(2027, 1, 11), True)
        await browser.sign_in("admin")
        page = await browser.get("/holidays")
        assert 'value="2027"' in page.text and "程序自带" in page.text
        wrong = await browser.post("/holidays", act="keep", year="2027", text=NOTICE_2026)
        assert wrong.status == 422 and "不是周四" in wrong.text
        looked = await browser.post("/holidays", act="check", year="2027", text=NOTICE_2027)
        assert "1 条未办结信息的公开期限会改变" in looked.text and "2026年12月31日" in looked.text
        assert (await story.fresh(item)).deadline_is_estimate
        kept = await browser.post("/holidays", act="keep", year="2027", text=NOTICE_2027)
        assert kept.path == "/holidays?year=2027" and "admin录入" in kept.text
        counted = await story.fresh(item)
        assert (counted.deadline, counted.deadline_is_estimate) == (date(2027, 1, 12), False)
        assert counted.version == item.version
        later = await story.item("penalty", formed_on="2026-12-14", fields={"decided_on": "2026-12-28"})
        assert (later.deadline, later.deadline_is_estimate) == (date(2027, 1, 8), False)
    async with story.office.db.read() as session:
        events = (await session.scalars(select(AuditEvent).where(AuditEvent.act == "item.deadline"))).all()
    assert [(one.subject_id, one.detail["before"], one.detail["deadline"]) for one in events] == [
        (item.id, "2027-01-11", "2027-01-12")
    ]


async def test_only_administrators_enter_holidays(story: OfficeStory, browser: Browser) -> None:
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    assert (await browser.post("/holidays", act="keep", year="2027", text=NOTICE_2027)).status == 403
