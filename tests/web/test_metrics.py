"""/metrics, and the dashboard that reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from outreach.channels.service import pause_account
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office.context import Office, open_office
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import LEASE
from tests.builders import OfficeStory, claim, publish
from tests.conftest import settings_for
from tests.web.test_health import Workers, serving

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/dashboards/outreach.json").read_text(encoding="utf-8"))
HANDBOOK = (ROOT / "docs/运维手册.md").read_text(encoding="utf-8")

Labels = frozenset[tuple[str, str]]
Figures = Mapping[tuple[str, Labels], float]


async def scrape(office: Office, queue: Workers | None = None) -> Figures:
    """Each sample's value by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in await families(office, queue)
        for sample in family.samples
    }


async def families(office: Office, queue: Workers | None = None) -> list[Metric]:
    """All that is told, also where there is no sample of it."""
    async with serving(office, queue=queue) as client, client.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        return list(text_string_to_metric_families(await response.text()))


def of(figures: Figures, name: str, **labels: str) -> float:
    return figures[f"outreach_{name}", frozenset(labels.items())]


async def note(office: Office, post: Post, outcome: str, code: str | None = None) -> None:
    async with office.db.begin() as session:
        await publishing.note_attempt(session, post, "a worker", outcome, "……", code)


async def test_what_waits_is_told_with_its_age(office: Office, story: OfficeStory) -> None:
    await story.item("event").submitted()
    wechat, weibo, _ = await story.accounts()
    await story.item().planned(wechat)
    await story.item().planned(weibo, at=clock.now() + timedelta(hours=1))
    with clock.at(clock.now() + timedelta(seconds=90)):
        figures = await scrape(office)
    assert of(figures, "items", state="in_review", stage="section") == 1
    assert of(figures, "items", state="approved", stage="") == 2
    assert 90 <= of(figures, "oldest_review_seconds", stage="section") < 120
    assert of(figures, "oldest_review_seconds", stage="sign_off") == 0
    assert of(figures, "posts", state="planned", channel="wechat") == 1
    assert of(figures, "posts", state="planned", channel="weibo") == 1
    assert of(figures, "posts", state="failed", channel="weibo") == 0
    assert (of(figures, "due_posts", channel="wechat"), of(figures, "due_posts", channel="weibo")) == (1, 0)
    assert 90 <= of(figures, "oldest_due_post_seconds", channel="wechat") < 120
    assert of(figures, "oldest_due_post_seconds", channel="weibo") == 0


async def test_a_lease_of_a_silent_worker_is_told_apart(office: Office, story: OfficeStory) -> None:
    post = await story.post(await story.item().planned())
    await claim(office, post.id)
    figures = await scrape(office)
    assert (of(figures, "leases", lease="held"), of(figures, "leases", lease="expired")) == (1, 0)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        figures = await scrape(office)
    assert (of(figures, "leases", lease="held"), of(figures, "leases", lease="expired")) == (0, 1)


async def test_outcomes_are_told_by_channel_and_code_within_windows(
    office: Office, story: OfficeStory
) -> None:
    wechat, weibo, _ = await story.accounts()
    item = await story.item().planned(wechat, weibo)
    posts = {post.account_id: post for post in await story.posts(item)}
    with clock.at(clock.now() - timedelta(hours=3)):
        await note(office, posts[wechat.id], "failed", "45028")
    await note(office, posts[wechat.id], "failed", "45028")
    await note(office, posts[wechat.id], "accepted")
    await note(office, posts[weibo.id], "postponed", "10022")
    figures = await scrape(office)
    failed = {"channel": "wechat", "outcome": "failed", "code": "45028"}
    assert of(figures, "attempts", **failed, window="1h") == 1
    assert of(figures, "attempts", **failed, window="24h") == 2
    assert of(figures, "attempts", channel="wechat", outcome="accepted", code="", window="1h") == 1
    assert of(figures, "attempts", channel="weibo", outcome="postponed", code="10022", window="1h") == 1
    with clock.at(clock.now() + timedelta(days=2)):
        figures = await scrape(office)
    assert not any(name == "outreach_attempts" for name, _ in figures)


async def test_durations_run_from_the_planned_moment_to_the_confirmation(
    office: Office, story: OfficeStory
) -> None:
    now = clock.now().replace(microsecond=0)
    wechat, weibo, _ = await story.accounts()
    for account, took_s in ((wechat, 4), (wechat, 40), (weibo, 4000)):
        post = await story.post(await story.item().planned(account))
        await publish(office, post.id)
        async with office.db.begin() as session:
            values = {"planned_at": now - timedelta(seconds=took_s), "confirmed_at": now}
            await session.execute(update(Post).where(Post.id == post.id).values(**values))
    figures = await scrape(office)
    of_wechat = {"channel": "wechat", "window": "1h"}
    within = {
        limit: of(figures, "delivery_seconds_bucket", **of_wechat, le=limit)
        for limit in ("2.0", "5.0", "30.0", "60.0", "+Inf")
    }
    assert within == {"2.0": 0, "5.0": 1, "30.0": 1, "60.0": 2, "+Inf": 2}
    assert of(figures, "delivery_seconds_gsum", **of_wechat) == 44
    assert of(figures, "delivery_seconds_gcount", channel="weibo", window="24h") == 1
    assert of(figures, "published_posts_total", channel="wechat") == 2
    with clock.at(now + timedelta(hours=2)):
        figures = await scrape(office)
    assert of(figures, "delivery_seconds_gcount", **of_wechat) == 0
    assert of(figures, "delivery_seconds_gcount", channel="wechat", window="24h") == 2
    assert of(figures, "published_posts_total", channel="wechat") == 2


async def test_what_somebody_has_to_look_at_is_told_with_its_age(office: Office, story: OfficeStory) -> None:
    post = await story.post(await story.item().planned())
    async with office.db.begin() as session:
        await session.execute(
            update(Post).values(state="needs_person", updated_at=clock.now() - timedelta(hours=1))
        )
        await pause_account(session, post.account_id, "请重新录入。")
    figures = await scrape(office)
    assert 3600 <= of(figures, "oldest_unsettled_post_seconds", state="needs_person") < 3660
    assert of(figures, "oldest_unsettled_post_seconds", state="failed") == 0
    assert of(figures, "account_paused", account=post.account_id, channel="wechat") == 1


async def test_queues_and_workers_are_told(office: Office) -> None:
    figures = await scrape(office, Workers(publish=True, periodic=False))
    assert (of(figures, "redis_up"), of(figures, "database_up")) == (1, 1)
    assert of(figures, "workers_alive", queue="publish") == 1
    assert of(figures, "workers_alive", queue="periodic") == 0
    assert of(figures, "queue_jobs", queue="publish") == 7


async def test_without_database_and_redis_the_rest_is_still_told(tmp_path: Path) -> None:
    nowhere = settings_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'outreach.sqlite'}")
    office = open_office(nowhere)
    figures = await scrape(office, Workers(redis=False, publish=False))
    assert (of(figures, "redis_up"), of(figures, "database_up")) == (0, 0)
    assert ("outreach_web_failures_total", frozenset()) in figures
    await office.close()


async def test_requests_are_counted_by_their_routes(office: Office) -> None:
    async with serving(office) as client:
        for path in ("/api/v1/items/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/made/up"):
            async with client.get(path) as response:
                assert response.status in {401, 404}
        async with client.request("PROPFIND", "/healthz") as response:
            assert response.status == 405
        async with client.get("/metrics") as response:
            told = await response.text()
    assert 'outreach_request_seconds_count{method="GET",route="/api/v1/items/{id}",status="401"}' in told
    assert 'outreach_request_seconds_count{method="other",route="unknown",status="404"}' in told
    assert "PROPFIND" not in told
    assert "01ARZ3" not in told
    assert "made/up" not in told


async def test_an_item_says_nothing_in_the_figures(office: Office, story: OfficeStory) -> None:
    item: Item = await story.item(title="只在这里出现的标题").published()
    figures = await scrape(office)
    assert not {item.id, item.title} & {value for _, labels in figures for _, value in labels}


@pytest.fixture
async def told(office: Office, story: OfficeStory) -> dict[str, set[str]]:
    """Each sample's name with its labels' names, when everything that can be told is told."""
    post = await story.post(await story.item().published())
    await note(office, post, "published")
    await scrape(office)
    names: dict[str, set[str]] = {}
    for name, labels in await scrape(office, Workers(publish=True)):
        names.setdefault(name, set()).update(label for label, _ in labels)
    return names


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]


async def test_the_dashboard_asks_for_what_is_told(told: dict[str, set[str]]) -> None:
    for expression in expressions():
        names = re.findall(r"\boutreach_\w+", expression)
        assert names, expression
        assert not set(names) - set(told)
        grouped = re.findall(r"by \(([^)]*)\)", expression)
        asked = {label.strip() for labels in grouped for label in labels.split(",")}
        asked |= set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", expression))
        assert asked <= set().union(*(told[name] for name in names)), expression


async def test_the_handbook_explains_each_figure_and_no_other(office: Office) -> None:
    told = {_family(one.name) for one in await families(office, Workers(publish=True))}
    explained = {_family(name) for name in re.findall(r"\boutreach_\w+", HANDBOOK)}
    assert explained == {name for name in told if name.startswith("outreach_")}


def _family(name: str) -> str:
    return re.sub(r"_(bucket|sum|count|gsum|gcount|created|total)$", "", name)


def test_the_dashboard_is_one_that_grafana_loads() -> None:
    assert (DASHBOARD["uid"], DASHBOARD["schemaVersion"], "id" in DASHBOARD) == ("outreach", 39, False)
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert re.search("[\u4e00-\u9fff]|Redis", panel["title"])
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
        assert all(one["datasource"]["uid"] == "${datasource}" for one in panel.get("targets", []))
