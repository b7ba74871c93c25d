"""Server push: messages and events go to the account's callback, signed and encrypted, in up to three tries.

developers.weixin.qq.com: 消息推送.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import Sandbox
from outreach.sandbox.wechat import replies, sealing

_TRIES: Final = 3


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


async def _try(
    sandbox: Sandbox, account: WeChatAccount, url: str, text: str, sender: str, number: int
) -> Delivery:
    """One try. Unless it is taken it lasts until the next one is due."""
    settings = sandbox.settings()
    loop = asyncio.get_running_loop()
    async with sandbox.pushes:
        began = loop.time()
        delivery = await _post(sandbox, account, url, text, sender, number, settings["callback_timeout_s"])
    if not delivery.delivered and number < _TRIES:
        await asyncio.sleep(max(0.0, began + settings["callback_again_s"] - loop.time()))
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
        answer.strip() in ("", "success") or replies.read(account, answer) is not None
    )
    return Delivery(taken, number, response.status, answer)


def _sealed(account: WeChatAccount, text: str, timestamp: str, sender: str) -> tuple[str, dict[str, str]]:
    """Body and query of a push; an account without an AES key is in plain mode."""
    nonce = str(secrets.randbelow(10**10))
    query = {
        "signature": sealing.signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": sender,
    }
    if not account.encoding_aes_key:
        return text, query
    encrypted = sealing.encrypted(account, text)
    query |= {
        "encrypt_type": "aes",
        "msg_signature": sealing.signature(account.token, timestamp, nonce, encrypted),
    }
    return f"<xml>{_elements({'ToUserName': account.original_id, 'Encrypt': encrypted})}</xml>", query


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
