"""What calls answer of accounts and sections."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.rules import can_publish


class AccountShape(BaseModel):
    """An account; its credentials are never shown."""

    id: str
    channel: ChannelName
    name: str
    type: AccountType | None
    verified: bool
    can_publish: bool
    paused: bool
    paused_reason: str | None


class AccountList(BaseModel):
    """All accounts, in the order in which they were made."""

    items: list[AccountShape]
    next_cursor: Literal[None] = None


class SectionShape(BaseModel):
    """A department or branch."""

    id: str
    name: str


class SectionList(BaseModel):
    """All sections."""

    items: list[SectionShape]
    next_cursor: Literal[None] = None


def shape_account(account: Account) -> AccountShape:
    """An account without its credentials."""
    return AccountShape(
        id=account.id,
        channel=account.channel,
        name=account.name,
        type=account.type,
        verified=account.verified,
        can_publish=can_publish(account),
        paused=account.paused_at is not None,
        paused_reason=account.paused_reason,
    )
