from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import delete, select, text, update

from outreach.foundation.audit import AuditEvent
from outreach.foundation.database import Database
from outreach.items.model import Item
from outreach.statistics.model import Tally
from tests.builders import OfficeStory
from tests.cli.conftest import Shell

OCTOBER = datetime(2026, 10, 20, tzinfo=UTC)


@pytest.fixture
async def two_posts(outreach: Shell) -> None:
    """Two posts of one item went out in October."""
    office = outreach.office()
    story = OfficeStory(office)
    await story.item("penalty").published(*(await story.accounts())[:2], at=OCTOBER)
    await office.close()


async def change(outreach: Shell, statement: object) -> None:
    db = Database(outreach.settings.database_url, audit_key=b"")
    async with db.begin() as session:
        await session.execute(statement)  # type: ignore[call-overload]
    await db.close()


async def test_an_empty_database_is_upgraded_and_checked(unmigrated: Shell) -> None:
    assert "最新" in (await unmigrated("db", "upgrade")).stdout
    assert "一致" in (await unmigrated("db", "check")).stdout
    await change(unmigrated, text("DROP TABLE act_tally"))
    assert "act_tally" in (await unmigrated("db", "check", fails=1)).stdout


async def test_whatever_is_asked_first_of_an_empty_database_upgrades_it(unmigrated: Shell) -> None:
    assert (await unmigrated("section", "list")).stdout == ""
    assert "一致" in (await unmigrated("db", "check")).stdout


@pytest.mark.usefixtures("two_posts")
async def test_the_months_figures_as_a_table(outreach: Shell) -> None:
    rows = [line.split("\t") for line in (await outreach("stats", "monthly", "2026-10")).stdout.splitlines()]
    assert rows[0] == ["渠道", "账号", "类别", "科室", "原创", "转载", "已撤回"]
    assert [row[0] for row in rows[1:3]] == ["微信公众号", "微博"]
    assert (rows[3][0][:2], rows[3][4:]) == ("合计", ["2", "0", "0"])
    assert rows[4][4:6] == ["1", "0"]


@pytest.mark.usefixtures("two_posts")
async def test_the_months_figures_as_json(outreach: Shell) -> None:
    figures = json.loads((await outreach("stats", "monthly", "2026-10", "--format", "json")).stdout)
    assert set(figures) == {
        "month", "timezone", "closed", "rows", "totals", "contents", "corrections",
    }  # fmt: skip
    assert figures["totals"]["by_channel"] == {
        "wechat": {"original": 1, "repost": 0, "withdrawn": 0},
        "weibo": {"original": 1, "repost": 0, "withdrawn": 0},
    }
    assert figures["contents"] == {"original": 1, "repost": 0}
    assert (figures["month"], figures["timezone"]) == ("2026-10", "Asia/Shanghai")


@pytest.mark.usefixtures("two_posts")
async def test_the_months_figures_as_a_file_that_excel_opens(outreach: Shell, tmp_path: Path) -> None:
    path = tmp_path / "十月.csv"
    assert (await outreach("stats", "monthly", "2026-10", "--format", "csv", "-o", path)).stdout == ""
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 5
    assert {len(row) for row in rows} == {7}
    await outreach("stats", "yearly", "2026", "--format", "xlsx", "-o", tmp_path / "全年.xlsx")
    months = openpyxl.load_workbook(tmp_path / "全年.xlsx", data_only=True)["各月"]
    assert [cell.value for cell in months[16]][:7] == ["全年", 1, 0, 1, 0, 2, 0]


async def test_a_month_without_posts_is_all_zero(outreach: Shell) -> None:
    figures = json.loads((await outreach("stats", "monthly", "2020-02", "--format", "json")).stdout)
    assert (figures["rows"], figures["totals"]["original"]) == ([], 0)


async def test_what_is_no_month_is_told(outreach: Shell) -> None:
    assert "2026-13" in (await outreach("stats", "monthly", "2026-13", fails=2)).stderr


@pytest.mark.usefixtures("two_posts")
async def test_kept_tallies_are_compared_with_the_posts(outreach: Shell) -> None:
    assert "一致" in (await outreach("stats", "verify")).stdout
    await change(outreach, update(Tally).values(posts=5))
    told = (await outreach("stats", "verify", fails=1)).stdout.splitlines()
    assert len(told) == 2
    assert all("保存的是 5，清点得 1" in line for line in told)


@pytest.mark.usefixtures("two_posts")
async def test_the_audit_chain_is_verified_and_exported(outreach: Shell) -> None:
    assert "完整" in (await outreach("audit", "verify")).stdout
    assert (await outreach("audit", "verify", "--json")).stdout == ""
    events = [json.loads(line) for line in (await outreach("audit", "export")).stdout.splitlines()]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert {"post.publish", "item.submit", "review.section.approve"} <= {event["act"] for event in events}
    assert all(event["at"].endswith("Z") for event in events)


@pytest.mark.usefixtures("two_posts")
async def test_a_broken_chain_ends_with_1_and_names_the_place(outreach: Shell) -> None:
    await change(outreach, update(AuditEvent).where(AuditEvent.number == 2).values(actor_name="某人"))
    assert "第 2 条" in (await outreach("audit", "verify", fails=1)).stdout
    await change(outreach, delete(AuditEvent).where(AuditEvent.number == 4))
    told = (await outreach("audit", "verify", "--json", fails=1)).stdout.splitlines()
    assert {json.loads(line)["number"] for line in told} >= {2, 4}


async def test_the_demo_is_loaded_once(outreach: Shell) -> None:
    await outreach("demo", "load")
    before = (await outreach("audit", "export")).stdout
    await outreach("demo", "load")
    assert (await outreach("audit", "export")).stdout == before
    sections = (await outreach("section", "list")).stdout.splitlines()
    accounts = (await outreach("account", "list")).stdout.splitlines()
    assert (len(accounts), len(sections) > 5) == (3, True)
    assert "完整" in (await outreach("audit", "verify")).stdout
    assert "一致" in (await outreach("stats", "verify")).stdout
    spans = re.findall(r"月(\d+)日?[至—](\d+)日", "".join(await bodies(outreach)))
    assert spans
    assert all(int(first) < int(last) for first, last in spans), spans


async def bodies(outreach: Shell) -> list[str]:
    """What the items say."""
    db = Database(outreach.settings.database_url, audit_key=b"")
    async with db.read() as session:
        found = list(await session.scalars(select(Item.body)))
    await db.close()
    return found


async def test_the_demo_touches_no_home_with_accounts_of_its_own(outreach: Shell) -> None:
    credentials = (
        '{"appid": "wx14ea0ad7a56ed6bc", "secret": "ea51c8dd044fbc918493404d6e556308", "token": "abc"}'
    )
    await outreach(
        "account", "add", "--channel", "wechat", "--name", "正式账号", "--type", "service", stdin=credentials
    )
    before = (await outreach("audit", "export")).stdout
    assert "正式账号" in (await outreach("demo", "load", fails=1)).stderr
    assert (await outreach("audit", "export")).stdout == before
