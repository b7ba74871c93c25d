"""Whether somebody can listen on a port, told in one sentence where not."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Iterator

from outreach.foundation.problems import NotPossible


async def require_port(host: str, port: int, variable: str) -> None:
    """Raises NotPossible where nobody can listen there; asked before anything is begun."""
    with port_told(host, port, variable):
        probe = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
    probe.close()
    await probe.wait_closed()


@contextlib.contextmanager
def port_told(host: str, port: int, variable: str) -> Iterator[None]:
    """Tells in one sentence why nobody can listen there; `variable` is what sets the port."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            told = f"端口 {port} 已被占用，请关闭占用它的程序，或设置 {variable}。"
        elif error.errno == errno.EACCES:
            told = f"没有权限使用端口 {port}，请用 {variable} 设置 1024 以上的端口。"
        else:
            told = f"OUTREACH_HOST（{host}）不是本机的地址。"
        raise NotPossible(told) from error
