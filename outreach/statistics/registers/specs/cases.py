"""复议诉讼: reviews and lawsuits because of information disclosure, table four of the annual report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from outreach.foundation.problems import FieldError
from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

GROUPS: Final = (
    ("review", "行政复议"),
    ("lit_direct", "未经复议直接起诉"),
    ("lit_after_review", "复议后起诉"),
)
OUTCOMES: Final = (
    ("upheld", "结果维持"),
    ("corrected", "结果纠正"),
    ("other", "其他结果"),
    ("pending", "尚未审结"),
)
"""Groups and columns of table four, alike in the forms of 2019 and of 2021."""
_GROUP: Final = RegisterField("group", "类型", FieldType.CHOICE, required=True, choices=GROUPS)


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    counts: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        for outcome, number in _of_year(entry, year):
            counts[entry.data["group"], outcome] += number
    figures = []
    for group, label in GROUPS:
        columns = [
            Figure(f"cases.{group}.{key}", f"{label}：{told}", counts[group, key], "件")
            for key, told in OUTCOMES
        ]
        total = sum(counts[group, key] for key, _ in OUTCOMES)
        figures += [*columns, Figure(f"cases.{group}.total", f"{label}：总计", total, "件")]
    return figures


def _of_year(entry: EntryValues, year: Year) -> Iterable[tuple[str, int]]:
    """A case is pending at the end of each year until it is closed, and has its outcome in the year in which it is."""
    if entry.variant == "total":
        return ((key, entry.number(key)) for key, _ in OUTCOMES if entry.day.year == year.number)
    closed_on = entry.on("closed_on")
    if closed_on is None or closed_on > year.last:
        return (("pending", 1),)
    return ((entry.data["outcome"], 1),) if closed_on.year == year.number else ()


def _check(entry: EntryValues) -> Sequence[FieldError]:
    if entry.variant == "total":
        total = sum(entry.number(key) for key, _ in OUTCOMES)
        if entry.data.get("total") is not None and entry.number("total") != total:
            added = " + ".join(str(entry.number(key)) for key, _ in OUTCOMES)
            return [FieldError("total", f"{added} = {total}，总计却是 {entry.number('total')}，请核对。")]
        return []
    is_open, closed_on = entry.data["outcome"] == "pending", entry.on("closed_on")
    if is_open and closed_on:
        return [FieldError("outcome", "填了审结日期，请选择结果。")]
    if not is_open and not closed_on:
        return [FieldError("closed_on", "有了结果，请填写审结日期。")]
    if closed_on and closed_on < entry.day:
        return [FieldError("closed_on", "审结日期早于收到日期，请核对。")]
    return []


CASES: Final = Register(
    key="cases",
    label="复议诉讼",
    unit="件",
    about="因政府信息公开工作被申请行政复议、提起行政诉讼的案件（年度报告第四部分）。",
    rule="审结的计入审结的年度；到年底没有审结的，当年和以后各年都计“尚未审结”，直到审结。"
    "总计 = 结果维持 + 结果纠正 + 其他结果 + 尚未审结。",
    variants=(
        Variant(
            key="single",
            label="逐件登记",
            dated_by="day",
            fields=(
                RegisterField("day", "收到日期", FieldType.DAY, required=True, help="收到复议、应诉通知的日期。"),
                _GROUP,
                RegisterField("number", "案号", longest=60),
                RegisterField("outcome", "结果", FieldType.CHOICE, required=True, choices=OUTCOMES),
                RegisterField("closed_on", "审结日期", FieldType.DAY),
                RegisterField("note", "备注", wide=True),
            ),
        ),
        Variant(
            key="total",
            label="年度汇总",
            dated_by="year",
            hint="一类一年一行。",
            fields=(
                RegisterField("year", "年度", FieldType.YEAR, required=True),
                _GROUP,
                *(RegisterField(key, label, FieldType.COUNT, required=True, unit="件") for key, label in OUTCOMES),
                RegisterField("total", "总计", FieldType.COUNT, unit="件", help="可不填，填了会核对。"),
            ),
        ),
    ),
    count=_count,
    check=_check,
    identities=(Identity(("group", "number"), "同一案号"), Identity(("year", "group"), "同一年度同一类型的汇总")),
    groups=("group", "outcome"),
    weight=lambda entry: sum(entry.number(key) for key, _ in OUTCOMES) if entry.variant == "total" else 1,
    spans_years=True,
)  # fmt: skip
