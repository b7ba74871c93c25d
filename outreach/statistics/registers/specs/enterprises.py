"""重点监管企业: the year's list of monitored enterprises, and whether they disclose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from stdnum.cn import uscc as credit_code

from outreach.foundation.problems import FieldError
from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

_TYPES: Final = (("waste_gas", "废气"), ("waste_water", "废水"), ("other", "其他"))
_BASICS: Final = (("disclosed", "已公开"), ("not_disclosed", "未公开"))
_MONITORING: Final = (("live", "实时公开"), ("regular", "定期公开"), ("not_disclosed", "未公开"))


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    listed = list(entries)

    def having(name: str, value: str) -> int:
        return sum(1 for entry in listed if entry.data.get(name) == value)

    return [
        Figure("enterprises.total", "重点监管企业", len(listed), "家"),
        Figure("enterprises.waste_gas", "废气企业", having("type", "waste_gas"), "家"),
        Figure("enterprises.waste_water", "废水企业", having("type", "waste_water"), "家"),
        Figure("enterprises.basics_disclosed", "基本信息已公开", having("basics", "disclosed"), "家"),
        Figure("enterprises.monitoring_live", "监测数据实时公开", having("monitoring", "live"), "家"),
    ]


def _check(entry: EntryValues) -> Sequence[FieldError]:
    code = entry.data.get("uscc")
    if code and not credit_code.is_valid(code):
        return [FieldError("uscc", "统一社会信用代码不正确，请核对 18 位代码。")]
    return []


def _tell(figures: Mapping[str, int | Decimal]) -> Sequence[str]:
    total, gas, water = (
        int(figures[f"enterprises.{name}"]) for name in ("total", "waste_gas", "waste_water")
    )
    told = []
    if total != gas + water:
        told.append(
            f"重点监管企业 {total} 家，废气 {gas} 家 + 废水 {water} 家 = {gas + water} 家，"
            f"另有其他类型 {total - gas - water} 家；年报里写“{total} 家（废气 {gas} 家、废水 {water} 家）”时请说明。"
        )
    hidden = total - int(figures["enterprises.basics_disclosed"])
    if hidden:
        told.append(f"有 {hidden} 家的基本信息没有登记为已公开，不能写“全面公开”。")
    silent = total - int(figures["enterprises.monitoring_live"])
    if silent:
        told.append(f"有 {silent} 家的监测数据没有登记为实时公开。")
    return told


ENTERPRISES: Final = Register(
    key="enterprises",
    label="重点监管企业",
    unit="家",
    about="当年的重点监管企业名单（每年3月底前确定），以及各家的信息公开情况。",
    rule="一家企业一年登记一次。既排废气又排废水的，按主要污染物登记一类，废气与废水相加才等于总数。",
    variants=(
        Variant(
            key="single",
            label="逐家登记",
            dated_by="year",
            fields=(
                RegisterField("year", "年度", FieldType.YEAR, required=True),
                RegisterField("name", "企业名称", required=True, longest=100),
                RegisterField("uscc", "统一社会信用代码", longest=18, help="18位。"),
                RegisterField("type", "类型", FieldType.CHOICE, required=True, choices=_TYPES),
                RegisterField("basics", "基本信息", FieldType.CHOICE, required=True, choices=_BASICS),
                RegisterField("monitoring", "监测数据", FieldType.CHOICE, required=True, choices=_MONITORING),
                RegisterField("link", "公开网址", FieldType.LINK, longest=500, wide=True),
            ),
        ),
    ),
    count=_count,
    check=_check,
    tell=_tell,
    identities=(
        Identity(("year", "uscc"), "同一年度的同一信用代码"),
        Identity(("year", "name"), "同一年度的同一企业"),
    ),
    groups=("type", "basics", "monitoring"),
)
