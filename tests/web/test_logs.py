"""What a request leaves in the logs: ids, and nothing of what items say."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from outreach.foundation.logging import set_up_logging
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.people.model import Person, Role
from tests.builders import OfficeStory
from tests.items import builders as samples
from tests.web.test_health import serving

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def logs_as_json(logs_restored: None) -> None:
    set_up_logging("json")


@pytest.fixture(params=["json", "console"])
def logs(request: pytest.FixtureRequest, logs_restored: None) -> None:
    set_up_logging(request.param)


def lines(capture: Capture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capture.readouterr().err.splitlines() if line.startswith("{")]


@pytest.fixture
async def headers(story: OfficeStory) -> dict[str, str]:
    editor: Person = await story.person(Role.EDITOR)
    return {"Authorization": f"Bearer {await story.token(editor)}", "X-Request-ID": "of-the-proxy-1"}


@pytest.mark.usefixtures("logs_as_json")
async def test_each_line_of_a_request_bears_its_id_and_what_it_is_about(
    office: Office, story: OfficeStory, headers: dict[str, str], capsys: Capture
) -> None:
    item = await story.item(title="只在这里出现的标题").planned()
    post = await story.post(item)
    capsys.readouterr()
    async with serving(office) as client:
        for path in (f"/api/v1/items/{item.id}", f"/api/v1/posts/{post.id}", "/api/v1/items/x", "/healthz"):
            async with client.get(path, headers=headers) as response:
                await response.read()
    of_item, of_post, of_nothing, health = [line for line in lines(capsys) if line["event"] == "request"]
    assert (of_item["request_id"], of_item["item"], of_item["route"]) == (
        "of-the-proxy-1", item.id, "/api/v1/items/{id}",
    )  # fmt: skip
    assert (of_post["post"], "item" in of_post) == (post.id, False)
    assert not {"item", "post"} & {*of_nothing, *health}


@pytest.mark.usefixtures("logs_as_json")
async def test_a_new_item_is_named_where_it_was_made(
    office: Office, story: OfficeStory, headers: dict[str, str], capsys: Capture
) -> None:
    raw = samples.item("event", source_id=None, attachments=[])
    await story.section(raw["section"])
    capsys.readouterr()
    async with serving(office) as client:
        async with client.post("/api/v1/items", json=raw, headers=headers) as response:
            made = await response.json()
        async with client.get("/healthz") as response:
            await response.read()
    told = capsys.readouterr().err
    of_item, health = [json.loads(line) for line in told.splitlines()]
    assert (of_item["item"], "item" in health) == (made["id"], False)
    assert made["title"] not in told


@pytest.mark.usefixtures("logs_as_json")
async def test_no_address_is_logged_as_it_was_typed(office: Office, capsys: Capture) -> None:
    async with serving(office) as client:
        for path in ("/p/public-id/files/某人的住址.pdf", "/某人的住址", "/p/x?q=某人的住址"):
            async with client.get(path) as response:
                assert response.status == 404
    told = capsys.readouterr().err
    assert "/p/{public_id}/files/{name}" in told
    assert "某人的住址" not in told
    assert "%E6" not in told


@pytest.mark.usefixtures("logs")
def test_an_error_is_logged_without_what_its_variables_hold(capsys: Capture) -> None:
    secret = "".join(["an-access", "-token"])
    try:
        raise RuntimeError(str(len(secret)))
    except RuntimeError:
        structlog.get_logger("tests").exception("it failed")
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "an-access-token" not in told


async def test_an_error_of_the_database_does_not_tell_what_was_to_be_stored(
    office: Office, story: OfficeStory
) -> None:
    item = await story.item(title="只在这里出现的标题")
    with pytest.raises(IntegrityError) as caught:
        async with office.db.begin() as session:
            names = {column.name: getattr(item, column.name) for column in Item.__table__.columns}
            session.add(Item(**{**names, "public_id": "another", "body": "只在这里出现的正文"}))
    assert "只在这里出现" not in str(caught.value)
