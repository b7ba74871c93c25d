"""The commands: `outreach …`."""

from __future__ import annotations

import io
import sys

import typer

from outreach.cli import (
    accounts,
    air_quality,
    demo,
    doctor,
    figures,
    followers,
    items,
    people,
    records,
    reports,
    screening,
    serve,
)
from outreach.cli.door import Door

app = typer.Typer(
    name="outreach",
    cls=Door,
    help="生态环境局信息公开：审核、发布、统计。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def print_anything() -> None:
    """What can't be printed is escaped, as JSON escapes it: input may bear half a surrogate pair."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("sandbox")(serve.sandbox)
app.command("import")(items.import_command)
app.command("screen")(screening.screen_command)
app.command("aqi")(air_quality.aqi_command)
app.command("token")(people.issue_token)
app.command("doctor")(doctor.doctor)
app.add_typer(people.user_app, name="user")
app.add_typer(people.section_app, name="section")
app.add_typer(accounts.account_app, name="account")
app.add_typer(followers.followers_app, name="followers")
app.add_typer(figures.stats_app, name="stats")
app.add_typer(reports.report_app, name="report")
app.add_typer(records.audit_app, name="audit")
app.add_typer(records.db_app, name="db")
app.add_typer(demo.demo_app, name="demo")
