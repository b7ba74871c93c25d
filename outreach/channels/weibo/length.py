"""How long Weibo holds a text to be."""

from __future__ import annotations

import math
import re
from typing import Final

LENGTH_LIMIT: Final = 140
"""Han characters in one status (open.weibo.com/wiki/2/statuses/share)."""

_URL: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_URL_LENGTH: Final = 10


def weibo_length(text: str) -> int:
    """The length in Han characters: a half-width character counts a half, a URL ten (it becomes a t.cn
    link of twenty half-width ones), an emoji or another character beyond the basic plane two, any other
    one; the sum is rounded up."""
    halves = sum(_halves(character) for character in _URL.sub("", text))
    return math.ceil(halves / 2) + _URL_LENGTH * len(_URL.findall(text))


def _halves(character: str) -> int:
    if character.isascii():
        return 1
    return 2 if ord(character) <= 0xFFFF else 4
