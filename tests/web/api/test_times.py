"""When things go out: quiet hours, times before which nothing goes, and posts that are given another time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.foundation import clock, office_settings
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.office_settings import OfficeSettings
from tests.builders import OfficeStory, claim
from tests.web.api.conftest import Answer, As
from tests.web.api.test_emergencies import approved as approved_emergency

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)  # in Shanghai, a Thursday


async def with_quiet_hours(story: OfficeStory, begins: str = "22:00", ends: str = "07:00") -> None:
    async with story.office.db.begin() as session:
        settings = OfficeSettings(quiet_from=begins, quiet_until=ends)
        await office_settings.change(session, COMMAND_LINE, settings)


async def plan(story: OfficeStory, as_: As, item_id: str, at: str | None = None, account: int = 0) -> Answer:
    accounts = await story.accounts()
    body: dict[str, Any] = {"accounts": [accounts[account].id]}
    return await (await as_("publisher")).post(
        f"/items/{item_id}/posts", {**body, **({"at": at} if at else {})}
    )


async def test_quiet_hours_refuse_a_time_that_falls_in_them_with_the_first_one_after(
    story: OfficeStory, as_: As
) -> None:
    await with_quiet_hours(story)
    with clock.at(NOON):
        item = await story.item("event").approved()
        for at, first in (
            ("2026-11-26T22:00", "2026年11月27日 07:00"),
            ("2026-11-27T06:59", "2026年11月27日 07:00"),
        ):
            refused = await plan(story, as_, item.id, at)
            assert (refused.status, set(refused.fields)) == (422, {"at"})
            assert first in refused.fields["at"]
        assert (await plan(story, as_, item.id, "2026-11-27T07:00")).status == 201
        urgent = await approved_emergency(story, as_)
        assert (await plan(story, as_, urgent["id"], "2026-11-26T23:00")).status == 201
    with clock.at(NOON + timedelta(hours=12)):
        assert (await plan(story, as_, (await story.item("event").approved()).id)).status == 201


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_quiet_hours_of_one_day_are_refused_too(story: OfficeStory, as_: As) -> None:
    await with_quiet_hours(story, "12:00", "14:00")
    with clock.at(NOON):
        item = await story.item("event").approved()
        assert "14:00" in (await plan(story, as_, item.id, "2026-11-27T12:30")).fields["at"]
        assert (await plan(story, as_, item.id, "2026-11-27T14:00")).status == 201


async def test_nothing_goes_out_before_the_embargo_ends(story: OfficeStory, as_: As) -> None:
    await with_quiet_hours(story)
    publisher = await as_("publisher")
    with clock.at(NOON):
        item = await story.item("event").approved()
        path = f"/items/{item.id}/not-before"
        assert (await publisher.call("PUT", path, json={"not_before": "2026-11-26T11:00"})).status == 422
        assert (await (await as_("auditor")).call("PUT", path, json={"not_before": None})).status == 403
        held = await publisher.call("PUT", path, json={"not_before": "2026-11-28T23:00"})
        assert held.body["not_before"] == "2026-11-28T15:00:00.000Z"
        for at in (None, "2026-11-28T22:59"):
            refused = await plan(story, as_, item.id, at)
            assert (refused.status, set(refused.fields)) == (422, {"at"})
            assert "不早于 2026年11月28日 23:00" in refused.fields["at"]
        assert (
            "最早可填 2026年11月29日 07:00"
            in (await plan(story, as_, item.id, "2026-11-27T09:00")).fields["at"]
        )
        assert (await plan(story, as_, item.id, "2026-11-29T08:00")).status == 201
        later = await publisher.call("PUT", path, json={"not_before": "2026-11-30T08:00"})
        assert later.status == 409
        lifted = await publisher.call("PUT", path, json={"not_before": None})
        assert (lifted.status, lifted.body["not_before"]) == (200, None)


async def test_a_planned_post_is_given_another_time_under_the_same_rules(story: OfficeStory, as_: As) -> None:
    await with_quiet_hours(story)
    publisher = await as_("publisher")
    with clock.at(NOON):
        item = await story.item("event").approved()
        (post,) = (await plan(story, as_, item.id, "2026-11-27T09:00")).body["items"]
        path = f"/posts/{post['id']}"
        for wrong in ("2026-11-26T11:00", "2026-11-27T23:00", None, "bald"):
            refused = await publisher.call("PATCH", path, json={"at": wrong})
            assert (refused.status, set(refused.fields)) == (422, {"at"})
        assert (
            await (await as_("editor")).call("PATCH", path, json={"at": "2026-11-28T09:00"})
        ).status == 403
        moved = await publisher.call("PATCH", path, json={"at": "2026-11-28T09:30"})
        assert (moved.status, moved.body["at"], moved.body["due_at"]) == (
            200,
            "2026-11-28T01:30:00.000Z",
            "2026-11-28T01:30:00.000Z",
        )
    with clock.at(datetime(2026, 11, 28, 2, tzinfo=UTC)):
        await claim(story.office, post["id"])
        assert (await publisher.call("PATCH", path, json={"at": "2026-11-29T09:00"})).status == 409


async def test_moved_and_claimed_at_once_it_is_one_of_the_two(story: OfficeStory, as_: As) -> None:
    publisher = await as_("publisher")
    item = await story.item("event").planned()
    post = await story.post(item)
    later = (clock.now() + timedelta(days=2)).isoformat()
    moved, claimed = await asyncio.gather(
        publisher.call("PATCH", f"/posts/{post.id}", json={"at": later}),
        claim(story.office, post.id),
        return_exceptions=True,
    )
    assert not isinstance(moved, BaseException)
    state = (await publisher.get(f"/posts/{post.id}")).body["state"]
    if moved.status == 200:
        assert state == "planned" and isinstance(claimed, BaseException)
    else:
        assert (moved.status, state) == (409, "sending")
