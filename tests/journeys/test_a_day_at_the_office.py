"""From the file that comes in to the figures at the month's end, over the HTTP API of a running service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from outreach.channels.model import ChannelName
from outreach.foundation import clock
from outreach.people.model import Role
from outreach.settings import Settings
from outreach.statistics.rules import month_of
from tests.builders import REVIEWERS, OfficeStory
from tests.conftest import SECRET_KEY, settings_for
from tests.items.builders import item as sample
from tests.processes import Installation
from tests.waiting import eventually

TITLE = "乌兰察布市生态环境局行政处罚决定公示"


class Desk:
    """The API as one person uses it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self._http = http
        self._url = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str) -> Any:
        async with self._http.get(f"{self._url}{path}", headers=self._headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def post(
        self, path: str, body: Mapping[str, Any] | aiohttp.FormData | None = None
    ) -> tuple[int, Any]:
        given = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body or {}}
        async with self._http.post(f"{self._url}{path}", headers=self._headers, **given) as response:
            return response.status, await response.json()


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Installation:
    home = tmp_path / "home"
    home.mkdir()
    return Installation(home, {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_SECRET_KEY": SECRET_KEY})


@pytest.fixture
def settings(installation: Installation, database_url: str) -> Settings:
    return settings_for(installation.home, database_url)


@pytest.fixture
async def desks(story: OfficeStory, installation: Installation) -> AsyncIterator[dict[Role, Desk]]:
    """Everybody at their desk, in front of a running service whose accounts are the sandbox's."""
    await story.accounts()
    await story.section(sample("penalty")["section"])
    tokens = {role: await story.token(await story.person(role)) for role in Role}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(installation.serving("--sandbox"))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield {role: Desk(http, installation.url, token) for role, token in tokens.items()}


def file_of(*rows: Mapping[str, Any]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    form.add_field("file", text.encode(), filename="十一月.jsonl", content_type="application/octet-stream")
    return form


async def test_from_the_import_to_the_months_figures(
    desks: dict[Role, Desk], installation: Installation
) -> None:
    editor, publisher, statistician = desks[Role.EDITOR], desks[Role.PUBLISHER], desks[Role.STATISTICIAN]
    month = f"/statistics/monthly?month={month_of(clock.now(), clock.SHANGHAI)}"
    before = await statistician.get(month)

    # The file of the business system comes in; sent twice it doubles nothing.
    row = sample("penalty", source_id="oa-2026-1138", title=TITLE)
    status, report = await editor.post("/imports", file_of(row))
    assert (status, len(report["rows"])) == (200, 1)
    await editor.post("/imports", file_of(row))
    (item,) = (await editor.get("/items"))["items"]
    assert (item["state"], item["source_id"], item["public_url"]) == ("draft", "oa-2026-1138", None)

    # It is handed in and passes three people.
    status, item = await editor.post(f"/items/{item['id']}/submit")
    assert status == 200
    for role, stage in zip(REVIEWERS, ("section", "confidentiality", "sign_off"), strict=True):
        item = await desks[role].get(f"/items/{item['id']}")
        assert (item["state"], item["stage"]) == ("in_review", stage)
        decision = {"decision": "approve", "opinion": "同意", "revision": item["revision"]}
        status, item = await desks[role].post(f"/items/{item['id']}/reviews", decision)
        assert status == 200, item
    assert item["state"] == "approved"

    # It goes out on both platforms; WeChat says so by an encrypted push.
    accounts = await publisher.get("/accounts")
    able = [
        next(one["id"] for one in accounts["items"] if one["channel"] == channel) for channel in ChannelName
    ]
    status, planned = await publisher.post(f"/items/{item['id']}/posts", {"accounts": able})
    assert (status, len(planned["items"])) == (201, 2)

    async def published() -> Any:
        now = await publisher.get(f"/items/{item['id']}")
        return now if {post["state"] for post in now["posts"]} == {"published"} else None

    item = await eventually(published)
    assert item["state"] == "published"
    (on_wechat,) = [post["id"] for post in item["posts"] if post["channel"] == "wechat"]
    attempts = (await publisher.get(f"/posts/{on_wechat}"))["attempts"]
    assert "平台通知" in attempts[-1]["message"]

    # The public finds it once on each platform, and behind the link.
    (article,) = await installation.sandbox("wechat/articles")
    (status_,) = await installation.sandbox("weibo/statuses")
    assert article["title"] == TITLE
    assert TITLE in status_["text"]
    assert item["public_url"] in status_["text"]
    async with aiohttp.ClientSession() as public, public.get(item["public_url"]) as page:
        assert page.status == 200
        assert TITLE in await page.text()

    # The figures rose by two posts and one content.
    after = await statistician.get(month)
    rise = {
        name: after["totals"][name] - before["totals"][name] for name in ("original", "repost", "withdrawn")
    }
    assert rise == {"original": 2, "repost": 0, "withdrawn": 0}
    assert after["contents"]["original"] - before["contents"]["original"] == 1

    # And the commands agree.
    for command in (("stats", "verify"), ("audit", "verify"), ("db", "check")):
        code, told = await installation.command(*command)
        assert code == 0, told


async def test_a_returned_item_goes_its_way_a_second_time(
    desks: dict[Role, Desk], installation: Installation
) -> None:
    editor, head = desks[Role.EDITOR], desks[Role.SECTION_HEAD]
    status, item = await editor.post("/items", sample("penalty", source_id="oa-1", title=TITLE))
    assert status == 201
    _, item = await editor.post(f"/items/{item['id']}/submit")
    returned = {"decision": "return", "opinion": "请补充联系电话。", "revision": item["revision"]}
    status, item = await head.post(f"/items/{item['id']}/reviews", returned)
    assert (status, item["state"]) == (200, "returned")
    _, item = await editor.post(f"/items/{item['id']}/submit")
    late = {**returned, "decision": "approve"}
    status, problem = await head.post(f"/items/{item['id']}/reviews", late)
    assert (status, problem["status"]) == (409, 409)
    status, item = await head.post(f"/items/{item['id']}/reviews", {**late, "revision": item["revision"]})
    assert (status, item["stage"]) == (200, "confidentiality")
    status, problem = await editor.post(f"/items/{item['id']}/posts", {"accounts": []})
    assert status == 403
    assert await installation.sandbox("wechat/articles") == []
