from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

CASES = json.loads(
    (Path(__file__).parents[1] / "items" / "aqi" / "data" / "cases.json").read_text(encoding="utf-8")
)["cases"]
DAILY = {"SO2_24h": 8, "NO2_24h": 24, "PM10_24h": 48, "PM2.5_24h": 75, "CO_24h": 0.5, "O3_8h": 80}


@pytest.fixture
def outreach(tmp_path: Path) -> Shell:
    """The index needs no database: this one's folder is not there."""
    return Shell(tmp_path / "home", f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'never.sqlite'}")


def row(**changes: Any) -> str:
    """One line of input; `concentrations` are added to a day's."""
    concentrations = {**DAILY, **changes.pop("concentrations", {})}
    return json.dumps({"id": "1", "period": "daily", "concentrations": concentrations, **changes})


async def answers(outreach: Shell, *lines: str, options: tuple[str, ...] = (), fails: int = 0) -> list[Any]:
    result = await outreach("aqi", "-", "--json", *options, stdin="\n".join(lines), fails=fails)
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(("standard", "expected"), [("2012", "expected"), ("2026", "expected_2026")])
async def test_cases_are_answered_in_the_shape_of_their_labels(
    outreach: Shell, standard: str, expected: str
) -> None:
    told = await answers(outreach, *map(json.dumps, CASES), options=("--standard", standard))
    names = ("iaqi", "aqi", "level", "category", "color", "primary")
    assert told == [{"id": one["id"], **{name: one[expected][name] for name in names}} for one in CASES]
    assert not outreach.home.exists()


@pytest.mark.parametrize(
    ("date", "aqi"),
    [({"date": "2026-02-28"}, 100), ({"date": "2026-03-01"}, 114), ({}, 114), ({"date": None}, 114)],
)
async def test_the_standard_is_the_one_in_force_on_the_day(
    outreach: Shell, date: dict[str, Any], aqi: int
) -> None:
    (answer,) = await answers(outreach, row(**date))
    assert answer["aqi"] == aqi


async def test_a_standard_that_is_asked_for_stands_above_the_day(outreach: Shell) -> None:
    (answer,) = await answers(outreach, row(date="2026-03-01"), options=("--standard", "2012"))
    assert answer["aqi"] == 100


@pytest.mark.parametrize("standard", ["2012", "2026"])
async def test_nothing_measured_is_na(outreach: Shell, standard: str) -> None:
    nothing = json.dumps({"id": "1", "period": "daily", "concentrations": {}})
    (answer,) = await answers(outreach, nothing, options=("--standard", standard))
    assert [answer[name] for name in ("aqi", "level", "category", "color")] == ["NA"] * 4
    assert set(answer["iaqi"].values()) == {None}
    assert answer["primary"] == []


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("not json", {"row"}),
        ("[]", {"row"}),
        ("null", {"row"}),
        ('{"id": "1", "period": "daily", "concentrations": {"CO_24h": 1e99999999999999999999}}', {"row"}),
        ("[" * 100_000, {"row"}),
        (row(id=None), {"id"}),
        (row(id=True), {"id"}),
        (row(id="\ud800"), {"id"}),
        (row(period="monthly"), {"period"}),
        (row(period=None), {"period"}),
        (row(date="2026-02-30"), {"date"}),
        (row(date=20260228), {"date"}),
        ('{"id": "1", "period": "daily"}', {"concentrations"}),
        ('{"id": "1", "period": "daily", "concentrations": [1]}', {"concentrations"}),
        (row(concentrations={"PM10_24h": -1}), {"concentrations.PM10_24h"}),
        (row(concentrations={"PM10_24h": "高"}), {"concentrations.PM10_24h"}),
        (row(concentrations={"PM10_24h": True}), {"concentrations.PM10_24h"}),
        (row(concentrations={"PM10_24h": [1]}), {"concentrations.PM10_24h"}),
        (row(concentrations={"PM10_24h": float("nan")}), {"concentrations.PM10_24h"}),
        (row(concentrations={"PM10_24h": float("inf")}), {"concentrations.PM10_24h"}),
        (row(concentrations={"CO_24h": 1200}), {"concentrations.CO_24h"}),
        (row(concentrations={"PM10_1h": 1}), {"concentrations.PM10_1h"}),
        (row(concentrations={"PM25": 1, "o3_8h": 1}), {"concentrations.PM25", "concentrations.o3_8h"}),
        (row().replace("0.5", "1e-400000000"), {"concentrations.CO_24h"}),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
async def test_a_bad_row_says_in_chinese_what_to_mend_and_the_others_are_answered(
    outreach: Shell, line: str, fields: set[str]
) -> None:
    good, bad, last = await answers(outreach, row(), line, row(id="3"), fails=1)
    assert (good["aqi"], last["id"], last["aqi"]) == (114, "3", 114)
    assert set(bad) == {"id", "row", "errors"}
    assert bad["row"] == 2
    assert {error["field"] for error in bad["errors"]} == fields
    assert all(any("一" <= sign <= "鿿" for sign in error["message"]) for error in bad["errors"])


async def test_numbers_are_read_as_they_are_written(outreach: Shell) -> None:
    line = row(concentrations={"PM2.5_24h": "x", "CO_24h": 2.2}).replace('"x"', "6.05e1")
    (answer,) = await answers(outreach, line)
    assert (answer["iaqi"]["PM2.5_24h"], answer["iaqi"]["CO_24h"]) == (100, 55)


async def test_a_line_may_hold_more_than_is_asked_for_and_blank_ones_count_for_nothing(
    outreach: Shell,
) -> None:
    told = await answers(outreach, "\ufeff" + row(title="晴\u2028天"), "", row(id=7) + "\r")
    assert [answer["id"] for answer in told] == ["1", 7]


async def test_without_json_each_row_is_a_sentence(outreach: Shell, tmp_path: Path) -> None:
    path = tmp_path / "日报.jsonl"
    missing = row(id="缺", concentrations={"PM10_24h": None, "PM2.5_24h": 30})
    path.write_text("\n".join([row(id="甲"), missing, "x"]), encoding="utf-8")
    result = await outreach("aqi", path, fails=1)
    first, second, third = result.stdout.splitlines()
    assert first.startswith("甲：AQI 114，三级，轻度污染，橙色，首要污染物 PM2.5。HJ 633-2026 分指数：")
    assert second.startswith("缺：AQI NA（PM10（24小时平均）缺测，其余项目的指数不大于 100")
    assert third.startswith("第 3 行 整行：")


async def test_nothing_in_nothing_out(outreach: Shell) -> None:
    assert await answers(outreach) == []


@pytest.mark.parametrize("content", [row().encode("utf-16"), b"\xff\xfe\xff"])
async def test_a_file_that_is_no_text_is_wrong_use(outreach: Shell, content: bytes) -> None:
    result = await outreach("aqi", "-", "--json", stdin=content, fails=2)
    assert result.stdout == ""
