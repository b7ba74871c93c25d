"""Whether a status is among those that user_timeline shows: the five latest of our app, the newest first
(open.weibo.com/wiki/2/statuses/user_timeline).

Their order is Weibo's own, by ids that only rise. What is older than one that is shown needs no clock to be
told: the sought status was made after another one of ours that stands there, so that it would stand above it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from outreach.channels.protocol import CannotTell, Look, NotThere, Published, StillUnderWay, Trace
from outreach.channels.weibo.errors import DONE_BUT_SLOW, SAID_TO_BE_THERE

ROWS: Final = 5
# Our clock and Weibo's may differ by so much: a status is not to be missed for that.
_CLOCK_SKEW: Final = timedelta(minutes=5)
_URL: Final = re.compile(r"https?://[!-~]+")
_SHORTENED: Final = re.compile(r"https?://t\.cn/[!-~]+")

Members = Mapping[str, Any]


def look_among(shown: Sequence[Members], text: str, trace: Trace, uid: str) -> Look:
    """What became of the status `text` of the account `uid`, by the rows that its timeline shows."""
    begin = trace.since - _CLOCK_SKEW
    alike = [row for row in shown if _id(row) not in trace.others and says_the_same(text, row["text"])]
    for row in alike:
        if _created_at(row) >= begin:
            return published(row, uid)
    if alike:
        return CannotTell(
            "时间线上有一条文字相同的微博，但它比这次发送早，可能是时钟不准，也可能是另外发的。"
        )
    if trace.code in SAID_TO_BE_THERE:
        return CannotTell("微博说这条内容已经在了，时间线上却看不到。")
    if trace.code == DONE_BUT_SLOW:
        return StillUnderWay()
    if _shows_all_since(shown, begin, trace.earlier):
        return NotThere()
    return CannotTell("微博只显示最近五条，这期间又发了别的，看不到更早的内容。")


def published(members: Members, uid: str) -> Published:
    """A status of Weibo's as the proof that it is out."""
    # `idstr`, not `id`: numbers of that size are rounded on the way.
    platform_id = _id(members)
    return Published(platform_id, f"https://weibo.com/{uid}/{platform_id}", _created_at(members))


def says_the_same(ours: str, theirs: str) -> bool:
    """Weibo turns links into t.cn ones and trims the text; a link that it left as it is has to be ours."""
    if _SHORTENED.search(theirs) or not _URL.search(theirs):
        return _words(_URL.sub("", ours)) == _words(_URL.sub("", theirs))
    return _words(ours) == _words(theirs)


def _shows_all_since(shown: Sequence[Members], begin: datetime, earlier: frozenset[str]) -> bool:
    if len(shown) < ROWS or any(_created_at(row) < begin for row in shown):
        return True
    ids = [int(_id(row)) for row in shown]
    return ids == sorted(ids, reverse=True) and any(_id(row) in earlier for row in shown)


def _id(members: Members) -> str:
    return str(members["idstr"])


def _created_at(members: Members) -> datetime:
    return datetime.strptime(members["created_at"], "%a %b %d %H:%M:%S %z %Y")


def _words(text: str) -> str:
    return "".join(sign for sign in html.unescape(text) if sign.isprintable() and not sign.isspace())
