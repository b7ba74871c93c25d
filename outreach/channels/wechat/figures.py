"""datacube: the figures of an Official Account (doc/service/api/wedata). The platform's days are China's.

getarticletotaldetail knows all that was published since 2025-11-01 and follows it for thirty days; getarticletotal is
no longer maintained, knows mass messages alone, for seven days, and still tells how often they were opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from outreach.channels.figures_protocol import ArticleFigures, FollowerFigures
from outreach.channels.protocol import NotSent
from outreach.channels.wechat.api import WeChatApi

_LATE: Final = "平台的统计数据还没有算完，稍后自动再取。"


class WeChatFigures:
    """One account."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    async def articles_of(self, published_on: date) -> Sequence[ArticleFigures]:
        """getarticletotaldetail. Raises ChannelError; NotSent also where the platform says that it is late."""
        members = await self._ask("getarticletotaldetail", published_on, published_on)
        if members.get("is_delay"):
            raise NotSent(_LATE, code="is_delay")
        return [
            ArticleFigures(
                *_article(row),
                title=str(row.get("title", "")),
                on=date.fromisoformat(detail["stat_date"]),
                read_users=detail.get("read_user"),
                share_users=detail.get("share_user"),
                favourite_users=detail.get("collection_user"),
                zaikan_users=detail.get("zaikan_user"),
                like_users=detail.get("like_user"),
                comments=detail.get("comment_count"),
            )
            for row in members["list"]
            for detail in row.get("detail_list", ())
        ]

    async def mass_messages_of(self, published_on: date) -> Sequence[ArticleFigures]:
        """getarticletotal. Raises ChannelError."""
        members = await self._ask("getarticletotal", published_on, published_on)
        return [
            ArticleFigures(
                *_article(row),
                title=str(row.get("title", "")),
                on=date.fromisoformat(detail["stat_date"]),
                read_users=detail.get("int_page_read_user"),
                read_count=detail.get("int_page_read_count"),
                share_users=detail.get("share_user"),
                share_count=detail.get("share_count"),
                favourite_users=detail.get("add_to_fav_user"),
                target_users=detail.get("target_user"),
            )
            for row in members["list"]
            for detail in row.get("details", ())
        ]

    async def followers(self, first: date, last: date) -> Sequence[FollowerFigures]:
        """getusersummary, whose rows are one a source, and getusercumulate. Raises ChannelError."""
        came: defaultdict[str, int] = defaultdict(int)
        left: defaultdict[str, int] = defaultdict(int)
        for row in (await self._ask("getusersummary", first, last))["list"]:
            came[row["ref_date"]] += int(row["new_user"])
            left[row["ref_date"]] += int(row["cancel_user"])
        whole = {
            row["ref_date"]: int(row["cumulate_user"])
            for row in (await self._ask("getusercumulate", first, last))["list"]
        }
        return [
            FollowerFigures(date.fromisoformat(on), came.get(on), left.get(on), whole.get(on))
            for on in sorted(came.keys() | whole.keys())
        ]

    async def _ask(self, name: str, first: date, last: date) -> Mapping[str, Any]:
        days = {"begin_date": first.isoformat(), "end_date": last.isoformat()}
        return await self._api.post(f"/datacube/{name}", days, "list")


def _article(row: Mapping[str, Any]) -> tuple[str, int]:
    """The msgid is `<msg_data_id>_<number from 1>`."""
    data_id, _, number = str(row["msgid"]).rpartition("_")
    return data_id, int(number)
