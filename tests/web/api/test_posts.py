"""Posts, accounts and figures by the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.channels.service import pause_account
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from tests.builders import DEMO_ACCOUNTS, OfficeStory, claim, publish
from tests.web.api.conftest import As, Caller

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
async def publisher(as_: As) -> Caller:
    return await as_("publisher")


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


@pytest.fixture
async def item(story: OfficeStory) -> Item:
    """An approved item."""
    return await story.item().approved()


async def planned(publisher: Caller, item: Item, account: Account, **others: Any) -> dict[str, Any]:
    answer = await publisher.post(f"/items/{item.id}/posts", {"accounts": [account.id], **others})
    assert answer.status == 201
    return answer.body["items"][0]


async def moved(story: OfficeStory, post: dict[str, Any], action: PostAction, **changes: Any) -> None:
    """The post, claimed by a worker, comes to that end."""
    await claim(story.office, post["id"])
    async with story.office.db.begin() as session:
        present = await session.get_one(Post, post["id"])
        await publishing.move(session, present, action, **changes)
        await publishing.note_attempt(session, present, "a worker", action.value, "平台没有接受。", "45009")


async def test_a_post_waits_for_its_time(publisher: Caller, item: Item, accounts: list[Account]) -> None:
    with clock.at(datetime(2026, 11, 24, 1, 0, tzinfo=UTC)):
        post = await planned(publisher, item, accounts[0], at="2026-11-24T09:30")
        assert (post["state"], post["at"][:19], post["at"][-1]) == ("planned", "2026-11-24T01:30:00", "Z")
        other = await planned(publisher, item, accounts[1], at="2026-11-24T10:45:00+09:00")
    assert (other["at"][:19], other["at"][-1]) == ("2026-11-24T01:45:00", "Z")
    assert post.keys() == {"id", "account", "channel", "state", "at", "url", "problem"}


@pytest.mark.parametrize(
    "at",
    ["2026-11-24T08:59", "2020-01-01", "bald", 5, True, "2026-13-01T00:00", "9999-12-31T23:59:59-12:00",
     "0001-01-01T00:00:00+12:00", "2026-11-24T00:59:59Z"],
    ids=str,
)  # fmt: skip
async def test_a_time_that_is_past_or_none_is_told(
    publisher: Caller, item: Item, accounts: list[Account], at: Any
) -> None:
    with clock.at(datetime(2026, 11, 24, 1, 0, tzinfo=UTC)):
        answer = await publisher.post(f"/items/{item.id}/posts", {"accounts": [accounts[0].id], "at": at})
    assert (answer.status, set(answer.fields)) == (422, {"at"})


@pytest.mark.parametrize(
    ("chosen", "field"),
    [([], "accounts"), ([NOWHERE], "accounts"), ("x", "accounts"), ([3], "accounts.0"), (["a\x00"], "accounts.0"),
     (["x"] * 51, "accounts"), (None, "accounts")],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
async def test_accounts_that_are_none_are_told(
    publisher: Caller, item: Item, chosen: Any, field: str
) -> None:
    answer = await publisher.post(f"/items/{item.id}/posts", {"accounts": chosen})
    assert (answer.status, set(answer.fields)) == (422, {field})


async def test_only_publishers_plan_only_what_is_approved(
    story: OfficeStory, as_: As, publisher: Caller, accounts: list[Account]
) -> None:
    draft = await story.item()
    body = {"accounts": [accounts[0].id]}
    assert (await (await as_("editor")).post(f"/items/{draft.id}/posts", body)).status == 403
    refused = await publisher.post(f"/items/{draft.id}/posts", body)
    assert (refused.status, "审核" in refused.body["detail"]) == (409, True)
    assert (await publisher.post(f"/items/{NOWHERE}/posts", body)).status == 404
    assert (await publisher.post(f"/items/{draft.id}/posts", {})).status == 409


async def test_a_planned_post_is_cancelled_and_can_be_planned_again(
    publisher: Caller, as_: As, item: Item, accounts: list[Account]
) -> None:
    post = await planned(publisher, item, accounts[0])
    assert (await (await as_("editor")).post(f"/posts/{post['id']}/cancel")).status == 403
    cancelled = await publisher.post(f"/posts/{post['id']}/cancel")
    assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    assert (await publisher.post(f"/posts/{post['id']}/cancel")).status == 409
    assert (await planned(publisher, item, accounts[0]))["id"] != post["id"]


async def test_a_failed_post_tells_its_attempts_and_is_tried_again(
    story: OfficeStory, publisher: Caller, item: Item, accounts: list[Account]
) -> None:
    post = await planned(publisher, item, accounts[0])
    assert (await publisher.post(f"/posts/{post['id']}/retry")).status == 409
    await moved(story, post, PostAction.FAIL, problem_code="45009", problem_message="请改短标题。")
    shown = (await publisher.get(f"/posts/{post['id']}")).body
    assert (shown["state"], shown["problem"]) == ("failed", {"code": "45009", "message": "请改短标题。"})
    (told,) = (await publisher.get(f"/items/{item.id}")).body["posts"]
    assert told == {name: shown[name] for name in told}
    (attempt,) = shown["attempts"]
    assert (attempt["outcome"], attempt["code"], attempt["at"][-1]) == ("fail", "45009", "Z")
    live = await publisher.post(f"/items/{item.id}/posts", {"accounts": [accounts[0].id]})
    assert (live.status, live.body["items"][0]["id"]) == (200, post["id"])
    retried = await publisher.post(f"/posts/{post['id']}/retry")
    assert (retried.status, retried.body["state"], retried.body["problem"]) == (200, "planned", None)


async def test_a_person_says_that_a_post_is_out(
    story: OfficeStory, publisher: Caller, as_: As, item: Item, accounts: list[Account]
) -> None:
    post = await planned(publisher, item, accounts[2])
    path, said = (
        f"/posts/{post['id']}/resolve",
        {"outcome": "published", "url": "https://mp.weixin.qq.com/s/1"},
    )
    assert [(await publisher.post(path, body)).status for body in (said, {}, {"outcome": "x"})] == [409] * 3
    await moved(story, post, PostAction.SAVE_DRAFT_ONLY)
    assert (await (await as_("editor")).post(path, said)).status == 403
    for wrong, field in (
        ({}, "outcome"),
        ({"outcome": "perhaps"}, "outcome"),
        ({**said, "url": "javascript:alert(1)"}, "url"),
        ({**said, "url": "http://[x"}, "url"),
        ({**said, "url": "http://例子.cn/a b"}, "url"),
        ({**said, "url": f"http://例子.cn/{'a' * 1024}"}, "url"),
        ({**said, "published_at": "2999-01-01T00:00"}, "published_at"),
        ({**said, "by": "me"}, "by"),
    ):
        answer = await publisher.post(path, wrong)
        assert (answer.status, set(answer.fields)) == (422, {field})
    resolved = await publisher.post(path, said)
    assert (resolved.status, resolved.body["state"], resolved.body["url"]) == (200, "published", said["url"])
    assert (await publisher.post(path, said)).status == 409


async def test_a_person_says_that_a_post_is_not_out(
    story: OfficeStory, publisher: Caller, item: Item, accounts: list[Account]
) -> None:
    post = await planned(publisher, item, accounts[2])
    await moved(story, post, PostAction.SAVE_DRAFT_ONLY)
    resolved = await publisher.post(f"/posts/{post['id']}/resolve", {"outcome": "not_published"})
    assert (resolved.status, resolved.body["state"]) == (200, "planned")


async def test_posts_are_listed_and_narrowed(
    story: OfficeStory, publisher: Caller, item: Item, accounts: list[Account]
) -> None:
    first, second = [await planned(publisher, item, account) for account in accounts[:2]]
    await publisher.post(f"/posts/{second['id']}/cancel")

    async def ids(**query: Any) -> list[str]:
        return [post["id"] for post in (await publisher.get("/posts", **query)).body["items"]]

    assert await ids() == [second["id"], first["id"]]
    assert await ids(state="cancelled") == [second["id"]]
    assert await ids(account=accounts[0].id) == [first["id"]]
    page = (await publisher.get("/posts", limit=1)).body
    assert await ids(limit=1, cursor=page["next_cursor"]) == [first["id"]]
    for name, value in (("state", "x"), ("account", NOWHERE), ("limit", "x"), ("cursor", "?")):
        answer = await publisher.get("/posts", **{name: value})
        assert (answer.status, set(answer.fields)) == (422, {name})


async def test_posts_of_other_sections_are_not_found(
    story: OfficeStory, publisher: Caller, as_: As, item: Item, accounts: list[Account]
) -> None:
    post = await planned(publisher, item, accounts[0])
    await story.section("外科室")
    outsider = await as_(await story.person("publisher", name="外人", sections=["外科室"]))
    assert (await outsider.get(f"/posts/{post['id']}")).status == 404
    assert (await outsider.post(f"/posts/{post['id']}/cancel")).status == 404
    assert (await outsider.get("/posts")).body["items"] == []


async def test_accounts_are_shown_without_their_secrets(
    story: OfficeStory, as_: As, accounts: list[Account]
) -> None:
    async with story.office.db.begin() as session:
        await pause_account(session, accounts[1].id, "请重新授权。")
    answer = await (await as_("auditor")).get("/accounts")
    assert [one["id"] for one in answer.body["items"]] == [one.id for one in accounts]
    assert [one["can_publish"] for one in answer.body["items"]] == [True, True, False]
    assert [one["paused"] for one in answer.body["items"]] == [False, True, False]
    told = str(answer.body)
    secrets = [value for one in DEMO_ACCOUNTS for name, value in one["credentials"].items() if name != "uid"]
    assert not [secret for secret in secrets if str(secret) in told]


async def test_sections_are_listed(story: OfficeStory, as_: As) -> None:
    section = await story.section("宣传教育科")
    answer = await (await as_("editor")).get("/sections")
    assert answer.body == {"items": [{"id": section.id, "name": "宣传教育科"}], "next_cursor": None}


async def test_the_months_figures_are_those_of_the_readers_sections(
    story: OfficeStory, as_: As, item: Item, accounts: list[Account], publisher: Caller
) -> None:
    post = await planned(publisher, item, accounts[0])
    await publish(story.office, post["id"], at=datetime(2026, 10, 31, 16, 30, tzinfo=UTC))
    figures = (await publisher.get("/statistics/monthly", month="2026-11")).body
    assert figures["rows"] == [
        {
            "channel": "wechat", "account": accounts[0].id, "kind": "penalty", "section": item.section.name,
            "original": 1, "repost": 0, "withdrawn": 0,
        }
    ]  # fmt: skip
    assert figures["totals"] == {
        "original": 1, "repost": 0, "withdrawn": 0,
        "by_channel": {"wechat": {"original": 1, "repost": 0, "withdrawn": 0}},
        "by_kind": {"penalty": {"original": 1, "repost": 0, "withdrawn": 0}},
    }  # fmt: skip
    assert (figures["timezone"], figures["closed"], figures["corrections"]) == ("Asia/Shanghai", False, [])
    assert figures["contents"] == {"original": 1, "repost": 0}
    await story.section("外科室")
    outsider = await as_(await story.person("statistician", name="外人", sections=["外科室"]))
    assert (await outsider.get("/statistics/monthly", month="2026-11")).body["rows"] == []


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "November", "２０２６-01", "1999-12", "2026-11-01"])
async def test_what_is_no_month_is_told(as_: As, month: str) -> None:
    answer = await (await as_("statistician")).get("/statistics/monthly", month=month)
    assert (answer.status, set(answer.fields)) == (422, {"month"})


async def test_lists_are_read_in_as_many_queries_for_many_as_for_one(
    story: OfficeStory, publisher: Caller, accounts: list[Account], queries: list[str]
) -> None:
    for _ in range(2):
        await story.item().planned(*accounts)
    counts = {}
    for path in ("/items", "/posts"):
        for limit in (1, 200):
            queries.clear()
            assert (await publisher.get(path, limit=limit)).status == 200
            counts[path, limit] = len(queries)
    assert counts["/items", 1] == counts["/items", 200]
    assert counts["/posts", 1] == counts["/posts", 200]


async def test_the_clock_of_the_answer_is_utc(
    story: OfficeStory, publisher: Caller, item: Item, accounts: list[Account]
) -> None:
    later = clock.now() + timedelta(days=1)
    post = await planned(publisher, item, accounts[0], at=later.astimezone(clock.SHANGHAI).isoformat())
    shown = (await publisher.get(f"/posts/{post['id']}")).body
    assert datetime.fromisoformat(shown["due_at"]) == later.replace(
        microsecond=later.microsecond // 1000 * 1000
    )
