"""The calculation against cases made elsewhere, and what holds for every report."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.items.aqi.index import AirIndex, compute, counted, level_of
from outreach.items.aqi.measurements import Measurements
from outreach.items.aqi.regulations import LEVELS, REGULATIONS, REPORTS, STEPS, Indicator, Report
from outreach.items.kinds.air_quality import Standard

DATA = Path(__file__).parent / "data"
STANDARDS: tuple[Standard, ...] = get_args(Standard)
CASES = json.loads((DATA / "cases.json").read_text("utf-8"), parse_float=Decimal)["cases"]
SUB_INDICES = json.loads((DATA / "sub_indices.json").read_text("utf-8"), parse_float=Decimal)
INDICATORS = [
    pytest.param(standard, report, one, id=f"{standard[-4:]}-{report}-{one.key}")
    for standard in STANDARDS
    for report in REPORTS
    for one in REGULATIONS[standard].reports[report]
]


def index_of(report: Report, standard: Standard, **concentrations: Any) -> AirIndex:
    """The index of concentrations typed as names: `PM2_5_24h=35`."""
    given = {key.replace("2_5", "2.5"): value for key, value in concentrations.items()}
    measured = Measurements.model_validate({"period": report, "concentrations": given})
    return compute(report, standard, measured.concentrations)


def sub_index(standard: Standard, report: Report, key: str, concentration: Decimal) -> int | None:
    return compute(report, standard, {key: concentration}).iaqi[key]


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_comes_out_as_it_was_worked_out_elsewhere(case: dict[str, Any], standard: Standard) -> None:
    measured = Measurements.model_validate(case)
    index = compute(measured.period, standard, measured.concentrations)
    expected = case["expected" if standard == "HJ 633-2012" else "expected_2026"]

    assert dict(index.iaqi) == expected["iaqi"]
    assert (index.aqi, index.level, index.category, index.color) == tuple(
        expected[name] for name in ("aqi", "level", "category", "color")
    )
    assert list(index.primary) == expected["primary"]
    assert [key.partition("_")[0] for key in index.missing] == expected["missing"]


@pytest.mark.parametrize("row", SUB_INDICES, ids=lambda row: f"{row['item']}={row['c']}")
def test_a_concentration_has_the_sub_index_of_the_standards_table(row: dict[str, Any]) -> None:
    key, concentration = row["item"], Decimal(row["c"])
    report: Report = "hourly" if key.endswith("1h") else "daily"
    for standard, name in (("HJ 633-2026", "iaqi_2026"), ("HJ 633-2012", "iaqi_2012")):
        indicators = {one.key for one in REGULATIONS[standard].reports[report]}
        if name in row and key in indicators:
            assert sub_index(standard, report, key, concentration) == row[name]


def test_a_month_of_days_comes_out_as_it_was_worked_out_elsewhere() -> None:
    rows = _rows("month_daily.csv")
    assert len(rows) == 31
    for row in rows:
        measured = _measured(row, {"so2": "SO2_24h", "no2": "NO2_24h", "co": "CO_24h", "pm10": "PM10_24h",
                                   "pm2_5": "PM2.5_24h", "o3_8h": "O3_8h", "o3_1h": "O3_1h"})  # fmt: skip
        old, new = (compute("daily", standard, measured) for standard in STANDARDS)
        assert (str(old.aqi), str(old.level), old.category) == (row["aqi_2012"], row["level_2012"], row["category_2012"])  # fmt: skip
        assert (str(new.aqi), new.category) == (row["aqi_2026"], row["category_2026"])
        assert ["/".join(one.primary) for one in (old, new)] == [row["primary_2012"], row["primary_2026"]]


def test_a_month_of_hours_comes_out_as_it_was_worked_out_elsewhere() -> None:
    rows = _rows("month_hourly.csv")
    assert len(rows) == 744
    for row in rows:
        measured = _measured(row, {"so2": "SO2_1h", "no2": "NO2_1h", "co": "CO_1h", "o3": "O3_1h",
                                   "pm10": "PM10_1h", "pm2_5": "PM2.5_1h"})  # fmt: skip
        index = compute("hourly", "HJ 633-2026", measured)
        assert (str(index.aqi), "/".join(index.primary)) == (row["aqi_2026_hourly"], row["primary_2026"])


@pytest.mark.parametrize(("standard", "report", "indicator"), INDICATORS)
def test_at_a_breakpoint_the_sub_index_is_the_tables(
    standard: Standard, report: Report, indicator: Indicator
) -> None:
    for concentration, step in zip(indicator.breakpoints, STEPS, strict=False):
        assert sub_index(standard, report, indicator.key, Decimal(concentration)) == step


@pytest.mark.parametrize(("standard", "report", "indicator"), INDICATORS)
@given(amounts=st.lists(st.decimals(0, 3000, places=2), min_size=2, max_size=2).map(sorted))
def test_more_of_a_pollutant_never_has_a_lower_sub_index(
    standard: Standard, report: Report, indicator: Indicator, amounts: list[Decimal]
) -> None:
    less, more = (sub_index(standard, report, indicator.key, amount) for amount in amounts)
    last = Decimal(indicator.breakpoints[-1])
    if more is None:  # only the text of 2012 stops computing
        assert (indicator.beyond, amounts[1] > last, standard) == (None, True, "HJ 633-2012")
    else:
        assert less is not None
        assert 0 <= less <= more <= 500


def measurements(report: Report) -> st.SearchStrategy[Mapping[str, Decimal | None]]:
    keys = sorted({one.key for standard in STANDARDS for one in REGULATIONS[standard].reports[report]})
    return st.dictionaries(st.sampled_from(keys), st.none() | st.decimals(0, 1000, places=1))


@given(st.data(), st.sampled_from(STANDARDS), st.sampled_from(REPORTS))
def test_the_index_is_the_highest_sub_index_and_its_pollutants_the_primary_ones(
    data: st.DataObject, standard: Standard, report: Report
) -> None:
    index = compute(report, standard, data.draw(measurements(report)))
    known = [value for value in index.iaqi.values() if value is not None]

    if index.aqi == "NA":
        assert (index.level, index.category, index.color, index.primary) == ("NA", "NA", "NA", ())
        assert not known or (standard == "HJ 633-2026" and index.missing and max(known) <= 100)
        return
    assert index.aqi == max(known)
    highest = {key.partition("_")[0] for key, value in index.iaqi.items() if value == index.aqi}
    assert set(index.primary) == (highest if index.aqi > 50 else set())
    assert len(index.primary) == len(set(index.primary))
    level = level_of(index.aqi)
    assert (index.level, index.category, index.color) == (level.level, level.category, level.color)


@given(st.integers(0, 500))
def test_every_index_belongs_to_exactly_one_level(aqi: int) -> None:
    level = level_of(aqi)
    below = LEVELS[level.level - 2].highest if level.level > 1 else -1
    assert below < aqi <= level.highest


@pytest.mark.parametrize(("standard", "report", "indicator"), INDICATORS)
@given(amount=st.decimals("0.1", 2600, places=8))
def test_the_sub_index_is_the_least_whole_number_not_below_the_line_between_breakpoints(
    standard: Standard, report: Report, indicator: Indicator, amount: Decimal
) -> None:
    amount = counted(standard, indicator.key, amount)
    pieces = zip(pairwise(indicator.breakpoints), pairwise(STEPS), strict=False)
    piece = next((one for one in pieces if one[0][0] < amount <= one[0][1]), None)
    if piece is None:
        return
    (low, high), (index_low, index_high) = piece
    value = sub_index(standard, report, indicator.key, amount)
    assert value is not None
    rise = (amount - low) * (index_high - index_low)
    assert (value - 1 - index_low) * (high - low) < rise <= (value - index_low) * (high - low)


@pytest.mark.parametrize(
    ("given", "iaqi"),
    [("60.5", 100), ("60.6", 101), ("61.5", 102), ("60.50", 100), ("60.500001", 101), ("0.4", 0), ("0", 0)],
)
def test_under_2026_a_half_is_rounded_to_the_even_number_first(given: str, iaqi: int) -> None:
    assert sub_index("HJ 633-2026", "daily", "PM2.5_24h", Decimal(given)) == iaqi


@pytest.mark.parametrize(("given", "iaqi"), [("2.05", 50), ("2.15", 55), ("2.2", 55), ("0.45", 10)])
def test_carbon_monoxide_is_rounded_to_one_decimal(given: str, iaqi: int) -> None:
    assert sub_index("HJ 633-2026", "daily", "CO_24h", Decimal(given)) == iaqi


def test_beyond_the_table_2012_computes_nothing_and_2026_has_fixed_values() -> None:
    for standard, so2, o3 in (("HJ 633-2012", None, None), ("HJ 633-2026", 200, 300)):
        assert sub_index(standard, "hourly", "SO2_1h", Decimal(801)) == so2
        assert sub_index(standard, "daily", "O3_8h", Decimal(801)) == o3
        assert sub_index(standard, "daily", "PM10_24h", Decimal(99_999)) == 500


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("report", REPORTS)
def test_nothing_measured_is_no_index(standard: Standard, report: Report) -> None:
    for nothing in ({}, {"CO_1h" if report == "hourly" else "CO_24h": None}):
        index = compute(report, standard, nothing)
        assert (index.aqi, index.level, index.primary) == ("NA", "NA", ())
        assert set(index.iaqi.values()) == {None}


def test_a_missing_pollutant_withholds_an_index_up_to_100_under_2026_only() -> None:
    for pm10, told in ((120, "NA"), (122, 101)):
        assert index_of("daily", "HJ 633-2026", PM10_24h=pm10, PM2_5_24h=None).aqi == told
    assert index_of("daily", "HJ 633-2012", PM10_24h=120, PM2_5_24h=None).aqi == 85


def test_what_2012_may_report_is_not_missing_where_it_is_not_reported() -> None:
    assert "O3_1h" not in index_of("daily", "HJ 633-2012", PM10_24h=1).iaqi
    assert "O3_8h" not in index_of("hourly", "HJ 633-2012", SO2_1h=1).iaqi
    assert index_of("daily", "HJ 633-2012", PM10_24h=1, O3_1h=None).iaqi["O3_1h"] is None


def test_both_ozone_values_tie_as_one_pollutant() -> None:
    assert index_of("daily", "HJ 633-2012", O3_8h=160, O3_1h=200).primary == ("O3",)


def test_a_real_time_report_counts_particles_of_the_hour_since_2026() -> None:
    particles = {"PM10_1h": 600, "PM10_24h": 50}
    old, new = (index_of("hourly", standard, **particles) for standard in STANDARDS)
    assert (old.iaqi["PM10_24h"], "PM10_1h" in old.iaqi) == (50, False)
    assert (new.iaqi["PM10_1h"], "PM10_24h" in new.iaqi) == (500, False)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _measured(row: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, Decimal | None]:
    return {key: Decimal(row[column]) if row[column] else None for column, key in columns.items()}
