"""登记册: what others count, typed, imported, added up and said to be complete."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from outreach.foundation.audit import AuditEvent
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.statistics.counted import CountedFigure
from tests.builders import OfficeStory
from tests.items.workbooks import workbook
from tests.statistics.registers.conftest import Keeper
from tests.web.conftest import Browser

pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)

# The bureau's own figures of 2020: accepted by channel, and what was not.
ACCEPTED = {"舆情": 10, "市长信箱": 2, "局长信箱": 3, "12369环保举报热线": 17, "微信举报": 56, "网络举报": 19}
CHANNELS = ["登记方式", "月份", "渠道", "收到（件）", "受理（件）", "不予受理（件）", "办结（件）"]


async def test_an_adoption_is_typed_counted_and_not_typed_twice(keeper: Keeper) -> None:
    form = {
        "day": "2020-03-02",
        "medium": "中国环境报",
        "level": "national",
        "title": "草原上的=监测员",
        "link": "https://example.com/a",
    }
    page = await keeper.type("adoptions", form)
    assert page.status == 200
    assert "草原上的=监测员" in page.text
    again = await keeper.type("adoptions", {**form, "title": "另一个标题"})
    assert again.status == 422
    assert "同一媒体的同一链接已经登记过（2020-03-02，中国环境报，国家级）" in html.unescape(again.text)
    assert 'value="另一个标题"' in again.text  # nothing typed is lost
    figures = await keeper.figures(2020)
    assert figures["media.adopted"] == CountedFigure(1, False, "/statistics/registers/adoptions?year=2020")
    assert (await keeper.figures(2021))["media.adopted"].value == 0


async def test_wrong_fields_are_told_at_their_fields(keeper: Keeper) -> None:
    page = await keeper.type(
        "campaigns",
        {"day": "2020-02-30", "name": "", "occasion": "某日", "brochures": "-5", "boards": "一百"},
    )
    assert page.status == 422
    told = {name: html.unescape(text) for name, text in re.findall(r'id="error-(\w+)">([^<]+)<', page.text)}
    assert told == {
        "day": "请填写真实的日期，例如 2026-03-01。",
        "name": "请填写。",
        "occasion": "没有“某日”这一项，请从中选择：4·22 世界地球日、五四青年节、6·5 世界环境日、12·4 国家宪法日、其他。",
        "brochures": "不能是负数。",
        "boards": "请填写不小于 0 的整数，不带单位和千位逗号，例如 12。",
    }


async def test_a_classification_mark_is_refused_at_the_door(keeper: Keeper, office: Office) -> None:
    form = {"day": "2020-06-05", "name": "机密★1年", "occasion": "environment_day"}
    page = await keeper.type("campaigns", form)
    assert page.status == 422
    assert "密级标志" in page.text
    async with office.db.read() as session:
        acts = list(await session.scalars(select(AuditEvent.act)))
    assert "mark.refused" in acts
    assert "register.add" not in acts
    report = await keeper.bring(
        "campaigns", workbook(["活动日期", "活动名称", "纪念日"], list(form.values()))
    )
    assert "密级标志" in report.text
    good = workbook(["活动日期", "活动名称", "纪念日"], ["2020-06-05", "进社区", "其他"])
    named = await keeper.bring("campaigns", good, name="秘密★5年.xlsx")
    assert "密级标志" in named.text
    assert (await keeper.figures(2020))["publicity.campaigns"].value == 0


async def test_the_bureaus_own_complaints_are_told_that_more_were_closed_than_accepted(
    keeper: Keeper,
) -> None:
    """162 = 107 + 55, the channels are 107, 161 + 1 = 162; 161 of 107 accepted is what its report says."""
    rows: list[list[Any]] = [["按月汇总", "2020-12", one, n, n, 0, n] for one, n in ACCEPTED.items()]
    rows[-1][3:] = [19 + 55, 19, 55, 19 + 55 - 1]
    page = await keeper.bring("complaints", workbook(CHANNELS, *rows, name="举报"))
    assert "已登记 6 行" in page.text
    figures = await keeper.figures(2020)
    values = {name.partition(".")[2]: one.value for name, one in figures.items() if "complaints" in name}
    assert values == {
        **{"received": 162, "accepted": 107, "not_accepted": 55, "closed": 161, "open": 1},
        **{f"accepted.{channel}": number for channel, number in ACCEPTED.items()},
    }
    shown = html.unescape((await keeper.browser.get("/statistics/registers/complaints?year=2020")).text)
    assert "办结 161 件，多于受理 107 件" in shown
    assert "161/162 = 99.4%" in shown


async def test_sums_that_do_not_add_up_are_refused_where_they_are_typed(keeper: Keeper) -> None:
    form = {"variant": "total", "month": "2020-12", "channel": "舆情", "received": "162"}
    page = await keeper.type(
        "complaints", {**form, "accepted": "107", "not_accepted": "54", "closed": "161", "open": "2"}
    )
    told = html.unescape(page.text)
    assert page.status == 422
    assert "收到 162 件，而 受理 107 + 不予受理 54 + 审查中 0 = 161，请核对。" in told
    assert "办结 161 + 正在办理 2 = 163，不等于收到 162，请核对。" in told
    case = {"variant": "total", "year": "2020", "group": "review", "upheld": "1", "corrected": "2"}
    page = await keeper.type("cases", {**case, "other": "0", "pending": "0", "total": "4"})
    assert "1 + 2 + 0 + 0 = 3，总计却是 4，请核对。" in page.text


async def test_the_channels_are_those_of_the_year(keeper: Keeper) -> None:
    await keeper.browser.post(
        "/statistics/registers/complaints/choices/channel", year="2024", choices="12345热线、网络举报"
    )
    row = {"decision": "accepted", "subject": "异味"}
    page = await keeper.type("complaints", {**row, "day": "2024-02-01", "channel": "12369环保举报热线"})
    assert "没有“12369环保举报热线”这一项，请从中选择：12345热线、网络举报。" in page.text
    assert (
        await keeper.type("complaints", {**row, "day": "2025-02-01", "channel": "12345热线"})
    ).status == 200
    old = await keeper.type("complaints", {**row, "day": "2023-02-01", "channel": "12369环保举报热线"})
    assert old.status == 200
    names = [name for name in await keeper.figures(2025) if name.startswith("complaints.accepted.")]
    assert names == ["complaints.accepted.12345热线", "complaints.accepted.网络举报"]
    page = await keeper.browser.post(
        "/statistics/registers/complaints/choices/channel", year="2025", choices="网络举报"
    )
    assert "2025 年的登记里已经有“12345热线”，不能去掉。" in page.text


async def test_complete_is_said_by_the_statistician_and_holds_the_figures(
    keeper: Keeper, story: OfficeStory, new_browser: Any
) -> None:
    here = "/statistics/registers/enterprises"
    for number in range(22):
        kind = "waste_gas" if number < 9 else "waste_water"
        form = {"year": "2020", "name": f"企业{number}", "type": kind}
        await keeper.type("enterprises", {**form, "basics": "disclosed", "monitoring": "live"})
    assert "登记完整" in (await keeper.browser.post(f"{here}/complete", year="2020")).text
    figures = await keeper.figures(2020)
    counted = {name: figures[f"enterprises.{name}"] for name in ("total", "waste_gas", "waste_water")}
    assert {name: (one.value, one.is_complete) for name, one in counted.items()} == {
        "total": (22, True),
        "waste_gas": (9, True),
        "waste_water": (13, True),
    }
    another = {"year": "2020", "name": "又一家", "type": "other", "basics": "disclosed", "monitoring": "live"}
    page = await keeper.type("enterprises", another)
    assert page.status == 409
    assert "2020 年已标为登记完整，这样做会改变它的数字" in page.text
    assert 'value="又一家"' in page.text
    entry = re.search(rf'{here}/(\w{{26}})"', (await keeper.browser.get(f"{here}?year=2020")).text)
    assert entry
    renamed = {"version": "1", "year": "2020", "name": "改了名的企业", "type": "waste_water"}
    page = await keeper.browser.post(
        f"{here}/{entry[1]}", {**renamed, "basics": "disclosed", "monitoring": "live"}
    )
    assert "改了名的企业" in page.text  # its figures stay as they are
    reader = new_browser()
    await story.person(Role.EDITOR)
    await reader.sign_in("editor", next=f"{here}?year=2020")
    assert (await reader.post(f"{here}/reopen", year="2020")).status == 403
    await keeper.browser.post(f"{here}/reopen", year="2020")
    assert (await keeper.type("enterprises", another)).status == 200
    told = html.unescape((await keeper.browser.get(f"{here}?year=2020")).text)
    assert "重点监管企业 23 家，废气 9 家 + 废水 13 家 = 22 家" in told
    async with keeper.office.db.read() as session:
        acts = list(await session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)))
    assert [act for act in acts if act in ("register.complete", "register.reopen")] == [
        "register.complete",
        "register.reopen",
    ]


async def test_a_case_is_pending_until_the_year_in_which_it_is_closed(keeper: Keeper) -> None:
    case = {"day": "2020-05-01", "group": "lit_direct", "number": "（2020）内行初1号"}
    await keeper.type("cases", {**case, "outcome": "pending"})
    await keeper.browser.post("/statistics/registers/cases/complete", year="2020")
    page = await keeper.browser.get("/statistics/registers/cases?year=2020")
    entry = re.search(r'registers/cases/(\w{26})"', page.text)
    assert entry
    closed = {"version": "1", "outcome": "upheld", "closed_on": "2022-03-01"}
    page = await keeper.browser.post(f"/statistics/registers/cases/{entry[1]}", {**case, **closed})
    assert page.status == 200  # 2020 is complete, and stays as it was
    by_year = {year: await keeper.figures(year) for year in (2019, 2020, 2021, 2022, 2023)}
    pending = [figures["cases.lit_direct.pending"].value for figures in by_year.values()]
    upheld = [figures["cases.lit_direct.upheld"].value for figures in by_year.values()]
    assert (pending, upheld) == ([0, 1, 1, 0, 0], [0, 0, 0, 1, 0])
    stale = await keeper.browser.post(f"/statistics/registers/cases/{entry[1]}", {**case, **closed})
    assert stale.status == 409
    assert "刚刚被他人改过" in stale.text


async def test_table_two_is_counted_for_both_forms(keeper: Keeper) -> None:
    await keeper.type(
        "permits", {"variant": "matters", "year": "2020", "items_before": "25", "change": "352"}
    )
    await keeper.type("permits", {"variant": "total", "month": "2020-05", "decisions": "352"})
    await keeper.type(
        "procurement",
        {"variant": "total", "year": "2020", "number": "13", "amount_wan_yuan": "2612.6122"},
    )
    await keeper.type("fees", {"day": "2020-01-02", "item": "核与辐射", "amount_yuan": "1234.50"})
    document = {"type": "normative", "title": "办法", "opened_on": "2020-02-03"}
    await keeper.type("documents", {**document, "made_on": "2020-02-01", "number": "1号"})
    await keeper.type(
        "documents", {**document, "made_on": "2020-02-02", "number": "2号", "repealed_on": "2021-01-05"}
    )
    await keeper.type(
        "documents",
        {"variant": "opening", "year": "2020", "type": "normative", "in_force": "7", "total_open": "5"},
    )
    figures = {name: one.value for name, one in (await keeper.figures(2020)).items()}
    wanted = {
        **{"permits.items_before": 25, "permits.change": 352, "permits.decisions": 352},
        **{"procurement.number": 13, "procurement.amount_wan_yuan": Decimal("2612.6122")},
        **{"fees.amount_wan_yuan": Decimal("0.12345"), "normative.made": 2, "normative.opened": 2},
        **{"normative.total_open": 7, "normative.repealed": 0, "normative.in_force": 9},
    }
    assert {name: figures[f"art20.{name}"] for name in wanted} == wanted
    assert "art20.penalties.change" not in figures  # nobody said that it is 0
    assert (await keeper.figures(2021))["art20.normative.in_force"].value == 8
    page = html.unescape((await keeper.browser.get("/statistics/registers/permits?year=2020")).text)
    assert "本年增/减和处理决定都是 352：前者是事项数的变化" in page


async def test_entries_of_other_sections_are_not_shown(
    keeper: Keeper, story: OfficeStory, browser: Browser
) -> None:
    await story.section("宣传教育科")
    await story.section("法规与标准科")
    await story.person(Role.EDITOR, sections=["法规与标准科"])
    form = {"day": "2020-03-02", "medium": "某报", "level": "city", "title": "只给宣教科看的"}
    await keeper.type("adoptions", {**form, "section": "宣传教育科"})
    await keeper.browser.post("/logout")
    page = await browser.sign_in("editor", next="/statistics/registers/adoptions?year=2020")
    assert "只给宣教科看的" not in page.text
    assert "只列出您所在科室和没有注明科室的登记" in page.text
    assert (await browser.get("/statistics/registers/adoptions/new")).status == 403
    assert (await browser.get("/statistics/registers?year=2020")).status == 200
    assert (await browser.get("/statistics/registers/nothing")).status == 404
