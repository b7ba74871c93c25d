"""`python -m bench.raw_notices URL COUNT`: what a bare aiohttp client does, 64 calls under way, nothing stored; prints
calls a second and CPU time a call in μs."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Final

import aiohttp
import uvloop

_UNDER_WAY: Final = 64
_PATH: Final = "/cgi-bin/message/template/send?access_token="
_DATA: Final = {name: {"value": "关于某公司行政处罚决定"} for name in ("thing1", "time2", "thing3")}


async def _send(base: str, count: int) -> tuple[float, float]:
    """As the documentation of aiohttp has it: one session, a body as JSON bytes, the answer read and parsed."""
    message = {"template_id": "t" * 43, "url": "http://127.0.0.1/p/x", "data": _DATA}
    url, left = base + _PATH + "t" * 136, iter(range(count))
    headers = {"Content-Type": "application/json; charset=utf-8"}

    async def keep_sending(http: aiohttp.ClientSession) -> None:
        for number in left:
            body = json.dumps({"touser": f"o{number:027d}", **message}, ensure_ascii=False).encode()
            async with http.post(url, data=body, headers=headers) as answer:
                if json.loads(await answer.read())["errcode"]:
                    raise RuntimeError("refused")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_UNDER_WAY)) as http:
        began = time.perf_counter()
        await asyncio.gather(*(keep_sending(http) for _ in range(_UNDER_WAY)))
        return count / (time.perf_counter() - began), time.process_time() / count * 1e6


if __name__ == "__main__":
    print(*uvloop.run(_send(sys.argv[1], int(sys.argv[2]))))
