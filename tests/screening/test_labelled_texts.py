"""The engine against labelled texts and against items that offices really publish."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import outreach.demo
from outreach.screening.rules import LABELS, Severity, screen, verdict

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
]
DEMO_ITEMS = [
    json.loads(line)
    for line in (Path(outreach.demo.__file__).parent / "items.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", LABELLED, ids=lambda row: row["id"])
def test_exactly_the_labelled_spans_are_found(row: dict[str, Any]) -> None:
    labelled = {(s["start"], s["end"], s["label"]) for s in row["spans"] if s["label"] in LABELS}
    assert {(m.start, m.end, m.label) for m in screen(row["text"])} == labelled


@pytest.mark.parametrize("row", LABELLED, ids=lambda row: row["id"])
def test_no_near_miss_is_found(row: dict[str, Any]) -> None:
    negatives = [(n["start"], n["end"]) for n in row["negatives"]]
    for match in screen(row["text"]):
        assert not [span for span in negatives if span[0] < match.end and match.start < span[1]]


@pytest.mark.parametrize("row", LABELLED, ids=lambda row: row["id"])
def test_the_verdict_follows_the_labels(row: dict[str, Any]) -> None:
    labels = {span["label"] for span in row["spans"]} & LABELS.keys()
    expected = "block" if "classification_mark" in labels else "redact" if labels else "clean"
    assert verdict(screen(row["text"])) == expected


@pytest.mark.parametrize("item", DEMO_ITEMS, ids=lambda item: item["source_id"])
def test_published_items_are_clean(item: dict[str, Any]) -> None:
    found = [match for text in _texts(item) for match in screen(text)]
    assert [match for match in found if match.severity is not Severity.HINT] == []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
