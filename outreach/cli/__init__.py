"""The commands: `outreach …`. Each reads its modules when it is asked for: to read all of them takes seconds."""

from __future__ import annotations

import io
import sys

import typer

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
