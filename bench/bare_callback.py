"""A callback that decrypts and answers and keeps nothing: `python -m bench.bare_callback ACCOUNT PORT`."""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop
from aiohttp import web
from wechatpy.crypto import WeChatCrypto


async def _main(account: str, port: str) -> None:
    given = json.loads(account)

    async def take(request: web.Request) -> web.Response:
        crypto = WeChatCrypto(given["token"], given["encoding_aes_key"], given["appid"])
        query = request.query
        crypto.decrypt_message(
            await request.text(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return web.Response(text="success")

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(port)).start()
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:]))
