"""An export brought in again is the same items."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from outreach.foundation.problems import InvalidContent
from outreach.items.content import Content, read_content
from outreach.items.exporting import ItemBook
from outreach.items.importing import read_file
from outreach.items.importing.cells import Cell, protected, text_of
from outreach.items.model import Kind

from .builders import SAMPLES, item
from .strategies import items


def exported(raw: Sequence[dict[str, Any]]) -> bytes:
    """A workbook of these items."""
    typed = [read_content(one).as_json() for one in raw]
    target = BytesIO()
    with closing(ItemBook(target, [])) as book:
        for kind in {Kind(one["kind"]) for one in typed}:
            own = [one["fields"].get("extra") or {} for one in typed if one["kind"] == kind]
            book.add_sheet(kind, list(dict.fromkeys(label for extra in own for label in extra)))
        book.write(typed)
    return target.getvalue()


def said(content: Content) -> str:
    """Everything that an item says; only a measurement tells 'missing' from 'not asked for'."""
    typed = content.as_json()
    measured = typed["fields"].pop("concentrations", None)
    return json.dumps([_known(typed), measured or {}], sort_keys=True, ensure_ascii=False)


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: known for name, inner in value.items() if (known := _known(inner)) is not None}
    return value


@settings(max_examples=50, phases=[Phase.explicit, Phase.generate, Phase.shrink])
@given(st.lists(items(), min_size=1, max_size=3, unique_by=lambda one: one["source_id"]))
def test_items_come_out_of_a_workbook_as_they_went_in(raw: list[dict[str, Any]]) -> None:
    rows = list(read_file("items.xlsx", exported(raw)))

    assert [row.errors for row in rows] == [()] * len(raw)
    assert sorted(said(row.content) for row in rows if row.content) == sorted(
        said(read_content(one)) for one in raw
    )


def test_the_samples_come_out_of_a_workbook_as_they_went_in() -> None:
    rows = list(read_file("items.xlsx", exported(SAMPLES)))

    assert [row.errors for row in rows] == [()] * len(SAMPLES)
    assert sorted(said(row.content) for row in rows if row.content) == sorted(
        said(read_content(one)) for one in SAMPLES
    )


@given(st.text(max_size=8) | st.sampled_from(["=1+1", "'=1", "''-1", "@x", "\tx", "#REF!", "2E+10", "'"]))
def test_what_is_protected_begins_like_no_formula_and_is_read_as_it_was(text: str) -> None:
    assert not protected(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert text_of(Cell(protected(text)), "text") == text


@pytest.mark.parametrize("title", ['=HYPERLINK("http://example.org","点")', "+86", "-1", "@SUM(A1)"])
def test_no_cell_of_an_export_is_a_formula(title: str) -> None:
    raw = item("event", title=title, fields={"extra": {"备注": title}})
    book = openpyxl.load_workbook(BytesIO(exported([raw])))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]

    assert all(cell.data_type != "f" for cell in cells)
    assert not any(str(cell.value or "").startswith(("=", "+", "-", "@")) for cell in cells)


def test_numbers_and_days_are_real_ones_and_codes_are_texts() -> None:
    raw = item("penalty", source_id="007", fields={"amount_yuan": 50000, "decided_on": "2026-03-01"})
    sheet = openpyxl.load_workbook(BytesIO(exported([raw])))["行政处罚"]
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}

    assert cells["来源编号"].value == "007"
    assert cells["来源编号"].number_format == "@"
    assert cells["罚款金额(元)"].value == 50000
    assert cells["决定日期"].is_date


def test_a_text_that_no_cell_can_hold_is_told() -> None:
    with pytest.raises(InvalidContent, match="“正文”超过 32767 个字"):
        exported([item("event", body="长" * 40_000)])
