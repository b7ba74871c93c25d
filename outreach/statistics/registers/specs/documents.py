"""规章和规范性文件: made, opened, repealed, and what is in force at a year's end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from outreach.foundation.problems import FieldError
from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

TYPES: Final = (("regulations", "规章"), ("normative", "规范性文件"))
_TYPE: Final = RegisterField("type", "类型", FieldType.CHOICE, required=True, choices=TYPES)


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    listed = list(entries)
    return [figure for key, label in TYPES for figure in _figures(listed, key, label, year.number)]


def _figures(listed: Sequence[EntryValues], type_: str, label: str, year: int) -> Sequence[Figure]:
    own = [entry for entry in listed if entry.data["type"] == type_]
    openings = [entry for entry in own if entry.variant == "opening"]
    opening = max(openings, key=lambda entry: entry.day, default=None)
    since = opening.day.year if opening else 0
    in_force, total_open = (opening.number("in_force"), opening.number("total_open")) if opening else (0, 0)
    made, opened, repealed = (
        [
            day.year
            for entry in own
            if entry.variant == "single" and (day := entry.on(name)) and since <= day.year <= year
        ]
        for name in ("made_on", "opened_on", "repealed_on")
    )
    values = {
        "made": ("本年制发", made.count(year)),
        "opened": ("本年新公开", opened.count(year)),
        "total_open": ("对外公开总数", total_open + len(opened)),
        "repealed": ("本年废止", repealed.count(year)),
        "in_force": ("现行有效", in_force + len(made) - len(repealed)),
    }
    return [
        Figure(f"art20.{type_}.{key}", f"{label}：{told}", number, "件")
        for key, (told, number) in values.items()
    ]


def _check(entry: EntryValues) -> Sequence[FieldError]:
    for name, told in (("repealed_on", "废止日期"), ("opened_on", "公开日期")):
        day = entry.on(name) if entry.variant == "single" else None
        if day and day < entry.day:
            return [FieldError(name, f"{told}早于制发日期，请核对。")]
    return []


DOCUMENTS: Final = Register(
    key="documents",
    label="规章和规范性文件",
    unit="件",
    about="本机关制发的规章、行政规范性文件（条例第二十条第（一）项），废止时在原来的一行上填废止日期。",
    rule="现行有效 = 期初数 + 制发 − 废止，以当年12月31日为准。以前的文件很多的，可以登记一次“期初数”，"
    "此后逐件登记；期初数所含的文件废止时，仍要按原来的制发日期登记这一件和它的废止日期。",
    variants=(
        Variant(
            key="single",
            label="逐件登记",
            dated_by="made_on",
            fields=(
                RegisterField("made_on", "制发日期", FieldType.DAY, required=True),
                _TYPE,
                RegisterField("title", "标题", required=True),
                RegisterField("number", "文号", required=True, longest=60),
                RegisterField("opened_on", "公开日期", FieldType.DAY),
                RegisterField("repealed_on", "废止日期", FieldType.DAY, help="仍然有效的不填。"),
            ),
        ),
        Variant(
            key="opening",
            label="期初数",
            dated_by="year",
            hint="填写这一年1月1日以前的累计数。",
            fields=(
                RegisterField("year", "年度", FieldType.YEAR, required=True),
                _TYPE,
                RegisterField("in_force", "年初现行有效", FieldType.COUNT, required=True, unit="件"),
                RegisterField("total_open", "年初对外公开总数", FieldType.COUNT, required=True, unit="件"),
            ),
        ),
    ),
    count=_count,
    check=_check,
    identities=(
        Identity(("type", "number"), "同一文号"),
        Identity(("year", "type"), "同一年度同一类型的期初数"),
    ),
    groups=("type",),
    weight=lambda entry: int(entry.variant == "single"),
    spans_years=True,
)
