"""The columns of a chunk as numbers, eight bytes each with the highest first, as PostgreSQL's int8send has them. Pure."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from typing import Final

_SWAPS: Final = sys.byteorder == "little"


def pack(numbers: Iterable[int]) -> bytes:
    """The numbers as they are stored."""
    packed = array("q", numbers)
    if _SWAPS:
        packed.byteswap()
    return packed.tobytes()


def unpack(stored: bytes) -> array[int]:
    """The numbers that were stored."""
    numbers = array("q", stored)
    if _SWAPS:
        numbers.byteswap()
    return numbers
