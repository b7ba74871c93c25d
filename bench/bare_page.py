"""The page that others are compared to: aiohttp and Jinja2, fifty rows, and one read (session and user in it)
through SQLAlchemy Core on asyncpg. `python -m bench.bare_page PORT DATABASE_URL` serves it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator

import jinja2
from aiohttp import ClientError, ClientSession, web
from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import create_async_engine

from bench.service import PROJECT
from outreach.foundation.children import stop_child
from outreach.foundation.seal import digest
from outreach.items.model import Item
from outreach.people.model import Person, Section, WebSession
from outreach.web.sessions import COOKIE

ROWS = 50
_TEMPLATE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>信息</title></head>
<body><p>{{ rows[0].person }}</p><form><input type="hidden" value="{{ rows[0].csrf_token }}"></form>
<table>{% for row in rows %}
<tr><td><a href="/items/{{ row.id }}">{{ row.title }}</a></td><td>{{ row.kind }}</td>
<td>{{ row.section }}</td><td>{{ row.state }}</td><td>{{ row.deadline }}</td></tr>{% endfor %}
</table></body></html>
"""


@contextlib.asynccontextmanager
async def serving(port: int, database_url: str, cookie: str) -> AsyncIterator[None]:
    """The page in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.bare_page", str(port), database_url),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    try:
        await _until_it_answers(port, cookie)
        yield
    finally:
        await stop_child(process, patience_s=5)


async def _until_it_answers(port: int, cookie: str) -> None:
    async with asyncio.timeout(60), ClientSession(cookies={COOKIE: cookie}) as http:
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}/") as response:
                    response.raise_for_status()
                    return
            except ClientError:
                await asyncio.sleep(0.05)


def _application(database_url: str) -> web.Application:
    engine = create_async_engine(database_url)
    template = jinja2.Environment(autoescape=True).from_string(_TEMPLATE)

    async def show(request: web.Request) -> web.Response:
        query = (
            select(
                *(Item.id, Item.title, Item.kind, Item.state, Item.deadline),
                *(Section.name.label("section"), Person.name.label("person"), WebSession.csrf_token),
            )
            .join(Section, Section.id == Item.section_id)
            .join(WebSession, true())
            .join(Person, Person.id == WebSession.person_id)
            .where(WebSession.id_hash == digest(request.cookies[COOKIE]))
            .order_by(Item.id.desc())
            .limit(ROWS)
        )
        async with engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return web.Response(text=template.render(rows=rows), content_type="text/html")

    application = web.Application()
    application.router.add_get("/", show)
    return application


if __name__ == "__main__":
    web.run_app(_application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), access_log=None)
