"""What stands in the place of what was found says enough and betrays nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.screening.masks import Spot, is_maskable, mask, redacted
from outreach.screening.rules import screen
from tests.screening.builders import broken_up, full_width, resident_ids

LABELLED: Final = [
    json.loads(line)["text"]
    for line in (Path(__file__).parent / "data" / "labelled.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("label", "found", "proposed"),
    [
        ("resident_id", "152601199001011234", "152***********1234"),
        ("resident_id", "152601 19900101 123X", "152*** ******** 123X"),
        ("resident_id", full_width("152601199001011234"), "１５２***********１２３４"),
        ("mobile_phone", "13812340026", "138****0026"),
        ("mobile_phone", "138-1234-0026", "138-****-0026"),
        ("mobile_phone", "+86 138 1234 0026", "+86 138 **** 0026"),
        ("landline_private", "0474-8231234", "0474-***"),
        ("landline_private", "(0474)8231234", "(0474)***"),
        ("landline_private", "8231234", "***"),
        ("bank_card", "6222 0200 1234 5678 901", "**** 8901"),
        ("passport", "E95061110", "**** 1110"),
        ("plate_number", "蒙J5R602", "蒙J***02"),
        ("plate_number", "蒙J·D12345", "蒙J***45"),
        ("person_name_protected", "张建国", "张某某"),
        ("person_name_protected", "张伟", "张某"),
        ("person_name_protected", "张  伟", "张某"),
        ("person_name_protected", "欧阳志远", "欧阳某某"),
        ("person_name_protected", "司马光", "司马某"),
        ("person_name_protected", "马克·李维斯", "马某"),
        ("person_name_protected", "乌日娜", "乌某"),
        ("person_name_protected", "那仁满都拉", "那某"),
        (
            "home_address",
            "内蒙古自治区乌兰察布市集宁区马莲渠乡霸王河村二组46号",
            "内蒙古自治区乌兰察布市集宁区",
        ),
        ("home_address", "集宁区新华街阳光小区3号楼2单元301室", "集宁区"),
        ("home_address", "察哈尔右翼前旗土贵乌拉镇建设路12号", "察哈尔右翼前旗"),
        ("home_address", "丰镇市北城街道7号楼1单元301室", "丰镇市"),
        ("home_address", "新华街道阳光小区7号楼1单元301室", "***"),
        ("sensitive_coordinates", "E113°34′26.18″,N41°33′07.92″", "（已删除）"),
        ("trade_secret", "配方比例为三比一", "（已删除）"),
        ("internal_process", "送审稿", "（已删除）"),
        ("personal_email", "0013528647@qq.com", "***"),
        ("office_word", "某个词", "***"),
    ],
)
def test_each_kind_of_thing_has_its_mask(label: str, found: str, proposed: str) -> None:
    assert mask(label, found) == proposed


def test_a_classification_mark_is_never_painted_over() -> None:
    assert not is_maskable("classification_mark")
    assert is_maskable("resident_id")


def test_several_places_of_several_texts_are_masked_at_once() -> None:
    texts = {
        "title": "关于张建国的决定",
        "body": "张建国，电话13812340026，请联系张建国。",
        "fields.note": "无",
    }
    spots = [
        Spot("person_name_protected", "body", 0, 3),
        Spot("mobile_phone", "body", 6, 17),
        Spot("person_name_protected", "body", 21, 24),
        Spot("person_name_protected", "title", 2, 5),
    ]
    assert redacted(texts, spots) == {
        "title": "关于张某某的决定",
        "body": "张某某，电话138****0026，请联系张某某。",
    }


def test_where_two_kinds_share_a_place_nothing_of_it_stays() -> None:
    spots = [Spot("mobile_phone", "body", 3, 14), Spot("social_account", "body", 3, 14)]
    assert redacted({"body": "微信：13812340026"}, spots) == {"body": "微信：***"}


@given(st.one_of(resident_ids(), broken_up(resident_ids())))
def test_of_an_identity_number_seven_signs_stay(number: str) -> None:
    shown = [char for char in mask("resident_id", number) if char.isalnum()]
    signs = [char for char in number if char.isalnum()]
    assert shown == signs[:3] + signs[-4:]
    assert len(mask("resident_id", number)) == len(number)


@given(resident_ids(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_what_is_masked_is_found_no_longer(number: str, mobile: str) -> None:
    assert still_found(f"当事人身份证号{number}，手机{mobile}。") == []


@pytest.mark.parametrize("text", LABELLED, ids=range(len(LABELLED)))
def test_a_labelled_text_is_clean_once_it_is_masked(text: str) -> None:
    assert still_found(text) == []


def still_found(text: str) -> list[tuple[str, str]]:
    """What the rules find of the same labels in the text whose findings were all masked. Of an internal paper, and of a
    declared secret, one sign at a time is told, and the next one once that is gone."""
    spots = [Spot(one.label, "body", one.start, one.end) for one in screen(text) if is_maskable(one.label)]
    after = redacted({"body": text}, spots).get("body", text)
    labels = {spot.label for spot in spots} - {"internal_process", "trade_secret"}
    return [(one.label, one.text) for one in screen(after) if one.label in labels and one.severity != "hint"]
