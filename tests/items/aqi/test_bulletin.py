"""What a report states, what its concentrations give, and what it tells its readers."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.items.aqi.bulletin import bulletin_of, told_index
from outreach.items.aqi.differences import differences_of
from outreach.items.compose import compose_body
from outreach.items.content import read_content
from outreach.items.labels import display_rows
from outreach.items.model import Kind
from tests.items.builders import SAMPLES

CONCENTRATIONS = {
    "SO2_24h": 11, "NO2_24h": 14, "CO_24h": 0.4, "O3_8h": 96, "PM10_24h": 312, "PM2.5_24h": 58,
}  # fmt: skip
"""By HJ 633-2026: AQI 181 by PM10."""


def report(**changes: Any) -> dict[str, Any]:
    """The stored fields of a daily report of 11 April 2026."""
    raw = {
        "kind": "air_quality", "title": "日报", "section": "生态环境监测科",
        "fields": {"area": "集宁城区", "period": "daily", "period_start": "2026-04-11",
                   "period_end": "2026-04-11", "concentrations": CONCENTRATIONS, **changes},
    }  # fmt: skip
    return read_content(raw).as_json()["fields"]


def told(fields: dict[str, Any]) -> dict[str, str]:
    """The sentences on everything that differs, by field."""
    bulletin = bulletin_of(fields)
    assert bulletin is not None
    return {one.field: one.told for one in differences_of(bulletin)}


@pytest.mark.parametrize(
    "sample",
    [one for one in SAMPLES if one["fields"].get("period") in ("daily", "hourly")],
    ids=lambda one: one["source_id"],
)
def test_the_samples_state_what_their_concentrations_give(sample: dict[str, Any]) -> None:
    assert told(sample["fields"]) == {}


def test_every_value_that_differs_is_told_with_what_was_computed_and_why() -> None:
    stated = {
        "aqi": 150, "level": 3, "category": "轻度污染", "primary": ["PM2.5"],
        "iaqi": {"PM10_24h": 150, "PM2.5_24h": 96, "O3_1h": 30, "SO2_24h": None},
    }  # fmt: skip

    sentences = told(report(stated=stated))

    assert set(sentences) == {
        "fields.stated.aqi",
        "fields.stated.level",
        "fields.stated.category",
        "fields.stated.primary",
        "fields.stated.iaqi.PM10_24h",
        "fields.stated.iaqi.O3_1h",
    }
    assert sentences["fields.stated.aqi"] == (
        "来源所述AQI为150，按 HJ 633-2026 由浓度算得181：分指数最大的是PM10（24小时平均） 312 μg/m³。"
        "请核对浓度、执行标准和来源。"
    )
    assert "三级" in sentences["fields.stated.level"]
    assert "四级" in sentences["fields.stated.level"]
    assert "不计算这一项" in sentences["fields.stated.iaqi.O3_1h"]


@pytest.mark.parametrize("level", ["四级", 4, "4"])
def test_a_level_may_be_stated_as_a_word_or_a_number(level: int | str) -> None:
    assert told(report(stated={"level": level})) == {}


def test_tied_pollutants_have_no_order() -> None:
    tied = {**CONCENTRATIONS, "PM10_24h": 120, "PM2.5_24h": 60}

    assert told(report(concentrations=tied, stated={"primary": ["PM2.5", "PM10"]})) == {}
    assert set(told(report(concentrations=tied, stated={"primary": ["PM10"]}))) == {"fields.stated.primary"}


def test_no_primary_pollutant_stated_differs_from_one_computed() -> None:
    assert "为无" in told(report(stated={"primary": []}))["fields.stated.primary"]


def test_what_the_other_standard_gives_is_told_as_a_likely_mistake() -> None:
    fine = {**CONCENTRATIONS, "PM10_24h": 90, "PM2.5_24h": 75}

    (sentence,) = told(report(concentrations=fine, stated={"aqi": 100})).values()

    assert "与按 HJ 633-2012 算得的一致" in sentence


def test_a_rounded_concentration_is_told_as_it_was_counted() -> None:
    rounded = {**CONCENTRATIONS, "PM10_24h": 311.5}

    assert "修约为 312" in told(report(concentrations=rounded, stated={"aqi": 180}))["fields.stated.aqi"]


def test_a_standard_that_was_not_in_force_on_the_day_is_told() -> None:
    sentences = told(report(standard="HJ 633-2012", stated={"aqi": 181}))

    assert set(sentences) == {"fields.standard"}
    assert "2026年4月11日有效的是 HJ 633-2026" in sentences["fields.standard"]


def test_a_missing_pollutant_explains_why_no_index_may_be_told() -> None:
    missing = {**CONCENTRATIONS, "PM10_24h": None}

    sentences = told(report(concentrations=missing, stated={"aqi": 96, "iaqi": {"PM10_24h": 40}}))

    assert "PM10（24小时平均）缺测" in sentences["fields.stated.aqi"]
    assert "缺测" in sentences["fields.stated.iaqi.PM10_24h"]
    assert told(report(concentrations=missing, stated={"aqi": "NA", "level": "NA", "category": "NA"})) == {}


def test_however_long_a_stated_category_is_the_sentence_fits_into_its_column() -> None:
    sentence = told(report(stated={"category": "优" * 500}))["fields.stated.category"]

    assert len(sentence) < 200


@pytest.mark.parametrize("period", ["monthly", "forecast", "warning"])
def test_only_daily_and_real_time_reports_have_an_index(period: str) -> None:
    for sample in (one for one in SAMPLES if one["fields"].get("period") == period):
        assert bulletin_of(sample["fields"]) is None
        assert told_index(sample["fields"]) == sample["fields"].get("stated", {})


def test_a_report_whose_source_states_nothing_tells_what_was_computed() -> None:
    fields = report()

    body = compose_body(Kind.AIR_QUALITY, "日报", fields)

    assert "空气质量指数（AQI）为181，级别为四级，类别为中度污染。" in body
    assert "首要污染物为PM10。" in body
    assert "| PM10（24小时平均） | 312 μg/m³ | 181 |" in body
    assert "执行标准：HJ 633-2026" in body
    assert display_rows(Kind.AIR_QUALITY, fields)[-1] == (
        "空气质量指数",
        "AQI 181，四级，中度污染，首要污染物 PM10（HJ 633-2026）",
    )


def test_what_a_source_leaves_out_is_filled_in_where_the_rest_agrees() -> None:
    body = compose_body(Kind.AIR_QUALITY, "日报", report(stated={"aqi": 181}))

    assert "空气质量指数（AQI）为181，级别为四级，类别为中度污染。" in body


def test_where_the_source_states_otherwise_its_own_words_stand_alone() -> None:
    fields = report(stated={"aqi": 150})

    body = compose_body(Kind.AIR_QUALITY, "日报", fields)

    assert "空气质量指数（AQI）为150。" in body
    assert "181" not in body
    assert all("181" not in text for _, text in display_rows(Kind.AIR_QUALITY, fields))


def test_an_index_that_may_not_be_told_is_told_as_na() -> None:
    fields = report(concentrations={**CONCENTRATIONS, "PM10_24h": None})

    body = compose_body(Kind.AIR_QUALITY, "日报", fields)

    assert "有监测项目缺测，空气质量指数（AQI）以NA标识。" in body
    assert "| PM10（24小时平均） | 缺测 | NA |" in body
    assert "首要污染物" not in body
