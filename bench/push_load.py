"""Messages pushed as WeChat does it, a process of its own: `python -m bench.push_load ACCOUNT PORT PATH MESSAGES RATE`.

All are encrypted beforehand. With RATE 0 they are pushed as fast as they are answered, over sixty-four connections,
and the messages a second are told; else they come evenly at that rate, and the 99th percentile of the answers' times.
ACCOUNT is a JSON object with `appid`, `token` and `encoding_aes_key`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

from wechatpy.crypto import WeChatCrypto

from bench.load import Visitor, evenly, visitors

CONNECTIONS: Final = 64
_FOLLOWERS: Final = 10_000


def pushes(account: dict[str, Any], port: int, path: str, number: int) -> Iterator[bytes]:
    """Requests, each with a message of its own of one of ten thousand followers."""
    crypto = WeChatCrypto(account["token"], account["encoding_aes_key"], account["appid"])
    first = secrets.randbelow(10**9) * 10**6
    for one in range(number):
        now = str(int(time.time()))
        plain = (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>o{one % _FOLLOWERS:027}</FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>空气质量 集宁</Content>"
            f"<MsgId>{first + one}</MsgId></xml>"
        )
        sealed = fromstring(crypto.encrypt_message(plain, "n0nce", now))
        query = {
            "msg_signature": sealed.findtext("MsgSignature"),
            "timestamp": now,
            "nonce": "n0nce",
            "encrypt_type": "aes",
        }
        body = f"<xml><Encrypt>{sealed.findtext('Encrypt')}</Encrypt></xml>".encode()
        head = (
            f"POST {path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


async def _as_fast_as_answered(asking: list[Visitor], requests: list[bytes]) -> float:
    left = iter(requests)

    async def push(visitor: Visitor) -> None:
        for request in left:
            await visitor.ask(request)

    began = time.perf_counter()
    await asyncio.gather(*(push(one) for one in asking))
    return len(requests) / (time.perf_counter() - began)


async def _main(account: str, port: str, path: str, number: str, rate: str) -> None:
    requests = list(pushes(json.loads(account), int(port), path, int(number)))
    asking = await visitors(int(port), CONNECTIONS)
    if float(rate):
        print(json.dumps({"p99_ms": await evenly(asking, requests, float(rate))}))
    else:
        print(json.dumps({"rate": await _as_fast_as_answered(asking, requests)}))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
