"""The OpenAPI document: it names every call, and what calls answer has the shape that it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from outreach.web.api.openapi import CALLS, document
from outreach.web.routes import ROUTES, Access
from tests.builders import OfficeStory, publish
from tests.items import builders as samples
from tests.web.api.conftest import As, Caller


def test_the_document_is_valid() -> None:
    validate(document())


def test_every_call_is_in_it() -> None:
    routes = {(route.method, route.path) for route in ROUTES if route.access is Access.API}
    assert routes == CALLS.keys()
    assert all(re.search(r"[一-鿿]", call.summary) for call in CALLS.values())


async def test_it_is_read_without_a_token(nobody: Caller) -> None:
    answer = await nobody.get("/openapi.json")
    assert (answer.status, answer.body) == (200, document())


def schema_of(method: str, path: str, *, sent: bool = False) -> Draft202012Validator:
    operation = document()["paths"][path][method]
    holder = operation["requestBody"] if sent else operation["responses"]["200"]
    schema = holder["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


@pytest.mark.parametrize("kind", ["eia_notice", "penalty", "air_quality", "event"])
def test_samples_are_what_it_lets_in(kind: str) -> None:
    schema_of("post", "/api/v1/items", sent=True).validate(samples.item(kind))
    changes = schema_of("patch", "/api/v1/items/{id}", sent=True)
    changes.validate({"title": "新的标题", "fields": {"amount_yuan": 1}})
    assert not changes.is_valid({"titel": "x"})


async def test_answers_are_what_it_says(story: OfficeStory, as_: As) -> None:
    item = await story.item(body="身份证号11010519491231002X。").submitted()
    other = await story.item().planned()
    await publish(story.office, (await story.post(other)).id)
    reader = await as_("auditor")
    calls: dict[str, str] = {
        "/items": "/items",
        "/items/{id}": f"/items/{item.id}",
        "/posts": "/posts",
        "/posts/{id}": f"/posts/{(await story.post(other)).id}",
        "/accounts": "/accounts",
        "/accounts/{id}": f"/accounts/{(await story.accounts())[0].id}",
        "/publishing": "/publishing",
        "/sections": "/sections",
        "/statistics/annual": "/statistics/annual",
        "/statistics/monthly": "/statistics/monthly",
    }
    for path, address in calls.items():
        answer: Any = await reader.get(address)
        assert answer.status == 200
        schema_of("get", f"/api/v1{path}").validate(answer.body)
