"""Careful reading of what is sent: JSON that can be stored and told again, addresses, ids."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

_HIGHEST_ID: Final = 2**63 - 1  # of SQLite
_ID_DIGITS: Final = 19


class NotAnObjectError(Exception):
    """What was sent is no JSON object, or one that UTF-8 and JSON can't tell again."""


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`, without NaN, infinite numbers and halves of surrogate pairs.

    Raises NotAnObjectError.
    """
    try:
        values = json.loads(raw.decode())
        json.dumps(values, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise NotAnObjectError from error
    if not isinstance(values, dict):
        raise NotAnObjectError
    return values


def address(url: str) -> SplitResult:
    """The parts of a URL; none where it can't be one."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def row_id(text: object) -> int:
    """The number of a row; -1 where no row can have it."""
    digits = str(text)
    number = int(digits) if digits.isdecimal() and len(digits) <= _ID_DIGITS else -1
    return number if number <= _HIGHEST_ID else -1
