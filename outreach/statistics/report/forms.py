"""The two official forms of the annual report, from `forms.json`: tables two, three and four with keys, labels, order.

国办公开办函〔2019〕60号 holds for the reports of 2019 and 2020, 国办公开办函〔2021〕30号 since that of 2021.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

from outreach.foundation import clock
from outreach.foundation.problems import invalid

FIRST_YEAR: Final = 2019
_YEAR_OF_NEW_FORM: Final = 2021


class Standard(StrEnum):
    """Which official form."""

    OF_2019 = "2019"
    OF_2021 = "2021"


class Measure(StrEnum):
    """What numbers a figure can be: a count, a change of a count, or an amount of money (decimal, never below zero)."""

    COUNT = "count"
    SIGNED = "signed"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of table two. `unit` stands behind each of its figures in the cell."""

    key: str
    label: str
    kind: Measure
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row or column that is no more than its key and label."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Block:
    """A part of table two, for one item of art. 20 of the Regulation."""

    article: str
    head: str
    columns: tuple[Column, ...]
    rows: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of table three. `section` and `group` are the cells to its left that it shares with others; `leaf` says
    that it is one of the results that （七）总计 adds up."""

    key: str
    label: str
    section: str | None
    group: str | None
    leaf: bool


@dataclass(frozen=True, slots=True)
class GroupedColumn:
    """A column of table three, or a group of table four, with what stands above it."""

    key: str
    label: str
    above: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """One official form. Keys of cells: `art20.ROW.COLUMN`, `requests.ROW.COLUMN`, `cases.GROUP.COLUMN`."""

    standard: Standard
    instrument: str
    sections: tuple[str, ...]
    table2: tuple[Block, ...]
    table3: tuple[ResultRow, ...]
    table3_columns: tuple[GroupedColumn, ...]
    table4_groups: tuple[GroupedColumn, ...]
    table4_columns: tuple[Labelled, ...]
    corner: str
    column_header: str

    @property
    def leaves(self) -> list[str]:
        """The keys of the rows of table three that （七）总计 adds up."""
        return [row.key for row in self.table3 if row.leaf]

    def cells2(self) -> Iterator[tuple[Block, Labelled, Column, str]]:
        """The cells of table two in their order, each with its key."""
        for block in self.table2:
            for row in block.rows:
                for column in block.columns:
                    yield block, row, column, f"art20.{row.key}.{column.key}"

    def cells3(self) -> Iterator[tuple[ResultRow, GroupedColumn, str]]:
        """The same of table three."""
        for row in self.table3:
            for column in self.table3_columns:
                yield row, column, f"requests.{row.key}.{column.key}"

    def cells4(self) -> Iterator[tuple[GroupedColumn, Labelled, str]]:
        """The same of table four."""
        for group in self.table4_groups:
            for column in self.table4_columns:
                yield group, column, f"cases.{group.key}.{column.key}"


def standard_of(year: int) -> Standard:
    """The form in which the report of `year` is written. Raises InvalidContent before 2019: there was none."""
    if year < FIRST_YEAR:
        raise invalid("year", f"{year}年还没有统一格式：统一格式从{FIRST_YEAR}年度报告开始使用。")
    return Standard.OF_2021 if year >= _YEAR_OF_NEW_FORM else Standard.OF_2019


def form_of(year: int, standard: Standard | None = None) -> Form:
    """The form `standard`, or that of the year. Raises InvalidContent."""
    if year not in clock.YEARS:
        raise invalid("year", f"{year}不是年份。请填写四位数的年份，例如 2020。")
    return FORMS[standard or standard_of(year)]


def _load() -> Mapping[Standard, Form]:
    data: dict[str, Any] = json.loads((files(__package__) / "forms.json").read_text(encoding="utf-8"))
    return {standard: _form(standard, data) for standard in Standard}


def _form(standard: Standard, data: Mapping[str, Any]) -> Form:
    own = data[standard.value]
    return Form(
        standard=standard,
        instrument=own["instrument"],
        sections=tuple(own["sections"]),
        table2=tuple(_block(one) for one in own["table2"]),
        table3=tuple(ResultRow(**one) for one in own["table3"]),
        table3_columns=tuple(_grouped(one, "group") for one in data["table3_columns"]),
        table4_groups=tuple(_grouped(one, "parent") for one in data["table4_groups"]),
        table4_columns=tuple(Labelled(**one) for one in data["table4_columns"]),
        corner=data["corner"],
        column_header=data["column_header"],
    )


def _block(given: Mapping[str, Any]) -> Block:
    columns = tuple(
        Column(one["key"], one["label"], Measure(one["kind"]), one.get("unit", ""))
        for one in given["columns"]
    )
    return Block(given["article"], given["head"], columns, tuple(Labelled(**one) for one in given["rows"]))


def _grouped(given: Mapping[str, Any], above: str) -> GroupedColumn:
    return GroupedColumn(given["key"], given["label"], given[above])


FORMS: Final = _load()
