"""媒体采用: what other media took over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

LEVELS: Final = (
    ("national", "国家级"),
    ("provincial", "省级（自治区级）"),
    ("city", "市级"),
    ("county", "旗县级"),
    ("other", "其他"),
)


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    return [Figure("media.adopted", "媒体采用", sum(1 for _ in entries), "条")]


ADOPTIONS: Final = Register(
    key="adoptions",
    label="媒体采用",
    unit="条",
    about="报刊、电台电视台、上级网站等采用本单位提供的信息，一条登记一次。",
    rule="一条信息被一家媒体采用一次计一条；被几家媒体采用的，各计一条。"
    "同一媒体的同一链接，或同一媒体同一天的同一标题，只能登记一次。",
    variants=(
        Variant(
            key="single",
            label="逐条登记",
            dated_by="day",
            fields=(
                RegisterField("day", "采用日期", FieldType.DAY, required=True),
                RegisterField("medium", "媒体名称", required=True, longest=60, help="例如：中国环境报。"),
                RegisterField("level", "媒体级别", FieldType.CHOICE, required=True, choices=LEVELS),
                RegisterField("title", "标题", required=True),
                RegisterField(
                    "link", "链接", FieldType.LINK, longest=500, help="报纸等没有链接的不填。", wide=True
                ),
                RegisterField("note", "备注", help="例如版面、栏目。", wide=True),
            ),
        ),
    ),
    count=_count,
    identities=(
        Identity(("medium", "link"), "同一媒体的同一链接"),
        Identity(("medium", "title", "day"), "同一媒体同一天的同一标题"),
    ),
    groups=("medium", "level"),
)
