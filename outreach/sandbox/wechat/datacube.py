"""datacube: figures of articles and of followers, of yesterday and before (doc/service/api/wedata).

The older calls of articles know mass messages alone and follow them for seven days; the newer ones know all that is
published since 2025-11-01 and follow it for thirty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from outreach.sandbox.clock import CHINA, day
from outreach.sandbox.wechat import figures, followers
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.figures import Published

READY_HOUR: Final = 8
FIRST_NEW_DAY: Final = date(2025, 11, 1)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OLD_DAYS: Final = 7
_NEW_DAYS: Final = 30
_ALL_SOURCES: Final = 99_999_999

Row = dict[str, Any]


def article_total(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getarticletotal: the day's mass messages, each with its sums up to each day."""
    (on,) = _days(call, 1)
    last = min(_yesterday(call), on + timedelta(days=_OLD_DAYS - 1))
    rows = []
    for article in _mass_messages(call, on):
        details = [
            {
                "stat_date": each.isoformat(),
                "target_user": article.target_user,
                **_old(figures.until(call.store, call.account, article, each)),
            }
            for each in _range(on, last)
        ]
        rows.append({**_old_head(article, on), "details": details})
    return {"list": rows}


def article_summary(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getarticlesummary: what came about that day with the mass messages that were read on it."""
    (on,) = _days(call, 1)
    rows = []
    for article in _followed(call, on, _OLD_DAYS):
        came = figures.of_day(call.store, call.account, article, on)
        if article.is_mass and came["read_user"]:
            rows.append({**_old_head(article, on), "user_source": 0, **_old(came)})
    return {"list": rows}


def user_read(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getuserread: all mass messages together, by day."""
    return {
        "list": [_of_all(call, on, ("int_page_read", "ori_page_read", "add_to_fav")) for on in _days(call, 3)]
    }


def user_share(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getusershare: the same of what was shared."""
    rows = [{"share_scene": 255, **_of_all(call, on, ("share",))} for on in _days(call, 7)]
    return {"list": rows}


def article_read(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getarticleread: who read on that day."""
    return _daily(call, lambda came: {"read_user": came["read_user"], "read_user_source": _sources(came)})


def article_share(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getarticleshare: who shared on that day."""
    return _daily(call, lambda came: {"share_user": came["share_user"]})


def article_total_detail(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getarticletotaldetail: what was published that day, each with its sums up to each day."""
    (on,) = _days(call, 1)
    last = min(_yesterday(call), on + timedelta(days=_NEW_DAYS - 1))
    rows = [
        {
            "ref_date": on.isoformat(),
            "msgid": article.msgid,
            "title": article.title,
            "content_url": article.url,
            "publish_type": 0 if article.is_mass else 1,
            "detail_list": [
                {
                    "stat_date": each.isoformat(),
                    **_detail(figures.until(call.store, call.account, article, each)),
                }
                for each in _range(on, last)
            ],
        }
        for article in _published(call, on)
    ]
    return {"list": rows, "is_delay": False}


def biz_summary(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getbizsummary: all that is published together, by day."""
    rows = []
    for on in _days(call, _NEW_DAYS):
        came = _sum(call, on, _NEW_DAYS)
        detail = {**_new(came), "send_page_count": len(_published(call, on)), "redirect_ori_page_user": 0}
        rows.append({"ref_date": on.isoformat(), "detail": detail})
    return {"list": rows, "is_delay": False}


def user_summary(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getusersummary: who came and who left, by day; all from one source."""
    return {
        "list": [
            {"ref_date": on.isoformat(), "user_source": 0, "new_user": _came(call, on), "cancel_user": 0}
            for on in _days(call, 7)
        ]
    }


def user_cumulate(call: Call) -> Mapping[str, Any]:
    """POST /datacube/getusercumulate: how many followed at the end of each day."""
    whole = followers.total(call.store, call.appid)
    rows = []
    for on in _days(call, 7):
        later = sum(_came(call, each) for each in _range(on + timedelta(days=1), _today(call)))
        rows.append({"ref_date": on.isoformat(), "user_source": 0, "cumulate_user": whole - later})
    return {"list": rows}


def _days(call: Call, longest: int) -> list[date]:
    """The days that are asked for. Raises WeChatError: 61500 no dates, 61501 too many days or one that is not over,
    61503 yesterday's figures before eight."""
    begin, end = _date(call, "begin_date"), _date(call, "end_date")
    if begin > end or (end - begin).days >= longest or end > _yesterday(call):
        raise WeChatError(61501)
    if end == _yesterday(call) and datetime.fromtimestamp(call.now, CHINA).hour < READY_HOUR:
        raise WeChatError(61503)
    return list(_range(begin, end))


def _date(call: Call, name: str) -> date:
    given = call.json.get(name)
    if not isinstance(given, str) or not _DATE.fullmatch(given):
        raise WeChatError(61500)
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise WeChatError(61500) from None


def _today(call: Call) -> date:
    return date.fromisoformat(day(call.now))


def _yesterday(call: Call) -> date:
    return _today(call) - timedelta(days=1)


def _range(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _published(call: Call, on: date) -> list[Published]:
    return figures.published(call.store, call.account, on) if on >= FIRST_NEW_DAY else []


def _mass_messages(call: Call, on: date) -> list[Published]:
    return [each for each in figures.published(call.store, call.account, on) if each.is_mass]


def _followed(call: Call, on: date, days: int) -> list[Published]:
    """What was published within the days before, that one included."""
    published = figures.published
    earlier = _range(on - timedelta(days=days - 1), on)
    return [each for first in earlier for each in published(call.store, call.account, first)]


def _daily(call: Call, shown: Callable[[Mapping[str, int]], Row]) -> Mapping[str, Any]:
    (on,) = _days(call, 1)
    rows = [
        {
            "ref_date": on.isoformat(),
            "msgid": article.msgid,
            "detail": shown(figures.of_day(call.store, call.account, article, on)),
        }
        for article in _followed(call, on, _NEW_DAYS)
        if article.on >= FIRST_NEW_DAY
    ]
    return {"list": rows, "is_delay": False}


def _sum(call: Call, on: date, days: int, *, mass_only: bool = False) -> Mapping[str, int]:
    found = [
        figures.of_day(call.store, call.account, article, on)
        for article in _followed(call, on, days)
        if article.is_mass or not mass_only
    ]
    return {name: sum(each[name] for each in found) for name in figures.NAMES}


def _of_all(call: Call, on: date, groups: tuple[str, ...]) -> Row:
    came = _old(_sum(call, on, _OLD_DAYS, mass_only=True))
    shown = {name: value for name, value in came.items() if name.startswith(groups)}
    return {"ref_date": on.isoformat(), "user_source": _ALL_SOURCES, **shown}


def _came(call: Call, on: date) -> int:
    begin = datetime(on.year, on.month, on.day, tzinfo=CHINA).timestamp()
    return call.store.number(
        "SELECT count(*) FROM follower WHERE account = ? AND subscribed AND since >= ? AND since < ?",
        call.appid,
        begin,
        begin + 86_400,
    )


def _old_head(article: Published, on: date) -> Row:
    return {"ref_date": on.isoformat(), "msgid": article.msgid, "title": article.title}


def _old(came: Mapping[str, int]) -> Row:
    return {
        "int_page_read_user": came["read_user"],
        "int_page_read_count": came["read_count"],
        "ori_page_read_user": 0,
        "ori_page_read_count": 0,
        "share_user": came["share_user"],
        "share_count": came["share_count"],
        "add_to_fav_user": came["collection_user"],
        "add_to_fav_count": came["collection_user"],
    }


def _new(came: Mapping[str, int]) -> Row:
    names = ("read_user", "share_user", "zaikan_user", "like_user", "comment_count", "collection_user")
    return {**{name: came[name] for name in names}, "read_user_source": _sources(came)}


def _detail(came: Mapping[str, int]) -> Row:
    return {
        **_new(came),
        "praise_money": 0,
        "read_subscribe_user": 0,
        "read_delivery_rate": 0.0,
        "read_finish_rate": 0.5,
        "read_avg_activetime": 1.0,
        "read_jump_position": [],
    }


def _sources(came: Mapping[str, int]) -> list[Row]:
    return [{"user_count": came["read_user"], "scene_desc": "全部"}]
