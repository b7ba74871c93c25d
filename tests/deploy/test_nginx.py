"""deploy/nginx before the real application: what is seen from outside, and that the staff can work inside."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from yarl import URL

from outreach.people.model import Role
from outreach.web.routes import ROUTES
from tests.builders import PASSWORD, OfficeStory
from tests.deploy.conftest import DEPLOY, NAME, Nginx, nginx_before, write_configuration
from tests.grounds import nobodys_port
from tests.tools import tool
from tests.waiting import eventually
from tests.web.test_public_page import PDF, with_files

OUTSIDE = ("/p/", "/callbacks/", "/static/", "/follow/", "/survey/")
UNKNOWN = "没有这个页面。"


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


async def sign_in(visitor: aiohttp.ClientSession, nginx: Nginx, name: str) -> aiohttp.ClientResponse:
    form = {"name": name, "password": PASSWORD, "next": "/account"}
    return await visitor.post(f"{nginx.inside}/login", data=form, headers={"Origin": nginx.inside})


@pytest.mark.parametrize(
    "upstream", ["nginx/outreach-upstream.conf", "compose/nginx/default.conf"], ids=["machine", "compose"]
)
def test_nginx_finds_no_fault_in_it(tmp_path: Path, upstream: str) -> None:
    main = write_configuration(tmp_path, DEPLOY / upstream, nobodys_port(), [80, 443, 8443])
    command = [tool("nginx", "nginx-light"), "-e", tmp_path / "error.log", "-p", tmp_path, "-t", "-c", main]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (result.returncode, "[warn]" in result.stderr) == (0, False), result.stderr


async def test_from_outside_nothing_is_seen_but_public_pages_callbacks_and_static_files(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    await story.person(Role.ADMIN)
    await sign_in(visitor, nginx, "admin")  # who is signed in sees no more by the outer door
    for route in ROUTES:
        if route.path.startswith(OUTSIDE):
            continue
        path = re.sub(r"\{[^}]+\}", "01ARZ3NDEKTSV4RRFFQ69G5FAV", route.path)
        async with visitor.request(route.method, nginx.outside + path, allow_redirects=False) as response:
            if path.endswith("/weibo/authorised"):
                assert response.headers["Location"] == f"https://{NAME}:8443{path}"
                continue
            text = await response.text()
            assert (response.status, UNKNOWN in text) == (404, True) or route.method == "HEAD", path


@pytest.mark.parametrize(
    "spelling",
    [
        "/p/../queue",
        "/p/%2e%2e/queue",
        "/p/..%2fqueue",
        "/p/x/..%2f..%2fqueue",
        "/items/..%2fp%2fx",
        "/queue/..%2fp/x",
        "//queue",
        "/static/%252e%252e/queue",
        "/p/x?/queue",
    ],
)
async def test_no_spelling_of_an_address_leads_past_the_outer_door(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory, spelling: str
) -> None:
    await story.person(Role.ADMIN)
    await sign_in(visitor, nginx, "admin")
    address = URL(nginx.outside + spelling, encoded=True)
    async with visitor.get(address, allow_redirects=False) as response:
        assert (response.status, "退出登录" in await response.text()) == (404, False)


async def test_from_outside_public_pages_and_their_files_are_read(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    name = "处罚决定书（公开版）+ 附件 1.pdf"
    item = await with_files(story, story.item(attachments=[]), {name: PDF}).published()
    async with visitor.get(f"{nginx.outside}/p/{item.public_id}") as response:
        text = await response.text()
        assert (response.status, item.title in text, "Set-Cookie" in response.headers) == (200, True, False)
    async with visitor.get(f"{nginx.outside}/p/{item.public_id}/files/{quote(name, safe='')}") as response:
        assert (response.status, await response.read()) == (200, PDF)
    (stylesheet,) = re.findall(r'href="(/static/public\.css[^"]*)"', text)
    async with visitor.get(nginx.outside + stylesheet) as response:
        assert (response.status, "immutable" in response.headers["Cache-Control"]) == (200, True)
        assert response.headers["Content-Encoding"] == "gzip"


async def test_from_outside_wechat_can_push(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    account = (await story.accounts())[0]
    async with visitor.post(f"{nginx.outside}/callbacks/wechat/{account.id}", data=b"<xml/>") as response:
        assert (response.status, UNKNOWN in await response.text()) == (400, False)


async def test_from_outside_a_follower_is_known_by_their_own_cookies_and_by_no_others(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    account = (await story.accounts())[0]
    page = f"{nginx.outside}/follow/{account.id}"
    async with visitor.get(page, allow_redirects=False) as response:
        led_to = response.headers["Location"]
        (cookie,) = response.headers.getall("Set-Cookie")
    assert led_to.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?appid=")
    assert f"redirect_uri={quote(f'https://{NAME}/follow/{account.id}/entered', safe='')}" in led_to
    assert led_to.endswith("#wechat_redirect")
    assert {"Secure", "HttpOnly", "Path=/follow"} <= set(cookie.split("; "))
    state = URL(led_to).query["state"]
    async with visitor.get(f"{page}/entered?state={state}") as response:
        assert "微信没有给出登录信息" in await response.text()  # the login was this browser's
    visitor.cookie_jar.clear()
    async with visitor.get(f"{page}/entered?state={state}") as response:
        assert "登录已过期" in await response.text()


async def test_inside_a_person_signs_in_over_https_and_acts(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    await story.person(Role.ADMIN)
    async with await sign_in(visitor, nginx, "admin") as response:
        assert (response.status, response.url.path) == (200, "/account")
        (cookie,) = [
            value for value in response.history[0].headers.getall("Set-Cookie") if "session" in value
        ]
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    async with visitor.get(f"{nginx.inside}/sections") as response:
        token = form_token(await response.text())
    form = {"csrf_token": token, "name": "法规与标准科"}
    async with visitor.post(
        f"{nginx.inside}/sections", data=form, headers={"Origin": nginx.inside}
    ) as response:
        assert (response.status, "法规与标准科" in await response.text()) == (200, True)


async def test_inside_another_site_is_refused(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    await story.person(Role.ADMIN)
    await sign_in(visitor, nginx, "admin")
    for origin in ("https://evil.example", f"https://{NAME}:1"):
        async with visitor.post(f"{nginx.inside}/logout", headers={"Origin": origin}) as response:
            assert response.status == 403


async def test_inside_a_file_that_is_too_large_is_refused_in_the_applications_own_words(
    nginx: Nginx, visitor: aiohttp.ClientSession, story: OfficeStory
) -> None:
    token = await story.token(await story.person(Role.EDITOR))
    headers = {"Authorization": f"Bearer {token}"}
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(b"x" * (26 * 1024 * 1024)), filename="items.csv")
    async with visitor.post(f"{nginx.inside}/api/v1/imports", data=form, headers=headers) as response:
        assert (response.status, response.content_type) == (413, "application/problem+json")


async def test_inside_machines_own_addresses_are_closed(nginx: Nginx, visitor: aiohttp.ClientSession) -> None:
    for path in ("/metrics", "/readyz"):
        async with visitor.get(nginx.inside + path) as response:
            assert response.status == 404
    async with visitor.get(f"{nginx.inside}/healthz") as response:
        assert response.status == 200


async def test_inside_logins_are_slowed_down(nginx: Nginx, visitor: aiohttp.ClientSession) -> None:
    answers = set()
    for _ in range(30):
        async with visitor.get(f"{nginx.inside}/login") as response:
            answers.add((response.status, "过于频繁" in await response.text()))
    assert answers == {(200, False), (429, True)}


async def test_the_inner_door_is_closed_to_other_networks(
    tmp_path: Path, application: TestServer, visitor: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks here comes from 127.0.0.1; it is taken off the list of networks."""
    site = (DEPLOY / "nginx" / "outreach.conf").read_text()
    assert re.findall(r"^    allow ([^;]+);$", site, re.MULTILINE) == [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
    ]  # fmt: skip
    changed = tmp_path / "changed"
    (changed / "nginx").mkdir(parents=True)
    (changed / "nginx" / "outreach.conf").write_text(site.replace("    allow 127.0.0.0/8;\n", ""))
    upstream = (DEPLOY / "nginx" / "outreach-upstream.conf").read_text()
    (changed / "nginx" / "outreach-upstream.conf").write_text(upstream)
    monkeypatch.setattr("tests.deploy.conftest.DEPLOY", changed)
    async with nginx_before(tmp_path, application.port or 0) as nginx:
        for path in ("/login", "/api/v1/items", "/static/app.css"):
            async with visitor.get(nginx.inside + path) as response:
                assert (response.status, "只在本单位网络内开放" in await response.text()) == (403, True)
        async with visitor.get(f"{nginx.outside}/static/app.css") as response:
            assert response.status == 200


async def test_while_the_application_is_away_a_sentence_is_shown(
    tmp_path: Path, visitor: aiohttp.ClientSession
) -> None:
    async with nginx_before(tmp_path, nobodys_port()) as nginx:
        for address in (f"{nginx.outside}/p/x", f"{nginx.inside}/queue"):
            async with visitor.get(address) as response:
                assert (response.status, "系统暂时不能访问" in await response.text()) == (503, True)


async def test_both_logs_name_a_request_alike_and_neither_has_its_query(
    nginx: Nginx, visitor: aiohttp.ClientSession
) -> None:
    async with visitor.get(f"{nginx.outside}/p/x?signature=secret") as response:
        request_id = response.headers["X-Request-ID"]

    async def is_logged() -> bool:
        return request_id in nginx.log.read_text()

    await eventually(is_logged)  # nginx writes after it has answered
    assert "secret" not in nginx.log.read_text()
