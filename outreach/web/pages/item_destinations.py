"""Where an item can go out, as its page offers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.channels.model import Account, ChannelName
from outreach.channels.rules import CHANNEL_LABELS, can_publish
from outreach.publishing.model import Post
from outreach.publishing.rules import LIVE_STATES


@dataclass(frozen=True, slots=True)
class Destination:
    """An account that the item can go out on. `why_not` tells why it isn't ticked beforehand."""

    account: Account
    channel: str
    ticked: bool
    taken: bool
    why_not: str | None


def destinations(accounts: Sequence[Account], posts: Sequence[Post]) -> list[Destination]:
    """Each of the accounts, for an item that has these posts."""
    live = {post.account_id: post for post in posts if post.state in LIVE_STATES}
    return [_destination(account, live.get(account.id)) for account in accounts]


def _destination(account: Account, post: Post | None) -> Destination:
    why_not = None
    if post is not None:
        why_not = "已有发布件" if post.edition_id is None else "已编入推送"
    elif account.paused_at is not None:
        why_not = f"账号已暂停：{account.paused_reason}"
    elif not can_publish(account):
        is_wechat = account.channel is ChannelName.WECHAT
        why_not = "只能存入草稿箱，须由人在公众平台上点“发表”" if is_wechat else "尚未授权"
    return Destination(account, CHANNEL_LABELS[account.channel], why_not is None, post is not None, why_not)
