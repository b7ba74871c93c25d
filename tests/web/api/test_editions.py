"""Editions by the API: composed, planned, given up, by whom and in which state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.rules import EditionAction
from outreach.publishing.editions.service import states
from tests.builders import OfficeStory
from tests.web.api.conftest import As, Caller

pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
async def wechat(story: OfficeStory) -> Account:
    return (await story.accounts())[0]


@pytest.fixture
async def items(story: OfficeStory) -> list[Item]:
    """Two approved items."""
    return [await story.item(title=title).approved() for title in ("头条公示", "第二条公示")]


def titles(edition: dict[str, Any]) -> list[str]:
    return [one["title"] for one in edition["articles"]]


async def test_an_edition_is_composed_planned_taken_back_and_given_up(
    as_: As, wechat: Account, items: list[Item]
) -> None:
    publisher = await as_("publisher")
    made = await publisher.post("/editions", {"account": wechat.id, "items": [one.id for one in items]})
    assert (made.status, made.body["state"], titles(made.body)) == (
        201,
        "composing",
        ["头条公示", "第二条公示"],
    )
    path, version = f"/editions/{made.body['id']}", made.body["version"]

    turned = {"items": [items[1].id, items[0].id], "version": version}
    answer = await publisher.post(f"{path}/articles", turned)
    assert [(one["idx"], one["title"]) for one in answer.body["articles"]] == [
        (1, "第二条公示"),
        (2, "头条公示"),
    ]
    assert (await publisher.post(f"{path}/articles", turned)).status == 412
    assert (await publisher.post(f"{path}/push", {"version": version})).status == 412

    at = clock.now() + timedelta(hours=1)
    planned = await publisher.post(f"{path}/push", {"at": at.isoformat()})
    assert (planned.status, planned.body["state"]) == (200, "planned")
    assert (await publisher.post(f"{path}/articles", {"items": []})).status == 409
    assert (await publisher.post(f"/items/{items[0].id}/posts", {"accounts": [wechat.id]})).status == 409
    (listed,) = (await publisher.get("/editions", state="planned", account=wechat.id)).body["items"]
    assert listed["id"] == made.body["id"]
    assert (await publisher.get("/editions", state="published")).body["items"] == []

    assert (await publisher.post(f"{path}/recompose")).body["state"] == "composing"
    assert titles((await publisher.post(f"{path}/articles", {"items": [items[0].id]})).body) == ["头条公示"]
    assert (await publisher.post(f"/items/{items[1].id}/posts", {"accounts": [wechat.id]})).status == 201
    given_up = await publisher.post(f"{path}/cancel")
    assert (given_up.body["state"], given_up.body["articles"][0]["state"]) == ("cancelled", "cancelled")
    assert (await publisher.post(f"{path}/push", {})).status == 409
    assert (await publisher.post(f"/items/{items[0].id}/posts", {"accounts": [wechat.id]})).status == 201


async def test_what_is_wrong_is_told_at_its_field(
    as_: As, story: OfficeStory, wechat: Account, items: list[Item]
) -> None:
    publisher, draft = await as_("publisher"), await story.item(title="没有审核的公示")

    async def made(**body: Any) -> Any:
        return await publisher.post("/editions", {"account": wechat.id, **body})

    assert "未认证" in (await made(account=(await story.accounts())[2].id)).fields["account"]
    assert "只有微信公众号" in (await made(account=(await story.accounts())[1].id)).fields["account"]
    assert (await made(account="none")).fields.keys() == {"account"}
    assert "最多 8 篇" in (await made(items=[str(n) for n in range(9)])).fields["items"]
    assert "只能出现一次" in (await made(items=[items[0].id, items[0].id])).fields["items"]
    assert (await made(items=["none"])).fields.keys() == {"items"}
    assert (await made(items=[draft.id])).status == 409
    assert (await publisher.get("/editions")).body["items"] == []

    edition = (await made()).body
    path = f"/editions/{edition['id']}"
    assert (await publisher.post(f"{path}/push", {})).status == 409
    assert (await publisher.post(f"{path}/preview", {"to": ["reader_01"]})).status == 409
    await publisher.post(f"{path}/articles", {"items": [items[0].id]})
    past = {"at": "2020-01-01T08:00"}
    assert "已经过去" in (await publisher.post(f"{path}/push", past)).fields["at"]
    assert "不像微信号" in (await publisher.post(f"{path}/preview", {"to": ["张三"]})).fields["to"]
    assert (await publisher.post(f"{path}/resolve", {"outcome": "published"})).status == 409


async def test_only_a_publisher_acts_and_only_who_sees_every_article_reads(
    as_: As, nobody: Caller, story: OfficeStory, wechat: Account, items: list[Item]
) -> None:
    publisher, editor = await as_("publisher"), await as_("editor")
    edition = (
        await publisher.post("/editions", {"account": wechat.id, "items": [one.id for one in items]})
    ).body
    path = f"/editions/{edition['id']}"
    assert (await nobody.get(path)).status == 401
    assert (await editor.get(path)).status == 200
    for act in ("articles", "preview", "push", "recompose", "cancel"):
        assert (await editor.post(f"{path}/{act}", {})).status == 403
    assert (await editor.post("/editions", {"account": wechat.id})).status == 403
    await story.section("宣传教育科")
    stranger = await as_(await story.person("auditor", name="stranger", sections=["宣传教育科"]))
    assert (await stranger.get(path)).status == 404
    assert (await stranger.get("/editions")).body["items"] == []


async def test_a_person_says_what_the_platform_could_not(
    as_: As, story: OfficeStory, wechat: Account, items: list[Item]
) -> None:
    publisher = await as_("publisher")
    edition = (
        await publisher.post("/editions", {"account": wechat.id, "items": [one.id for one in items]})
    ).body
    path = f"/editions/{edition['id']}"
    await publisher.post(f"{path}/push", {})
    async with story.office.db.begin() as session:
        row = await session.get_one(Edition, edition["id"])
        await states.move(session, row, EditionAction.CLAIM, lease_holder="a worker:1")
        await states.move(session, row, EditionAction.LOSE_ANSWER)
        await states.move(session, row, EditionAction.GIVE_UP_LOOKING, problem_message="看不到结果。")
    said = {"outcome": "published", "url": "https://mp.weixin.qq.com/s/abc"}
    assert (
        "不能晚于现在"
        in (await publisher.post(f"{path}/resolve", {**said, "published_at": "2090-01-01T08:00"})).fields[
            "published_at"
        ]
    )
    answer = await publisher.post(f"{path}/resolve", said)
    assert (answer.body["state"], answer.body["problem"]) == (EditionState.PUBLISHED, None)
    assert [one["url"] for one in answer.body["articles"]] == ["https://mp.weixin.qq.com/s/abc", None]
    month = clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m")
    assert (await publisher.get("/statistics/monthly", month=month)).body["totals"]["original"] == 2
