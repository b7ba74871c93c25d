"""What WeChat's `publish_status` says (freepublish/get and the event PUBLISHJOBFINISH have the same)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from outreach.channels.protocol import NeedsOperator, Published, Refused, Removed, Result, StillUnderWay

_REFUSALS: Final = {
    2: "原创声明失败：微信判定第 {articles} 篇与他人的原创文章相似。请修改内容或取消原创声明后重新发布。",
    3: "微信发布失败。请到公众平台“发表记录”查看原因，处理后重新发布。",
    4: "第 {articles} 篇没有通过微信平台审核。请按公众平台通知修改内容后重新发布。",
}
_REMOVALS: Final = {
    5: "文章发布后已被人工删除。",
    6: "文章发布后已被微信平台封禁。请到公众平台查看原因。",
}


def result_of(
    status: int,
    *,
    article_id: str | None,
    url: str | None,
    at: datetime | None,
    failed_articles: tuple[int, ...],
) -> Result:
    """`status` as the result of a post; `failed_articles` are numbered from 1.

    Raises:
        Refused: 2 (original-content declaration failed), 3 (failed), 4 (platform audit).
        NeedsOperator: a status that the documentation does not name.
    """
    if status == 0:
        return Published(article_id or "", url or "", at)
    if status == 1:
        return StillUnderWay()
    if status in _REMOVALS:
        return Removed(_REMOVALS[status])
    code = f"publish-status-{status}"
    if status in _REFUSALS:
        articles = "、".join(str(number) for number in failed_articles) or "1"
        raise Refused(_REFUSALS[status].format(articles=articles), code=code)
    raise NeedsOperator(f"微信返回了未收录的发布状态 {status}，请到公众平台核对。", code=code)
