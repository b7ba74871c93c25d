"""Sealed secrets: what is stored encrypted, and what is stored only as a hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from outreach.foundation.problems import Problem


class WrongKey(Problem):
    """What was sealed under another SECRET_KEY can't be opened."""

    code, title = "wrong-key", "密钥不符"


class Sealer:
    """Seals and opens values under SECRET_KEY. Each purpose has a key of its own (HKDF-SHA256)."""

    def __init__(self, secret_key: bytes) -> None:
        self._secret_key = secret_key
        self._fernet = Fernet(base64.urlsafe_b64encode(self.key_for("credentials")))

    def key_for(self, purpose: str) -> bytes:
        """32 bytes for `purpose` alone."""
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"outreach/{purpose}".encode())
        return derive.derive(self._secret_key)

    def seal(self, value: dict[str, Any]) -> str:
        """`value` (JSON) as text that only SECRET_KEY opens."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """What `seal` was given. Raises WrongKey."""
        try:
            opened: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise WrongKey(
                "保存的凭据无法用当前的 SECRET_KEY 解开。请恢复原来的密钥，或重新录入账号凭据。"
            ) from error
        return opened


def digest(secret: str) -> str:
    """The SHA-256 of a long random secret (token, session id): enough where guessing is out of reach."""
    return hashlib.sha256(_bytes(secret)).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether both are equal, in a time that tells nothing."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def _bytes(sent: str) -> bytes:
    """Whatever a client sent: a header's bytes that are no UTF-8 arrive as halves of surrogate pairs."""
    return sent.encode(errors="backslashreplace")
