"""`outreach user`, `outreach token` and `outreach section`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from outreach.cli.common import decoded, with_office
from outreach.foundation.audit import COMMAND_LINE
from outreach.office.context import Office
from outreach.people import queries, service
from outreach.people.model import Role

user_app = typer.Typer(help="用户", no_args_is_help=True)
section_app = typer.Typer(help="科室和旗县分局", no_args_is_help=True)


@user_app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="用户名")],
    role: Annotated[list[Role], typer.Option("--role", help="角色，可重复")],
    section: Annotated[
        list[str] | None, typer.Option("--section", help="科室，可重复；不写则为全部科室")
    ] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="从标准输入读取密码")] = False,
) -> None:
    """添加用户。不给密码时生成一次性密码并打印，首次登录须修改。"""
    password = decoded(sys.stdin.buffer.readline()).rstrip("\r\n") if password_stdin else None

    async def use(office: Office) -> str | None:
        async with office.db.begin() as session:
            _, one_time = await service.add_person(
                session, COMMAND_LINE, name, role, section or [], password, must_change=password is None
            )
            return one_time

    one_time = with_office(use)
    print(f"已添加用户 {name}。", file=sys.stderr)
    if one_time:
        print(one_time)


def issue_token(name: Annotated[str, typer.Argument(help="用户名")]) -> None:
    """发给该用户一个接口令牌，最后一行单独打印，只显示这一次。"""

    async def use(office: Office) -> str:
        async with office.db.begin() as session:
            person = await queries.person_named(session, name)
            return await service.issue_token(session, COMMAND_LINE, person)

    print(with_office(use))


@section_app.command("add")
def add_section(name: Annotated[str, typer.Argument(help="科室名称")]) -> None:
    """添加科室。"""

    async def use(office: Office) -> None:
        async with office.db.begin() as session:
            await service.add_section(session, COMMAND_LINE, name)

    with_office(use)
    print(f"已添加科室 {name}。", file=sys.stderr)


@section_app.command("list")
def list_sections() -> None:
    """列出科室。"""

    async def use(office: Office) -> list[tuple[str, str]]:
        async with office.db.read() as session:
            return [(section.id, section.name) for section in await queries.sections(session)]

    for id_, name in with_office(use):
        print(f"{id_}\t{name}")
