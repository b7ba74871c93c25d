"""The engine against labelled texts and against items that offices really publish."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import outreach.demo
from outreach.screening.rules import LABELS, Match, Severity, screen, verdict

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
]
DEMO_ITEMS = [
    json.loads(line)
    for line in (Path(outreach.demo.__file__).parent / "items.jsonl").read_text(encoding="utf-8").splitlines()
]


# Where an address, a title or a formula begins and ends is a matter of taste: half of it is enough.
FUZZY = {"home_address", "internal_process", "trade_secret"}
ROWS = pytest.mark.parametrize("row", LABELLED, ids=lambda row: row["id"])


@ROWS
def test_each_labelled_span_is_found_once_and_nothing_else(row: dict[str, Any]) -> None:
    found = [match for match in screen(row["text"]) if match.severity is not Severity.HINT]
    labelled = [span for span in row["spans"] if span["label"] in LABELS]
    pairs = [(span, match) for span in labelled for match in found if _is_that(match, span)]
    assert [span for span, _ in pairs] == labelled
    assert sorted((match.start, match.label) for _, match in pairs) == [(m.start, m.label) for m in found]


@ROWS
def test_no_near_miss_is_found(row: dict[str, Any]) -> None:
    negatives = [(n["start"], n["end"]) for n in row["negatives"]]
    for match in screen(row["text"]):
        if match.label not in FUZZY:
            assert not [span for span in negatives if span[0] < match.end and match.start < span[1]]


@ROWS
def test_the_verdict_follows_the_labels(row: dict[str, Any]) -> None:
    assert verdict(screen(row["text"])) == row["verdict"]


@pytest.mark.parametrize(
    "row", [row for row in LABELLED if row["verdict"] == "clean"], ids=lambda row: row["id"]
)
def test_nothing_is_said_of_a_clean_text(row: dict[str, Any]) -> None:
    assert screen(row["text"]) == []


@pytest.mark.parametrize("item", DEMO_ITEMS, ids=lambda item: item["source_id"])
def test_published_items_are_clean(item: dict[str, Any]) -> None:
    found = [match for text in _texts(item) for match in screen(text)]
    assert [match for match in found if match.severity is not Severity.HINT] == []


def _is_that(match: Match, span: dict[str, Any]) -> bool:
    if match.label != span["label"]:
        return False
    if match.label not in FUZZY:
        return (match.start, match.end) == (span["start"], span["end"])
    overlap = min(match.end, span["end"]) - max(match.start, span["start"])
    return 2 * overlap >= span["end"] - span["start"]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
