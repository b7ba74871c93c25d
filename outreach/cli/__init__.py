"""The commands: `outreach …`."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from outreach.cli import accounts, demo, doctor, figures, items, people, records, serve
from outreach.settings import Settings

app = typer.Typer(
    name="outreach",
    help="生态环境局信息公开：审核、发布、统计。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("sandbox")(serve.sandbox)
app.command("import")(items.import_command)
app.command("screen")(items.screen_command)
app.command("token")(people.issue_token)
app.command("doctor")(doctor.doctor)
app.add_typer(people.user_app, name="user")
app.add_typer(people.section_app, name="section")
app.add_typer(accounts.account_app, name="account")
app.add_typer(figures.stats_app, name="stats")
app.add_typer(records.audit_app, name="audit")
app.add_typer(records.db_app, name="db")
app.add_typer(demo.demo_app, name="demo")


def main() -> None:
    """The entry point of the command `outreach`. A variable of the environment that can't be used is told in
    one sentence."""
    try:
        app()
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for one in error.errors(include_url=False, include_input=False):
            print(_wrong_setting(one), file=sys.stderr)
        sys.exit(1)


def _wrong_setting(error: ErrorDetails) -> str:
    told = str(error["ctx"]["error"]) if error["type"] == "value_error" else "值不正确，请更正或取消设置。"
    if not error["loc"]:
        return told
    name = str(error["loc"][0]).upper().removeprefix("OUTREACH_")
    return f"环境变量 OUTREACH_{name}：{told}"
