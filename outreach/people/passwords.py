"""Passwords: how they are hashed, what a new one must be, and one-time ones."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from outreach.foundation.problems import invalid

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 200
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that can be misread on paper


class Passwords:
    """Hashes and checks passwords with Argon2id in a thread: it takes some 50 ms and 64 MiB.

    A login is checked outside of any writing transaction, so that a flood of them holds nobody up.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys_hash: str | None = None

    async def hash(self, password: str) -> str:
        """What is stored for `password`."""
        return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one that was stored. Where there is nobody (None) it takes as long,
        so that nobody can find out names by the clock."""
        return await asyncio.to_thread(self._matches, stored, password)

    def _matches(self, stored: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(stored or self._hash_of_nobody(), password) and stored is not None
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _hash_of_nobody(self) -> str:
        if self._nobodys_hash is None:
            self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe(32))
        return self._nobodys_hash


def one_time_password() -> str:
    """16 random characters in groups of four (79 bits), easy to read out."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def require_good_password(name: str, old: str, new: str) -> None:
    """Raises InvalidContent on `new` where it is too short or long, the person's name, or the old one."""
    if len(new) < MIN_LENGTH:
        raise invalid("new", f"新密码至少 {MIN_LENGTH} 个字符。")
    if len(new) > MAX_LENGTH:
        raise invalid("new", f"新密码最多 {MAX_LENGTH} 个字符。")
    if new.casefold() == name.casefold():
        raise invalid("new", "新密码不能与用户名相同。")
    if new == old:
        raise invalid("new", "新密码不能与当前密码相同。")
