"""`outreach report`: the bureau's report of 2020 in its three files, and what other bureaus' figures become."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.conftest import Shell
from tests.servers import Server
from tests.statistics.report_files import TABLES, TEXTS, Grid

DATA = Path(__file__).parents[1] / "statistics" / "data"
FIGURES = DATA / "annual_figures.json"
RECORDS = json.loads(FIGURES.read_text("utf-8"))
OTHERS = {one["bureau"]: one for one in RECORDS["other_bureaus"]}
ORIGINAL = (DATA / "annual_report_2020.txt").read_text("utf-8")
WIDTHS = str.maketrans("(),:", "（），：")


@pytest.fixture
def database_server(sqlite: Server) -> Server:
    """What is written does not hang on the database."""
    return sqlite


async def files(outreach: Shell, year: int, *options: str) -> dict[str, bytes]:
    """The report in each format."""
    made = {}
    for format_ in TABLES:
        path = outreach.home.parent / f"report.{format_}"
        await outreach("report", "annual", str(year), "--format", format_, "-o", path, *options)
        made[format_] = path.read_bytes()
    return made


async def imported(outreach: Shell, tmp_path: Path, record: Any, *options: str, fails: int = 0) -> Result:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return await outreach("report", "import-figures", str(record["year"]), path, *options, fails=fails)


def printed(begins: str, ends: str) -> list[str]:
    """The cells of a table of the original that have something in them, in their order."""
    part = ORIGINAL.partition(f"{begins}\n")[2].partition(f"\n{ends}")[0]
    cells = ["".join(cell.split()).translate(WIDTHS) for cell in part.split("|")]
    return [cell for cell in cells if cell]


def flat(grid: Grid) -> list[str]:
    return [text for row in grid for text in row if text]


def figures_of(report: bytes) -> dict[str, Any]:
    return {key: one["value"] for key, one in json.loads(report)["figures"].items()}


def checks_of(report: bytes, state: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in json.loads(report)["checks"]:
        if one["state"] == state:
            found.setdefault(one["id"], []).append(one)
    return found


async def test_the_report_of_2020_is_the_original_cell_by_cell(outreach: Shell) -> None:
    await outreach("report", "import-figures", "2020", FIGURES)
    made = await files(outreach, 2020)
    original = [
        printed("二、主动公开政府信息情况", "三、收到"),
        printed("三、收到和处理政府信息公开申请情况", "四、因"),
        printed("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "五、存在"),
    ]
    for format_, content in made.items():
        tables = TABLES[format_](content)
        assert [flat(table) for table in tables] == original, format_
        assert [row for row in tables[1] if row[0] == "2.重复申请"] == [["2.重复申请", *["0"] * 6, ""]]
        text = TEXTS[format_](content)
        for sentence in (
            "信息591余条",
            "发布本地原创信息983条",
            "采纳政务信息280条",
            "图板和图册18000余份",
            "接到举报162件，受理107件，不受理55件",
            "舆情10件、市长信箱2件、局长信箱3件、12369环保举报热线17件、微信举报56件、网络举报19件",
            "办结161件，1件正在办理中，办结率99.4%",
            "22家（9家气，13家水）",
            "2020年度，乌兰察布市生态环境局未收取信息处理费",
            "被中国环境报、乌兰察布日报、生态环境厅杂志、自治区生态环境厅门户网、政府信息网采纳",
        ):
            assert sentence in text, (format_, sentence)


async def test_the_tool_tells_the_authors_of_2020_what_does_not_agree(outreach: Shell) -> None:
    await outreach("report", "import-figures", "2020", FIGURES)
    told = await outreach("report", "annual", "2020", "--format", "json")
    report = told.stdout_bytes
    failed, unknown = checks_of(report, "failed"), checks_of(report, "unknown")
    assert set(failed) == {"T2-4", "T3-5", "TX-8"}
    assert [one["cells"] for one in failed["T3-5"]] == [["requests.np_repeat.total"]]
    assert [one["cells"][0] for one in failed["T2-4"]] == ["art20.permits.change", "art20.penalties.change"]
    assert "162" in failed["TX-8"][0]["message"]
    assert "107" in failed["TX-8"][0]["message"]
    assert [one["cells"] for one in unknown["T3-3"]] == [["requests.np_repeat.total"]]
    assert all("无法核对" in one["message"] for all_ in unknown.values() for one in all_)
    assert len(checks_of(report, "passed")["T3-1"]) == 7
    assert "T3-5 表三有 1 格空白" in told.stderr


async def test_other_figures_give_those_and_the_second_import_changes_nothing(
    outreach: Shell, tmp_path: Path
) -> None:
    record = json.loads(json.dumps(RECORDS["seed"]))
    record["social_media"]["local_original_posts"] = 1204
    record["table_requests"]["一、本年新收"]["科研机构"] = 7
    record["table_art20"]["第(九)项"]["政府集中采购"]["采购总金额_万元"] = 0.5
    record["information_fee_yuan"] = 40.5
    record["media_adoption"]["outlets"] = ["A<B&C报"]
    first = await imported(outreach, tmp_path, record)
    again = await imported(outreach, tmp_path, record)
    assert "新增" in first.output
    assert "没有改动" in again.output
    made = await files(outreach, 2020)
    for format_, content in made.items():
        text, tables = TEXTS[format_](content), TABLES[format_](content)
        assert "发布本地原创信息1204条" in text
        assert "被A<B&C报采纳政务信息280条" in text
        assert "收取信息处理费40.5元" in text
        assert tables[0][-1][-1] == "0.5万元"
        assert tables[1][3] == ["一、本年新收政府信息公开申请数量", "0", "0", "7", "0", "0", "0", "0"]
    failed = checks_of(made["json"], "failed")
    assert [one["cells"][0] for one in failed["T3-1"]] == ["requests.new.org_research"]
    assert [one["cells"][0] for one in failed["T3-3"]] == ["requests.new.total"]


async def test_what_another_bureau_gives_goes_into_the_form_and_the_rest_stays_empty(
    outreach: Shell,
) -> None:
    for bureau, record in OTHERS.items():
        if "quarter" not in record:
            await outreach("report", "import-figures", str(record["year"]), FIGURES, "--bureau", bureau)
            told = await outreach("report", "annual", str(record["year"]), "--format", "json")
            require_given_and_nothing_else(record, told.stdout_bytes)


def require_given_and_nothing_else(record: Any, report: bytes) -> None:
    figures, text = figures_of(report), json_numbers(report)
    requests = record.get("requests", {})
    expected = {
        "site.items": record["site"],
        "social.wechat": record["wechat"],
        "social.weibo": record["weibo"],
        "requests.new.total": requests.get("received"),
        "art20.permits.decisions": record.get("permits")
        or record.get("table_art20", {}).get("行政许可", [None])[-1],
        "art20.penalties.decisions": record.get("penalty_decisions"),
        "staff": record.get("staff"),
        "followers.weibo": record.get("followers", {}).get("weibo"),
    }
    assert {key: figures[key] for key in expected} == expected
    for key, value in expected.items():
        assert value is None or key.startswith("art20") or str(value) in text, key
    filled = {key for key, value in figures.items() if value is not None}
    blanks = json.loads(report)["blanks"]
    assert set(blanks).isdisjoint(filled)
    of_tables = {one for one in filled if one.startswith(("art20.", "requests.", "cases."))}
    assert len(blanks) + len(of_tables) == (198 if json.loads(report)["standard"] == "2019" else 200)
    failed, unknown = checks_of(report, "failed"), checks_of(report, "unknown")
    named = {cell for id_ in ("T2-1", "T3-5", "T4-2") for one in failed[id_] for cell in one["cells"]}
    assert named == set(blanks)
    assert len(unknown["T3-1"]) == 7
    assert len(unknown["T4-1"]) == 3


def json_numbers(report: bytes) -> set[str]:
    """Every number that stands in a sentence."""
    return set(re.findall(r"\d+", TEXTS["json"](report)))


async def test_no_number_stands_in_a_sentence_that_nobody_counted(outreach: Shell) -> None:
    await outreach("report", "import-figures", "2024", FIGURES, "--bureau", "鄂州市生态环境局")
    report = (await outreach("report", "annual", "2024", "--format", "json")).stdout_bytes
    own = {"1349", "5", "4", "26"}
    year, law = {"2024", "1", "12", "31"}, {"2020", "109"}
    assert json_numbers(report) <= own | year | law


REFUSED = (
    (2021, {}, "不是2021年的"),
    (2020, {"quarter": 4}, "不是全年的"),
    (2020, {"period": ["2020-01-01", "2020-06-30"]}, "统计期限不是2020年全年"),
    (2020, {"staff": -1}, "staff: 不能是负数"),
    (2020, {"staff": 1.5}, "staff: 应为整数"),
    (2020, {"staff": "三", "wechat": True}, "staff: “三”不是数"),
    (2020, {"staff": 10**30}, "staff: 数字过大"),
    (2020, {"site": 592}, "与 online_disclosure.site_items 的 591 不一致"),
    (2020, {"note": "绝密★长期"}, "密级标志"),
)


async def test_a_record_that_can_not_be_taken_changes_nothing(outreach: Shell, tmp_path: Path) -> None:
    await outreach("report", "import-figures", "2020", FIGURES)
    path = tmp_path / "figures.json"
    for year, change, told in REFUSED:
        path.write_text(json.dumps({**RECORDS["seed"], **change, "policy_readings": 1}), "utf-8")
        refused = await outreach("report", "import-figures", str(year), path, fails=1)
        assert told in refused.stderr
    assert "没有改动" in (await outreach("report", "import-figures", "2020", FIGURES)).output


async def test_what_is_unknown_or_contradicts_itself_is_told(outreach: Shell, tmp_path: Path) -> None:
    arguments = ("report", "import-figures")
    quarter = await outreach(*arguments, "2020", FIGURES, "--bureau", "镇江市生态环境局", fails=1)
    assert "不是全年的" in quarter.stderr
    nobody = await outreach(*arguments, "2020", FIGURES, "--bureau", "某市", fails=1)
    assert "镇江市生态环境局" in nobody.stderr
    alxa = await outreach(*arguments, "2021", FIGURES, "--bureau", "阿拉善盟生态环境局")
    assert "= 642 不一致" in alxa.stdout
    assert "另有 817" in alxa.stdout
    single = {**OTHERS["乌海市生态环境局"], "vans": 3}
    wuhai = await imported(outreach, tmp_path, single)
    assert "= 20 不一致" in wuhai.stdout
    assert "vans：不认识这一项" in wuhai.stdout
    await outreach("report", "annual", "2018", fails=1)
    await outreach("report", "annual", "2020", "--standard", "2020", fails=2)
    await outreach(*arguments, "2020", tmp_path / "nowhere.json", fails=2)
    broken = await outreach(*arguments, "2020", "-", stdin='{"year": 2020,', fails=1)
    assert "第 1 行" in broken.stderr


async def test_each_form_can_be_asked_for(outreach: Shell) -> None:
    await outreach("report", "import-figures", "2020", FIGURES)
    made = await files(outreach, 2020, "--standard", "2021")
    for format_, content in made.items():
        tables = TABLES[format_](content)
        assert tables[0][5:7] == [["信息内容", "本年处理决定数量"], ["行政许可", "352"]]
        assert len(tables[1]) == 3 + 25
        assert tables[1][-3][:2] == ["3.其他", ""]
