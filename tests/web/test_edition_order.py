"""What a button of the compose page does to the order."""

from __future__ import annotations

import pytest

from outreach.web.forms import Form
from outreach.web.pages.edition_order import order_of


@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("up:b", "bac"),
        ("up:a", "abc"),
        ("down:b", "acb"),
        ("down:c", "abc"),
        ("out:b", "ac"),
        ("", "abc"),
        ("up:x", "abc"),
    ],
)
def test_a_button_moves_one_article(act: str, order: str) -> None:
    assert order_of(Form({"items": ["a", "b", "c"], "act": [act]})) == list(order)
    assert order_of(Form({"items": ["a"], "add": ["b", "a"]})) == ["a", "b"]
