"""Web addresses as people paste them."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parts_of(address: str) -> SplitResult | None:
    """The parts of an address; None where it can't be one (a broken IPv6 host)."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def is_web_address(text: str) -> bool:
    """Whether it is a whole address of http or https, as a browser's address line gives it."""
    parts = parts_of(text)
    if parts is None or not text.isprintable() or " " in text:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
