"""Turns of phrase of the inner working: 妥否,请批示; 此件仅发各科室; 对外统一口径为….

One of them tells what a paper is; they count where nothing else does.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Span, words
from outreach.screening.detectors.inner_notes import FORBIDDEN
from outreach.screening.detectors.spans import lines_of

SIGNS: Final = FORBIDDEN | words(
    "批示 阅示 审示 指示 审定 妥否 当否 请示 仅发 仅供 内部 用后 阅后 会后 本稿 此稿 该稿 未经审 尚未审 尚未定 未审 未定稿 未批准 未经定 未经批 圈阅 签批 承办意见 承办人意见 承办科室意见 承办部门意见"
    " 拟办 领导意见 局长意见 科意见 前删除 时删除 请删除 须删除 应删除 局内 提拔 任免 提任 免去 晋升 考察 口径 对外说法 对外统一说法 不发文 不行文 写进 呈:"
)

_FORBID: Final = r"(?:勿|不得|不要|严禁|切勿|禁止)"
_HAND_ON: Final = r"(?:外传|转发|扩散|外泄|泄露|泄漏|透露|截图|传阅|上传|上网|对外(?:提供|发布|公布|公开|宣传|泄露|透露|传播)?)"
_PAPER: Final = r"(?:件|稿|材料|方案|文件|通知|纪要|安排|通报|排名|名单|清单|记录|台账|专报|简报|口径)"
_SIGN: Final = re.compile(
    r"(?:妥否|当否|可否|是否妥当|以上意见)[,，、 ]?(?:请|恳请|敬请)(?:领导|局领导|局长|贵厅|市局)?(?:予)?(?:批示|审示|审批|审定|指示|阅示|批复|请示|示)|[专特]此请示"
    r"|请[^,。;\n]{1,10}(?:同志|局长|领导)(?:阅示|阅处|批示|审定)|(?:局长|市长|领导|主要负责人)(?:批示|圈阅|签批)[:]|呈:[^,。;\n]{0,6}(?:领导|局长|书记|市长)"
    r"|(?:承办(?:人|科室|部门)?|拟办|分管(?:领导|局长|副局长)|主要领导|局领导|[\u4e00-\u9fff]{1,4}科)意见:[^\n]{3}"
    r"|发布(?:前|时)(?:请|须|应)?删除|仅供局内(?:参考|使用|传阅)|尚未定稿"
    r"|(?:本|此|该)(?:稿|件|方案|材料)(?:系|为|尚|仍)?(?:未经|尚未|未)(?:审定|审议|定稿|批准)"
    rf"|(?:(?:此|本|该){_PAPER}|(?:以上|上述)(?:情况|内容|数据|意见|安排|名单|排名))[^。;\n]{{0,16}}{_FORBID}{_HAND_ON}"
    rf"|(?:此件|本件|该件)仅(?:发|供)[^,。;\n]{{1,12}}|(?:此|本|该){_PAPER}仅发[^,。;\n]{{1,12}}|仅供内部(?:参考|使用|传阅|讨论)|内部(?:掌握|传阅|使用)(?=[,，。;\s)]|$)|(?:用后|阅后|会后)(?:请)?(?:收回|销毁|退回)"
    r"|(?:党组|党委|局务|班子|支委)(?:会|会议)?(?:研究|讨论|酝酿|动议)[^。\n]{0,16}(?:提拔|任免|免去|提任|晋升|调整)[^。\n]{0,60}(?:未公示|尚未公示|公示前|考察中|正在考察|外泄|外传|保密|未公布)[^。;\n]{0,16}"
    rf"|未(?:经)?(?:正式)?(?:公示|公布|发布|定稿|审定|印发|宣布|批准|公开|通过)(?:之)?前[,，]?{_FORBID}(?:向外)?{_HAND_ON}(?=[,，。;；)\n]|$)"
    r"|对外(?:统一)?(?:口径|说法)(?:为|是|:|由)|统一(?:答复)?口径(?:为|是|:)|(?:口头|电话)通知[,，、]不(?:发文|行文)|(?:不要|不得|勿)写进(?:通知|材料|报告|公告)"
)
_OTHERS_WORDS: Final = re.compile(
    r"(?:网络|设备|车辆|道路|公司|企业|厂区|谣言|不实信息|垃圾|信息|隐私|链接|验证码|不明)[^,。\n]{0,10}$"
)
_LOOK_BACK: Final = 16


def find_signs(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """The first of them, for one tells what the paper is."""
    for line in lines_of(text, hits):
        for found in _SIGN.finditer(text, *line):
            if not _OTHERS_WORDS.search(text[max(0, found.start() - _LOOK_BACK) : found.start()]):
                yield found.span()
                return
