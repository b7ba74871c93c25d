"""Numbers, plates, addresses and marks that are written in unusual ways, each found as far as it goes."""

import pytest

from outreach.screening.rules import screen

FOUND = {
    "车牌晋BF 9073超标": ("plate_number", "晋BF 9073"),
    "蒙J·8K 376": ("plate_number", "蒙J·8K 376"),
    "号牌蒙 J5R602": ("plate_number", "蒙 J5R602"),
    "备用号19900729171": ("mobile_phone", "19900729171"),
    "手机138474OO261": ("mobile_phone", "138474OO261"),
    "联系方式（宅电）：0477-7581963": ("landline_private", "0477-7581963"),
    "投稿邮箱：wangjing_8806@163.com（王老师个人邮箱）": ("personal_email", "wangjing_8806@163.com"),
    "取水塔精确位置（112.964381，41.029776）": ("sensitive_coordinates", "112.964381，41.029776"),
    "民爆仓库经纬度：113.12345,41.23456": ("sensitive_coordinates", "113.12345,41.23456"),
    "【工作秘密】妥善保管": ("classification_mark", "工作秘密"),
    "内部文件 请勿转载\n展览解说词": ("classification_mark", "内部文件"),
    "证人住太仆寺旗千斤沟镇大圆山村一组27号": ("home_address", "太仆寺旗千斤沟镇大圆山村一组27号"),
    "她家位于兴和县城关镇西街村六组33号": ("home_address", "兴和县城关镇西街村六组33号"),
    "密级标识：机密级": ("classification_mark", "密级标识：机密级"),
    "补助600元，打款6217991910005328179": ("bank_card", "6217991910005328179"),
}

NOT_FOUND = [
    "京藏G6 K108+500处",
    "京A1 2026年",
    "投稿邮箱：tougao2026@163.com（个人、集体均可）",
    "业务号13900012345",
    "二等奖17326640915、19004471238（均为十一位随机兑奖码）",
    "送达地点：沭阳县青伊湖镇政府二楼",
    "饮用水源地宣传牌编号12.345",
    "补助发放批次号6217991910005328179",
]


@pytest.mark.parametrize(("text", "found"), FOUND.items())
def test_it_is_found_to_its_end(text: str, found: tuple[str, str]) -> None:
    assert [(match.label, match.text) for match in screen(text)] == [found]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_looks_like_it_passes(text: str) -> None:
    assert screen(text) == []


def test_each_passport_of_a_list_is_found() -> None:
    found = [match.text for match in screen("蒙古国2人，护照E23405178、E24117903；俄罗斯1人。")]
    assert found == ["E23405178", "E24117903"]


def test_a_home_behind_whose_it_is() -> None:
    text = "工作队来到牧户格日勒家（四子王旗脑木更苏木哈沙图嘎查8号）。"
    assert [match.text for match in screen(text)] == ["格日勒", "四子王旗脑木更苏木哈沙图嘎查8号"]
