"""What the desk's pages do, by the API: proposals for redaction, who works on what, comments on passages."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from outreach.items.model import Item
from tests.builders import OfficeStory
from tests.servers import Server, Sqlite
from tests.web.api.conftest import Answer, As, Caller
from tests.web.api.test_openapi import document

BODY = "经查，举报人张建国（电话13812340026）反映的情况属实。"
MASKED = "经查，举报人张某某（电话138****0026）反映的情况属实。"
NOBODY = "01AAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def database_server(sqlite: Sqlite) -> Server:
    """The statements behind these calls are those of the pages, which are tried on both."""
    return sqlite


@pytest.fixture
async def item(story: OfficeStory) -> Item:
    """At the confidentiality stage, with something to mask."""
    return await story.item("event", body=BODY).submitted().approved_by("section_head")


def is_as_told(answer: Answer, method: str, path: str) -> Any:
    """The answer, which has the shape that the document says."""
    assert answer.status < 300, answer.body
    told = document()["paths"][f"/api/v1/items/{{id}}/{path}"][method]["responses"][str(answer.status)]
    schema = told["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": document()["components"]}).validate(answer.body)
    return answer.body


def kind_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["type"].rsplit("/", 1)[1]


async def proposed(caller: Caller, item: Item) -> Answer:
    findings = [one["id"] for one in (await caller.get(f"/items/{item.id}")).body["findings"]]
    return await caller.post(f"/items/{item.id}/proposals", {"findings": findings, "revision": 1})


async def test_a_proposal_is_made_read_and_taken_over(as_: As, item: Item) -> None:
    reviewer, editor = await as_("confidentiality_reviewer"), await as_("editor")
    made = is_as_told(await proposed(reviewer, item), "post", "proposals")
    assert (made["changes"], made["state"], made["fits"]) == ({"body": MASKED}, "open", True)
    (read,) = is_as_told(await editor.get(f"/items/{item.id}/proposals"), "get", "proposals")["items"]
    assert read == made
    before = (await editor.get(f"/items/{item.id}")).body
    path = f"/items/{item.id}/proposals/{made['id']}/take"
    assert kind_of(await editor.call("POST", path)) == (428, "version-required")
    stale = await editor.call("POST", path, headers={"If-Match": str(before["version"] - 1)})
    assert kind_of(stale) == (412, "stale-version")
    taken = await editor.call("POST", path, headers={"If-Match": str(before["version"])})
    after = is_as_told(taken, "post", "proposals/{proposal}/take")
    assert (after["body"], after["revision"], after["state"]) == (MASKED, 2, "returned")
    (read,) = (await editor.get(f"/items/{item.id}/proposals")).body["items"]
    assert (read["state"], read["fits"], read["closed_by"]) == ("taken", False, "editor")
    again = await editor.call("POST", path, headers={"If-Match": str(after["version"])})
    assert kind_of(again) == (409, "not-possible")


async def test_a_proposal_is_dropped_once(as_: As, item: Item) -> None:
    made = (await proposed(await as_("confidentiality_reviewer"), item)).body
    editor, path = await as_("editor"), f"/items/{item.id}/proposals/{made['id']}/drop"
    dropped = is_as_told(await editor.post(path), "post", "proposals/{proposal}/drop")
    assert (dropped["state"], dropped["closed_by"]) == ("dropped", "editor")
    assert kind_of(await editor.post(path)) == (409, "not-possible")


async def test_an_item_is_taken_handed_on_given_back_and_hurried(
    story: OfficeStory, as_: As, item: Item
) -> None:
    other = await story.person("confidentiality_reviewer", name="保密员乙")
    first, second, path = await as_("confidentiality_reviewer"), await as_(other), f"/items/{item.id}/taking"
    assert is_as_told(await first.get(path), "get", "taking")["by"] is None
    taken = is_as_told(await first.post(path, {"revision": 1}), "post", "taking")
    assert (taken["by"], taken["stage"]) == ("confidentiality_reviewer", "confidentiality")
    assert taken["takers"] == [{"id": other.id, "name": "保密员乙"}]
    refused = await first.post(f"{path}/hand-on", {"to": NOBODY, "revision": 1})
    assert refused.status == 422 and "to" in refused.fields
    handed = await first.post(f"{path}/hand-on", {"to": other.id, "revision": 1})
    assert is_as_told(handed, "post", "taking/hand-on")["by"] == "保密员乙"
    assert kind_of(await first.post(f"{path}/give-back")) == (409, "not-possible")
    back = is_as_told(await second.post(f"{path}/give-back"), "post", "taking/give-back")
    assert back["by"] is None
    editor = await as_("editor")
    hurried = is_as_told(await editor.post(f"/items/{item.id}/reminders"), "post", "reminders")
    assert (hurried["reminders"], hurried["reminded_by"], hurried["takers"]) == (1, "editor", [])
    assert kind_of(await editor.post(f"/items/{item.id}/reminders")) == (409, "not-possible")


async def test_a_comment_is_written_listed_and_settled(as_: As, item: Item) -> None:
    reviewer, editor, path = await as_("signatory"), await as_("editor"), f"/items/{item.id}/comments"
    said = {"field": "body", "quote": "反映的情况属实", "comment": "请写明核实经过。", "revision": 1}
    written = is_as_told(await reviewer.post(path, said), "post", "comments")
    assert written["passage"] == said["quote"] and BODY[written["start"] : written["end"]] == said["quote"]
    assert is_as_told(await editor.get(path), "get", "comments")["items"] == [written]
    settled = await editor.post(f"{path}/{written['id']}/settle")
    assert is_as_told(settled, "post", "comments/{comment}/settle")["settled_by"] == "editor"
    assert kind_of(await editor.post(f"{path}/{written['id']}/settle")) == (409, "not-possible")
    for wrong, field in (
        ({"quote": "没有这句"}, "quote"),
        ({"comment": ""}, "comment"),
        ({"field": "x"}, "quote"),
    ):
        refused = await reviewer.post(path, {**said, **wrong})
        assert refused.status == 422 and field in refused.fields
    marked = await reviewer.post(path, {**said, "comment": "机密★3年", "quote": "没有这句"})
    assert kind_of(marked) == (422, "classification-mark")
    assert kind_of(await reviewer.post(path, {**said, "revision": 2})) == (409, "stale-state")


CALLS = [
    ("proposals", {}),
    (f"proposals/{NOBODY}/take", None),
    (f"proposals/{NOBODY}/drop", None),
    ("taking", {}),
    ("taking/hand-on", {}),
    ("comments", {}),
    (f"comments/{NOBODY}/settle", None),
]


@pytest.mark.parametrize(("call", "body"), CALLS)
async def test_faults_are_told_in_their_order(
    story: OfficeStory, as_: As, nobody: Caller, item: Item, call: str, body: Any
) -> None:
    """401, 404, 403 for the role, 403 for the duties, 409, 422."""
    assert (await nobody.post(f"/items/{item.id}/{call}", body)).status == 401
    stranger = await as_(await story.person("publisher"))
    assert (await stranger.post(f"/items/{NOBODY}/{call}", body)).status == 404
    refused = await stranger.post(f"/items/{item.id}/{call}", body)
    assert kind_of(refused) == ((404, "not-found") if NOBODY in call else (403, "forbidden"))
    if call.startswith(("taking", "proposals")) and body is not None:
        both = await as_(await story.person("editor", "confidentiality_reviewer", name="两职"))
        own = (await both.post("/items", {**(await _raw(both, item)), "source_id": None})).body
        await both.post(f"/items/{own['id']}/submit")
        await (await as_("section_head")).post(
            f"/items/{own['id']}/reviews", {"decision": "approve", "revision": 1}
        )
        assert kind_of(await both.post(f"/items/{own['id']}/{call}", body)) == (403, "duties-not-separate")
        reviewer = await as_("confidentiality_reviewer")
        assert (await reviewer.post(f"/items/{item.id}/{call}", body)).status == 422
        await reviewer.post(
            f"/items/{item.id}/reviews", {"decision": "return", "opinion": "请补充。", "revision": 1}
        )
        assert kind_of(await reviewer.post(f"/items/{item.id}/{call}", body)) == (409, "not-possible")


async def _raw(caller: Caller, item: Item) -> dict[str, Any]:
    """The item as somebody would write it again."""
    names = ("kind", "title", "section", "origin", "formed_on", "body", "fields")
    shown = (await caller.get(f"/items/{item.id}")).body
    return {name: shown[name] for name in names}
