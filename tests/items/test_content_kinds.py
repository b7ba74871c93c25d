"""The rules of the four kinds."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.items.content import read_content

from .builders import errors_of, item


@pytest.mark.parametrize(
    ("stage", "struck", "told"),
    [
        ("受理", {"accepted_on": None}, {"fields.accepted_on"}),
        ("审批决定", {"decided_on": None, "approval_no": ""}, {"fields.decided_on", "fields.approval_no"}),
        ("拟审批", {"notice_start": None}, {"fields.notice_start"}),
        ("备案", {}, {"fields.stage"}),
    ],
)
def test_each_stage_of_an_eia_notice_needs_its_dates(
    stage: str, struck: dict[str, Any], told: set[str]
) -> None:
    assert set(errors_of(item("eia_notice", fields={"stage": stage, **struck}))) == told


def test_a_notice_ends_no_earlier_than_it_starts() -> None:
    same = {"notice_start": "2026-01-09", "notice_end": "2026-01-09"}

    assert read_content(item("eia_notice", fields=same))
    assert set(errors_of(item("eia_notice", fields={**same, "notice_end": "2025-01-15"}))) == {
        "fields.notice_end"
    }


def test_environmental_investment_is_part_of_the_total() -> None:
    sums = {"investment_wan_yuan": 100, "env_investment_wan_yuan": 100}

    assert read_content(item("eia_notice", fields=sums))
    assert set(errors_of(item("eia_notice", fields={**sums, "env_investment_wan_yuan": 100.5}))) == {
        "fields.env_investment_wan_yuan"
    }


@pytest.mark.parametrize("code", ["91211000664568985T", "92430621MACEQE8R35", "91150424ma0mw25688"])
def test_a_right_credit_code_is_taken_in_capitals(code: str) -> None:
    typed = read_content(item("penalty", fields={"uscc": code})).as_json()

    assert typed["fields"]["uscc"] == code.upper()


@pytest.mark.parametrize(
    "code", ["91211000664568985X", "9121100066456898", "91211000664568985IO", "９1211000664568985T"]
)
def test_a_wrong_credit_code_is_told(code: str) -> None:
    assert set(errors_of(item("penalty", fields={"uscc": code}))) == {"fields.uscc"}


@pytest.mark.parametrize(
    ("inspected", "notified", "decided", "told"),
    [
        ("2026-05-02", "2026-05-01", None, {"fields.notified_on"}),
        ("2026-05-02", None, "2026-05-01", {"fields.decided_on"}),
        (None, "2026-05-02", "2026-05-01", {"fields.decided_on"}),
        ("2026-05-01", "2026-02-30", "2026-04-30", {"fields.notified_on", "fields.decided_on"}),
    ],
)
def test_the_steps_to_a_penalty_follow_each_other(
    inspected: str | None, notified: str | None, decided: str | None, told: set[str]
) -> None:
    days = {"inspected_on": inspected, "notified_on": notified, "decided_on": decided}

    assert set(errors_of(item("penalty", fields=days))) == told


DAILY = {"period": "daily", "concentrations": {"PM2.5_24h": 16, "CO_24h": None}, "good_days_percent": ...}


@pytest.mark.parametrize(
    ("period", "standard", "key", "is_taken"),
    [
        ("daily", None, "O3_1h", True),
        ("daily", None, "PM2.5_1h", False),
        ("hourly", "HJ 633-2026", "PM2.5_1h", True),
        ("hourly", "HJ 633-2026", "PM2.5_24h", False),
        ("hourly", "HJ 633-2012", "PM2.5_24h", True),
        ("hourly", None, "PM2.5_24h", True),
        ("monthly", None, "PM2.5", True),
        ("monthly", None, "PM2.5_24h", False),
    ],
)
def test_a_concentration_bears_a_key_of_its_period(
    period: str, standard: str | None, key: str, is_taken: bool
) -> None:
    raw = item("air_quality", fields={"period": period, "standard": standard, "concentrations": {key: 1}})
    raw["fields"]["hour"] = 8 if period == "hourly" else None

    if is_taken:
        assert read_content(raw)
    else:
        assert set(errors_of(raw)) == {f"fields.concentrations.{key}"}


def test_the_standard_of_a_report_is_the_one_in_force_on_its_last_day() -> None:
    raw = item("air_quality", fields={"period": "hourly", "hour": 0, "concentrations": {"PM2.5_24h": 1}})
    raw["fields"] |= {"period_start": "2026-02-28", "period_end": "2026-02-28"}

    assert read_content(raw)
    raw["fields"] |= {"period_start": "2026-03-01", "period_end": "2026-03-01"}
    assert set(errors_of(raw)) == {"fields.concentrations.PM2.5_24h"}


def test_every_wrong_concentration_is_told_and_a_missing_one_is_none() -> None:
    assert (
        read_content(item("air_quality", fields=DAILY)).as_json()["fields"]["concentrations"]["CO_24h"]
        is None
    )
    wrong = {**DAILY, "concentrations": {"PM25": 1, "CO_24h": -1, "O3_8h": "高"}}
    errors = errors_of(item("air_quality", fields=wrong))

    assert set(errors) == {f"fields.concentrations.{key}" for key in wrong["concentrations"]}
    assert "“PM2.5_24h”" in errors["fields.concentrations.PM25"]


@pytest.mark.parametrize("given", [{}, None, ...])
def test_a_report_without_any_concentration_is_no_report(given: Any) -> None:
    assert set(errors_of(item("air_quality", fields={"concentrations": given}))) == {"fields.concentrations"}


def test_a_real_time_report_needs_its_hour_and_no_other_has_one() -> None:
    hourly = {"period": "hourly", "concentrations": {"PM2.5_1h": 1}, "standard": "HJ 633-2026"}

    assert set(errors_of(item("air_quality", fields=hourly))) == {"fields.hour"}
    assert set(errors_of(item("air_quality", fields={**hourly, "hour": 24}))) == {"fields.hour"}
    assert set(errors_of(item("air_quality", fields={**hourly, "hour": 8.5}))) == {"fields.hour"}
    assert set(errors_of(item("air_quality", fields={**DAILY, "hour": 8}))) == {"fields.hour"}


WARNING = {
    "level": "黄色",
    "starts_at": "2026-11-11T08:00",
    "ends_at": None,
    "forecast_aqi": [165, 218],
    "authority_document": "乌环预警〔2026〕3号",
}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"authority_document": ""}, {"fields.warning.authority_document"}),
        ({"level": "紫色"}, {"fields.warning.level"}),
        ({"ends_at": "2026-11-11T07:59"}, {"fields.warning.ends_at"}),
        ({"forecast_aqi": [218, 165]}, {"fields.warning.forecast_aqi"}),
        ({"forecast_aqi": [218]}, {"fields.warning.forecast_aqi.1"}),
        ({"starts_at": "2026-11-11 08:00"}, {"fields.warning.starts_at"}),
    ],
)
def test_a_warning_names_the_governments_document(changes: dict[str, Any], told: set[str]) -> None:
    fields = {"period": "warning", "concentrations": {}, "good_days_percent": None}

    assert read_content(item("air_quality", fields={**fields, "warning": WARNING}))
    assert set(errors_of(item("air_quality", fields={**fields, "warning": {**WARNING, **changes}}))) == told


@pytest.mark.parametrize("period", ["forecast", "warning"])
def test_forecast_and_warning_need_what_they_are_named_after(period: str) -> None:
    fields = {"period": period, "concentrations": ...}

    assert set(errors_of(item("air_quality", fields=fields))) == {f"fields.{period}"}
    assert set(errors_of(item("air_quality", fields={**fields, "concentrations": {"PM2.5": 1}}))) == {
        f"fields.{period}",
        "fields.concentrations",
    }
    assert set(
        errors_of(
            item(
                "air_quality",
                fields={
                    **DAILY,
                    period: WARNING
                    if period == "warning"
                    else [{"date": "2026-11-02", "area": "城区", "category": "良"}],
                },
            )
        )
    ) == {f"fields.{period}"}


@pytest.mark.parametrize(("level", "kept"), [("三级", "三级"), (3, 3), ("3", 3), ("NA", "NA")])
def test_a_stated_level_may_be_a_word_or_a_number(level: Any, kept: Any) -> None:
    typed = read_content(item("air_quality", fields={"stated": {"level": level}})).as_json()

    assert typed["fields"]["stated"] == {"level": kept}


@pytest.mark.parametrize(
    "stated", [{"level": 7}, {"level": True}, {"aqi": 501}, {"primary": ["PM1"]}, {"iaqi": {"X": 1}}]
)
def test_what_a_source_can_not_have_stated_is_refused(stated: dict[str, Any]) -> None:
    assert all(
        field.startswith("fields.stated.")
        for field in errors_of(item("air_quality", fields={"stated": stated}))
    )


@pytest.mark.parametrize(
    ("start", "end", "is_taken"),
    [
        ("2026-06-05T09:00", "2026-06-05", True),
        ("2026-06-05", "2026-06-05T09:00", True),
        ("2026-06-05T09:00", "2026-06-05T09:00", True),
        ("2026-06-05T09:00", "2026-06-05T08:59", False),
        ("2026-06-05T09:00", "2026-06-04", False),
        ("2026-06-05T24:00", None, False),
        ("2026-06-05T09:00:00", None, False),
    ],
)
def test_an_event_ends_no_earlier_than_it_starts(start: str, end: str | None, is_taken: bool) -> None:
    raw = item("event", fields={"starts_at": start, "ends_at": end})

    if is_taken:
        typed = read_content(raw).as_json()["fields"]
        assert (typed["starts_at"], typed["ends_at"]) == (start, end)
    else:
        assert errors_of(raw)
