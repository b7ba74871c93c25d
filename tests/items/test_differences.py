"""What changed between two texts is told by lines, clauses and characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.items.differences import Change, differences

KEPT, REMOVED, ADDED = Change.KEPT, Change.REMOVED, Change.ADDED


def told(before: str, after: str) -> list[tuple[Change, str]]:
    return [(piece.change, piece.text) for piece in differences(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("一样。", "一样。", [(KEPT, "一样。")]),
        ("", "新写。", [(ADDED, "新写。")]),
        ("删去。", "", [(REMOVED, "删去。")]),
        (
            "第一段。\n第二段。\n第三段。",
            "第一段。\n第三段。",
            [(KEPT, "第一段。\n"), (REMOVED, "第二段。\n"), (KEPT, "第三段。")],
        ),
        (
            "当事人张建国，身份证号152601199001011234。",
            "当事人张某某，身份证号152***********1234。",
            [
                *((KEPT, "当事人张"), (REMOVED, "建国"), (ADDED, "某某"), (KEPT, "，身份证号152")),
                *((REMOVED, "60119900101"), (ADDED, "***********"), (KEPT, "1234。")),
            ],
        ),
        (
            "罚款三万元，限期改正。",
            "罚款三万元。",
            [(KEPT, "罚款三万元"), (REMOVED, "，限期改正"), (KEPT, "。")],
        ),
    ],
)
def test_changes_are_told_where_a_reader_looks_for_them(
    before: str, after: str, pieces: list[tuple[Change, str]]
) -> None:
    assert told(before, after) == pieces


TEXTS = st.text(st.sampled_from("张某国，。\n1*a"), max_size=40)


@given(TEXTS, TEXTS)
def test_the_pieces_give_both_texts(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(one.text for one in pieces if one.change is not ADDED) == before
    assert "".join(one.text for one in pieces if one.change is not REMOVED) == after


def test_long_texts_without_anything_in_common_are_told_whole() -> None:
    before, after = "甲" * 2_000, "乙" * 3_000
    assert told(before, after) == [(REMOVED, before), (ADDED, after)]
