"""What can't go out then is not planned for then; and publishing is stopped by the API as by the pages."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from outreach.channels import budgets
from outreach.channels.budget_rules import CALLS, STATUSES, Use
from outreach.channels.budgets import Demand
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Quota
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office.context import Office
from tests.builders import OfficeStory
from tests.web.api.conftest import Answer, As, Caller

CHINA = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 26, 10, 5, tzinfo=CHINA)
pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
async def weibo(story: OfficeStory) -> Account:
    return (await story.accounts())[1]


@pytest.fixture
async def publisher(as_: As) -> Caller:
    return await as_("publisher")


async def planned(publisher: Caller, item: Item, account: Account, at: str | None) -> Answer:
    return await publisher.post(f"/items/{item.id}/posts", {"accounts": [account.id], "at": at})


async def test_an_hour_and_a_day_that_are_full_take_no_more(
    office: Office, story: OfficeStory, publisher: Caller, weibo: Account
) -> None:
    with clock.at(MORNING):
        items = [await story.item().approved() for _ in range(3)]
        async with office.db.begin() as session:
            await budgets.learn(session, weibo.id, {STATUSES: Quota(1, 0), CALLS: Quota(3, 0)})
        assert (await planned(publisher, items[0], weibo, "2026-11-26T14:20")).status == 201
        answer = await planned(publisher, items[1], weibo, "2026-11-26T14:40")
        assert (answer.status, list(answer.fields)) == (422, ["at"])
        assert "“发微博”每小时最多 1 次" in answer.fields["at"]
        assert "最早可以安排在 2026年11月26日 15:00。" in answer.fields["at"]
        assert (await planned(publisher, items[1], weibo, "2026-11-26T15:00")).status == 201
        answer = await planned(publisher, items[2], weibo, "2026-11-26T21:30")
        assert "“接口调用”每天最多 2 次" in answer.fields["at"]
        assert "最早可以安排在 2026年11月27日 00:00。" in answer.fields["at"]
        assert (await planned(publisher, items[1], weibo, "2026-11-26T14:40")).status == 200
        assert (await planned(publisher, items[2], weibo, None)).status == 201


async def test_what_went_out_already_counts(
    office: Office, story: OfficeStory, publisher: Caller, weibo: Account
) -> None:
    with clock.at(MORNING):
        item = await story.item().approved()
        async with office.db.begin() as session:
            await budgets.take(session, [Demand(weibo.id, ChannelName.WEIBO, Use.RELEASE, 30)])
        answer = await planned(publisher, item, weibo, "2026-11-26T10:30")
        assert "最早可以安排在 2026年11月26日 11:00。" in answer.fields["at"]
        shown = await publisher.get(f"/accounts/{weibo.id}")
    left = {one["name"]: (one["left"], one["renewed_at"]) for one in shown.body["budgets"]}
    assert left == {
        "calls": (70, "2026-11-26T16:00:00.000Z"),
        "statuses": (0, "2026-11-26T03:00:00.000Z"),
    }


async def test_publishing_is_stopped_and_goes_on(as_: As, publisher: Caller, weibo: Account) -> None:
    editor, admin = await as_("editor"), await as_("admin")
    for address in (f"/accounts/{weibo.id}", "/publishing"):
        assert (await editor.post(f"{address}/stop", {"reason": "暂缓"})).status == 403
        assert (await publisher.post(f"{address}/stop", {"reason": " "})).fields.keys() == {"reason"}
        assert (await publisher.post(f"{address}/go-on")).status == 409
        answer = await publisher.post(f"{address}/stop", {"reason": "舆情处置"})
        assert (answer.status, answer.body["stopped"]["by"]) == (200, "publisher")
        assert (await admin.post(f"{address}/stop", {"reason": "暂缓"})).status == 409
        assert (await editor.get(address)).body["stopped"]["reason"] == "舆情处置"
        assert (await editor.post(f"{address}/go-on")).status == 403
        assert (await admin.post(f"{address}/go-on")).body["stopped"] is None
    assert (await publisher.post("/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV/stop", {"reason": "x"})).status == 404
