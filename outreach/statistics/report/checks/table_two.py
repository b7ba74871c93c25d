"""The checks of table two, which differ with the form."""

from __future__ import annotations

from collections.abc import Iterator

from outreach.statistics.report.checks.ledger import Ledger
from outreach.statistics.report.checks.other_tables import none_blank
from outreach.statistics.report.content import CheckTold


def of_2019(at: Ledger) -> Iterator[CheckTold]:
    """T2-1 to T2-5 of the form of 2019."""
    yield none_blank("T2-1", "表二", [key for *_, key in at.form.cells2()], at)
    for row, label in _rows_with(at, "opened"):
        keys = (f"art20.{row}.total_open", f"art20.{row}.opened")
        what = f"{label}：对外公开总数量不少于本年新公开数量"
        yield at.compared("T2-2", keys, what, lambda all_, new: all_ >= new)
    for row, label in _rows_with(at, "items_before"):
        keys = (f"art20.{row}.items_before", f"art20.{row}.change")
        what = f"{label}：上一年项目数量加本年增/减不为负"
        yield at.compared("T2-3", keys, what, lambda items, change: items + change >= 0)
    # The change is one of the number of 事项; who repeats the number of decisions there mixed them up.
    for row, label in _rows_with(at, "decisions"):
        keys = (f"art20.{row}.change", f"art20.{row}.decisions")
        what = f"{label}：本年增/减是事项数的变化，不应与处理决定数量相同"
        yield at.compared("T2-4", keys, what, lambda change, done: not (change == done and done > 0))
    for row, label in _rows_with(at, "items_before"):
        items, change = f"art20.{row}.items_before", f"art20.{row}.change"
        what = f"{label}：上一年项目数量等于上年报告的项目数量加增/减"
        yield at.of_two_years("T2-5", items, [items, change], [], what)


def of_2021(at: Ledger) -> Iterator[CheckTold]:
    """T2-1 to T2-3 of the form of 2021. T2-2 may fail where documents lapse by themselves."""
    yield none_blank("T2-1", "表二", [key for *_, key in at.form.cells2()], at)
    for row, label in _rows_with(at, "in_force"):
        in_force, made, repealed = (f"art20.{row}.{one}" for one in ("in_force", "made", "repealed"))
        what = f"{label}：现行有效件数等于上年现行有效加本年制发减本年废止"
        yield at.of_two_years("T2-2", in_force, [in_force], [f"+{made}", f"-{repealed}"], what)
    for row, label in _rows_with(at, "in_force"):
        keys = tuple(f"art20.{row}.{one}" for one in ("made", "in_force", "repealed"))
        what = f"{label}：本年制发件数不多于现行有效加本年废止"
        yield at.compared("T2-3", keys, what, lambda made, valid, gone: made <= valid + gone)


def _rows_with(at: Ledger, column: str) -> list[tuple[str, str]]:
    """Key and label of the rows that have that column."""
    return [
        (row.key, row.label)
        for block in at.form.table2
        if column in {one.key for one in block.columns}
        for row in block.rows
    ]
