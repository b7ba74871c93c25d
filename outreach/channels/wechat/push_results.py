"""What becomes of a mass message: the words of MASSSENDJOBFINISH and of mass/get."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from outreach.channels.protocol import NeedsOperator, Removed, StillUnderWay
from outreach.channels.push_protocol import PushResult, PushSent, PushStopped, Reach, Reprint

_ERROR: Final = re.compile(r"err\((\d+)\)")
_CHANGE: Final = "请修改内容后重新安排群发。"
_SITE: Final = "请管理员登录公众平台查看原因。"
# api_sendall, 事件推送群发结果: the number in err(…).
_STOPPED: Final[Mapping[str, str]] = {
    "10001": f"微信判定内容涉嫌广告，没有群发。{_CHANGE}",
    "20001": f"微信判定内容涉嫌政治敏感，没有群发。{_CHANGE}",
    "20002": f"微信判定内容涉嫌色情，没有群发。{_CHANGE}",
    "20004": f"微信判定内容涉嫌社会问题，没有群发。{_CHANGE}",
    "20006": f"微信判定内容涉嫌违法犯罪，没有群发。{_CHANGE}",
    "20008": f"微信判定内容涉嫌欺诈，没有群发。{_CHANGE}",
    "20013": f"微信判定内容涉嫌侵犯版权，没有群发。{_CHANGE}",
    "21000": f"微信判定内容违反规定，没有群发。{_SITE}",
    "22000": f"微信判定内容涉嫌互推（互相宣传），没有群发。{_CHANGE}",
    "30001": "微信的原创校验系统出错，没有群发。请稍后重新安排群发。",
    "30002": "微信判定有文章不能群发（原创校验）。请修改或移出该文章后重新安排群发。",
    "30003": "微信判定有文章为转载，没有群发。请修改、取得转载授权或移出该文章后重新安排群发。",
    "40001": "公众号管理员在微信上拒绝了这次群发。请与管理员商量后重新安排。",
    "40002": "公众号管理员没有在 30 分钟内在微信上确认这次群发，任务已失效。请与管理员约好时间后重新安排。",
}
_DELETED: Final = "推送发出后已在公众平台上删除。"


def result_of_event(
    status: str,
    *,
    at: datetime,
    urls: Mapping[int, str],
    reach: Reach,
    reprints: Sequence[Reprint],
) -> PushResult:
    """What the event's `Status` says: `send success`, `send fail` or `err(…)`."""
    if status == "send success":
        return PushSent(at, urls, reach, tuple(reprints))
    return _stopped(status, reprints)


def result_of_status(status: str) -> PushResult:
    """What mass/get's `msg_status` says; it tells neither time nor addresses. Raises NeedsOperator for a word that
    the documentation does not name."""
    match status:
        case "SEND_SUCCESS":
            return PushSent()
        case "SENDING":
            return StillUnderWay()
        case "SEND_FAIL":
            return _stopped("send fail", ())
        case "DELETE":
            return Removed(_DELETED)
    raise NeedsOperator(
        f"微信返回了未收录的群发状态 {status}，请到公众平台核对。", code=f"mass-{status}"[:64]
    )


def _stopped(status: str, reprints: Sequence[Reprint]) -> PushStopped:
    found = _ERROR.fullmatch(status)
    number = found[1] if found else ""
    told = _STOPPED.get(number, f"微信没有完成群发（{status}）。{_SITE}")
    return PushStopped(f"mass-err-{number}" if number else "mass-send-fail", told, tuple(reprints))
