"""The one clock. Nothing else asks for the time; a test or a replay sets it with `at`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
YEARS: Final = range(1949, 2101)
"""The years that anything here can lie in; what lies outside was mistyped."""

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - replaced by `at`


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def today(zone: tzinfo) -> date:
    """The calendar day in `zone`."""
    return now().astimezone(zone).date()


def read(text: str, zone: tzinfo) -> datetime:
    """The aware time that `text` says as ISO 8601 has it; without an offset it means `zone`.

    Raises ValueError where it is none, or lies outside of `YEARS`.
    """
    moment = datetime.fromisoformat(text)
    if moment.year not in YEARS:
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


@contextmanager
def at(moment: datetime, *, running: bool = False) -> Iterator[None]:
    """Sets the clock to `moment` (aware); with `running` it goes on from there."""
    global _source
    before, begun = _source, datetime.now(UTC)
    if running:
        _source = lambda: moment.astimezone(UTC) + (datetime.now(UTC) - begun)  # noqa: E731
    else:
        _source = lambda: moment.astimezone(UTC)  # noqa: E731
    try:
        yield
    finally:
        _source = before
