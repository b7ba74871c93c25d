"""`python -m bench.bare_platform DELAY_S`: answers WeChat's token and message calls at once, or DELAY_S later, over a bare
protocol, so that the client is what is measured. Prints its port, and, asked for /stats, what it saw: how many calls, the
greatest number for one follower, how many pairs of a follower and a client_msg_id, the first and the last moment.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Final, cast

import uvloop

_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
)
_TOKEN: Final = json.dumps({"access_token": "t" * 136, "expires_in": 7200}).encode()
_TO: Final = b'"touser":"'
_UNDER: Final = b'"client_msg_id":"'


class Seen:
    """What came."""

    def __init__(self) -> None:
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.followers: Counter[bytes] = Counter()
        self.under: set[tuple[bytes, bytes]] = set()
        self.calls = 0
        self.first = 0.0
        self.last = 0.0

    def note(self, request: bytes) -> int:
        """One message; its number."""
        follower = _member(request, _TO)
        self.followers[follower] += 1
        self.under.add((follower, _member(request, _UNDER)))
        self.last = time.time()
        self.first = self.first or self.last
        self.calls += 1
        return self.calls

    def told(self) -> bytes:
        """As JSON; it begins anew."""
        greatest = max(self.followers.values(), default=0)
        told = {"calls": self.calls, "followers": len(self.followers), "greatest": greatest}
        told["under"] = len(self.under)
        body = json.dumps({**told, "first": self.first, "last": self.last}).encode()
        self._begin_anew()
        return body


class Answering(asyncio.Protocol):
    """One connection: a request at a time, whole bodies with a Content-Length."""

    def __init__(self, seen: Seen, delay_s: float) -> None:
        self._seen, self._delay_s, self._received = seen, delay_s, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end])
            length = _length(head)
            if len(self._received) < end + 4 + length:
                return
            request = bytes(self._received[: end + 4 + length])
            del self._received[: end + 4 + length]
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        if request.startswith(b"GET /stats"):
            self._write(self._seen.told())
        elif b"/cgi-bin/stable_token" in request[:64]:
            self._write(_TOKEN)
        elif b"/cgi-bin/message/" not in request[:64]:
            self._write(b'{"errcode":76022,"errmsg":"not imitated"}')
        else:
            body = b'{"errcode":0,"errmsg":"ok","msgid":%d}' % self._seen.note(request)
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._write, body)
            else:
                self._write(body)

    def _write(self, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(_HEAD % len(body) + body)


def _member(request: bytes, name: bytes) -> bytes:
    begin = request.find(name) + len(name)
    return request[begin : request.find(b'"', begin)]


def _length(head: bytes) -> int:
    begin = head.lower().find(b"content-length:")
    return int(head[begin + 15 :].split(b"\r\n", 1)[0]) if begin >= 0 else 0


async def _serve(delay_s: float) -> None:
    seen = Seen()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(seen, delay_s), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(float(sys.argv[1])))
