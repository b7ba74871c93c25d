"""The outermost door of every command: what the user can mend is told in one sentence, not as a traceback."""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping
from typing import Any, Final, NoReturn, cast

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from outreach.cli.commands import Commands
from outreach.foundation.outages import file_reason, outage_of
from outreach.foundation.problems import Problem
from outreach.settings import Settings

_PREFIX: Final = "OUTREACH_"


class Door(TyperGroup):
    """The group of all commands. A problem ends the command with status 1."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = cast("Any", Commands())

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was asked for."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk behind a redirection is noticed here, not after the end
        except Problem as problem:
            fail(problem)
        except ValidationError as error:
            if error.title != Settings.__name__:
                raise
            fail(_wrong_settings(error))
        except Exception as error:
            told = outage_of(error) or _unusable_file(error)
            if told is None:
                raise
            fail(told)
        return result


def fail(problem: Problem) -> NoReturn:
    """Tells the problem, and its fields, on standard error and ends the command with status 1."""
    print(problem.detail, file=sys.stderr)
    for error in problem.errors:
        print(f"  {error.field}: {error.message}", file=sys.stderr)
    raise typer.Exit(1)


def _unusable_file(error: Exception) -> Problem | None:
    if not isinstance(error, OSError) or error.filename is None or error.errno == errno.EPIPE:
        return None
    return Problem(f"不能读写 {error.filename}：{file_reason(error)}。")


def _wrong_settings(error: ValidationError) -> Problem:
    """Which variables are wrong and why; never their values, of which some are secret."""
    return Problem("；".join(_wrong_setting(one) for one in error.errors(include_input=False)) + "。")


def _wrong_setting(error: Mapping[str, Any]) -> str:
    names = [str(part) for part in error["loc"]]
    reason = _reason(error["type"], error.get("ctx", {}))
    if not names:
        return reason
    return f"环境变量 {_PREFIX}{names[0].removeprefix(_PREFIX).upper()} 的值不对：{reason}"


def _reason(kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "greater_than_equal":
            return f"不能小于 {context['ge']}"
        case "less_than_equal":
            return f"不能大于 {context['le']}"
        case "literal_error":
            return f"只能是 {context['expected'].replace(' or ', ' 或 ')}"
        case "value_error":
            return str(context["error"])
        case _:
            return "应为数字"
