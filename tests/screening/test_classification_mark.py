import pytest

from outreach.screening.rules import Severity, classification_marks, screen

MARKS = {
    "秘密★1年": "秘密★1年",
    "机密★会议开始前": "机密★会议开始前",
    "绝密★长期": "绝密★长期",
    "秘密★2027年6月1日前": "秘密★2027年6月1日前",
    "机密☆": "机密☆",
    "秘 密 ★": "秘 密 ★",
    "秘\u3000密★5年": "秘\u3000密★5年",
    "秘\u200b密★\ufe0f十年": "秘\u200b密★\ufe0f十年",
    "附件三秘密★5年库区平面布置": "秘密★5年",
    "**秘密** ★ 1年": "秘密** ★ 1年",
    "绝密 长期": "绝密 长期",
    "秘密 5年": "秘密 5年",
    "机密（10年）": "机密（10年）",
    "密级：秘密": "密级：秘密",
    "密　级 : 机 密": "密　级 : 机 密",
    "文件密级：内部": "密级：内部",
    "密级|机密|份数|6": "密级|机密",
    "涉密等级：秘密": "涉密等级：秘密",
    "保密期限：10年": "保密期限：10年",
    "保密期限：长期": "保密期限：长期",
    "保密期限：至2030年底": "保密期限：至2030年底",
    "机 密": "机 密",
    "工作秘密": "工作秘密",
    "工作秘密 不得转发": "工作秘密",
    "内部资料": "内部资料",
    "内部文件": "内部文件",
    "内部材料": "内部材料",
    "【内部资料】": "内部资料",
    "（机密）": "机密",
    "【机密】关于库区平面布置的函": "机密",
    "关于库区平面布置的函（秘密）": "秘密",
    "编号001\u3000\u3000机密": "机密",
    "附件3 秘密": "秘密",
    "# 机密": "机密",
    "| 机密 |": "机密",
    "机密.pdf": "机密",
    "库区平面图（机密）.pdf": "机密",
    "库区平面图_机密.docx": "机密",
    "机密-人员名单.xlsx": "机密",
    "内部资料 注意保存": "内部资料 注意保存",
    "内部文件 不得外传": "内部文件 不得外传",
    "内部文件，请勿外传。": "内部文件，请勿外传",
    "（内部资料，注意保管）": "内部资料，注意保管",
    "本件为内部资料，不得外传。": "内部资料，不得外传",
    "内部事项 注意保管": "内部事项 注意保管",
}

NO_MARKS = [
    "公开的报告书不含国家秘密",
    "本文件不涉及国家秘密、商业秘密、个人隐私。",
    "国家秘密",
    "商业秘密",
    "保守国家秘密，人人有责",
    "保 守 国 家 秘 密",
    "保　守　秘　密",
    "数据的机密性、完整性要求较高",
    "建设单位对商业秘密★3处作了删减",
    "精密机械密封件",
    "一图读懂：雾霾里的小秘密——为什么冬天更高",
    "雾霾的秘密★看这里",
    "秘密花园读书会",
    "《秘密》读书会",
    "“秘密”一词的由来",
    "国家秘密的密级分为绝密、机密、秘密三级。",
    "绝密级国家秘密是最重要的国家秘密",
    "绝密：是最重要的国家秘密",
    "绝密30年，机密20年，秘密10年",
    "A.绝密 B.机密 C.秘密",
    "密级：",
    "密级：公开",
    "密级：无",
    "密级：绝密、机密、秘密",
    "密级：指国家秘密的等级",
    "|事项|密级|保密期限|",
    "应当标明密级和保密期限",
    "保密期限：是指国家秘密须保密的时间",
    "普法讲堂：什么是国家秘密、工作秘密和商业秘密？",
    "工作秘密管理暂行办法",
    "内部资料管理办法",
    "公司内部资料不得外传的规定",
    "内部资料不得公开的范围",
    "行政处罚案件集体讨论记录（内部材料）",
    "公开本不含国家\n秘密",
    "涉及商业\n秘密、个人隐私的除外",
    "计算机 密码",
]


@pytest.mark.parametrize(("text", "mark"), MARKS.items())
def test_a_mark_blocks(text: str, mark: str) -> None:
    (match,) = screen(text)
    assert (match.text, match.label, match.severity) == (mark, "classification_mark", Severity.BLOCK)


@pytest.mark.parametrize("text", MARKS)
def test_a_mark_is_found_on_a_line_among_others(text: str) -> None:
    assert classification_marks(f"关于应急演练的安排。\r\n{text}\r\n观摩人员凭证入场。")


@pytest.mark.parametrize("text", NO_MARKS)
def test_a_sentence_that_speaks_of_secrets_passes(text: str) -> None:
    assert not classification_marks(text)


@pytest.mark.parametrize("text", NO_MARKS)
def test_it_passes_among_other_sentences(text: str) -> None:
    assert not classification_marks(f"现将有关情况公示如下。\n{text}\n公示期5个工作日。")


def test_level_and_term_in_two_fields_are_two_findings() -> None:
    assert [m.text for m in screen("密级：机密，保密期限：10年")] == ["密级：机密", "保密期限：10年"]


def test_other_findings_are_no_marks() -> None:
    assert not classification_marks("手机13804740026")
