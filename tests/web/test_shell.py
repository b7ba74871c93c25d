"""What every page and answer has in common."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import REGISTRY

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.foundation.templates import templates_folder
from outreach.office.context import Office
from outreach.people import service
from outreach.people.model import Role
from outreach.web import keys, middleware, rendering, static
from outreach.web.app import create_app
from outreach.web.body import BODY_LIMIT
from outreach.web.routes import ROUTES, Access, Route

from .conftest import QUICK, Browser, hire


async def test_the_service_says_that_it_lives(browser: Browser) -> None:
    page = await browser.get("/healthz")
    assert (page.status, page.text) == (200, "ok\n")


async def test_every_answer_is_guarded_by_its_headers(browser: Browser) -> None:
    for path in ("/login", "/healthz", "/nowhere", "/static/app.css"):
        headers = (await browser.get(path)).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Request-ID"]


async def test_pages_are_not_kept_by_browsers_but_assets_are(browser: Browser) -> None:
    page = await browser.get("/login")
    assert page.headers["Cache-Control"] == "no-store"
    address = re.search(r'href="(/static/vendor/tabler/tabler.min.css\?v=\w+)"', page.text)
    assert address
    asset = await browser.get(address[1])
    assert asset.status == 200
    assert "immutable" in asset.headers["Cache-Control"]
    assert (await browser.get("/static/app.css?v=old")).headers["Cache-Control"] == "no-cache"


async def test_nothing_is_loaded_from_elsewhere(browser: Browser) -> None:
    page = await browser.get("/login")
    addresses = re.findall(r'(?:src|href|action)="([^"]+)"', page.text)
    assert addresses
    assert all(address.startswith(("/", "#")) for address in addresses)


async def test_only_assets_are_served(browser: Browser) -> None:
    for path in (
        "/static/vendor/VENDOR.md",
        "/static/../pages/_base.html",
        "/static/%2e%2e/pages/_base.html",
    ):
        assert (await browser.get(path)).status == 404


def test_the_assets_of_others_are_unchanged() -> None:
    folder = templates_folder() / "static" / "vendor"
    rows = re.findall(r"^\| (\S+/\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "VENDOR.md").read_text(), re.M)
    assert len(rows) == 6
    for name, sha256 in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


async def test_an_unknown_address_is_told_in_chinese(office: Office, browser: Browser) -> None:
    page = await browser.get("/nowhere")
    assert page.status == 404
    assert "没有这个页面" in page.text
    await hire(office, "王芳")
    await browser.sign_in("王芳")
    assert 'href="/queue"' in (await browser.get("/nowhere")).text


async def test_a_wrong_method_says_which_are_right(browser: Browser) -> None:
    page = await browser.post("/healthz")
    assert page.status == 405
    assert "GET" in page.headers["Allow"]


async def test_the_navigation_shows_what_the_roles_use(office: Office, browser: Browser) -> None:
    await hire(office, "编辑", Role.EDITOR)
    await hire(office, "管理", Role.ADMIN)
    await hire(office, "审计", Role.AUDITOR)
    everyones = {
        "/queue",
        "/items",
        "/records",
        "/posts",
        "/calendar",
        "/editions",
        "/followers",
        "/notices",
        "/needs-attention",
        "/statistics",
        "/accounts",
        "/account",
    }
    extra: dict[str, set[str]] = {
        "编辑": {"/messages", "/questions", "/house-texts", "/menus"},
        "管理": {"/users", "/sections", "/settings", "/holidays", "/screening-quality"},
        "审计": {"/audit", "/screening-quality"},
    }
    for name, more in extra.items():
        page = await browser.sign_in(name)
        links = set(re.findall(r'class="nav-link" href="([^"]+)"', page.text))
        assert links == everyones | more
        assert page.text.count('aria-current="page"') == 1
        await browser.post("/logout")


async def test_the_demo_says_so_on_each_page(office: Office) -> None:
    async with TestClient(TestServer(create_app(office, demo=True, passwords=QUICK))) as client:
        for path in ("/login", "/nowhere"):
            assert "演示</span>" in (await Browser(client).get(path)).text


async def test_an_unforeseen_failure_is_told_with_its_id_and_counted(office: Office) -> None:
    async def fail(request: web.Request) -> web.Response:
        raise RuntimeError("wires crossed")

    before = _failures()
    async with _serving(office, Route("GET", "/fail", fail, Access.PUBLIC)) as browser:
        page = await browser.get("/fail", headers={"X-Request-ID": "given-by-proxy-1"})
    assert page.status == 500
    assert "given-by-proxy-1" in page.text
    assert "wires" not in page.text
    assert _failures() == before + 1


async def test_the_api_takes_tokens_and_no_sessions(office: Office) -> None:
    person = await hire(office, "王芳")
    async with office.db.begin() as session:
        token = await service.issue_token(session, person, person)
    async with _serving(office, Route("GET", "/api/v1/me", _me, Access.API)) as browser:
        await browser.sign_in("王芳")
        refused = await browser.get("/api/v1/me")
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await browser.get("/api/v1/me", headers={"Authorization": "Bearer wrong"})).status == 401
        taken = await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert (taken.status, taken.text) == (200, "王芳")
        assert (await browser.get("/api/v1/nowhere")).status == 401
        unknown = await browser.get("/api/v1/nowhere", headers={"Authorization": f"Bearer {token}"})
        assert unknown.status == 404


async def test_a_problem_of_the_api_is_an_rfc_9457_document(office: Office) -> None:
    async def refuse(request: web.Request) -> web.Response:
        raise InvalidContent("内容有误。", errors=[FieldError("fields.amount_yuan", "请填写数字。")])

    async with _serving(office, Route("GET", "/api/v1/refuse", refuse, Access.PUBLIC)) as browser:
        response = await browser.client.get("/api/v1/refuse")
        assert response.status == 422
        assert response.content_type == "application/problem+json"
        assert await response.json() == {
            "type": "/problems/invalid-content",
            "title": "内容有误",
            "status": 422,
            "detail": "内容有误。",
            "errors": [{"field": "fields.amount_yuan", "message": "请填写数字。"}],
        }


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/api/v1/items", b"Authorization: Bearer \xff\xfe", b"401"),
        ("/queue", b"Cookie: outreach_session=\xff\xfe", b"303"),
        ("/login", b"Origin: \xff\xfe", b"200"),
    ],
)
async def test_bytes_that_are_no_text_open_nothing(
    server: TestServer, path: str, header: bytes, status: bytes
) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\n".encode() + header + b"\r\n\r\n")
    answer = await reader.readline()
    writer.close()
    assert answer.split()[1] == status


async def test_a_body_that_brings_no_file_is_limited(office: Office) -> None:
    async with _serving(office, Route("POST", "/api/v1/echo", _length, Access.PUBLIC)) as browser:
        for body in (_file(BODY_LIMIT), _chunks(BODY_LIMIT)):
            assert (await browser.client.post("/api/v1/echo", data=body)).status == 200
        for body in (_file(3_000_000), _chunks(3_000_000)):
            refused = await browser.client.post("/api/v1/echo", data=body)
            assert refused.status == 413
            assert (await refused.json())["type"].endswith("/too-large")
        assert (await browser.client.post("/api/v1/echo", data={"file": _file()})).status == 415


async def test_a_route_that_takes_files_takes_larger_bodies(office: Office) -> None:
    route = Route("POST", "/api/v1/files", _upload, Access.PUBLIC, takes_files=True)
    async with _serving(office, route) as browser:
        taken = await browser.client.post("/api/v1/files", data={"file": _file(3_000_000)})
        assert (taken.status, await taken.text()) == (200, "3000000")
        assert (await browser.client.post("/api/v1/files", data={"file": _file(26_300_000)})).status == 413


async def test_htmx_gets_problems_as_a_message_and_the_login_as_a_redirect(
    office: Office, browser: Browser
) -> None:
    htmx = {"HX-Request": "true"}
    signed_out = await browser.get("/users", headers=htmx)
    assert signed_out.headers["HX-Redirect"] == "/login"
    await hire(office, "王芳")
    await browser.sign_in("王芳")
    refused = await browser.get("/users", headers=htmx)
    assert refused.status == 403
    assert refused.headers["HX-Retarget"] == "#messages"
    assert "<html" not in refused.text


def test_every_template_of_the_shell_compiles(office: Office) -> None:
    templates = rendering.environment(office.settings.zone, static.Assets())
    for name in templates.list_templates(filter_func=lambda name: name.startswith("pages/")):
        templates.get_template(name)


def test_every_address_stands_once_in_the_list() -> None:
    addresses = [(route.method, route.path) for route in ROUTES]
    assert len(addresses) == len(set(addresses))


@asynccontextmanager
async def _serving(office: Office, route: Route) -> AsyncIterator[Browser]:
    """The application with one more route, and a browser."""
    app = create_app(office, passwords=QUICK)
    added = app.router.add_route(route.method, route.path, route.handler)
    app[middleware.KNOWN_ROUTES][added] = route
    async with TestClient(TestServer(app)) as client:
        yield Browser(client)


async def _me(request: web.Request) -> web.Response:
    return web.Response(text=keys.person_of(request).name)


async def _length(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


async def _upload(request: web.Request) -> web.Response:
    file = (await request.post())["file"]
    assert isinstance(file, web.FileField)
    return web.Response(text=str(len(file.file.read())))


def _file(size: int = 10) -> io.BytesIO:
    return io.BytesIO(b"x" * size)


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 65536):
        yield b"x" * min(65536, size - start)


def _failures() -> float:
    return REGISTRY.get_sample_value("outreach_web_failures_total") or 0
