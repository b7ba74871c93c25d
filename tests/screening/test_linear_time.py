"""No text makes the engine work longer than its length: a screening that hangs is a review that stops."""

import time

import pytest

from outreach.screening.rules import screen

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
