"""Which commands there are, and where. Each is read when it is asked for: to read all of them takes seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pkgutil import resolve_name
from typing import Any, Final

import typer
from typer.main import get_command, get_group

_PLACES: Final[Mapping[str, str]] = {
    "serve": "outreach.cli.serve:serve",
    "worker": "outreach.cli.worker:worker",
    "sandbox": "outreach.cli.sandbox:sandbox",
    "import": "outreach.cli.items:import_command",
    "screen": "outreach.cli.screening:screen_command",
    "aqi": "outreach.cli.air_quality:aqi_command",
    "token": "outreach.cli.people:issue_token",
    "doctor": "outreach.cli.doctor:doctor",
    "user": "outreach.cli.people:user_app",
    "section": "outreach.cli.people:section_app",
    "account": "outreach.cli.accounts:account_app",
    "followers": "outreach.cli.followers:followers_app",
    "stats": "outreach.cli.figures:stats_app",
    "report": "outreach.cli.reports:report_app",
    "audit": "outreach.cli.records:audit_app",
    "db": "outreach.cli.records:db_app",
    "demo": "outreach.cli.demo:demo_app",
}


class Commands(Mapping[str, Any]):
    """The commands by name, each read when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        return _command(name, _PLACES[name])

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


@cache
def _command(name: str, place: str) -> Any:
    """A function as a command, or a group of commands."""
    found = resolve_name(place)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)
