"""Names in sentences: whose they are and where they end, and ordinary words that begin like names."""

import pytest

from outreach.screening.detectors.base import PROTECTED_PERSON
from outreach.screening.rules import screen


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("举报人：乌日根达来，电话已登记。", "乌日根达来"),
        ("当事人苏都毕力格在禁牧区焚烧垃圾，责令改正。", "苏都毕力格"),
        ("请斯琴巴特尔本人携带证件领取。", "斯琴巴特尔"),
        ("额尔登朝鲁同志：您反映的噪声问题已收悉。", "额尔登朝鲁"),
        ("桂　英女士：\n您好，来信收到。", "桂　英"),
        ("包青格乐：你于7月3日在林地内堆放医疗废物。", "包青格乐"),
        ("主持人读了康巧云大妈的来信，全场动容。", "康巧云"),
        ("举报能手毕力格图领取了奖金。", "毕力格图"),
        ("画作《蓝天》是豆豆小朋友的作品。", "豆豆"),
    ],
)
def test_a_protected_name_is_found_whole(text: str, name: str) -> None:
    assert [match.text for match in screen(text) if match.label == PROTECTED_PERSON] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "网友反映锅炉房黑烟问题已办结。",
        "当事人于河滩倾倒污泥，已立案。",
        "在学校座谈会上，五年级学生代表们发言。",
        "尊敬的市民：您好！",
        "各企业：你单位于6月前完成整改。",
        "小朋友们在老师带领下参观监测站，大大小小朋友都很高兴。",
        "局长金山主持会议，副局长乌力吉参加。",
        "阀门资产编码13900012345，出厂编号15804741122。",
        "听证会纪要将于会后公示。",
    ],
)
def test_nothing_is_found_in_sentences_that_name_nobody(text: str) -> None:
    assert screen(text) == []
