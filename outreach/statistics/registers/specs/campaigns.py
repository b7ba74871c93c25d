"""宣传活动: campaigns and their material."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

OCCASIONS: Final = (
    ("earth_day", "4·22 世界地球日"),
    ("youth_day", "五四青年节"),
    ("environment_day", "6·5 世界环境日"),
    ("constitution_day", "12·4 国家宪法日"),
    ("other", "其他"),
)
PLACES: Final = (
    ("community", "社区"),
    ("school", "学校"),
    ("enterprise", "企业"),
    ("office", "机关"),
    ("barracks", "军营"),
    ("village", "农村"),
)
"""环保六进: where campaigns go."""
_DAYS: Final = {
    (4, 22): "earth_day",
    (5, 4): "youth_day",
    (6, 5): "environment_day",
    (12, 4): "constitution_day",
}


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    held = list(entries)

    def total(*names: str) -> int:
        return sum(entry.number(name) for entry in held for name in names)

    return [
        Figure("publicity.campaigns", "宣传活动", len(held), "场"),
        Figure("publicity.materials", "宣传图册和图板", total("brochures", "boards"), "份"),
        Figure("publicity.banners", "宣传条幅", total("banners"), "条"),
        Figure("publicity.participants", "参加", total("participants"), "人次"),
    ]


def _notes(entry: EntryValues, today: date) -> Sequence[str]:
    day = _DAYS.get((entry.day.month, entry.day.day))
    if day and entry.data.get("occasion") != day:
        return [f"活动在{dict(OCCASIONS)[day]}当天，纪念日却没有选它，请核对。"]
    return []


CAMPAIGNS: Final = Register(
    key="campaigns",
    label="宣传活动",
    unit="场",
    about="组织或参加的环境宣传活动：法律法规宣传、“环保六进”，以及 4·22、五四、6·5、12·4 等纪念日的活动。",
    rule="一场活动登记一次。宣传材料份数 = 图册（手册、折页）+ 图板；条幅和参加人次另计，不加入份数。",
    variants=(
        Variant(
            key="single",
            label="逐场登记",
            dated_by="day",
            fields=(
                RegisterField("day", "活动日期", FieldType.DAY, required=True, help="持续多日的填第一天。"),
                RegisterField("name", "活动名称", required=True),
                RegisterField("occasion", "纪念日", FieldType.CHOICE, required=True, choices=OCCASIONS),
                RegisterField("laws", "宣传的法律法规", help="例如：环境保护法、土壤污染防治法。", wide=True),
                RegisterField("places", "六进场所", FieldType.SEVERAL, choices=PLACES, help="可以选几项。"),
                RegisterField("brochures", "图册", FieldType.COUNT, unit="份", help="手册、折页等。"),
                RegisterField("boards", "图板", FieldType.COUNT, unit="块"),
                RegisterField("banners", "条幅", FieldType.COUNT, unit="条"),
                RegisterField("participants", "参加人数", FieldType.COUNT, unit="人次"),
                RegisterField("note", "备注", wide=True),
            ),
        ),
    ),
    count=_count,
    notes=_notes,
    identities=(Identity(("day", "name"), "同一天的同一活动"),),
    groups=("occasion", "places"),
)
