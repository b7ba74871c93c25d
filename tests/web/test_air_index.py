"""The index beside the concentrations of the form, and on the page of an item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import pytest

from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

ADDRESS = "/items/air-quality-index"
TYPED: Mapping[str, str] = {
    "period": "daily", "period_end": "2026-04-11", "SO2_24h": "11", "NO2_24h": "14", "CO_24h": "0.4",
    "O3_8h": "96", "PM10_24h": "312", "PM2.5_24h": "58",
}  # fmt: skip


@pytest.fixture
async def editor(story: OfficeStory, browser: Browser) -> Browser:
    """A browser in which an editor is signed in."""
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    await browser.get("/account")
    return browser


async def fragment(editor: Browser, **typed: str) -> str:
    """What stands beside the concentrations, as words."""
    page = await editor.post(ADDRESS, {**TYPED, **typed})
    assert page.status == 200
    assert "<html" not in page.text
    return words(page.text)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_what_is_typed_is_computed(editor: Browser) -> None:
    told = await fragment(editor)
    assert "AQI 181 四级 · 中度污染（红色）" in told
    assert "首要污染物：PM10" in told
    assert "PM10（24小时平均） 181" in told
    assert "按 HJ 633-2026" in told


async def test_the_day_decides_on_the_standard_and_the_choice_above_it(editor: Browser) -> None:
    fine = {"PM10_24h": "96", "PM2.5_24h": "75"}
    assert "AQI 114" in await fragment(editor, **fine)
    assert "AQI 100" in await fragment(editor, **fine, period_end="2026-02-28")
    assert "AQI 114" in await fragment(editor, **fine, period_end="")
    chosen = await fragment(editor, **fine, standard="HJ 633-2012")
    assert "AQI 100" in chosen
    assert "2026年4月11日有效的是 HJ 633-2026" in chosen


async def test_what_the_source_states_otherwise_is_told_at_once(editor: Browser) -> None:
    assert "来源所述AQI为150" in await fragment(editor, **{"stated.aqi": "150"})
    assert "来源所述" not in await fragment(editor, **{"stated.aqi": "181"})


async def test_an_index_that_may_not_be_told_says_why(editor: Browser) -> None:
    told = await fragment(editor, PM10_24h="")
    assert "AQI NA" in told
    assert "PM10（24小时平均）缺测" in told
    assert "首要污染物" not in told


@pytest.mark.parametrize("nonsense", ["-1", "很高", "1e3", "NaN", "312 μg/m³", "999999999", "<b>"])
async def test_nonsense_is_told_in_chinese_and_leads_to_its_input(editor: Browser, nonsense: str) -> None:
    page = await editor.post(ADDRESS, {**TYPED, "PM10_24h": nonsense})
    assert page.status == 200
    assert 'href="#field-PM10_24h"' in page.text
    assert re.search(r"PM10（24小时平均） ：(请填写数字|数值应在)", words(page.text))
    assert "AQI" not in words(page.text)


async def test_a_concentration_of_another_period_is_told(editor: Browser) -> None:
    assert "此时段没有这一浓度" in await fragment(editor, PM10_1h="5")


async def test_a_source_that_can_not_be_read_yet_leaves_the_index(editor: Browser) -> None:
    told = await fragment(editor, **{"stated.aqi": "一百"})
    assert "请填写数字" in told
    assert "AQI 181" in told


async def test_before_anything_is_typed_there_is_no_index(editor: Browser) -> None:
    empty = dict.fromkeys(TYPED, "")
    assert "填写浓度后" in await fragment(editor, **{**empty, "period": "hourly"})
    for period in ("", "monthly", "forecast"):
        assert await fragment(editor, **{**empty, "period": period}) == ""


async def test_it_is_for_those_who_write_items(story: OfficeStory, browser: Browser) -> None:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    await browser.get("/account")
    assert (await browser.post(ADDRESS, TYPED)).status == 403


async def test_the_form_of_an_item_shows_its_index_from_the_start(
    story: OfficeStory, editor: Browser
) -> None:
    item = await story.item("air_quality", fields=_fields())
    page = await editor.get(f"/items/{item.id}/edit")
    assert "AQI 181 四级 · 中度污染（红色）" in words(page.text)
    for kind in ("event", "penalty"):
        assert 'id="air-index"' not in (await editor.get(f"/items/new?kind={kind}")).text


async def test_the_page_of_an_item_shows_the_index_and_what_differs_once(
    story: OfficeStory, editor: Browser
) -> None:
    for one in (story.item("air_quality", fields=_fields(aqi=150)), story.item("air_quality", fields=_fields(aqi=150)).submitted()):  # fmt: skip
        item = await one
        told = words((await editor.get(f"/items/{item.id}")).text)
        assert "空气质量指数（由浓度算得） AQI 181" in told
        assert told.count("来源所述AQI为150") == 1
    assert "指数与浓度不符 提示 来源所述 规则：空气质量指数：与浓度不符 150" in told


def _fields(**stated: object) -> dict[str, object]:
    concentrations = {name: float(value) for name, value in TYPED.items() if not name.startswith("period")}
    return {
        "period": "daily", "period_start": "2026-04-11", "period_end": "2026-04-11",
        "good_days_percent": ..., "concentrations": concentrations, "stated": stated or None,
    }  # fmt: skip
