"""撤回 on an item's page: what will happen on which day, the form that withdraws all of it, and the days of a penalty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from outreach.channels.rules import CHANNEL_LABELS, can_withdraw
from outreach.foundation.problems import Problem
from outreach.items.model import Item, ItemState
from outreach.items.rules import withdrawal_reason
from outreach.office.withdraw_posts import require_days, require_item_withdrawable
from outreach.people.model import Person
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import PostAction, can


@dataclass(frozen=True, slots=True)
class WithdrawalView:
    """What the page says of an item's withdrawal. `taken_down` and `by_hand` name the accounts on which it is out;
    `cancelled` is how many posts would not go out any more; `reason` is told on the day `planned_on`."""

    may_withdraw: bool
    taken_down: Sequence[str]
    by_hand: Sequence[str]
    cancelled: int
    ended_reason: str | None
    planned_on: date | None
    reason: str | None
    may_set_days: bool


def view_withdrawal(item: Item, posts: Sequence[Post], reader: Person) -> WithdrawalView | None:
    """None where the item was never approved for the public."""
    if item.state not in {ItemState.APPROVED, ItemState.PUBLISHED, ItemState.WITHDRAWN}:
        return None
    out = [post for post in posts if post.state is PostState.PUBLISHED]
    planned_on = item.withdraw_on if item.public_end_reason is None else None
    return WithdrawalView(
        may_withdraw=_may(require_item_withdrawable, item, reader),
        taken_down=[_name(post) for post in out if can_withdraw(post.account)],
        by_hand=[_name(post) for post in out if not can_withdraw(post.account)],
        cancelled=sum(_is_cancelled(post) for post in posts),
        ended_reason=item.public_end_reason,
        planned_on=planned_on,
        reason=withdrawal_reason(item) if planned_on else None,
        may_set_days=_may(require_days, item, reader),
    )


def _may(require: Callable[[Item, Person], None], item: Item, reader: Person) -> bool:
    try:
        require(item, reader)
    except Problem:
        return False
    return True


def _is_cancelled(post: Post) -> bool:
    return can(post.state, PostAction.CANCEL, after_withdrawing=post.after_withdrawing)


def _name(post: Post) -> str:
    return f"{post.account.name}（{CHANNEL_LABELS[post.account.channel]}）"
