"""`outreach audit` and `outreach db`."""

from __future__ import annotations

from typing import Annotated

import typer

from outreach import migrations
from outreach.cli.common import print_json, with_office
from outreach.foundation import audit
from outreach.foundation.audit import Fault
from outreach.office.context import Office

audit_app = typer.Typer(help="审计日志", no_args_is_help=True)
db_app = typer.Typer(help="数据库", no_args_is_help=True)


@audit_app.command("verify")
def verify(as_json: Annotated[bool, typer.Option("--json", help="每处一个 JSON 对象")] = False) -> None:
    """核对审计链：被改动、删除（包括末尾）、插入或调换的记录逐条指出。"""

    async def use(office: Office) -> list[Fault]:
        async with office.db.read() as session:
            return await audit.verify(session)

    faults = with_office(use)
    for fault in faults:
        print_json({"number": fault.number, "message": fault.message}) if as_json else print(fault.message)
    if faults:
        raise typer.Exit(1)
    if not as_json:
        print("审计链完整。")


@audit_app.command("export")
def export() -> None:
    """导出全部审计记录，每行一个 JSON 对象。"""

    async def use(office: Office) -> None:
        async with office.db.read() as session:
            async for event in audit.events(session):
                print_json(
                    {
                        "number": event.number,
                        "at": event.at.isoformat().replace("+00:00", "Z") if event.at else None,
                        "actor_id": event.actor_id,
                        "actor": event.actor_name,
                        "act": event.act,
                        "subject_kind": event.subject_kind,
                        "subject_id": event.subject_id,
                        "detail": event.detail,
                        "mac": event.mac,
                    }
                )

    with_office(use)


@db_app.command("upgrade")
def upgrade() -> None:
    """把数据库升级到最新版本。"""

    async def use(office: Office) -> None:
        return None

    with_office(use)
    print(f"数据库已是最新版本（{migrations.newest()}）。")


@db_app.command("check")
def check() -> None:
    """核对数据库的表结构与程序是否一致。"""

    async def use(office: Office) -> list[str]:
        return await migrations.differences(office.db)

    found = with_office(use)
    for difference in found:
        print(difference)
    if found:
        raise typer.Exit(1)
    print(f"数据库版本 {migrations.newest()}，表结构一致。")
