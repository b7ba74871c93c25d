"""How texts introduce persons who are protected, and who is public though introduced in much the same way."""

import pytest

from outreach.screening.detectors.base import PROTECTED_PERSON
from outreach.screening.rules import screen

NAMED = {
    "受罚自然人：白永胜，性别：男。": ["白永胜"],
    "赔偿义务人：石满囤": ["石满囤"],
    "行政相对人名称（自然人）：赵志刚": ["赵志刚"],
    "责令你（王秀清）立即改正。": ["王秀清"],
    "对当事人李连生作出罚款500元的决定。": ["李连生"],
    "6月1日上午，贺喜格通过12345热线反映养殖场恶臭。": ["贺喜格"],
    "2026年5月3日，樊玉梅来到分局窗口实名举报隔壁喷漆房。": ["樊玉梅"],
    "市民常秀莲多次到局里反映油烟问题。": ["常秀莲"],
    "群众高润生、吴秀兰反映夜间异味。": ["高润生", "吴秀兰"],
    "武月娥（信访人）要求赔偿。": ["武月娥"],
    "答复：高凤仙女士，您好！来信收悉。": ["高凤仙"],
    "聂文军同志：根据您来信反映的情况，我局进行了核实。": ["聂文军"],
    "局长将奖金交到市民魏长顺手中，感谢其举报。": ["魏长顺"],
    "对值班员李秀峰、门卫田茂林制作的调查询问笔录": ["李秀峰", "田茂林"],
    "车间主任冀二俊的询问笔录一份": ["冀二俊"],
    "经郑玉兰指认，现场提取土样三份。": ["郑玉兰"],
    "走访脱贫户武润莲家，送去米面。": ["武润莲"],
    "随后来到韩美丽家，查看化粪池。": ["韩美丽"],
    "一等奖：张梓涵、李沐辰（均为8岁）": ["张梓涵", "李沐辰"],
    "患儿郝奕诺已出院。": ["郝奕诺"],
    "未成年人张皓宇及其监护人张永在。": ["张皓宇", "张永在"],
    "姓名\t性别\t住址\n王　刚\t男\t集宁区新华街5号院": ["王　刚"],
    "投诉人电话|投诉人\n已隐去|刘志强": ["刘志强"],
    "当事人：宫海峰": ["宫海峰"],
    "举报人：商桂兰，电话登记。": ["商桂兰"],
    "第1名 孟根花 奖金3000元 建行卡号6217000520017362840": ["孟根花"],
    "专家D·巴特尔（护照号码E21765491）": ["D·巴特尔"],
}

NOBODY = [
    "包案责任人杜建平副镇长负责督办。",
    "法定代表人田贵生的调查询问笔录",
    "对企业负责人马俊的询问笔录显示，该公司2024年投产。",
    "当事人的陈述和申辩应当充分听取。",
    "慰问一线环卫工人和困难职工家庭。",
    "走访王家大院景区周边餐饮单位。",
    "前往高家梁煤矿检查。",
    "主持人赵云飞：您最关心什么？",
    "韩雪梅：今年已兑现11件，您提到的问题正在办理。",
    "金山到集宁区信访局调研。",
    "安排专人到现场核实举报内容。",
    "受理公民的检举、揭发和控告。",
    "指导教师米丽娟、图门（均为高级教师）",
    "一等奖：集宁师范学院附属实验小学、集宁一中（均为五年级组）",
    "送达人：图雅、刘宝成",
    "首席预报员：呼和；预报员：张越；签发：钱国栋。",
    "当事人：商都县科都番茄制品有限责任公司",
    "当事人：海拉尔区某砖厂",
    "被处罚人：额尔敦餐饮店",
    "将案卷交给法规科审核，举报线索另行核查。",
    "姓名\t性别\t公民身份号码\t电话",
    "对自然人罚款五百元以上的，应当告知听证权利。",
]


@pytest.mark.parametrize(("text", "names"), NAMED.items())
def test_who_is_introduced_is_found_whole(text: str, names: list[str]) -> None:
    assert [match.text for match in screen(text) if match.label == PROTECTED_PERSON] == names


@pytest.mark.parametrize("text", NOBODY)
def test_nobody_is_found_where_nobody_is_protected(text: str) -> None:
    assert [match for match in screen(text) if match.label == PROTECTED_PERSON] == []


def test_a_legal_representatives_name_stays_where_the_number_beside_it_goes() -> None:
    found = screen("法定代表人王建国（身份证号：150902199107229645）")
    assert [match.label for match in found] == ["resident_id"]
