"""`outreach sandbox`: this process becomes the sandbox."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from outreach.cli.common import make_home
from outreach.cli.processes import environment_of, sandbox_command
from outreach.settings import load_settings


def sandbox(
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="端口，默认 9090")] = None,
) -> None:
    """只运行微信、微博模拟平台。"""
    settings = load_settings()
    make_home(settings.home)
    command = sandbox_command(settings, port or settings.sandbox_port)
    os.execve(command[0], command, environment_of(settings))  # noqa: S606 - becomes the sandbox
