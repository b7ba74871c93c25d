"""行政事业性收费 and 政府集中采购: fees and procurement, in table two of the annual report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year
from outreach.statistics.registers.specs.decisions import MATTERS, fewer_than_none, matters_of

_YUAN_IN_WAN: Final = 10_000


def _count_fees(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    listed = list(entries)
    yuan = sum((entry.amount("amount_yuan") for entry in listed), Decimal())
    return [
        Figure("art20.fees.amount_wan_yuan", "收费金额", yuan / _YUAN_IN_WAN, "万元"),
        *matters_of("fees", listed),
    ]


def _count_procurement(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    listed = list(entries)
    amount = sum((entry.amount("amount_wan_yuan") for entry in listed), Decimal())
    return [
        Figure("art20.procurement.number", "采购项目", sum(_projects(entry) for entry in listed), "个"),
        Figure("art20.procurement.amount_wan_yuan", "采购总金额", amount, "万元"),
    ]


def _projects(entry: EntryValues) -> int:
    return entry.number("number") if entry.variant == "total" else 1


_YUAN: Final = RegisterField("amount_yuan", "金额", FieldType.AMOUNT, required=True, unit="元")
_WAN_YUAN: Final = RegisterField(
    "amount_wan_yuan", "金额", FieldType.AMOUNT, required=True, unit="万元", decimals=6
)

FEES: Final = Register(
    key="fees",
    label="行政事业性收费",
    unit="笔",
    about="收取的行政事业性收费（条例第二十条第（八）项）。依申请公开的信息处理费在“依申请公开”里登记，不在这里。",
    rule="按收费日期计入年度，以元登记，年报以万元合计。2019 年版表格的项目数量在“事项数”里登记。",
    variants=(
        Variant(
            key="single",
            label="逐笔登记",
            dated_by="day",
            fields=(
                RegisterField("day", "收费日期", FieldType.DAY, required=True),
                RegisterField("item", "收费项目", required=True),
                _YUAN,
                RegisterField("number", "票据号", longest=60),
            ),
        ),
        Variant(
            key="total",
            label="按月汇总",
            dated_by="month",
            fields=(
                RegisterField("month", "月份", FieldType.MONTH, required=True),
                RegisterField("item", "收费项目", required=True),
                _YUAN,
            ),
        ),
        MATTERS,
    ),
    count=_count_fees,
    check=fewer_than_none,
    identities=(Identity(("number",), "同一票据号"), Identity(("month", "item"), "同一项目同一个月的汇总")),
    groups=("item",),
    weight=lambda entry: int(entry.variant != MATTERS.key),
)

PROCUREMENT: Final = Register(
    key="procurement",
    label="政府集中采购",
    unit="个",
    about="当年实施的政府集中采购项目（条例第二十条第（九）项）。",
    rule="一个采购项目登记一次，按成交（合同）日期计入年度，金额以万元登记。",
    variants=(
        Variant(
            key="single",
            label="逐项登记",
            dated_by="day",
            fields=(
                RegisterField("day", "成交日期", FieldType.DAY, required=True),
                RegisterField("project", "项目名称", required=True),
                RegisterField("code", "项目编号", longest=60),
                _WAN_YUAN,
            ),
        ),
        Variant(
            key="total",
            label="年度汇总",
            dated_by="year",
            fields=(
                RegisterField("year", "年度", FieldType.YEAR, required=True),
                RegisterField("number", "采购项目数量", FieldType.COUNT, required=True, unit="个"),
                _WAN_YUAN,
            ),
        ),
    ),
    count=_count_procurement,
    identities=(
        Identity(("code",), "同一项目编号"),
        Identity(("day", "project"), "同一天成交的同一项目"),
        Identity(("year",), "同一年度的汇总"),
    ),
    weight=_projects,
)
