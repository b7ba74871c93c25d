"""Slips of the pen are hints, with what would be right; what may be meant is left alone."""

import pytest

from outreach.screening.file_reader import ReadFile
from outreach.screening.files.passages import passage
from outreach.screening.in_files import found_in
from outreach.screening.rules import SHIPPED, WORDING, Match, Severity, screen, verdict


def hints(text: str) -> list[Match]:
    return [match for match in screen(text) if match.label == WORDING]


def only_hint(text: str) -> Match:
    (match,) = hints(text)
    return match


@pytest.mark.parametrize(
    ("text", "slip", "right"),
    [
        ("关于印发的的通知", "的的", "“的”"),
        ("本局已经受理了了该项目", "了了", "“了”"),
        ("该企业是是重点排污单位", "是是", "“是”"),
        ("公告发布在在局网站", "在在", "“在”"),
        ("废气和和废水", "和和", "“和”"),
        ("废气与与废水", "与与", "“与”"),
        ("废气及及废水", "及及", "“及”"),
        ("2026年年4月印发", "年年", "“年”"),
        ("4月月12日印发", "月月", "“月”"),
        ("4月12日日，现场检查", "日日", "“日”"),
        ("罚款5万元元。", "元元", "“元”"),
        ("总投资120万元万元", "万元万元", "“万元”"),
        ("同比下降3.5%%", "%%", "“%”"),
        ("执法人员对企业进行进行检查", "进行进行", "“进行”"),
        ("现将有关事项公示如下如下：", "如下如下", "“如下”"),
        ("予以公示。。联系电话见附件", "。。", "“。”"),
    ],
)
def test_what_was_typed_twice_is_told(text: str, slip: str, right: str) -> None:
    match = only_hint(text)
    assert (match.text, match.rule, match.severity) == (slip, "wording_doubled", Severity.HINT)
    assert right in match.advice


@pytest.mark.parametrize(
    "text",
    [
        "人人参与、天天坚持、家家动手，往往、常常、渐渐、一一核对",
        "以营利为目的的活动，被打的的士司机，非标的的设备",
        "为了了解情况，除了了结旧案",
        "问题还是是否公开，凡是是企业的，关键是是非分明",
        "问题存在在线监测设备，现在在建项目，正在在岗培训",
        "饱和和不饱和，呼和浩特市和和林格尔县，共和和平",
        "参与与监督，给与与会人员",
        "涉及及时公开的，以及及早发现的",
        "2026年年均浓度，2025年年报，3月月均值，3月月底，12日日均值",
        "省略。。。",
    ],
)
def test_words_that_meet_are_not_typed_twice(text: str) -> None:
    assert hints(text) == []


def test_a_half_width_mark_among_full_width_ones_of_its_kind_is_told_once_a_paragraph() -> None:
    match = only_hint("经审查,我局拟批准该项目,现予公示，公示期五日，欢迎监督，联系电话见后。")
    assert (match.start, match.text, match.rule) == (3, ",", "wording_punctuation")
    assert "“，”" in match.advice


@pytest.mark.parametrize(
    "text",
    [
        "经审查,我局拟批准该项目,现予公示。",
        "经审查,我局拟批准该项目,\n现予公示，公示期五日，欢迎监督。",
        "地点:丰镇市循环经济开发区，公示期五日，欢迎监督。",
        "总投资1,200万元，面积3,400平方米，比例1:2，文件A,B，欢迎监督。",
        "序号,项目,建设单位,备注,其他,经审查，同意,公示，五日",
    ],
)
def test_marks_of_one_kind_or_outside_of_chinese_are_left_alone(text: str) -> None:
    assert hints(text) == []


def test_a_mark_is_told_where_it_stands_though_characters_nobody_sees_are_before_it() -> None:
    text = "经\u200b审查,我局拟批准该项目，现予公示，欢迎监督。"
    assert text[only_hint(text).start] == ","


@pytest.mark.parametrize(
    ("text", "slip", "right"),
    [
        ("颗粒物浓度35Mg/M3", "Mg/M3", "mg/m³"),
        ("颗粒物浓度35 mg/M3。", "mg/M3", "mg/m³"),
        ("铅浓度12ug/L", "ug/L", "μg/L"),
        ("细颗粒物28ug/m3", "ug/m3", "μg/m³"),
        ("危险废物500KG", "KG", "kg"),
        ("管线长5.2KM，", "KM", "km"),
        ("压力1.6Mpa", "Mpa", "MPa"),
        ("昼间55db(A)", "db(A)", "dB(A)"),
        ("昼间５５ＤＢ（Ａ）", "ＤＢ（Ａ）", "dB(A)"),
        ("占地1200M2，", "M2", "m²"),
        ("占地面积1200立方米", "面积1200立方米", "平方米"),
        ("事故池容积为300平方米", "容积为300平方米", "立方米"),
    ],
)
def test_units_in_the_wrong_case_or_of_another_quantity_are_told(text: str, slip: str, right: str) -> None:
    match = only_hint(text)
    assert (match.text, match.rule) == (slip, "wording_unit")
    assert right in match.advice


@pytest.mark.parametrize(
    "text",
    [
        "35mg/m3、35 mg/m³、12μg/L、500kg、5.2km、1.6MPa、10mPa·s、55dB(A)、1200m2、300m3",
        "型号XH-200M3、JKM2、K32KM、PM2.5浓度28",
        "占地面积1200平方米，池容积300立方米，表面积负荷300立方米/天",
        "建筑面积共3处，处理水量300立方米",
    ],
)
def test_units_as_they_should_be_and_names_of_models_are_left_alone(text: str) -> None:
    assert hints(text) == []


@pytest.mark.parametrize(
    ("text", "slip", "right"),
    [
        ("于2月30日前反馈", "2月30日", "2月只有29天"),
        ("2026年2月29日印发", "2026年2月29日", "2月只有28天"),
        ("2026年4月31日印发", "2026年4月31日", "4月只有30天"),
        ("2026 年 4 月 31 日", "2026 年 4 月 31 日", "4月只有30天"),
        ("自2026年13月起施行", "2026年13月", "月份应为1至12"),
        ("13月5日印发", "13月5日", "月份应为1至12"),
        ("5月0日", "5月0日", "5月只有31天"),
        ("4月28日至31日停产", "4月28日至31日", "4月只有30天"),
    ],
)
def test_dates_that_no_calendar_has_are_told(text: str, slip: str, right: str) -> None:
    match = only_hint(text)
    assert (match.text, match.rule) == (slip, "wording_date")
    assert right in match.advice


@pytest.mark.parametrize(
    "text",
    [
        "2024年2月29日、2月29日、12月31日、4月28日至30日",
        "历时13个月，第13月，共13月",
        "编号3.13月报",
        "12026年4月",
    ],
)
def test_possible_dates_and_other_numbers_are_left_alone(text: str) -> None:
    assert hints(text) == []


def test_a_term_that_fits_its_dates_neither_with_nor_without_the_first_day_is_told() -> None:
    # 4 to 6 April 2026 were holidays.
    match = only_hint("公示期10个工作日（2026年4月1日至4月8日）。")
    assert (match.text, match.rule) == ("10个工作日（2026年4月1日至4月8日", "wording_period")
    assert "有5个工作日（首日不计为4个）" in match.advice
    assert "应到4月15日或4月16日" in match.advice


def test_a_term_that_ends_before_it_begins_is_told() -> None:
    match = only_hint("公告期为2026年1月9日—2025年1月15日（5个工作日，公示当日不计）。")
    assert "结束日期早于开始日期" in match.advice
    assert "应到1月15日或1月16日" in match.advice


def test_the_year_may_stand_before_in_the_sentence() -> None:
    match = only_hint("2026年3月2日受理报告表1件，受理情况公示十个工作日（3月2日至3月6日）。")
    assert "有5个工作日" in match.advice


@pytest.mark.parametrize(
    "text",
    [
        "公示期5个工作日（2026年4月1日至4月8日）。",
        "公示期4个工作日（2026年4月1日至4月8日，当日不计）。",
        "公示时间：2026年3月2日至6日，共五个工作日。",
        "公示自2026年4月1日至4月8日。有意见的请在10个工作日内反馈。",
        "公示自2026年4月1日至4月8日，请在10个工作日内反馈。",
        "公示不少于10个工作日，自2026年4月1日至4月30日。",
        "公示期10个工作日（4月1日至4月8日）。",
        "公示期10个工作日（2039年4月1日至4月8日）。",
        "公示期10个工作日，项目建设期2025年4月1日至2026年4月8日。",
        "公示期0个工作日（2026年4月1日至4月8日）。",
        "停产检修10个工作日（2026年4月1日至4月8日）。",
    ],
)
def test_terms_that_fit_or_are_uncertain_are_left_alone(text: str) -> None:
    assert hints(text) == []


@pytest.mark.parametrize(
    ("text", "slip", "right"),
    [
        ("共12件，其中大气6件、水4件。", "共12件，其中大气6件、水4件", "相加为10件，与总数12件"),
        (
            "全年共办理120件，其中许可80件、处罚30件，均已办结。",
            "共办理120件，其中许可80件、处罚30件",
            "110件",
        ),
        ("合计3.5万元（其中设备2万元、人工1万元）", "合计3.5万元（其中设备2万元、人工1万元", "相加为3万元"),
    ],
)
def test_parts_that_do_not_add_up_are_told(text: str, slip: str, right: str) -> None:
    match = only_hint(text)
    assert (match.text, match.rule) == (slip, "wording_sum")
    assert right in match.advice


@pytest.mark.parametrize(
    "text",
    [
        "共12件，其中大气6件、水4件、其他2件。",
        "共12件，其中大气6件、水4件等。",
        "共12件，其中大气6件、水4件，其余为噪声。",
        "共12件，其中大气6件。",
        "共12件，其中大气6件、水4起。",
        "共12件，罚款30万元，其中大气6件、水4件。",
        "共12件，其中大气6件、水4件，同比下降3件。",
        "合计3.3吨，其中甲1.7吨、乙1.7吨。",
        "共出动120人次，其中市局80人、分局20人。",
    ],
)
def test_parts_that_add_up_or_are_not_all_are_left_alone(text: str) -> None:
    assert hints(text) == []


def test_hints_on_the_wording_change_no_verdict_and_are_told_of_files_too() -> None:
    text = "关于印发的的通知"
    assert verdict(screen(text)) == "clean"
    (found,) = found_in(ReadFile.of([passage(text, "第1段")]), SHIPPED, [])
    assert (found.match.label, found.place) == (WORDING, "第1段")
