"""Papers of the inner working that are not meant for the public: drafts, requests to superiors, minutes, records.

政府信息公开条例 art. 16. What such papers are called also stands in public sentences (听证会纪要将公示, 公开征求意见
稿): they count as a title, as a line of their own or in brackets at its end. Weaker signs (妥否,请批示; 仅发各科室)
count where no title tells it already.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.inner_notes import NOTES, notes_in
from outreach.screening.detectors.inner_signs import SIGNS, find_signs
from outreach.screening.detectors.spans import lines_of
from outreach.screening.severity import Severity

LABEL: Final = "internal_process"

_BLANK: Final = r"[ \u3000\t]"
_EDGE: Final = r"[ \u3000\t#>*_|]{0,20}"
_RECORD: Final = (
    r"(?:集体讨论记录|案件讨论记录|讨论记录|讨论笔录|合议记录|合议笔录|会商记录|讨论记录稿|会审纪要|(?:审议|研究|集体审理|案审会)(?:记录|纪要)|(?<![厂区室园业司])内部(?!道路|结构|管[理网]|环境)[^,，。;\s]{0,8}(?:纪要|记录|方案|情况|意见|清单|名单|安排|要点|口径|台账|底数)|会商纪要|会议纪要|办公会纪要|党组会纪要|党组会议记录|会议记录|谈话记录|工作纪要|专题纪要|调度纪要"
    r"|办文单|阅办单|阅批单|呈批件|呈批表|呈阅件|发文稿纸|(?:公文)?(?:办理|批办|阅处|处理|拟办)(?:单|笺|签)|传阅[件单]|流转单|签报|请示件|审批流转表|内部通报|内部情况通报|(?:内部|案件)审批表|案件集体审议表|立案审批表|调查终结报告|案件处理意见书|内部工作提示|值班日志)"
)
# By what they are made of: what is done inside, and the paper that it is written on.
_DONE_INSIDE: Final = (
    r"(?:讨论|审议|合议|会商|会审|研究|审理|评议|研判|办公会?|党组会?|党委会?|支委会?|局务会?|专题会?|碰头会?|调度会?|协调会?|推进会?|案审会?"
    r"|审委会|务虚会?|例会|班子会?|会议|法制审核|磋商|沟通|谈心|谈话|约谈|廉政|酝酿|值班|值守)"
)
_WRITTEN_DOWN: Final = r"(?:纪要|记录|笔录|纪录|记录表|记录簿|会议摘要|决议|提纲|底稿)"
_ON_ITS_WAY: Final = [
    "办理",
    "批办",
    "阅处",
    "处理",
    "拟办",
    "承办",
    "交办",
    "转办",
    "督办",
    "传阅",
    "审签",
    "会签",
    "核稿",
    "拟稿",
    "签发",
    "运转",
    "流转",
    "呈报",
    "呈批",
    "呈阅",
    "报批",
    "阅批",
    "阅办",
    "批示",
    "批阅",
    "签批",
]
_SLIPS: Final = ["单", "笺", "签", "卡", "稿纸", "稿签"]
_PAPER: Final = (
    rf"(?:{_DONE_INSIDE}[\u4e00-\u9fff]{{0,4}}?{_WRITTEN_DOWN}|(?:{'|'.join(_ON_ITS_WAY)})(?:{'|'.join(_SLIPS)})|领导批示(?:件|抄清|摘编|摘要|意见)?|批示(?:件|抄清|摘编|原文)|批办件"
    r"|(?:会商|研判|拟办|批办|签批|会签|案审|裁量|合议|审理)意见(?:函|书|表)?|[\u4e00-\u9fff]{0,6}(?:专报|内参|签报)|舆情(?:快报|日报|周报|摘报|研判报告)|值班(?:快报|信息|日志)|(?:应答|答复|回应|应对|宣传|对外|答问|舆情|新闻)口径"
    r"|(?:立案|结案|销案|撤案|案件处理|案件审核|处罚|强制措施|延期)[\u4e00-\u9fff]{0,6}(?:审批表|呈批表|呈批件|报批表|审核表)|电话记录(?:单|表|簿)?|(?:办公会|党组会|局务会|党委会|专题会|常务会)议?(?:议题|上会)(?:材料|清单|单|表)?|上会(?:材料|稿|议题)|结案报告|案件(?:调查|审查|审理)报告|法制审核(?:意见)?(?:书|表)?|集体讨论(?:意见)?(?:表|意见)"
    r"|(?:评分|打分|考核|测算|工作)底稿|干部(?:考察|推荐|调整)[\u4e00-\u9fff]{0,4}(?:材料|方案|名单|报告)|人事(?:任免|调整)(?:方案|建议|名单))"
)
_BEFORE_TITLE: Final = r"(?:(?:附件?|附表|另附|误附|误传|错附|后附|夹附|夹带)[一二三四五六七八九十0-9]{0,2}[\u4e00-\u9fff]{0,4}[:.、]?[ ]?|[一二三四五六七八九十]{1,2}、)?"
_NUMBERED: Final = r"(?:[(\[【〔][^()\n]{0,20}[)\]】〕]|(?:[0-9]{4}年)?第[0-9一二三四五六七八九十百]{1,4}[次期号份]|[0-9]{1,4}号)"
# The fields of a form on the line of its title: 发文稿纸 签发: 会签: 核稿:.
_FIELDS: Final = r"[\u4e00-\u9fff]{2,5}:[^\n]{0,80}"
_RECORD_TITLE: Final = re.compile(
    rf"^{_EDGE}{_BEFORE_TITLE}(?P<title>[^\n,，。;；:：!？?|]{{0,50}}?{_RECORD}(?:{_BLANK}{{0,4}}{_NUMBERED}){{0,3}}(?:{_BLANK}{{1,8}}{_FIELDS})?){_EDGE}$"
)
_PAPER_TITLE: Final = re.compile(
    rf"^{_EDGE}{_BEFORE_TITLE}(?P<title>[^\n,，。;；:：!？?|]{{0,50}}?{_PAPER})(?:{_BLANK}{{0,4}}{_NUMBERED}){{0,3}}(?:{_EDGE}$|:[^\n])"
)
_PUBLIC_RECORD: Final = re.compile(r"听证会|论证会|新闻发布会|座谈会公开|公开征集|公众参与")
# What is for everybody: forms to fill in, papers that are told of or governed by rules.
_PUBLIC_PAPER: Final = re.compile(
    r"听证|退款|申请|缴|业务|便民|服务|群众|许可|报修|公示|发布会|验收|招标|竞价|抽签|竞争性|样表|模板|式样|示例|下载|现场检查|勘验|采样|检测记录|监测记录|运行记录|台账|《|办法|制度|规定|通知|的说明|作出|公开征集|公众参与"
)
# What forecasters agree upon is published: 会商意见:未来三天以良为主.
_FORECAST: Final = re.compile(r"会商意见:[^\n]{0,20}(?:预计|未来|今明|明后|以[优良])")
_REQUEST_TITLE: Final = re.compile(
    rf"^{_EDGE}(?P<title>(?:[^\n,，。;；:：|]{{0,20}})?关于[^\n。;；:：|]{{2,60}}的(?:内部)?(?:请示|签报|请示件|呈阅|呈批|请示报告|紧急请示))(?:{_BLANK}{{0,4}}[(\[【〔][^()\n]{{0,20}}[)\]】〕])?{_EDGE}$"
)

_TRIGGER: Final = (
    words(
        "办理单 办理笺 批办单 阅处单 处理单 处理笺 处理签 拟办单 办文单 阅办单 阅批单 流转单 流转表 请示 请示件 记录 笔录 纪要 批示 签报 传阅"
        " 呈阅 呈批 发文稿纸 内部 内参 审批表 审议表 审批流转 通报 值班日志 决议 提纲 底稿 专报 口径 报批表 呈批表 案件审核表 会商意见 研判意见 拟办意见 批办意见 签批意见 裁量意见 案审意见 合议意见 审理意见 结案报告 案件调查报告 案件审查报告 案件审理报告 法制审核 集体讨论 干部考察 干部推荐 干部调整 人事任免 人事调整 舆情 值班快报 值班信息 意见书 终结报告 工作提示 议题 上会"
    )
    | {act + slip for act in _ON_ITS_WAY for slip in _SLIPS}
    | NOTES
)
_ADJOINING: Final = re.compile(r"[ \u3000\t]*+\n?[ \u3000\t]*+")


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """Titles, lines and brackets that name a paper of the inner working."""
    found = sorted(span for line in lines_of(text, hits) for span in _in_line(text, *line))
    yield from _joined(text, found)


def find_papers(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """The first title that is made like one of a paper of the inner working: 重大案件集体审议笔录, 风险研判会议决议."""
    for start, end in lines_of(text, hits):
        found = _PAPER_TITLE.search(text[start:end])
        if found and not _PUBLIC_PAPER.search(found["title"]) and not _FORECAST.search(text, start, end):
            yield start + found.start("title"), start + found.end("title")
            return


def _in_line(text: str, start: int, end: int) -> Iterator[Span]:
    line = text[start:end]
    for pattern in (_RECORD_TITLE, _REQUEST_TITLE):
        if (found := pattern.search(line)) and not _PUBLIC_RECORD.search(line):
            yield start + found.start("title"), start + found.end("title")
    yield from ((start + at, start + to) for at, to in notes_in(line))


def _joined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Signs that overlap or stand on lines that follow each other are one finding."""
    if not spans:
        return
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start <= end or _ADJOINING.fullmatch(text, end, next_start):
            end = max(end, next_end)
            continue
        yield start, end
        start, end = next_start, next_end
    yield start, end


def _detector(
    name: str,
    title: str,
    find: Callable[[str, Sequence[Span]], Iterator[Span]],
    trigger: frozenset[str] = _TRIGGER,
    *,
    is_weak: bool,
) -> Detector:
    return Detector(
        name=name,
        title=title,
        label=LABEL,
        severity=Severity.BLOCK,
        advice="这是内部或过程性材料：撤回，改用定稿、公开的版本；确需公开的，按程序报批。",
        basis="《中华人民共和国政府信息公开条例》第十六条（内部事务信息、过程性信息、行政执法案卷信息）",
        trigger=trigger,
        find=find,
        is_weak=is_weak,
    )


DETECTORS: Final = (
    _detector("internal_process", "内部、过程性材料：标题或标注", find, is_weak=False),
    _detector("internal_process_paper", "内部、过程性材料：文件名称", find_papers, is_weak=True),
    _detector("internal_process_sign", "内部、过程性材料：行文痕迹", find_signs, SIGNS, is_weak=True),
)
