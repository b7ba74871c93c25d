"""The labelled texts, and how findings are held against them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from outreach.screening.rules import LABELS, Match, Severity, verdict

FIRST: Final = "labelled"
FURTHER: Final = ("more_1", "more_2", "more_3", "more_4", "more_5", "more_6", "more_7", "more_8")

# Where an address, a title or a formula begins and ends is a matter of taste: half of it is enough.
FUZZY: Final = frozenset({"home_address", "internal_process", "trade_secret"})
BLOCKING: Final = frozenset({"classification_mark", "internal_process"})


def labelled_texts(name: str) -> list[dict[str, Any]]:
    """A set of texts with their labels: id, kind, text, spans, negatives and verdict."""
    path = Path(__file__).parent / "data" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def labelled_spans(row: dict[str, Any]) -> list[dict[str, Any]]:
    """What has to be found; a credit code is labelled too and is public."""
    return [span for span in row["spans"] if span["label"] in LABELS]


def is_that(match: Match, span: dict[str, Any]) -> bool:
    """Whether the finding is the labelled span."""
    if match.label != span["label"]:
        return False
    if match.label not in FUZZY:
        return (match.start, match.end) == (span["start"], span["end"])
    overlap = min(match.end, span["end"]) - max(match.start, span["start"])
    return 2 * overlap >= span["end"] - span["start"]


@dataclass(slots=True)
class Score:
    """Counts by label or verdict of what was found rightly and wrongly, and what was missed."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def precision(self, names: Iterable[str] | None = None) -> float:
        """Of `names`, else of all."""
        return _share(self._sum(self.right, names), self._sum(self.wrong, names))

    def recall(self, names: Iterable[str] | None = None) -> float:
        """Of `names`, else of all."""
        return _share(self._sum(self.right, names), self._sum(self.missed, names))

    def f1(self, names: Iterable[str] | None = None) -> float:
        """Of `names`, else of all."""
        errors = self._sum(self.wrong, names) + self._sum(self.missed, names)
        return _share(2 * self._sum(self.right, names), errors)

    def _sum(self, counts: Counter[str], names: Iterable[str] | None) -> int:
        return counts.total() if names is None else sum(counts[name] for name in names)


@dataclass(slots=True)
class Scores:
    """How a set of texts was screened. Of clean texts: how many there are, and were blocked or flagged."""

    spans: Score = field(default_factory=Score)
    verdicts: Score = field(default_factory=Score)
    clean: int = 0
    clean_blocked: int = 0
    clean_flagged: int = 0


def score(rows: Iterable[dict[str, Any]], screen: Callable[[str], Sequence[Match]]) -> Scores:
    """Holds what `screen` finds against the labels: one finding for one span; hints are left out."""
    scores = Scores()
    for row in rows:
        found = [match for match in screen(row["text"]) if match.severity is not Severity.HINT]
        _count_spans(scores.spans, found, labelled_spans(row))
        _count_verdict(scores, verdict(found), row["verdict"])
    return scores


def _count_spans(counts: Score, found: Sequence[Match], labelled: Sequence[dict[str, Any]]) -> None:
    left = list(found)
    for span in labelled:
        match = next((one for one in left if is_that(one, span)), None)
        (counts.right if match else counts.missed)[span["label"]] += 1
        if match:
            left.remove(match)
    counts.wrong.update(match.label for match in left)


def _count_verdict(scores: Scores, given: str, expected: str) -> None:
    if given == expected:
        scores.verdicts.right[expected] += 1
    else:
        scores.verdicts.missed[expected] += 1
        scores.verdicts.wrong[given] += 1
    if expected == "clean":
        scores.clean += 1
        scores.clean_blocked += given == "block"
        scores.clean_flagged += given != "clean"


def _share(right: int, others: int) -> float:
    return right / (right + others) if right + others else 1.0
