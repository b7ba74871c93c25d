"""网站公开信息: what stands on the portals, until the service publishes there itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    return [Figure("site.items", "网站公开信息", sum(entry.number("number") for entry in entries), "条")]


SITE: Final = Register(
    key="site",
    label="网站公开信息",
    unit="条",
    about="在本单位门户网站和政府门户网站公开的信息条数，按网站、栏目逐月登记。",
    rule="各网站、各栏目的条数相加。同一信息在两个网站公开的，计两条；只想计一条的，只在一个网站登记。",
    variants=(
        Variant(
            key="total",
            label="按月汇总",
            dated_by="month",
            fields=(
                RegisterField("month", "月份", FieldType.MONTH, required=True),
                RegisterField("portal", "网站", required=True, longest=60, help="例如：市政府门户网站。"),
                RegisterField("category", "栏目", required=True, longest=60, help="例如：行政处罚。"),
                RegisterField("number", "条数", FieldType.COUNT, required=True, unit="条"),
            ),
        ),
    ),
    count=_count,
    identities=(Identity(("month", "portal", "category"), "同一网站同一栏目同一个月"),),
    groups=("portal", "category"),
)
