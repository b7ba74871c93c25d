"""The engine against labelled texts and against items that offices really publish."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import outreach.demo
from outreach.screening.rules import WORDING, Severity, screen, verdict

from .labelled_texts import BLOCKING, FIRST, FURTHER, FUZZY, is_that, labelled_spans, labelled_texts, score

LABELLED = labelled_texts(FIRST)
DEMO_ITEMS = [
    json.loads(line)
    for line in (Path(outreach.demo.__file__).parent / "items.jsonl").read_text(encoding="utf-8").splitlines()
]

LEAST_F1 = 0.96
ROWS = pytest.mark.parametrize("row", LABELLED, ids=lambda row: row["id"])


@ROWS
def test_each_labelled_span_is_found_once_and_nothing_else(row: dict[str, Any]) -> None:
    found = [match for match in screen(row["text"]) if match.severity is not Severity.HINT]
    labelled = labelled_spans(row)
    pairs = [(span, match) for span in labelled for match in found if is_that(match, span)]
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


# Made without knowledge of the rules, which were then mended by them: these hold what was reached, they don't
# measure unseen texts. Some of their spans are still missed, so they are held as a whole.
@pytest.mark.parametrize("name", FURTHER)
def test_further_labelled_texts_keep_their_scores(name: str) -> None:
    scores = score(labelled_texts(name), screen)
    assert scores.spans.f1() >= LEAST_F1
    assert scores.spans.recall(BLOCKING) == 1
    assert scores.clean_blocked == 0


@pytest.mark.parametrize("name", FURTHER)
def test_nothing_is_said_of_the_wording_of_clean_texts(name: str) -> None:
    clean = [row["text"] for row in labelled_texts(name) if row["verdict"] == "clean"]
    assert [match for text in clean for match in screen(text) if match.label == WORDING] == []


@pytest.mark.parametrize("item", DEMO_ITEMS, ids=lambda item: item["source_id"])
def test_published_items_are_clean(item: dict[str, Any]) -> None:
    found = [match for text in _texts(item) for match in screen(text)]
    assert [match for match in found if match.severity is not Severity.HINT or match.label == WORDING] == []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
