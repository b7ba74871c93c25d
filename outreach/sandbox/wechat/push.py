"""Server push: messages and events go to the account's callback, signed and encrypted, in up to three tries.

developers.weixin.qq.com: 消息推送 and 加解密方案. AES-256-CBC, IV the first half of the key, PKCS#7 to blocks of 32.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import Sandbox

_TRIES: Final = 3
_BLOCK: Final = 32


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a push ended: the last HTTP status and answer (None: there was none) and the tries it took."""

    delivered: bool
    tries: int
    status: int | None
    answer: str | None


async def deliver(sandbox: Sandbox, account: WeChatAccount, message: Mapping[str, Any]) -> Delivery:
    """Pushes `message` (without ToUserName) until it is taken, three times at most."""
    url = sandbox.accounts.callback_url(account)
    if url is None:
        return Delivery(delivered=False, tries=0, status=None, answer=None)
    text = f"<xml>{_elements({'ToUserName': account.original_id, **message})}</xml>"
    delivery = Delivery(delivered=False, tries=0, status=None, answer=None)
    while not delivery.delivered and delivery.tries < _TRIES:
        delivery = await _try(sandbox, account, url, text, message["FromUserName"], delivery.tries + 1)
    return delivery


def openid(account: WeChatAccount, name: str) -> str:
    """The openid that a person has for this account: always the same for the same name."""
    digest = hashlib.sha256(f"{account.appid}/{name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


async def _try(
    sandbox: Sandbox, account: WeChatAccount, url: str, text: str, sender: str, number: int
) -> Delivery:
    """One try. It lasts its whole time unless it is taken, as the real platform waits before it tries again."""
    timeout_s = sandbox.settings()["callback_timeout_s"]
    loop = asyncio.get_running_loop()
    async with sandbox.pushes:
        began = loop.time()
        delivery = await _post(sandbox, account, url, text, sender, number, timeout_s)
    if not delivery.delivered and number < _TRIES:
        await asyncio.sleep(max(0.0, began + timeout_s - loop.time()))
    return delivery


async def _post(
    sandbox: Sandbox, account: WeChatAccount, url: str, text: str, sender: str, number: int, timeout_s: float
) -> Delivery:
    if sandbox.http is None:
        raise RuntimeError("the sandbox is not running")
    body, query = _sealed(account, text, str(int(sandbox.clock())), sender)
    try:
        async with sandbox.http.post(
            url,
            params=query,
            data=body.encode(),
            headers={"Content-Type": "text/xml"},
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        ) as response:
            answer = await response.text()
    except (aiohttp.ClientError, TimeoutError):
        return Delivery(delivered=False, tries=number, status=None, answer=None)
    taken = response.status == 200 and (
        answer.strip() in ("", "success") or answer.lstrip().startswith("<xml>")
    )
    return Delivery(taken, number, response.status, answer)


def _sealed(account: WeChatAccount, text: str, timestamp: str, sender: str) -> tuple[str, dict[str, str]]:
    """Body and query of a push; an account without an AES key is in plain mode."""
    nonce = str(secrets.randbelow(10**10))
    query = {
        "signature": _signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": sender,
    }
    if not account.encoding_aes_key:
        return text, query
    encrypted = _encrypted(account, text)
    query |= {"encrypt_type": "aes", "msg_signature": _signature(account.token, timestamp, nonce, encrypted)}
    return f"<xml>{_elements({'ToUserName': account.original_id, 'Encrypt': encrypted})}</xml>", query


def _signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _encrypted(account: WeChatAccount, text: str) -> str:
    key = base64.b64decode(account.encoding_aes_key + "=")
    message = text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(message)) + message + account.appid.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(
        encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    ).decode()


def _elements(values: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in values.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    text = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"
