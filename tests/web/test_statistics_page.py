"""统计: a month as the page and the downloaded table tell it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.items.model import Kind
from outreach.office.confirm_post import remove_post
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.publishing.model import Post
from outreach.statistics.csv_table import month_csv
from outreach.statistics.queries import MonthFigures, MonthRow
from outreach.statistics.rules import COUNTING_RULES
from tests.builders import OfficeStory, publish
from tests.web.conftest import Browser


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


@pytest.fixture
async def reader(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.STATISTICIAN)
    await browser.sign_in("statistician")
    return browser


def figures_in(page: str) -> list[list[str]]:
    """The lines of the page's table of rows as text."""
    table = page.partition('<tbody id="rows">')[2].partition("</table>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", table, re.S)
    cells = ([*re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.S)] for line in lines)
    return [[html.unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in line] for line in cells]


async def a_month(office: Office, story: OfficeStory, accounts: list[Account]) -> str:
    """A penalty on two accounts, a repost on one, which is taken down again; and the month they count in."""
    await story.item("penalty").published(accounts[0], accounts[1])
    changes = {"origin": "repost", "repost_source": "新华社", "title": "转载的一条活动预告"}
    repost = await story.item("event", **changes).published(accounts[0])
    async with office.db.begin() as session:
        post = await session.get_one(Post, (await story.post(repost)).id)
        await remove_post(session, post, "平台删除。", office.settings.zone)
    return f"{clock.now().astimezone(office.settings.zone):%Y-%m}"


async def test_the_month_is_told_by_account_kind_and_section(
    office: Office, story: OfficeStory, reader: Browser, accounts: list[Account]
) -> None:
    await a_month(office, story, accounts)
    page = await reader.get("/statistics")
    lines = figures_in(page.text)
    assert ["微信公众号", accounts[0].name, "行政处罚"] in [line[:3] for line in lines]
    assert next(line[3:] for line in lines if line[2:3] == ["活动预告"])[1:] == ["0", "1", "1"]
    assert ["合计：发布件数（每个账号各计一次）", "2", "1", "1"] in lines
    assert ["合计：内容数（同一信息只计一次）", "1", "1", "—"] in lines
    rules = await reader.get("/statistics/rules")
    assert 'href="/statistics/rules"' in page.text
    assert all(text in html.unescape(rules.text) for _, text in COUNTING_RULES)


async def test_the_chart_has_the_figures_of_the_table(
    office: Office, story: OfficeStory, reader: Browser, accounts: list[Account]
) -> None:
    await a_month(office, story, accounts)
    page = await reader.get("/statistics")
    chart = json.loads(html.unescape(page.text.partition('data-chart="')[2].partition('"')[0]))
    values = {
        one["name"]: dict(zip(chart["categories"], one["values"], strict=True)) for one in chart["series"]
    }
    assert values["微信公众号 原创"] == {"活动预告": 0, "行政处罚": 1}
    assert values["微信公众号 转载"] == {"活动预告": 1, "行政处罚": 0}
    assert values["微博 原创"]["行政处罚"] == 1
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)


async def test_other_months_are_a_step_away(
    story: OfficeStory, reader: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").planned(accounts[0])
    await publish(story.office, (await story.post(item)).id, at=datetime(2025, 12, 31, 16, 30, tzinfo=UTC))
    page = await reader.get("/statistics?month=2026-01")
    assert "<h2>2026年1月" in page.text
    assert ["合计：发布件数（每个账号各计一次）", "1", "0", "0"] in figures_in(page.text)
    assert 'href="/statistics?month=2025-12"' in page.text
    assert 'href="/statistics?month=2026-02"' in page.text
    page = await reader.get("/statistics?month=2025-12")
    assert "这个月没有发布。" in page.text
    assert "statistics-chart" not in page.text.partition("<main")[2]


async def test_nothing_lies_after_the_present_month(office: Office, reader: Browser) -> None:
    page = await reader.get("/statistics")
    after = clock.now().astimezone(office.settings.zone).replace(day=28) + timedelta(days=7)
    assert "上月" in page.text
    assert f"month={after:%Y-%m}" not in page.text


async def test_what_is_no_month_is_told_at_the_field(reader: Browser) -> None:
    page = await reader.get("/statistics?month=<b>")
    assert page.status == 422
    assert "不是月份" in page.text
    assert "<b>”" not in page.text
    assert (await reader.get("/statistics/monthly.csv?month=2026-13")).status == 422


async def test_the_table_opens_in_excel(
    office: Office, story: OfficeStory, reader: Browser, accounts: list[Account]
) -> None:
    month = await a_month(office, story, accounts)
    async with reader.client.get(f"/statistics/monthly.csv?month={month}") as response:
        content = await response.read()
        assert response.headers["Content-Disposition"] == f'attachment; filename="statistics-{month}.csv"'
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0] == ["渠道", "账号", "类别", "科室", "原创", "转载", "已撤回"]
    assert lines[-2] == ["合计：发布件数（每个账号各计一次）", "", "", "", "2", "1", "1"]
    assert lines[-1] == ["合计：内容数（同一信息只计一次）", "", "", "", "1", "1", ""]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-1", "@x", "\t=1"])
def test_no_cell_of_the_table_is_a_formula(name: str) -> None:
    row = MonthRow(ChannelName.WECHAT, "id", name, Kind.PENALTY, name, 1, 0, 0)
    table = month_csv(MonthFigures("2026-10", [row], 1, 0)).decode("utf-8-sig")
    (_, line, *_) = csv.reader(io.StringIO(table, newline=""))
    assert line[1] == line[3] == f"'{name}"


async def test_figures_are_those_of_the_readers_sections(
    office: Office, story: OfficeStory, browser: Browser, accounts: list[Account]
) -> None:
    month = await a_month(office, story, accounts)
    await story.section("别的科室")
    await story.person(Role.STATISTICIAN, name="外人", sections=["别的科室"])
    await browser.sign_in("外人")
    page = await browser.get(f"/statistics?month={month}")
    assert ["合计：发布件数（每个账号各计一次）", "0", "0", "0"] in figures_in(page.text)
    assert ["合计：内容数（同一信息只计一次）", "0", "0", "—"] in figures_in(page.text)
