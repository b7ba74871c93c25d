"""Logs: readable on a terminal, JSON elsewhere, always on standard error; secrets never reach them.

A line is about ids (`request_id`, `worker`, `job`, `item`, `post`, `account`), most of them bound once for all
lines of a request or a job; what an item says, its title and the names of its files stand in none.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_NAMES: Final = frozenset(
    {"password", "secret", "token", "access_token", "credentials", "authorization", "cookie", "secret_key"}
)


def set_up_logging(format_: Literal["console", "json"] | None) -> None:
    """Sends the logs of the application and of its libraries to standard error."""
    console = format_ == "console" or (format_ is None and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    last: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # others show what the variables hold
        )
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatting: list[Processor] = [structlog.processors.format_exc_info] if not console else []
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *formatting, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("aiohttp.access", "arq.worker", "arq.connections", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is now, not to what it was when the logs were set up."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in event:
        if name.lower() in _SECRET_NAMES:
            event[name] = "***"
    return event
