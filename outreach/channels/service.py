"""Accounts: added with their credentials sealed, authorised, paused and resumed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.credentials import GRANTED
from outreach.channels.model import Account, AccountCheck, AccountToken, AccountType, ChannelName
from outreach.channels.rules import check_credentials
from outreach.foundation import audit, clock
from outreach.foundation.audit import SERVICE, Actor
from outreach.foundation.ids import new_id
from outreach.foundation.problems import NotPossible, invalid
from outreach.foundation.seal import Sealer, WrongKey

CALLBACK_KEPT_FOR: Final = timedelta(hours=1)
"""How old what is kept of WeChat's last call may be, so that not each push writes."""


async def add_account(
    session: AsyncSession,
    sealer: Sealer,
    by: Actor,
    *,
    channel: ChannelName,
    name: str,
    type_: AccountType | None,
    verified: bool,
    credentials: Mapping[str, Any],
    account_id: str | None = None,
) -> Account:
    """A new account. `verified` of a Weibo account follows from its authorisation. Raises InvalidContent."""
    checked = check_credentials(channel, credentials)
    if not name.strip() or len(name) > 64 or not name.isprintable():
        raise invalid("name", "账号名称应为1至64个字。")
    if channel is ChannelName.WECHAT and type_ is None:
        raise invalid("type", "请选择公众号类型：订阅号（subscription）或服务号（service）。")
    last = await session.scalar(select(func.max(Account.number)))
    account = Account(
        id=account_id or new_id(),
        number=(last or 0) + 1,
        channel=channel,
        name=name.strip(),
        type=type_ if channel is ChannelName.WECHAT else None,
        verified=bool(checked.get("access_token")) if channel is ChannelName.WEIBO else verified,
        active=True,
        sealed_credentials=sealer.seal(checked),
        created_at=clock.now(),
        authorised_until=_end_in(checked),
    )
    session.add(account)
    await session.flush()
    session.add(AccountToken(account_id=account.id))
    await session.flush()
    await audit.record(
        session, by, "account.add", "account", account.id, channel=channel.value, name=account.name
    )
    return account


async def replace_credentials(
    session: AsyncSession, sealer: Sealer, by: Actor, account: Account, credentials: Mapping[str, Any]
) -> Account:
    """Other credentials for the account (a reset AppSecret, a new address). What the platform granted holds
    on while the app is the same one; the account stays paused until it is resumed, and is to be checked anew. Raises
    InvalidContent."""
    checked = check_credentials(account.channel, credentials)
    kept = _still_granted(sealer, account, checked)
    account.sealed_credentials = sealer.seal({**kept, **checked})
    if account.channel is ChannelName.WEIBO:
        account.verified = "access_token" in kept
        account.authorised_until = account.authorised_until if kept else None
    await session.execute(delete(AccountCheck).where(AccountCheck.account_id == account.id))
    await session.execute(
        update(AccountToken)
        .where(AccountToken.account_id == account.id)
        .values(sealed_token=None, expires_at=None)
    )
    await session.flush()
    await audit.record(session, by, "account.replace_credentials", "account", account.id)
    return account


async def authorise_weibo(
    session: AsyncSession,
    sealer: Sealer,
    by: Actor,
    account: Account,
    *,
    uid: str,
    token: str,
    expires_in_s: int,
) -> Account:
    """Keeps the access token that Weibo gave for the account, and resumes it.

    Raises NotPossible where another Weibo user authorised than the one that the account stands for: an
    administrator who is signed in to a private Weibo would otherwise turn the bureau's posts there.
    """
    credentials = sealer.open(account.sealed_credentials)
    if credentials.get("uid") not in {None, "", uid}:
        raise NotPossible(
            f"授权的是另一个微博用户（{uid}），不是这个账号（{credentials['uid']}）。请在微博上换用本单位的账号登录后重新授权。"
        )
    ends = clock.now() + timedelta(seconds=expires_in_s)
    credentials |= {"uid": uid, "access_token": token, "expires_at": ends.isoformat()}
    account.sealed_credentials = sealer.seal(credentials)
    account.verified, account.paused_at, account.paused_reason = True, None, None
    account.authorised_until = ends
    await session.flush()
    await audit.record(session, by, "account.authorise", "account", account.id, uid=uid, until=ends)
    return account


async def keep_authorised_until(session: AsyncSession, account_id: str, until: datetime) -> None:
    """The platform tells when its authorisation ends."""
    query = update(Account).where(Account.id == account_id).values(authorised_until=until)
    await session.execute(query.execution_options(synchronize_session=False))


async def learn_authorised_until(session: AsyncSession, sealer: Sealer, account: Account) -> None:
    """Reads from the credentials when the authorisation ends, where that is not known yet. Raises WrongKey."""
    if account.authorised_until is None and (until := _end_in(sealer.open(account.sealed_credentials))):
        await keep_authorised_until(session, account.id, until)


async def note_callback(session: AsyncSession, account_id: str) -> None:
    """WeChat has called us with a right signature; kept once an hour."""
    now = clock.now()
    query = update(Account).where(Account.id == account_id, _is_old(now)).values(called_back_at=now)
    await session.execute(query.execution_options(synchronize_session=False))


def is_callback_old(account: Account) -> bool:
    """Whether a callback is worth noting again."""
    return account.called_back_at is None or account.called_back_at <= clock.now() - CALLBACK_KEPT_FOR


async def pause_account(session: AsyncSession, account_id: str, reason: str) -> None:
    """No post of the account is sent until somebody has mended what `reason` says (Chinese)."""
    query = (
        update(Account)
        .where(Account.id == account_id, Account.paused_at.is_(None))
        .values(paused_at=clock.now(), paused_reason=reason[:512])
        .returning(Account.id)
    )
    if (await session.execute(query)).scalar_one_or_none() is not None:
        await audit.record(session, SERVICE, "account.pause", "account", account_id, reason=reason)


async def resume_account(session: AsyncSession, by: Actor, account: Account) -> None:
    """What was wrong is mended: its posts go on."""
    account.paused_at, account.paused_reason = None, None
    await session.flush()
    await audit.record(session, by, "account.resume", "account", account.id)


def _is_old(now: datetime) -> ColumnElement[bool]:
    return or_(Account.called_back_at.is_(None), Account.called_back_at <= now - CALLBACK_KEPT_FOR)


def _end_in(checked: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(checked["expires_at"]) if "expires_at" in checked else None


def _still_granted(sealer: Sealer, account: Account, checked: Mapping[str, str]) -> dict[str, Any]:
    try:
        before = sealer.open(account.sealed_credentials)
    except WrongKey:
        return {}  # sealed under a lost SECRET_KEY: all has to be granted anew
    if before.get("app_key") != checked.get("app_key"):
        return {}
    return {name: value for name, value in before.items() if name in GRANTED}
