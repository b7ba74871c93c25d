"""The checks of tables three and four, the same in both forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from outreach.statistics.report.checks.ledger import Ledger, failed, passed
from outreach.statistics.report.content import CheckState, CheckTold, Level
from outreach.statistics.report.year import Origin


def of_table_three(at: Ledger) -> Iterator[CheckTold]:
    """T3-1 to T3-6."""
    for column in at.form.table3_columns:
        left, right = (
            [f"requests.{row}.{column.key}" for row in rows]
            for rows in (("new", "carried_in"), ("total_handled", "carried_out"))
        )
        what = f"表三“{column.label}”列：第一项加第二项之和等于第三项加第四项之和"
        yield at.equal("T3-1", Level.ERROR, left, right, what)
    for column in at.form.table3_columns:
        parts = [f"requests.{leaf}.{column.key}" for leaf in at.form.leaves]
        what = f"表三“{column.label}”列：（七）总计等于各项办理结果之和"
        yield at.equal("T3-2", Level.ERROR, [f"requests.total_handled.{column.key}"], parts, what)
    yield from _rows_of_table_three(at)
    for column in at.form.table3_columns:
        what = f"表三“{column.label}”列：上年结转等于上年报告的结转下年度"
        carried_in, carried_out = (f"requests.{row}.{column.key}" for row in ("carried_in", "carried_out"))
        yield at.of_two_years("T3-4", carried_in, [carried_out], [], what)
    yield none_blank("T3-5", "表三", [key for *_, key in at.form.cells3()], at)
    yield _counted_one_by_one(at)


def of_table_four(at: Ledger) -> Iterator[CheckTold]:
    """T4-1 and T4-2."""
    outcomes = [column.key for column in at.form.table4_columns if column.key != "total"]
    for group in at.form.table4_groups:
        parts = [f"cases.{group.key}.{one}" for one in outcomes]
        what = f"表四“{group.label}”：总计等于各种结果之和"
        yield at.equal("T4-1", Level.ERROR, [f"cases.{group.key}.total"], parts, what)
    yield none_blank("T4-2", "表四", [key for *_, key in at.form.cells4()], at)


def none_blank(id_: str, table: str, keys: Sequence[str], at: Ledger) -> CheckTold:
    """That every cell has its figure. What is no number of its kind, or below zero, is kept nowhere."""
    blank = [key for key in keys if at.value(key) is None]
    if not blank:
        return passed(id_, Level.ERROR, f"{table}没有空格。")
    told = f"{table}有 {len(blank)} 格空白：{at.listed(blank)}。没有发生的请填 0。"
    return failed(id_, Level.ERROR, told, blank)


def _rows_of_table_three(at: Ledger) -> Iterator[CheckTold]:
    applicants = [column.key for column in at.form.table3_columns if column.key != "total"]
    for row in at.form.table3:
        parts = [f"requests.{row.key}.{one}" for one in applicants]
        what = f"表三“{row.label}”行：总计等于各类申请人之和"
        yield at.equal("T3-3", Level.ERROR, [f"requests.{row.key}.total"], parts, what)


def _counted_one_by_one(at: Ledger) -> CheckTold:
    """Each closed application stands in one row and one column: so the register counts, where its count holds."""
    what = "每件办结的申请只计入一种办理结果和一类申请人"
    held = [at.now.held.get(f"requests.{leaf}.total") for leaf in at.form.leaves]
    if all(one is not None and one.given.origin is Origin.COUNTED for one in held):
        return passed("T3-6", Level.ERROR, f"{what}：由申请登记簿逐件计数。")
    told = f"{what}：无法核对，表三不是由申请登记簿逐件计数的。"
    return CheckTold(id="T3-6", level=Level.ERROR, state=CheckState.UNKNOWN, message=told)
