"""No text makes the engine work longer than its length: a screening that hangs is a review that stops."""

import time
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]

import pytest

from outreach.screening.rules import screen

from .expressions import Node, expressions, inner, is_unbounded, may_be_empty, nodes, parsed, sequences
from .worst_texts import PIECES, worst_text

LENGTH = 100_000
SECONDS = 10
"""Far above what any piece takes, far below what the square of the length would."""


@pytest.mark.parametrize("piece", PIECES)
def test_the_work_grows_with_the_length_only(piece: str) -> None:
    text = worst_text(piece, LENGTH)
    started = time.process_time()
    screen(text)
    assert time.process_time() - started < SECONDS


def test_blanks_between_two_findings_are_looked_through_once() -> None:
    text = f"此件不予公开{' ' * LENGTH}另，此件不予公开"
    started = time.process_time()
    assert [one.label for one in screen(text)] == ["internal_process", "internal_process"]
    assert time.process_time() - started < SECONDS


# Whatever stands before it, each of these can begin only once in a run of what it repeats: after a digit or a word, at
# the edge of the run, in a number that was cut out before.
UNBOUNDED = {
    "detectors.bank_card.LONG_NUMBER",
    "detectors.classification_mark._STARRED",
    "detectors.classification_mark._LEVEL_AS_VALUE",
    "detectors.classification_mark._STANDING",
    "detectors.home_address._ADDRESS",
    "detectors.internal_process._ADJOINING",
    "detectors.mobile_phone._LETTERS_BEFORE",
    "detectors.resident_id._GAP",
    "detectors.sensitive_coordinates._PAIR",
    "detectors.wording.units._QUANTITY_BEFORE",
    "in_files._LINK",
}


def test_few_expressions_repeat_without_an_end_and_none_two_things_at_once() -> None:
    """All others look a bounded number of characters ahead of each place: their work is linear by their structure."""
    assert {
        name for name, one in expressions().items() if any(map(is_unbounded, nodes(parsed(one))))
    } == UNBOUNDED
    for name in UNBOUNDED:
        tree = parsed(expressions()[name])
        for node in nodes(tree):
            nested = [one for sequence in inner(node) for one in nodes(sequence) if is_unbounded(one)]
            assert not (is_unbounded(node) and nested), name
        for sequence in sequences(tree):
            assert not any(_share_a_run(sequence)), name


def _share_a_run(sequence: list[Node]) -> Iterator[bool]:
    """Whether two repeats that give back what they took may meet: each would try every share of the run."""
    open_run = False
    for node in sequence:
        if is_unbounded(node) and node[0] is not op.POSSESSIVE_REPEAT:
            yield open_run
            open_run = True
        elif not may_be_empty(node):
            open_run = False
