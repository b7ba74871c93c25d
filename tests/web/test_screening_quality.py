"""初筛质量: how often each rule was right, by what reviewers said of its findings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from outreach.foundation import clock
from outreach.office.review_item import judge_finding
from outreach.people.model import Role
from outreach.screening.model import Judgement
from outreach.screening.quality import RuleCount, last_months
from outreach.screening.queries import findings_of
from tests.builders import OfficeStory
from tests.web.conftest import Browser

NewBrowser = Callable[[], Browser]
# 23:30 on the last day of October in Shanghai, and half an hour later.
OCTOBER, NOVEMBER = datetime(2026, 10, 31, 15, 30, tzinfo=UTC), datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


async def screened(story: OfficeStory, at: datetime, *judgements: Judgement | None) -> None:
    """An item with so many telephone numbers, submitted then and judged so."""
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    body = "，".join(f"电话1381234000{number}" for number in range(len(judgements)))
    with clock.at(at):
        item = await story.item("event", body=body).submitted().approved_by(Role.SECTION_HEAD)
        async with story.office.db.read() as session:
            findings = await findings_of(session, item)
        for finding, judgement in zip(findings, judgements, strict=True):
            if judgement is not None:
                async with story.office.db.begin() as session:
                    await judge_finding(session, item.id, finding.id, reviewer, judgement, "理由", revision=1)


@pytest.fixture
async def two_months(story: OfficeStory) -> None:
    await screened(story, OCTOBER, Judgement.REAL, Judgement.REAL, Judgement.FALSE_ALARM, None)
    await screened(story, NOVEMBER, Judgement.FALSE_ALARM)


async def test_each_rule_is_counted_by_months_of_shanghai(
    story: OfficeStory, browser: Browser, two_months: None
) -> None:
    with clock.at(NOW):
        await browser.sign_in("confidentiality_reviewer")
        page = (await browser.get("/screening-quality?months=3")).text
        table = (await browser.get("/screening-quality.csv?months=3")).text
    row = page.partition('title="mobile_phone">手机号码</td>')[2].partition("</tr>")[0]
    assert re.findall(r'class="number">([^<]*)<', row) == ["5", "2", "2", "1", "50%"]
    assert "67%（4）" in page and "0%（1）" in page
    lines = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert lines[1:] == [
        ["2026-10", "手机号码", "手机号码", "4", "2", "1", "1", "67%"],
        ["2026-11", "手机号码", "手机号码", "1", "0", "1", "0", "0%"],
    ]


async def test_what_is_older_is_not_counted(story: OfficeStory, browser: Browser, two_months: None) -> None:
    with clock.at(datetime(2027, 1, 5, tzinfo=UTC)):
        await browser.sign_in("confidentiality_reviewer")
        three = (await browser.get("/screening-quality?months=3")).text
        six = (await browser.get("/screening-quality?months=6")).text
    assert "0%（1）" in three and "67%（4）" not in three
    assert "67%（4）" in six


async def test_it_is_for_those_who_keep_the_screening_the_house_and_the_audit(
    story: OfficeStory, new_browser: NewBrowser
) -> None:
    for role, status in (
        (Role.CONFIDENTIALITY_REVIEWER, 200),
        (Role.ADMIN, 200),
        (Role.AUDITOR, 200),
        (Role.EDITOR, 403),
        (Role.PUBLISHER, 403),
    ):
        await story.person(role)
        browser = new_browser()
        home = await browser.sign_in(role.value)
        assert (await browser.get("/screening-quality")).status == status
        assert (await browser.get("/screening-quality.csv")).status == status
        assert ('href="/screening-quality"' in home.text) is (status == 200)


def test_months_are_counted_back_over_the_turn_of_the_year() -> None:
    assert last_months(date(2026, 2, 28), 3) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def test_nothing_judged_has_no_share() -> None:
    assert RuleCount(found=3).share_right is None
    assert RuleCount(found=3, real=1, false_alarm=1).share_right == 0.5
