"""Withdrawals and corrections by the API, and what a person says of what was taken down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.items.model import Item
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.servers import Sqlite
from tests.web.api.conftest import As, Caller

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
REASON = {"reason": "处罚决定已被依法撤销。"}


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What depends on the database is tried with the workers."""
    return sqlite


@pytest.fixture
async def publisher(as_: As) -> Caller:
    return await as_("publisher")


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


async def test_a_post_is_withdrawn_with_a_reason_that_is_kept(
    story: OfficeStory, as_: As, publisher: Caller, accounts: list[Account]
) -> None:
    item = await story.item().published(accounts[0])
    call = f"/posts/{(await story.post(item)).id}/withdraw"
    assert (await publisher.post(f"/posts/{NOWHERE}/withdraw", REASON)).status == 404
    assert (await (await as_("editor")).post(call, {})).status == 403
    for body in ({}, {"reason": "  "}, {"reason": "长" * 501}, {"reason": "机密★10年"}, {"reason": None}):
        answer = await publisher.post(call, body)
        assert (answer.status, set(answer.fields)) == (422, {"reason"})
    answer = await publisher.post(call, REASON)
    assert (answer.status, answer.body["state"], answer.body["published_at"] is not None) == (
        200,
        "withdrawing",
        True,
    )
    told = answer.body["withdrawal"]
    assert (told["reason"], told["by"], told["done_at"]) == (REASON["reason"], "publisher", None)
    assert answer.body["attempts"][-1]["outcome"] == "withdraw_ordered"
    assert (await publisher.post(call, {})).status == 409
    shown = (await publisher.get(f"/items/{item.id}")).body
    assert (shown["state"], shown["withdrawal_reason"]) == ("published", REASON["reason"])


async def test_what_weibo_shows_is_left_to_a_person_who_says_that_it_is_gone(
    story: OfficeStory, publisher: Caller, accounts: list[Account]
) -> None:
    item = await story.item().published(accounts[1])
    post = await story.post(item)
    resolve = f"/posts/{post.id}/resolve"
    assert (await publisher.post(resolve, {"outcome": "withdrawn"})).status == 409
    answer = await publisher.post(f"/items/{item.id}/withdraw", REASON)
    assert answer.status == 200
    (told,) = answer.body["posts"]
    assert told["state"] == "needs_person"
    assert post.url in told["problem"]["message"]
    assert (await publisher.post(resolve, {"outcome": "not_published"})).status == 409
    assert (await publisher.post(f"/posts/{post.id}/cancel")).status == 409
    answer = await publisher.post(resolve, {"outcome": "withdrawn"})
    assert (answer.body["state"], answer.body["problem"]) == ("withdrawn", None)
    assert answer.body["withdrawal"]["done_at"] is not None
    assert (await publisher.get(f"/items/{item.id}")).body["state"] == "withdrawn"
    assert (await publisher.post(f"/items/{item.id}/withdraw", REASON)).status == 409
    month = (await publisher.get("/statistics/monthly")).body["totals"]
    assert (month["original"], month["withdrawn"]) == (1, 1)


async def test_what_was_planned_is_cancelled_with_its_item(
    story: OfficeStory, publisher: Caller, accounts: list[Account]
) -> None:
    item = await story.item().published(accounts[0])
    later = {"accounts": [accounts[1].id], "at": "2099-01-01T09:00"}
    assert (await publisher.post(f"/items/{item.id}/posts", later)).status == 201
    await publisher.post(f"/items/{item.id}/withdraw", REASON)
    states = {post.account_id: post.state for post in await story.posts(item)}
    assert states == {accounts[0].id: PostState.WITHDRAWING, accounts[1].id: PostState.CANCELLED}
    assert (await publisher.post(f"/items/{item.id}/posts", later)).status == 409


async def test_an_editor_sets_the_day_of_a_published_penalty(story: OfficeStory, as_: As) -> None:
    item = await story.item().published()
    editor, call = await as_("editor"), f"/items/{item.id}/withdrawal-days"
    body = {"publish_until": "2099-05-01", "credit_repaired_on": "2098-01-02"}
    assert (await (await as_("publisher")).post(call, body)).status == 403
    assert set((await editor.post(call, {"publish_until": "1.5."})).fields) == {"publish_until"}
    assert set((await editor.post(call, {"credit_repaired_on": "1999-01-01"})).fields) == {
        "credit_repaired_on"
    }
    answer = await editor.post(call, body)
    assert (answer.status, answer.body["withdraw_on"], answer.body["revision"]) == (200, "2098-01-02", 1)
    assert (await editor.post(call, {})).body["withdraw_on"] is None
    event = await story.item("event").published()
    assert (await editor.post(f"/items/{event.id}/withdrawal-days", body)).status == 409


async def test_a_correction_names_what_is_out_and_what_its_writer_may_see(
    story: OfficeStory, as_: As
) -> None:
    published: Item = await story.item(source_id="oa-1").published()
    await story.item(source_id="oa-2")
    await story.section("别的科室")
    stranger = await as_(await story.person("editor", name="外人", sections=["别的科室"]))
    raw = await _raw(story)

    async def told(caller: Caller, corrects: str, **changes: Any) -> dict[str, str]:
        answer = await caller.post("/items", {**raw, "corrects": corrects, **changes})
        return answer.fields if answer.status == 422 else {}

    editor = await as_("editor")
    assert await told(editor, "oa-1") == await told(editor, published.id) == {}
    assert "还没有发布" in (await told(editor, "oa-2"))["corrects"]
    assert "没有信息" in (await told(editor, "oa-3"))["corrects"]
    assert "没有信息" in (await told(stranger, "oa-1", section="别的科室"))["corrects"]


async def _raw(story: OfficeStory) -> dict[str, Any]:
    return dict(story.item(title="更正：处罚信息")._raw)
