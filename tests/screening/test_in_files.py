"""What the rules find in what was read of a file."""

from __future__ import annotations

import pytest

from outreach.foundation.problems import StaleState
from outreach.office.context import Office
from outreach.screening.file_reader import ReadFile
from outreach.screening.files.passages import Passage, Unread, passage
from outreach.screening.in_files import MOST_OF_A_LABEL, found_in, marks_in, masked
from outreach.screening.rules import SHIPPED
from outreach.screening.service import screen_snapshot
from tests.screening.documents import ID, PHONE


def test_a_finding_lies_where_its_piece_of_the_passage_lies() -> None:
    row = Passage(f"甲方  |  {ID}", ((0, "A7"), (7, "B7")))
    (found,) = found_in(ReadFile.of([passage("表头", "A1"), row]), SHIPPED, [])
    assert (found.place, found.match.start, found.match.end) == ("B7", 3 + 7, 3 + 7 + 18)


def test_what_several_readings_of_a_place_show_is_found_once() -> None:
    lines = [passage(f"身份证号\n{ID}", "第1页"), passage(f"身份证号{ID}", "第1页")]
    assert len(found_in(ReadFile.of(lines), SHIPPED, [])) == 1


def test_a_file_full_of_numbers_gives_no_more_findings_than_a_person_can_judge() -> None:
    rows = [passage(f"138{number:08}", f"第{number}行") for number in range(MOST_OF_A_LABEL + 20)]
    found = found_in(ReadFile.of(rows), SHIPPED, [])
    assert len(found) == MOST_OF_A_LABEL
    assert found[-1].place == "第99行（同类还有 20 处）"


def test_what_was_not_read_is_one_finding_for_each_reason() -> None:
    unread = [Unread(f"第{number}页", "没有检查。") for number in range(1, 11)] + [Unread("附件", "已加密。")]
    found = found_in(ReadFile.of(unread), SHIPPED, [])
    assert [(one.match.advice, one.place) for one in found] == [
        ("已加密。", "附件"),
        ("没有检查。", "第1页、第2页、第3页、第4页、第5页、第6页、第7页、第8页等 10 处"),
    ]


def test_a_mark_alone_in_its_cell_is_one() -> None:
    row = Passage("序号：  1  |  备注：  内部资料", ((0, "A2"), (11, "B2")))
    ((found, mark),) = marks_in(ReadFile.of([row]))
    assert found.place_at(mark.start) == "B2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [(ID, "110***********002X"), (PHONE, "138****8000"), ("张三", "张*"), ("X", "X"), ("", "")],
)
def test_what_is_shown_of_a_finding_gives_it_not_away(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("link", "is_foreign"),
    [
        ("https://pay.example.com/a", True),
        ("HTTP://PAY.EXAMPLE.COM", True),
        ("https://fake-gov.cn/", True),
        ("https://x.gov.cn.example.com/", True),
        ("https://www.mee.gov.cn/x", False),
        ("https://outreach.example.org/p/1", False),
        ("https://files.example.org", False),
    ],
)
def test_a_link_is_foreign_by_its_host(link: str, is_foreign: bool) -> None:
    read = ReadFile.of([passage(f"详见 {link}，谢谢。", "第1段")])
    found = found_in(read, SHIPPED, ["outreach.example.org", "example.org"])
    assert [one.match.text for one in found] == ([link] if is_foreign else [])


async def test_a_file_that_came_after_the_screening_stops_the_submit(office: Office) -> None:
    snapshot = {"fields": {}, "attachments": [{"name": "a.pdf", "sha256": "1" * 64}]}
    async with office.db.read() as session:
        with pytest.raises(StaleState, match="附件刚被更换"):
            await screen_snapshot(session, snapshot, {})
