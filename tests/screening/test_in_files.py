"""What the rules find in what was read of a file."""

from __future__ import annotations

import pytest

from outreach.foundation.problems import StaleState
from outreach.office.context import Office
from outreach.screening.file_reader import ReadFile
from outreach.screening.files.passages import READ_OFF, How, Passage, Unread, passage
from outreach.screening.in_files import MOST_HINTS_ON_WORDING, MOST_OF_A_LABEL, found_in, marks_in, masked
from outreach.screening.rules import SHIPPED, screen
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


def test_rules_look_beyond_a_paragraph_as_in_a_text() -> None:
    paragraphs = [
        "企业声明以下内容为商业秘密：",
        "石油焦与粘结剂的配比为85:15，焙烧温度1250℃。",
        "举报人李小芳反映了情况。",
        "经办人员已回访。",
        "李小芳表示满意。",
    ]
    read = ReadFile.of([passage(text, f"第{number}段") for number, text in enumerate(paragraphs, start=1)])
    found = {(one.place, one.match.label, one.match.text) for one in found_in(read, SHIPPED, [])}
    whole = "\n".join(paragraphs)
    assert {(label, text) for _, label, text in found} == {(one.label, one.text) for one in screen(whole)}
    assert ("第2段", "trade_secret", paragraphs[1].rstrip("。")) in found
    assert ("第5段", "person_name_protected", "李小芳") in found
    assert all(
        whole[one.match.start : one.match.end] == one.match.text for one in found_in(read, SHIPPED, [])
    )


def test_how_a_file_is_worded_is_told_where_it_is_its_authors_and_shows() -> None:
    slip = "印发的的通知"
    places = ["正文第1段", f"第2页的图片{READ_OFF}", f"正文第3段，{How.DELETED}", f"正文第4段，{How.HIDDEN}"]
    found = found_in(ReadFile.of([passage(slip, place) for place in places]), SHIPPED, [])
    assert [(one.place, one.match.rule) for one in found] == [("正文第1段", "wording_doubled")]
    many = [
        passage(f"第{number}号{slip}", f"正文第{number}段") for number in range(MOST_HINTS_ON_WORDING + 5)
    ]
    told = found_in(ReadFile.of(many), SHIPPED, [])
    assert len(told) == MOST_HINTS_ON_WORDING and told[-1].place == "正文第19段（同类还有 5 处）"


def test_a_long_file_is_screened_in_stretches_and_places_stay_right() -> None:
    rows = [passage("未见异常。" * 3000 + f"电话138{number:08}", f"第{number}段") for number in range(20)]
    found = found_in(ReadFile.of(rows), SHIPPED, [])
    assert [(one.place, one.match.text) for one in found] == [
        (f"第{number}段", f"138{number:08}") for number in range(20)
    ]


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
