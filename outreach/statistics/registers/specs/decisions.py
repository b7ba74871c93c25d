"""Licences, penalties, coercion and other services: what was decided, and how many matters there are.

Table two of the form of 2019 asks for the number of matters (事项) last year, its change and the decisions; that of 2021
for the decisions alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from outreach.foundation.problems import FieldError
from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

MATTERS: Final = Variant(
    key="matters",
    label="事项数",
    dated_by="year",
    hint="只用于 2019 年版表格（2019、2020 年度）：权责清单上有多少项，不是作出多少件决定。",
    fields=(
        RegisterField("year", "年度", FieldType.YEAR, required=True),
        RegisterField("items_before", "上一年项目数量", FieldType.COUNT, required=True, unit="项"),
        RegisterField(
            "change", "本年增/减", FieldType.SIGNED, required=True, unit="项", help="减少的写负数，没有变化写 0。"
        ),
    ),
)  # fmt: skip


def fewer_than_none(entry: EntryValues) -> Sequence[FieldError]:
    """The check of the number of matters: there are never less than none."""
    left = entry.number("items_before") + entry.number("change")
    if entry.variant == MATTERS.key and left < 0:
        return [
            FieldError("change", f"上一年 {entry.number('items_before')} 项，减少后是 {left} 项，请核对。")
        ]
    return []


def matters_of(row: str, entries: Iterable[EntryValues]) -> Sequence[Figure]:
    """The figures of the number of matters; none where nobody typed them: they are not counted, and no row is not 0."""
    listed = [entry for entry in entries if entry.variant == MATTERS.key]
    if not listed:
        return []
    return [
        Figure(
            f"art20.{row}.items_before",
            "上一年项目数量",
            sum(entry.number("items_before") for entry in listed),
            "项",
        ),
        Figure(f"art20.{row}.change", "本年增/减", sum(entry.number("change") for entry in listed), "项"),
    ]


def _register(key: str, row: str, label: str, about: str) -> Register:
    def count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
        listed = list(entries)
        decided = sum(_weight(entry) for entry in listed)
        return [Figure(f"art20.{row}.decisions", "处理决定", decided, "件"), *matters_of(row, listed)]

    def notes(entry: EntryValues, today: date) -> Sequence[str]:
        before, change = entry.number("items_before"), entry.number("change")
        if entry.variant == MATTERS.key and abs(change) > max(before, 10):
            return [
                f"上一年 {before} 项，本年增减 {change:+d} 项：这一栏是权责清单上事项数的变化，不是处理决定的件数，请核对。"
            ]
        return []

    def tell(figures: Mapping[str, int | Decimal]) -> Sequence[str]:
        decided, change = figures[f"art20.{row}.decisions"], figures.get(f"art20.{row}.change", 0)
        if not change or change != decided:
            return []
        return [
            f"本年增/减和处理决定都是 {decided}：前者是事项数的变化，后者是决定的件数，多半填混了，请核对。"
        ]

    return Register(
        key=key,
        label=label,
        unit="件",
        about=about,
        rule="一份处理决定计一件，按作出决定的日期计入年度。可以逐件登记，也可以按月登记件数，同一件不要登记两次。"
        "上一年项目数量和本年增/减是权责清单上的事项数，在“事项数”里登记。",
        variants=(
            Variant(
                key="single",
                label="逐件登记",
                dated_by="day",
                fields=(
                    RegisterField("day", "决定日期", FieldType.DAY, required=True),
                    RegisterField("number", "文号", required=True, longest=60),
                    RegisterField("matter", "事项", help="例如：建设项目环评审批。"),
                    RegisterField("note", "备注", wide=True),
                ),
            ),
            Variant(
                key="total",
                label="按月汇总",
                dated_by="month",
                fields=(
                    RegisterField("month", "月份", FieldType.MONTH, required=True),
                    RegisterField("matter", "事项", help="分事项汇总的，一个事项一行。"),
                    RegisterField("decisions", "件数", FieldType.COUNT, required=True, unit="件"),
                ),
            ),
            MATTERS,
        ),
        count=count,
        check=fewer_than_none,
        notes=notes,
        tell=tell,
        identities=(Identity(("number",), "同一文号"), Identity(("year",), "同一年度的事项数")),
        groups=("matter",),
        weight=_weight,
    )


def _weight(entry: EntryValues) -> int:
    return {"single": 1, "total": entry.number("decisions")}.get(entry.variant, 0)


PERMITS: Final = _register(
    "permits",
    "permits",
    "行政许可",
    "环评审批、排污许可证等行政许可的处理决定（条例第二十条第（五）项）。",
)
OTHER_SERVICES: Final = _register(
    "other-services",
    "other_services",
    "其他对外管理服务事项",
    "行政许可以外的对外管理服务事项的处理决定（条例第二十条第（五）项，2019 年版表格）。",
)
PENALTIES: Final = _register(
    "penalties",
    "penalties",
    "行政处罚",
    "行政处罚决定（条例第二十条第（六）项）。不写当事人的个人信息。",
)
COERCION: Final = _register(
    "coercion",
    "coercion",
    "行政强制",
    "查封、扣押等行政强制的处理决定（条例第二十条第（六）项）。",
)
