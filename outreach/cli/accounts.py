"""`outreach account`: the bureau's accounts on the platforms."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.protocol import ChannelError
from outreach.channels.queries import list_accounts
from outreach.channels.rights import RIGHT_LABELS, RIGHT_STATE_LABELS, Right, problem_of
from outreach.channels.rules import CHANNEL_LABELS, TYPE_LABELS, can_publish
from outreach.channels.service import add_account
from outreach.cli.common import decoded, with_office
from outreach.foundation.audit import COMMAND_LINE
from outreach.office.check_account import check_account
from outreach.office.context import Office

account_app = typer.Typer(help="平台账号", no_args_is_help=True)


@account_app.command("add")
def add(
    channel: Annotated[ChannelName, typer.Option("--channel", help="平台")],
    name: Annotated[str, typer.Option("--name", help="账号名称")],
    type_: Annotated[AccountType | None, typer.Option("--type", help="公众号类型")] = None,
    verified: Annotated[bool, typer.Option("--verified", help="已认证")] = False,
) -> None:
    """添加账号；凭据以 JSON 从标准输入读取，加密保存。"""
    try:
        credentials = json.loads(decoded(sys.stdin.buffer.read()))
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter("请从标准输入给出 JSON 格式的凭据。") from error
    if not isinstance(credentials, dict):
        raise typer.BadParameter("凭据应为一个 JSON 对象。")

    async def use(office: Office) -> str:
        async with office.db.begin() as session:
            account = await add_account(
                session,
                office.sealer,
                COMMAND_LINE,
                channel=channel,
                name=name,
                type_=type_,
                verified=verified,
                credentials=credentials,
            )
            return account.id

    print(with_office(use))


@account_app.command("list")
def show_all() -> None:
    """列出账号（不含凭据）。"""

    async def use(office: Office) -> list[Account]:
        async with office.db.read() as session:
            return await list_accounts(session)

    for account in with_office(use):
        type_ = TYPE_LABELS[account.type] if account.type else ""
        able = "可直接发布" if can_publish(account) else "只能存草稿或待授权"
        print(
            f"{account.id}\t{CHANNEL_LABELS[account.channel]}\t{account.name}\t{type_}\t{able}\t{account.paused_reason or ''}"
        )


@account_app.command("check")
def check() -> None:
    """逐个检查账号需要的各项权限；不发布任何内容。"""

    async def use(office: Office) -> list[tuple[Account, tuple[Right, ...], str | None]]:
        async with office.db.read() as session:
            accounts = await list_accounts(session, active_only=True)
        return [(account, *await _checked(office, account)) for account in accounts]

    outcomes = with_office(use)
    for account, rights, wrong in outcomes:
        print(f"{account.name}({CHANNEL_LABELS[account.channel]}):{wrong or '正常'}")
        for one in rights:
            print(f"    {RIGHT_STATE_LABELS[one.state]} {RIGHT_LABELS[one.name]}：{one.message}")
    if any(wrong for _, _, wrong in outcomes):
        raise typer.Exit(1)


async def _checked(office: Office, account: Account) -> tuple[tuple[Right, ...], str | None]:
    try:
        rights = await check_account(office, COMMAND_LINE, account)
    except ChannelError as error:
        return (), error.message
    return rights, problem_of(rights)
