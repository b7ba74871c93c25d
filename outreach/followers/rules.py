"""How followers are told apart without being named. Pure."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

_LENGTH: Final = 8
PURPOSE: Final = "followers"
"""The key of the hash is SECRET_KEY's for this purpose (`Sealer.key_for`)."""


def short_hash(key: bytes, openid: str) -> str:
    """Eight hexadecimal digits that stand for a follower where one has to be told from another: without `key` nobody
    finds the openid by trying."""
    return hmac.new(key, openid.encode(), hashlib.sha256).hexdigest()[:_LENGTH]
