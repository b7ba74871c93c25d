"""Papers that stay inside, by what they say of themselves; and public ones that speak in a like manner."""

import pytest

from outreach.screening.rules import screen, verdict

INNER = [
    "关于秋冬季攻坚的工作方案（讨论稿，请勿外传）",
    "行政处罚决定书（稿）\n当事人：某公司",
    "2026年度考核排名情况（未经审定，不得对外公布）",
    "（内部参阅，数据未经审核，不得对外发布或转发媒体）",
    "突击检查企业名单（仅限带队领导掌握）",
    "夜查行动方案（行动前严格保密）",
    "（供局党组会研究，会后收回）\n拟处罚企业名单",
    "（内部）关于下一步监测点位调整的考虑",
    "送审稿：关于公开曝光企业名单的方案",
    "根据《关于调整考核口径的通知》（内环办〔2026〕3号，此件不公开），扣减2分。",
    "按照《焦化行业准入内部掌握标准》，不再受理。",
    "发文稿纸　缓急：特急　签发：　核稿：　拟稿：何婧",
    "关于环保督察反馈问题的说明（报市委，不公开）",
    "执法检查计划（保密，出发前公布）",
    "编者注：此段为说明，发布时删除。",
    "局长办公会议题材料（一）",
    "电话记录单",
    "拟办意见：请法规科研提意见后报局领导审定。",
    "又及：局党组会议研究拟调整监测站班子，考察材料准备中，未公布前不得外传。",
    "会议决定暂缓公布排名，对外统一口径为“正在核实”。",
    "此排名尚未审定，请勿外传。",
    "专此请示，请予批复。",
]

PUBLIC = [
    "明日空气质量预报（仅供参考）",
    "拐点坐标（2000国家大地坐标系，仅供公众了解项目位置）",
    "环境影响报告书（征求意见稿）",
    "空气质量会商意见：未来三天以良为主。",
    "企业内部监测方案（公开）",
    "厂区内部道路（硬化）情况",
    "志愿者招募（限内部员工及家属）",
    "附表5（企业申明属于商业秘密，请勿公开）",
    "（请勿转发不实信息）",
    "湿地公园游览须知（请勿投喂）",
    "取水口一级保护区（不对外开放）",
    "《内部审计条例》解读",
    "《政府信息公开条例》（国务院令第711号）",
    "未经审核的监测数据不得对外发布。",
    "评标结果公布前，任何单位和个人不得泄露。",
    "经局党组会议研究，拟提拔王强为监测站副站长，现予公示。",
    "拟稿：张三　审核：李四　签发：王五",
    "领导讲话：要统一思想、统一口径。",
    "会议审议通过了实施方案（送审稿）。",
]


@pytest.mark.parametrize("text", INNER)
def test_a_paper_that_stays_inside_blocks(text: str) -> None:
    found = screen(text)
    assert {match.label for match in found} == {"internal_process"}
    assert verdict(found) == "block"


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_one_passes(text: str) -> None:
    assert verdict(screen(text)) == "clean"


def test_what_is_quoted_of_another_paper_is_found_whole() -> None:
    text = "近日收到《关于考核预扣分的通报》（内生环委办〔2026〕19号，此件不公开），我市预扣3.5分。"
    assert [match.text for match in screen(text)] == [text[4 : text.index("），") + 1]]
