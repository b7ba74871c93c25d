"""Papers of the inner working that are not meant for the public: drafts, requests to superiors, minutes, records.

政府信息公开条例 art. 16. What such papers are called also stands in public sentences (听证会纪要将公示, 公开征求意见
稿): they count as a title, as a line of their own or in brackets at its end. Weaker signs (妥否,请批示; 仅发各科室)
count where no title tells it already.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Severity, Span, words
from outreach.screening.detectors.spans import lines_of

LABEL: Final = "internal_process"

_BLANK: Final = r"[ \u3000\t]"
_AROUND: Final = " \u3000\t#>*_|"
_EDGE: Final = r"[ \u3000\t#>*_|]{0,20}"
_INNER: Final = r"(?:内部|内审|内参|局内|科内|不公开|不对外|非公开)"
_DRAFT: Final = r"(?:讨论稿|送审稿|报审稿|会签稿|草拟稿|审议稿|审核稿|初稿|草稿|二稿|三稿|未定稿|修改稿|第[一二三四五六七八九十0-9]{1,2}稿|代拟稿|内部稿|过程稿|内部征求意见稿|征求意见稿|磋商稿|汇报稿|请示稿|待审稿|审改稿|校对稿|内审稿|征询稿)"
_OF_ENTERPRISE: Final = re.compile(
    r"(?:报告书|报告表|报告|规划环评|验收|标准|办法|条例|规定|规划|技术规范|公示)[》」”\"]?"
    + _BLANK
    + r"{0,3}$"
)
_DRAFT_IN_BRACKETS: Final = re.compile(
    rf"[(\[【〔](?P<inner>(?:[^()\[\]【】〔〕\n]{{0,20}}?{_DRAFT}[^()\[\]【】〔〕\n]{{0,40}}|稿))[)\]】〕]{_EDGE}$"
)
# 内部 of buildings and plants, and of marks that are told elsewhere.
_NO_INNER_WORD: Final = r"(?![门装结道路分设构空网]|资料|文件|材料|事项|升级|环境|管理|控制|审计|联动|循环|处理设施|改造|维修|循环)"
_READERS: Final = r"(?:内部|局内|机关|领导|局?党组|班子|执法人员|办案|工作人员|本[局科室处]|本单位|参会|与会|会议|评审会|审议|讨论|研究|决策|掌握|传阅|汇报|审阅|阅示|相关科室|各科室|专班|指挥部)"
_KEPT_INSIDE: Final = r"(?:不得|请勿|严禁|切勿|勿|不准|禁止|不要)(?:对外)?(?:外传|外泄|扩散|泄露|泄漏|透露|外借|对外(?:发布|公布|提供|公开|泄露|宣传)?|发布|公开|上网)[^()\n]{0,16}"
# A title that says in brackets at its end that it stays inside: 领导分工表(内部掌握).
_INNER_TITLE: Final = re.compile(
    rf"^{_EDGE}[^\n。;!？?]{{0,60}}?(?P<mark>[(\[【〔](?:(?:以下为|供|仅限|只限|限|属|系)?内部{_NO_INNER_WORD}[^()\n]{{0,40}}|(?:此件|本件)?不(?:予|对外)?公开(?:发布)?|未经审[核定批]"
    rf"|(?:仅|只)(?:供|限){_READERS}[^()\n]{{0,30}}|[^()\n]{{0,20}}{_KEPT_INSIDE})[)\]】〕]){_EDGE}$"
)
_OTHERS_SECRET: Final = re.compile(r"企业|公司|厂方|商业|技术|个人|隐私|国家秘密|依法|规定")
# The same before a title: 【内部掌握】关于….
_INNER_LABEL: Final = re.compile(
    rf"^{_EDGE}[(\[【〔]内部(?:掌握|参考|参阅|传阅|使用|件|稿|讨论|征求意见)?[)\]】〕](?:{_BLANK}{{0,4}}[^\n。;!？?]{{4,60}})?{_EDGE}$"
)
# A paper of others that is quoted and said not to be public: 《关于…的通报》(内环办〔2026〕19号,此件不公开).
_QUOTED: Final = re.compile(
    r"《[^《》\n]{4,80}》\((?:[^()\n]{0,40}[,，、;])?(?:此件|本件|该件)?(?:不(?:予|得|对外)?公开|未公开|内部(?:掌握|使用|文件|件|传阅|执行|印发|通报|明电)?)\)"
    r"|《[^《》\n]{0,60}内部(?:掌握|口径|通报|排名)[^《》\n]{0,40}》(?:\([^()\n]{0,40}\))?"
)
_DRAFT_LINE: Final = re.compile(rf"^{_EDGE}{_DRAFT}{_EDGE}$")
_RECORD: Final = (
    r"(?:集体讨论记录|案件讨论记录|讨论记录|讨论笔录|合议记录|合议笔录|会商记录|讨论记录稿|会审纪要|(?:审议|研究|集体审理|案审会)(?:记录|纪要)|内部[^,，。;\s]{0,8}(?:纪要|记录|方案|情况|意见|清单|名单|安排|要点|口径)|会商纪要|会议纪要|办公会纪要|党组会纪要|党组会议记录|会议记录|谈话记录|工作纪要|专题纪要|调度纪要"
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
    r"|(?:会商|研判|拟办|批办|签批|会签|案审|裁量)意见(?:函|书|表)?|[\u4e00-\u9fff]{0,6}(?:专报|内参|签报)|舆情(?:快报|日报|周报|摘报|研判报告)|值班(?:快报|信息|日志)|(?:应答|答复|回应|应对|宣传|对外|答问|舆情|新闻)口径"
    r"|(?:立案|结案|销案|撤案|案件处理|案件审核|处罚|强制措施|延期)[\u4e00-\u9fff]{0,6}(?:审批表|呈批表|呈批件|报批表|审核表)|结案报告|案件(?:调查|审查|审理)报告|法制审核(?:意见)?(?:书|表)?|集体讨论(?:意见)?(?:表|意见)"
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
_REQUEST_TITLE: Final = re.compile(
    rf"^{_EDGE}(?P<title>(?:[^\n,，。;；:：|]{{0,20}})?关于[^\n。;；:：|]{{2,60}}的(?:请示|签报|请示件|呈阅|呈批|请示报告|紧急请示))(?:{_BLANK}{{0,4}}[(\[【〔][^()\n]{{0,20}}[)\]】〕])?{_EDGE}$"
)

_NOT_FOR_THE_PUBLIC: Final = re.compile(
    r"(?:此件|本件|该件|本文件|本通知)(?:不予公开|不公开|依申请公开|不得公开)|公开(?:属性|方式|类别)[: ]{1,3}(?:不予公开|依申请公开|不公开)"
)
_SIGN: Final = re.compile(
    r"(?:妥否|当否|可否|是否妥当|以上意见)[,，、 ]?(?:请|恳请|敬请)(?:予)?(?:批示|审示|审批|审定|指示|阅示|批复)|请[^,。;\n]{1,10}(?:同志|局长|领导)(?:阅示|阅处|批示|审定)|(?:局长|市长|领导|主要负责人)(?:批示|圈阅|签批)[:]"
    r"|(?:本|此|该)(?:稿|件|方案|材料)(?:系|为|尚|仍)?(?:未经|尚未|未)(?:审定|审议|定稿|批准)|(?:此|本|该)(?:件|稿|材料|方案|文件|通知|纪要|安排)[^。;\n]{0,16}(?:勿|不得|不要|严禁)(?:外传|转发|扩散|外泄)|(?:此件|本件|该件)仅(?:发|供)[^,。;\n]{1,12}|仅供内部(?:参考|使用|传阅|讨论)|内部(?:掌握|传阅|使用)(?=[,，。;\s)]|$)|用后(?:收回|销毁)"
    r"|(?:党组|党委|局务|班子|支委)(?:会|会议)?(?:研究|讨论|酝酿|动议)[^。\n]{0,16}(?:提拔|任免|免去|提任|晋升|调整)[^。\n]{0,60}(?:未公示|尚未公示|公示前|考察中|正在考察|外泄|外传|保密|未公布)[^。;\n]{0,16}"
    r"|未(?:经)?(?:正式)?(?:公示|公布|发布|定稿|审定|印发|宣布|批准|公开|通过)(?:之)?前[,，]?(?:不得|请勿|严禁|切勿|勿|不要|禁止)(?:对外|向外)?(?:外泄|外传|泄露|泄漏|透露|提供|发布|公开|扩散|传播|宣传)(?=[,，。;；)\n]|$)"
    r"|对外(?:统一)?(?:口径|说法)(?:为|是|:|由)|统一(?:答复)?口径(?:为|是|:)|(?:口头|电话)通知[,，、]不(?:发文|行文)|(?:不要|不得|勿)写进(?:通知|材料|报告|公告)"
)
_OTHERS_WORDS: Final = re.compile(
    r"(?:网络|设备|车辆|道路|公司|企业|厂区|谣言|不实信息|垃圾|信息|链接|验证码|不明)[^,。\n]{0,10}$"
)
_TRIGGER: Final = words(
    "稿 传阅 办理单 办理笺 批办单 阅处单 处理单 处理笺 处理签 拟办单 办文单 阅办单 阅批单 流转单 流转表 请示 请示件 未经审 记录 笔录 纪要 批示 阅示 审示 指示 审定 签报"
    " 呈阅 呈批 发文稿纸 内部 内参 审批表 审议表 审批流转 不予公开 不公开 不对外公开 不得公开 未公开 依申请公开 限内部 仅限 只限 (稿) 〔稿〕 【稿】 外借 请勿 严禁 不得 定稿 公示前 公布前 发布前 审定前 批准前 党组 党委 局务 班子 支委 统一口径 对外 不发文 不行文 写进 仅发 仅供 外传 转发 扩散 外泄 用后 通报 值班日志 决议 提纲 底稿 专报 口径 报批表 呈批表 案件审核表 会商意见 研判意见 拟办意见 批办意见 签批意见 裁量意见 案审意见 结案报告 案件调查报告 案件审查报告 案件审理报告 法制审核 集体讨论 干部考察 干部推荐 干部调整 人事任免 人事调整 舆情 值班快报 值班信息 意见书 终结报告 工作提示"
) | {act + slip for act in _ON_ITS_WAY for slip in _SLIPS}
_ADJOINING: Final = re.compile(r"[ \u3000\t]*+\n?[ \u3000\t]*+")


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """Titles, lines and brackets that name a paper of the inner working."""
    found = sorted(span for line in lines_of(text, hits) for span in _in_line(text, *line))
    yield from _joined(text, found)


def find_signs(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """妥否,请批示; 此件仅发各科室; 请勿外传: the first of them, for one tells what the paper is."""
    for line in lines_of(text, hits):
        for found in _SIGN.finditer(text, *line):
            if not _OTHERS_WORDS.search(text[max(0, found.start() - 16) : found.start()]):
                yield found.span()
                return


def find_papers(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """The first title that is made like one of a paper of the inner working: 重大案件集体审议笔录, 风险研判会议决议."""
    for start, end in lines_of(text, hits):
        found = _PAPER_TITLE.search(text[start:end])
        if found and not _PUBLIC_PAPER.search(found["title"]):
            yield start + found.start("title"), start + found.end("title")
            return


def _in_line(text: str, start: int, end: int) -> Iterator[Span]:
    line = text[start:end]
    for pattern in (_RECORD_TITLE, _REQUEST_TITLE):
        if (found := pattern.search(line)) and not _PUBLIC_RECORD.search(line):
            yield start + found.start("title"), start + found.end("title")
    if (found := _DRAFT_IN_BRACKETS.search(line)) and _is_inner_draft(found["inner"], line[: found.start()]):
        yield start + _title_start(line), start + len(line.rstrip(_AROUND))
    elif found := _DRAFT_LINE.search(line):
        yield start + found.start(), start + found.end()
    if (found := _INNER_TITLE.search(line)) and not _OTHERS_SECRET.search(found["mark"]):
        yield start + _title_start(line), start + found.end("mark")
    elif found := _INNER_LABEL.search(line):
        yield start + _title_start(line), start + len(line.rstrip(_AROUND))
    for pattern in (_NOT_FOR_THE_PUBLIC, _QUOTED):
        for found in pattern.finditer(line):
            yield start + found.start(), start + found.end()


def _is_inner_draft(inner: str, title: str) -> bool:
    """A draft of an enterprise's report or of a rule is public where it is put before the public."""
    if re.search(_INNER, inner):
        return True
    return "征求意见稿" not in inner and not _OF_ENTERPRISE.search(title)


def _title_start(line: str) -> int:
    return len(line) - len(line.lstrip(_AROUND))


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
    name: str, title: str, find: Callable[[str, Sequence[Span]], Iterator[Span]], *, is_weak: bool
) -> Detector:
    return Detector(
        name=name,
        title=title,
        label=LABEL,
        severity=Severity.BLOCK,
        advice="这是内部或过程性材料：撤回，改用定稿、公开的版本；确需公开的，按程序报批。",
        basis="《中华人民共和国政府信息公开条例》第十六条（内部事务信息、过程性信息、行政执法案卷信息）",
        trigger=_TRIGGER,
        find=find,
        is_weak=is_weak,
    )


DETECTORS: Final = (
    _detector("internal_process", "内部、过程性材料：标题或标注", find, is_weak=False),
    _detector("internal_process_paper", "内部、过程性材料：文件名称", find_papers, is_weak=True),
    _detector("internal_process_sign", "内部、过程性材料：行文痕迹", find_signs, is_weak=True),
)
