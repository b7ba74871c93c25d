"""An item as the API tells it: every name of its shape, and values as other programs read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from outreach.foundation import clock
from outreach.people.model import Role
from outreach.web.api.item_shapes import AttachmentShape, FindingShape, ItemShape, ReviewShape
from outreach.web.api.post_shapes import ItemPostShape
from tests.builders import OfficeStory
from tests.web.api.conftest import As

BODY: Final = "举报人电话：13812345678。\n另一电话：13987654321，身份证号11010519491231002X。"


async def test_an_item_bears_exactly_the_names_of_its_shape(story: OfficeStory, as_: As) -> None:
    reader = await as_("auditor")
    found = await story.item(body=BODY).submitted().approved_by(Role.SECTION_HEAD)
    filed = await story.item("event", attachments=["海报.png", "日程.pdf"])
    posted = await story.item().planned(*(await story.accounts())[:2])
    for item in (found, filed, posted):
        body = (await reader.get(f"/items/{item.id}")).body
        assert list(body) == list(ItemShape.model_fields)
        for name, shape in {
            "attachments": AttachmentShape,
            "findings": FindingShape,
            "reviews": ReviewShape,
            "posts": ItemPostShape,
        }.items():
            assert all(list(one) == list(shape.model_fields) for one in body[name])
    bodies = {one["id"]: one for one in (await reader.get("/items")).body["items"]}
    assert [one["start"] for one in bodies[found.id]["findings"]] == sorted(
        one["start"] for one in bodies[found.id]["findings"]
    )
    assert len(bodies[found.id]["findings"]) == 3
    assert [one["stage"] for one in bodies[found.id]["reviews"]] == ["section"]
    assert [one["name"] for one in bodies[filed.id]["attachments"]] == ["海报.png", "日程.pdf"]
    assert [one["missing"] for one in bodies[filed.id]["attachments"]] == [True, True]
    assert {one["channel"] for one in bodies[posted.id]["posts"]} == {"wechat", "weibo"}
    assert (bodies[filed.id]["findings"], bodies[filed.id]["reviews"], bodies[filed.id]["posts"]) == (
        [],
        [],
        [],
    )


async def test_times_are_told_in_utc_cut_to_the_millisecond(story: OfficeStory, as_: As) -> None:
    with clock.at(datetime(2026, 11, 23, 2, 0, 0, 999_999, tzinfo=UTC)):
        item = await story.item().submitted().approved_by(Role.SECTION_HEAD)
    body = (await (await as_("auditor")).get(f"/items/{item.id}")).body
    told = {body["created_at"], body["updated_at"], *(one["at"] for one in body["reviews"])}
    assert told == {"2026-11-23T02:00:00.999Z"}


async def test_two_readers_who_ask_the_same_see_each_their_own(story: OfficeStory, as_: As) -> None:
    item = await story.item()
    await story.section("水生态环境科")
    own = await as_(await story.person(Role.AUDITOR, name="本科室", sections=[item.section.name]))
    other = await as_(await story.person(Role.AUDITOR, name="外科室", sections=["水生态环境科"]))
    for _ in range(2):
        assert [one["id"] for one in (await own.get("/items")).body["items"]] == [item.id]
        assert (await other.get("/items")).body["items"] == []
