"""How server and service sign and encrypt what they tell each other.

developers.weixin.qq.com: 加解密方案. AES-256-CBC, IV the first half of the key, PKCS#7 to blocks of 32.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from outreach.sandbox.accounts import WeChatAccount

_BLOCK: Final = 32
_RANDOM: Final = 16
_LENGTH: Final = 4


class SealError(ValueError):
    """A text was not encrypted for this account."""


def signature(*parts: str) -> str:
    """SHA-1 of the parts in their order as strings."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypted(account: WeChatAccount, text: str) -> str:
    """The text as only the account can read it."""
    message = text.encode()
    plain = secrets.token_bytes(_RANDOM) + struct.pack(">I", len(message)) + message + account.appid.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(account).encryptor()
    raw = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(raw).decode()


def decrypted(account: WeChatAccount, sealed: str) -> str:
    """The text that the account encrypted. Raises SealError."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        decryptor = _cipher(account).decryptor()
        plain = decryptor.update(raw) + decryptor.finalize()
        end = _RANDOM + _LENGTH + int.from_bytes(plain[_RANDOM : _RANDOM + _LENGTH], "big")
        sender = plain[end : len(plain) - plain[-1]]
        text = plain[_RANDOM + _LENGTH : end].decode()
    except (ValueError, IndexError):
        raise SealError("no text of this account") from None
    if sender != account.appid.encode():
        raise SealError("another account's text")
    return text


def _cipher(account: WeChatAccount) -> Cipher[modes.CBC]:
    key = base64.b64decode(account.encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
