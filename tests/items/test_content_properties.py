"""What holds for every item, not only for those that somebody thought of."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outreach.foundation.problems import InvalidContent
from outreach.items.content import Content, read_content
from outreach.items.importing import read_file
from outreach.items.importing.cells import protected
from outreach.items.kinds import FIELDS
from outreach.items.labels import display_rows, display_values, label_of
from outreach.items.model import Kind

from .builders import SAMPLES, without_nulls
from .strategies import amounts, days, texts

file_names = st.text("报告书批复甲乙（）", min_size=1, max_size=9).map(lambda stem: f"{stem}.pdf")

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
names = st.sampled_from(
    sorted({*Content.model_fields, *(name for shape in FIELDS.values() for name in shape.model_fields)})
)


@st.composite
def penalties(draw: st.DrawFn) -> dict[str, Any]:
    """A penalty with whatever may vary in it."""
    inspected, notified, decided = sorted(draw(st.lists(days, min_size=3, max_size=3)))
    fields = {
        "party": draw(texts),
        "party_kind": draw(st.sampled_from(["企业", "个体", "自然人"])),
        "violation": draw(texts),
        "legal_basis": draw(texts),
        "penalty": draw(texts),
        **draw(st.fixed_dictionaries({}, optional={"amount_yuan": amounts, "confiscated_yuan": amounts})),
        "inspected_on": inspected,
        "notified_on": notified,
        "decided_on": decided,
        "extra": draw(st.dictionaries(texts, texts, min_size=1, max_size=3)),
    }
    body = draw(st.lists(texts, max_size=4).map("\n\n".join))
    attachments = draw(st.lists(file_names, max_size=3, unique=True))
    return {
        "source_id": draw(texts), "kind": "penalty", "title": draw(texts), "section": draw(texts),
        "formed_on": draw(days), "body": body, "attachments": attachments, "fields": fields,
    }  # fmt: skip


@given(penalties())
def test_an_item_comes_out_of_json_as_it_went_in(raw: dict[str, Any]) -> None:
    typed = read_content(raw).as_json()

    assert typed | raw == typed
    assert read_content(json.loads(json.dumps(typed))).as_json() == typed


@given(penalties(), st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_an_item_comes_out_of_a_table_as_it_went_in(
    raw: dict[str, Any], labelled: bool, encoding: str
) -> None:
    own = {name: value for name, value in raw["fields"].items() if name != "extra"}
    common = {name: value for name, value in raw.items() if name not in ("fields", "attachments")}
    cells = {
        label_of(Kind.PENALTY, name) if labelled else name: str(value)
        for name, value in (common | own).items()
    }
    cells["附件"] = "；".join(raw["attachments"])
    cells |= {f"附加:{label}": text for label, text in raw["fields"]["extra"].items()}
    table = io.StringIO(newline="")
    csv.writer(table).writerows([cells.keys(), map(protected, cells.values())])

    [row] = read_file("items.csv", table.getvalue().encode(encoding))

    assert row.errors == ()
    assert row.content is not None
    assert without_nulls(row.content.as_json()) == without_nulls(read_content(raw).as_json())


@given(json_values | st.dictionaries(names, json_values))
def test_whatever_json_comes_in_is_taken_or_told_in_chinese(raw: Any) -> None:
    _take_or_tell(raw)


@given(
    st.sampled_from(SAMPLES),
    st.dictionaries(names, json_values, max_size=3),
    st.dictionaries(names, json_values),
)
def test_whatever_stands_in_an_item_is_taken_or_told_in_chinese(
    sample: dict[str, Any], changes: dict[str, Any], fields: dict[str, Any]
) -> None:
    _take_or_tell({**sample, "fields": {**sample["fields"], **fields}, **changes})


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.xlsx", "a"]))
def test_whatever_bytes_come_in_are_rows_or_told(content: bytes, name: str) -> None:
    try:
        rows = read_file(name, content)
    except InvalidContent as problem:
        assert problem.detail
    else:
        assert all(row.errors or row.content for row in rows)


def _take_or_tell(raw: Any) -> None:
    try:
        content = read_content(raw)
    except InvalidContent as problem:
        assert problem.errors
        for error in problem.errors:
            assert (error.field + error.message).encode()
            assert error.message.rstrip().endswith(("。", "？"))
    else:
        typed = content.as_json()
        assert read_content(json.loads(json.dumps(typed, allow_nan=False))).as_json() == typed
        assert display_rows(content.kind, typed["fields"]) or not display_values(
            content.kind, typed["fields"]
        )
