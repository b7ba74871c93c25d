"""What WeChat's error codes mean, and who acts.

Sources: the error tables of developers.weixin.qq.com/doc/service/api (stable_token, material, draftbox,
public) and the platform's list of global return codes. The rule for a code that stands in no table: the
platform has answered and not done it, so an operator reads what it says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from outreach.channels.budget_rules import Window, end_of
from outreach.channels.protocol import (
    ChannelError,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
)
from outreach.foundation import clock

STALE_TOKEN: Final = frozenset({40001, 40014, 42001})
BAD_MEDIA_ID: Final = 40007
NOT_AUTHORISED: Final = 48001
BAD_ARTICLE_ID: Final = 53600
CLIENTMSGID_EXISTS: Final = 45065
"""mass/sendall took this clientmsgid before: its answer bears the msg_id, by which the job is asked about."""

NO_MENU: Final = 46003
"""menu/get: there is no menu."""

NO_QUOTA: Final = frozenset({"48001", "76003", "76021", "76022"})
"""openapi/quota/get has nothing to tell of that path, or not to this account; as the codes of an error."""

_IP_NOT_LISTED: Final = 40164
OF_ADDRESS: Final = frozenset({str(_IP_NOT_LISTED), "89503", "89506", "89507"})
"""It is this machine's address that WeChat does not let in; as the codes of an error."""

_DAILY: Final = 45009
_TOO_FAST: Final = 45066
_WAIT_S: Final[Mapping[int, float]] = {
    40241: 60,
    42010: 60,
    43117: 60,
    45011: 60,
    _TOO_FAST: 60,
    53501: 600,
}
_NOT_READY: Final = 61503
_READY_AT: Final = time(8)
"""datacube's figures of the day before are ready after eight in the morning."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kind` says what to do next, `sentence` tells it to the user."""

    kind: type[ChannelError]
    sentence: str


_KEYS = "请管理员在“账号”中核对 AppID 和 AppSecret 后重新录入。"
_SITE = "请管理员登录公众平台查看原因并处理。"
_BUG = "这是程序缺陷，请联系系统维护人员。"
_PICTURE = "请更换图片后重新提交。"
_FILE = "请更换文件后重新提交。"
_RECIPIENT = "不再向这位收件人发送。"
_FEW_RECIPIENTS = Meaning(Refused, "群发的收件人名单有误（为空、过长或含有无效的人）。请重新选择收件人。")
_OLD_TAG = Meaning(Refused, "所选的用户标签已不存在。请刷新标签后重新选择。")
_MENU = "请修改“公众号菜单”后重新发布。"
_AGAIN = "请从公众号菜单重新进入。"
_TEMPLATE = "请管理员在公众平台核对模板。"
_ADMINISTRATOR = (
    "该账号开启了群发保护：请公众号管理员在 30 分钟内打开微信确认这次群发。确认或拒绝后，系统会收到结果。"
)

MEANINGS: Final[Mapping[int, Meaning]] = {
    -1: Meaning(NotSent, "微信系统繁忙，这一步没有办成，稍后自动重试。"),
    # credentials and access
    40001: Meaning(NeedsOperator, f"微信不接受访问令牌，刷新后仍然如此，可能另有系统在使用同一账号。{_KEYS}"),
    40014: Meaning(NeedsOperator, f"访问令牌不合法，刷新后仍然如此。{_KEYS}"),
    42001: Meaning(NeedsOperator, f"访问令牌已过期，刷新后仍然如此。{_KEYS}"),
    40002: Meaning(NeedsOperator, f"凭证类型不合法。{_BUG}"),
    40013: Meaning(NeedsOperator, f"AppID 不正确。{_KEYS}"),
    40125: Meaning(NeedsOperator, f"AppSecret 不正确。{_KEYS}"),
    41001: Meaning(NeedsOperator, f"请求中缺少访问令牌。{_BUG}"),
    41002: Meaning(NeedsOperator, f"请求中缺少 AppID。{_KEYS}"),
    41004: Meaning(NeedsOperator, f"请求中缺少 AppSecret。{_KEYS}"),
    40243: Meaning(NeedsOperator, "AppSecret 已被冻结。请管理员在公众平台解冻后重试。"),
    50004: Meaning(NeedsOperator, f"该账号被禁止获取访问令牌。{_SITE}"),
    50007: Meaning(NeedsOperator, f"该账号已被冻结。{_SITE}"),
    _IP_NOT_LISTED: Meaning(
        NeedsOperator,
        "服务器出口 IP {ip} 不在公众号的 IP 白名单中。请管理员在公众平台“基本配置”中加入该 IP。",
    ),
    89503: Meaning(NeedsOperator, "此 IP 的调用需要公众号管理员确认。请管理员在微信中确认后重试。"),
    89506: Meaning(NeedsOperator, "公众号管理员拒绝了此 IP 的调用，24 小时内不能再申请。请与管理员联系。"),
    89507: Meaning(NeedsOperator, "公众号管理员拒绝了此 IP 的调用，1 小时内不能再申请。请与管理员联系。"),
    61024: Meaning(
        NeedsOperator, "该账号已由第三方平台代管，不能直接取得访问令牌。请管理员解除授权或改用第三方平台。"
    ),
    # rights of the account
    NOT_AUTHORISED: Meaning(NeedsOperator, f"该账号没有此接口的权限（未认证的账号不能用接口发布）。{_SITE}"),
    48004: Meaning(NeedsOperator, f"该账号的接口已被封禁。{_SITE}"),
    48008: Meaning(NeedsOperator, f"该账号没有发送此类内容的权限。{_SITE}"),
    50001: Meaning(NeedsOperator, f"该账号没有授权此接口。{_SITE}"),
    50002: Meaning(NeedsOperator, f"该账号受到限制。{_SITE}"),
    88000: Meaning(NeedsOperator, f"该账号没有留言功能。{_SITE}"),
    53500: Meaning(NeedsOperator, f"该账号的发布功能已被封禁。{_SITE}"),
    53504: Meaning(NeedsOperator, "这篇草稿只能在公众平台网站上发布。请到公众平台草稿箱中人工发布。"),
    53505: Meaning(NeedsOperator, "这篇草稿须先在公众平台网站上保存。请到公众平台草稿箱中保存并发布。"),
    # mass sends
    **dict.fromkeys((40031, 40032, 40130, 45162, 9500002), _FEW_RECIPIENTS),
    **dict.fromkeys((40152, 45159), _OLD_TAG),
    CLIENTMSGID_EXISTS: Meaning(OutcomeUnknown, "这次群发先前已经受理，按平台给出的编号核对结果，不会重发。"),
    48005: Meaning(NeedsOperator, f"素材正被自动回复或菜单使用，不能删除。{_SITE}"),
    48006: Meaning(NeedsOperator, "本月清零接口次数的机会已用完。请等到次日零点。"),
    # one recipient
    46004: Meaning(Refused, f"没有这位用户。{_RECIPIENT}"),
    43019: Meaning(Refused, f"收件人在黑名单中。{_RECIPIENT}"),
    43101: Meaning(Refused, f"收件人没有同意接收。{_RECIPIENT}"),
    50005: Meaning(Refused, f"收件人没有关注公众号。{_RECIPIENT}"),
    45015: Meaning(Refused, "距收件人上次来信已超过48小时，不能再用客服消息回复。"),
    45047: Meaning(Refused, "收件人来信后的客服消息条数已用完，等收件人再次来信。"),
    40241: Meaning(QuotaSpent, "一分钟内发过同样的通知，一分钟后自动继续。"),
    43117: Meaning(QuotaSpent, "发给这位收件人的通知过于频繁，稍后自动继续。"),
    40037: Meaning(NeedsOperator, f"消息模板的编号不正确。{_TEMPLATE}"),
    40249: Meaning(NeedsOperator, f"模板内容含有营销信息，平台不准发送。{_TEMPLATE}"),
    43116: Meaning(NeedsOperator, f"消息模板已被平台限制。{_TEMPLATE}"),
    47003: Meaning(Refused, "消息模板中某一项的内容不符合格式。请按平台返回的项名修改内容。"),
    45064: Meaning(NeedsOperator, f"该账号不能在菜单中使用这个小程序。{_SITE}"),
    # the menu
    **dict.fromkeys((40015, 40024), Meaning(Refused, f"菜单按钮的类型微信不接受。{_MENU}")),
    **dict.fromkeys(
        (40016, 40022, 40023),
        Meaning(Refused, f"菜单按钮的数量不对（一级 1 至 3 个，二级 1 至 5 个），或网址为空。{_MENU}"),
    ),
    **dict.fromkeys(
        (40018, 40025),
        Meaning(Refused, f"菜单按钮的名称过长或为空（一级最多 5 个汉字，二级最多 13 个）。{_MENU}"),
    ),
    **dict.fromkeys((40019, 40026), Meaning(Refused, f"菜单按钮回复的词语过长。{_MENU}")),
    **dict.fromkeys((40020, 40027), Meaning(Refused, f"菜单按钮的网址过长或不正确。{_MENU}")),
    NO_MENU: Meaning(NeedsOperator, "这个公众号还没有用接口发布过菜单。"),
    # web login
    40029: Meaning(Refused, f"登录码无效或已过期。{_AGAIN}"),
    40163: Meaning(Refused, f"登录码已经用过。{_AGAIN}"),
    # figures
    61500: Meaning(NeedsOperator, f"查询统计的日期格式不对。{_BUG}"),
    61501: Meaning(NeedsOperator, f"查询统计的日期跨度不对。{_BUG}"),
    _NOT_READY: Meaning(NotSent, "平台的统计数据还没有准备好，早上八点后自动再取。"),
    # the platform's own count
    76003: Meaning(NeedsOperator, f"平台不接受这次额度查询。{_BUG}"),
    76021: Meaning(NeedsOperator, f"平台不认识所查询的接口。{_BUG}"),
    76022: Meaning(NeedsOperator, "该账号没有所查询的接口的权限。请管理员核对公众号的认证情况。"),
    # quotas
    _DAILY: Meaning(QuotaSpent, "今天的接口调用次数已用完，次日零点后自动继续。"),
    45011: Meaning(QuotaSpent, "接口调用过于频繁，一分钟后自动继续。"),
    53501: Meaning(QuotaSpent, "发布过于频繁，稍后自动继续。"),
    42010: Meaning(QuotaSpent, "群发接口调用过于频繁，一分钟后自动继续。"),
    45028: Meaning(
        QuotaSpent,
        "这个公众号的群发次数已用完（订阅号每天 1 次，服务号每月 4 次，在公众平台网站上群发的也算）。"
        "请改到有次数的日子再安排。",
    ),
    # what the editor can change
    40004: Meaning(Refused, f"微信不支持这种媒体文件类型。{_PICTURE}"),
    40005: Meaning(Refused, f"微信不支持这种图片类型，只接受 JPG 和 PNG。{_PICTURE}"),
    40006: Meaning(Refused, f"文件大小不符合要求。{_PICTURE}"),
    40009: Meaning(Refused, f"图片过大：正文图片须小于 1 MB，封面须小于 10 MB。{_PICTURE}"),
    40010: Meaning(Refused, f"语音文件过大。{_FILE}"),
    40011: Meaning(Refused, f"视频文件过大。{_FILE}"),
    40012: Meaning(Refused, f"缩略图过大。{_PICTURE}"),
    45007: Meaning(Refused, f"语音超过60秒。{_FILE}"),
    40137: Meaning(Refused, f"微信不支持这种图片格式。{_PICTURE}"),
    45001: Meaning(Refused, f"图片过大。{_PICTURE}"),
    BAD_MEDIA_ID: Meaning(Refused, "微信素材库中找不到所用的封面或草稿，可能已被人工删除。请重新发布。"),
    45002: Meaning(Refused, "正文过长（上限 2 万字符、1 MB）。请删减正文，或改为附件。"),
    45003: Meaning(Refused, "标题过长（上限 32 字）。请修改标题或填写短标题。"),
    45004: Meaning(Refused, "摘要过长（上限 120 字）。请缩短摘要。"),
    45005: Meaning(Refused, "“阅读原文”链接过长。请缩短链接。"),
    45008: Meaning(Refused, "图文数量或长度超过限制。请删减内容。"),
    45110: Meaning(Refused, "作者名过长（上限 16 字）。请缩短作者名。"),
    45166: Meaning(Refused, "正文含有微信不允许的内容（如外部链接、脚本或不支持的标签）。请修改正文。"),
    40155: Meaning(Refused, "正文含有其他公众号的主页链接。请删除该链接。"),
    40114: Meaning(Refused, "要修改的是草稿中没有的一篇。请刷新后重新选择。"),
    41039: Meaning(Refused, "“阅读原文”链接不合法。请修改链接。"),
    53404: Meaning(Refused, "正文中的商品卡片有误。请删除商品卡片。"),
    53405: Meaning(Refused, "正文中的商品卡片有误。请删除商品卡片。"),
    53406: Meaning(Refused, "正文中的商品卡片有误。请删除商品卡片。"),
    53503: Meaning(Refused, "草稿没有通过微信的发布检查。请到公众平台草稿箱查看提示，修改内容后重新发布。"),
    87014: Meaning(Refused, "内容被微信判为有风险。请修改内容。"),
    # mass messages and their previews
    40003: Meaning(Refused, "微信不认识这个 OpenID：此人没有关注本公众号，或 OpenID 抄写有误。"),
    40132: Meaning(Refused, "微信号不正确。请核对微信号（不是昵称），并确认此人已关注本公众号。"),
    43004: Meaning(Refused, "此人没有关注本公众号，收不到预览。请先关注。"),
    48002: Meaning(Refused, "此人关闭了接收本公众号消息，收不到预览。"),
    45062: Meaning(Refused, "内容含有协议广告，只能在公众平台网站上群发。请删去广告后重新安排。"),
    45113: Meaning(Refused, f"微信不接受这次群发。{_SITE}"),
    48021: Meaning(Refused, "微信不接受这份草稿（自动保存的草稿不能预览、群发）。请退回编排后重新安排。"),
    48022: Meaning(Refused, "微信不接受这份草稿（不能预览、群发）。请退回编排后重新安排。"),
    40060: Meaning(Refused, "群发中没有这一篇文章。"),
    40065: Meaning(Refused, "微信不认识这个文章链接。"),
    40204: Meaning(Refused, "微信不允许删除这次群发的内容。请到公众平台上处理。"),
    48003: Meaning(NeedsOperator, f"该账号尚未同意群发协议。{_SITE}"),
    268488001: Meaning(NeedsOperator, f"微信拒绝了该账号的群发。{_SITE}"),
    89504: Meaning(OutcomeUnknown, _ADMINISTRATOR),
    89505: Meaning(OutcomeUnknown, _ADMINISTRATOR),
    _TOO_FAST: Meaning(NotSent, "微信要求间隔一分钟再核对这次群发，稍后自动继续。"),
    # what only happens when the program is wrong
    40008: Meaning(NeedsOperator, f"消息类型不合法。{_BUG}"),
    45067: Meaning(NeedsOperator, f"群发的识别号过长。{_BUG}"),
    40033: Meaning(NeedsOperator, f"请求中含有转义字符。{_BUG}"),
    43001: Meaning(NeedsOperator, f"请求方式不对。{_BUG}"),
    43002: Meaning(NeedsOperator, f"请求方式不对。{_BUG}"),
    43003: Meaning(NeedsOperator, "接口须使用 HTTPS。请管理员检查接口地址。"),
    44002: Meaning(NeedsOperator, f"请求内容为空。{_BUG}"),
    44003: Meaning(NeedsOperator, f"图文消息为空。{_BUG}"),
    44004: Meaning(NeedsOperator, f"文本消息为空。{_BUG}"),
    47002: Meaning(NeedsOperator, f"请求不是合法的 XML。{_BUG}"),
    47001: Meaning(NeedsOperator, f"请求不是合法的 JSON。{_BUG}"),
    # answers about something sent before
    40059: Meaning(OutcomeUnknown, "微信不认识这次群发的编号，结果不明，需要核对。"),
    53502: Meaning(OutcomeUnknown, "微信不认识这次发布的编号，结果不明，需要核对。"),
    BAD_ARTICLE_ID: Meaning(OutcomeUnknown, "微信不认识这篇文章的编号，结果不明，需要核对。"),
}

OF_STABLE_TOKEN: Final[Mapping[int, Meaning]] = {
    40001: Meaning(NeedsOperator, f"AppSecret 不正确。{_KEYS}"),
}
"""Where stable_token itself answers 40001, it is the secret that is wrong, and asking again won't help."""

OF_SUBMIT: Final[Mapping[int, Meaning]] = {
    -1: Meaning(OutcomeUnknown, "微信在提交发布时答复系统繁忙，可能已经受理，需要核对后再决定是否重发。"),
    BAD_MEDIA_ID: Meaning(OutcomeUnknown, "草稿已不在草稿箱中，可能已经发布，需要核对后再决定是否重发。"),
}
"""A published draft leaves the box: 40007 may say that an earlier submit was taken."""

OF_DELETE: Final[Mapping[int, Meaning]] = {
    -1: Meaning(OutcomeUnknown, "微信在删除时答复系统繁忙，可能已经删除，稍后自动核对。"),
    BAD_ARTICLE_ID: Meaning(OutcomeUnknown, "微信不认识这篇文章的编号，可能已经删除，稍后自动核对。"),
}
"""What freepublish/delete says of an article that is gone already is not documented: it is looked for."""

OF_PUSH: Final[Mapping[int, Meaning]] = {
    -1: Meaning(OutcomeUnknown, "微信在提交群发时答复系统繁忙，可能已经受理，将凭同一识别号核对一次。"),
    BAD_MEDIA_ID: Meaning(
        Refused,
        "草稿已不在公众号的草稿箱里：可能被人删除，也可能有人在公众平台网站上发出了。请先到公众平台核对；"
        "没有发出的，退回编排后重新安排。",
    ),
    _TOO_FAST: Meaning(OutcomeUnknown, "微信说刚刚收到过这次群发，将凭同一识别号核对一次。"),
}
"""A first push. Its draft was in the box a moment before."""

OF_REPEATED_PUSH: Final[Mapping[int, Meaning]] = {
    -1: Meaning(OutcomeUnknown, "凭同一识别号核对时，微信答复系统繁忙。等待微信的群发结果通知。"),
    BAD_MEDIA_ID: Meaning(OutcomeUnknown, "草稿已不在草稿箱里，可能已经群发。等待微信的群发结果通知。"),
    45028: Meaning(
        OutcomeUnknown, "核对时微信答复群发次数已用完，可能就是这次群发用掉的。等待微信的群发结果通知。"
    ),
}
"""A push again, under the same clientmsgid: what says that there is no draft or no quota any more may say that
the first one was taken."""


OF_CUSTOMER_MESSAGE: Final[Mapping[int, Meaning]] = {
    -1: Meaning(OutcomeUnknown, "微信在发送客服消息时答复系统繁忙，可能已经送达。"),
    43004: Meaning(Refused, f"此人已不再关注本公众号。{_RECIPIENT}"),
}


def error_for(code: int, errmsg: str, special: Mapping[int, Meaning] | None = None) -> ChannelError:
    """`code` as the error to raise; `special` holds the meanings that one call alone gives to some codes."""
    meaning = {**MEANINGS, **(special or {})}.get(code)
    if meaning is None:
        return NeedsOperator(f"微信返回了未收录的错误，请管理员查看：{code} {errmsg}", code=str(code))
    sentence = meaning.sentence.format(ip=_ip_in(errmsg)) if code == _IP_NOT_LISTED else meaning.sentence
    return meaning.kind(
        f"{sentence}（微信返回 {code}：{errmsg}）", code=str(code), retry_after_s=_wait_s(code)
    )


def _wait_s(code: int) -> float | None:
    """Seconds until the window opens. Days are those of the platform's calendar, wherever the service runs."""
    now = clock.now()
    if code == _DAILY:
        return (end_of(Window.DAY, now) - now).total_seconds()
    if code == _NOT_READY:
        return (_next(_READY_AT, now) - now).total_seconds()
    return _WAIT_S.get(code)


def _next(at: time, now: datetime) -> datetime:
    today = datetime.combine(now.astimezone(clock.SHANGHAI).date(), at, clock.SHANGHAI)
    return today if today > now else today + timedelta(days=1)


def _ip_in(errmsg: str) -> str:
    found = re.search(r"invalid ip (\S+?),?(?:\s|$)", errmsg)
    return found[1] if found else "（未知）"
