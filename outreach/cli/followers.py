"""`outreach followers`: the followers of the bureau's accounts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import typer

from outreach.channels.model import Account, ChannelName
from outreach.channels.queries import list_accounts
from outreach.cli.common import with_office
from outreach.followers.queries import syncs
from outreach.followers.syncing.model import FollowerSync, SyncState
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.problems import NotFound
from outreach.office.context import Office
from outreach.office.sync_followers import begin_sync, take_step

followers_app = typer.Typer(help="关注者", no_args_is_help=True)

_LOOK_AGAIN_S: Final = 0.5


@followers_app.callback()
def followers() -> None:
    """关注者"""


@followers_app.command("sync")
def sync(
    account: Annotated[
        str | None, typer.Argument(help="公众号编号（outreach account list）；不写则第一个")
    ] = None,
) -> None:
    """从微信同步关注者名单，并显示进度；中断后由后台任务接着做完。"""
    if with_office(lambda office: _sync(office, account)) is not SyncState.DONE:
        raise typer.Exit(1)


async def _sync(office: Office, account_id: str | None) -> SyncState:
    """The state in which it ends. Steps are taken here and by the workers, whoever is first."""
    chosen = await _account(office, account_id)
    async with office.db.begin() as session:
        await begin_sync(session, COMMAND_LINE, chosen.id)
    told = ""
    while True:
        took = await take_step(office, worker="command")
        present = await _present(office, chosen.id)
        if (line := _told(present)) != told:
            print(told := line, flush=True)
        if present.state is not SyncState.RUNNING:
            return present.state
        if not took:
            await asyncio.sleep(_LOOK_AGAIN_S)


async def _account(office: Office, account_id: str | None) -> Account:
    async with office.db.read() as session:
        accounts = [one for one in await list_accounts(session) if one.channel is ChannelName.WECHAT]
    found = [one for one in accounts if account_id in (None, one.id)]
    if not found:
        raise NotFound("没有这个公众号。")
    return found[0]


async def _present(office: Office, account_id: str) -> FollowerSync:
    async with office.db.read() as session:
        return (await syncs(session))[account_id]


def _told(sync: FollowerSync) -> str:
    if sync.state is SyncState.DONE:
        return f"同步完成：名单上有 {sync.listed} 人。"
    if sync.state is not SyncState.RUNNING:
        return f"同步没有完成：{sync.problem or '已停止。'}"
    step = "读取关注时间" if sync.is_listed else "读取名单"
    done, whole = (sync.detailed, sync.to_detail) if sync.is_listed else (sync.listed, sync.total)
    waits = f" {sync.problem}" if sync.problem else ""
    return f"{step}：{done}／{'?' if whole is None else whole} 人{waits}"
