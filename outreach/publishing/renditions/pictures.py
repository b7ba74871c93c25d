"""Pictures in the HTML of a rendition."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Final

# Text and attribute values have their '<' and '"' escaped, so that only a real picture looks like this.
_PICTURE: Final = re.compile(r'<img src="media:([0-9a-f]{64})"')


def picture_hashes(html: str) -> list[str]:
    """The SHA-256 of each picture in `html`, each once, in their order."""
    return list(dict.fromkeys(_PICTURE.findall(html)))


def with_picture_urls(html: str, url_of: Callable[[str], str]) -> str:
    """`html` with each `media:SHA256` replaced by the address that `url_of` gives for the hash."""
    return _PICTURE.sub(lambda match: f'<img src="{escape(url_of(match[1]))}"', html)
