"""Whatever a program sends: it is told what is wrong, and the service never breaks."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.builders import OfficeStory
from tests.items import builders as samples
from tests.web.api.conftest import As

WORDS: Final = st.text(st.characters(exclude_categories=()), max_size=20)  # also lone surrogates and NUL
LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False),
    WORDS,
    st.sampled_from(["2026-03-01", "9999-12-31T23:59:59-12:00", "approve", "penalty", "published"]),
)
NAMES: Final = st.one_of(
    WORDS,
    st.sampled_from(
        ["kind", "title", "fields", "extra", "attachments", "accounts", "at", "decision", "opinion", "revision",
         "reason", "outcome", "url", "published_at", "source_id", "section", "formed_on", "body", "corrects"]
    ),
)  # fmt: skip
JSON: Final = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
OBJECTS: Final = st.dictionaries(NAMES, JSON, max_size=6)
MANY: Final = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip


@pytest.fixture
async def paths(story: OfficeStory) -> list[tuple[str, str]]:
    """Calls that take a body, each with the role that may make it."""
    at_review = await story.item().submitted()
    planned = await story.item().planned()
    return [
        ("section_head", f"/items/{at_review.id}/reviews"),
        ("publisher", f"/items/{planned.id}/posts"),
        ("publisher", f"/posts/{(await story.post(planned)).id}/resolve"),
    ]


def sent(value: Any) -> dict[str, Any]:
    return {"data": json.dumps(value).encode(), "headers": {"Content-Type": "application/json"}}


@MANY
@given(body=JSON)
@example(
    body={
        "fields": {"amount_yuan": 10**400},
        **{k: v for k, v in samples.item("penalty").items() if k != "fields"},
    }
)
@example(body={"kind": "penalty", "\ud800": 1, "fields": {"\udfff": {"\ud800": 1}}})
async def test_anything_posted_as_an_item_is_answered(story: OfficeStory, as_: As, body: Any) -> None:
    editor = await as_("editor")
    assert (await editor.call("POST", "/items", **sent(body))).status in {200, 201, 422}


@MANY
@given(name=st.sampled_from(sorted(samples.item("penalty"))), inner=st.one_of(JSON, OBJECTS))
async def test_a_sample_with_anything_in_one_place_is_answered(
    story: OfficeStory, as_: As, name: str, inner: Any
) -> None:
    raw = samples.item("penalty")
    await story.section(raw["section"])
    editor = await as_("editor")
    changed = {**raw, "source_id": None, name: inner}
    assert (await editor.call("POST", "/items", **sent(changed))).status in {200, 201, 422}
    inside = {**raw, "source_id": None, "fields": {**raw["fields"], name: inner}}
    assert (await editor.call("POST", "/items", **sent(inside))).status in {200, 201, 422}


@MANY
@given(body=OBJECTS)
async def test_anything_said_of_an_item_or_a_post_is_answered(
    paths: list[tuple[str, str]], as_: As, body: Any
) -> None:
    for role, path in paths:
        answer = await (await as_(role)).call("POST", path, **sent(body))
        assert answer.status in {200, 201, 409, 422}


@MANY
@given(
    query=st.dictionaries(st.sampled_from(["state", "text", "section", "limit", "cursor", "month"]), WORDS)
)
async def test_any_query_is_answered(as_: As, query: dict[str, str]) -> None:
    reader = await as_("auditor")
    # An address is made of what UTF-8 can bear.
    params = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    for path in ("/items", "/posts", "/statistics/monthly"):
        assert (await reader.call("GET", path, params=params)).status in {200, 404, 422}


@MANY
@given(content=st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
@example(content=b"\x80" * 10)
@example(content=b'kind,title\n"')
async def test_any_imported_file_is_answered(as_: As, content: bytes) -> None:
    editor = await as_("editor")
    for name in ("items.jsonl", "items.csv", "items"):
        assert (await editor.upload("/imports", (name, content))).status in {200, 422}
