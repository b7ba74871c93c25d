"""Weibo's rules for the text of a status."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from outreach.sandbox.reading import address

TEXT_CHARS: Final = 140
_URL_CHARS: Final = 10
URL: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_TOPIC: Final = re.compile(r"#[^#]+#")


def length(text: str) -> int:
    """Han characters: half-width ones count a half, emoji two, a link ten; rounded up."""
    halves = sum(_halves(character) for character in URL.sub("", text))
    return math.ceil(halves / 2) + _URL_CHARS * len(URL.findall(text))


def has_topic(text: str) -> bool:
    """Whether it holds a `#topic#`, which the share interface refuses; a `#` in a link is none."""
    return bool(_TOPIC.search(URL.sub(" ", text)))


def links_home(text: str, domains: Iterable[str]) -> bool:
    """Whether a link leads to one of the app's security domains or below it, on whatever port."""
    hosts = [address(url).hostname or "" for url in URL.findall(text)]
    return any(host == domain or host.endswith(f".{domain}") for host in hosts for domain in domains)


def _halves(character: str) -> int:
    if ord(character) < 0x80:
        return 1
    return 2 if ord(character) <= 0xFFFF else 4
