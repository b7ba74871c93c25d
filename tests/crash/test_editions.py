"""A worker is killed in the middle of a push: the edition goes out once, and each of its articles counts once."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.foundation import audit
from outreach.office.compose_edition import create_edition, plan_push
from outreach.office.context import Office
from outreach.office.push_edition import push_due
from outreach.office.settle_editions import settle
from outreach.publishing.editions.model import Edition, EditionState
from tests.builders import OfficeStory
from tests.processes import WORKER, Installation, Running
from tests.waiting import eventually
from tests.workers.desk import counted, later

DRAFT_ADD = "/cgi-bin/draft/add"
SENDALL = "/cgi-bin/message/mass/sendall"


async def planned(story: OfficeStory, title: str) -> str:
    """An edition of one article that is due now."""
    publisher, account = await story.person("publisher"), (await story.accounts())[0]
    item = await story.item(title=title).approved()
    edition = await create_edition(story.office, publisher, account.id, [item.id])
    async with story.office.db.begin() as session:
        await plan_push(session, edition.id, publisher, None, version=None)
    return edition.id


async def is_in(office: Office, edition_id: str, state: EditionState) -> bool:
    async with office.db.read() as session:
        return (await session.get_one(Edition, edition_id)).state is state


async def killed_during(installation: Installation, service: Running, path: str) -> None:
    """The worker is killed while it waits for the answer of that call."""
    await eventually(lambda: _struck(installation, path), within_s=90)
    service.child(WORKER).kill()


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_worker_killed_between_the_steps_of_a_push(
    story: OfficeStory, installation: Installation
) -> None:
    office = story.office
    async with installation.serving("--sandbox") as service:
        await installation.fault(DRAFT_ADD, "delay", 30)
        first = await planned(story, "第一次推送")
        await killed_during(installation, service, DRAFT_ADD)
        with later(after_the_lease=True):
            await settle(office, worker="the next worker")
            assert await push_due(office, worker="the next worker") == 1
        await eventually(lambda: is_in(office, first, EditionState.PUBLISHED))

        await installation.fault(SENDALL, "delay", 30)
        second = await planned(story, "第二次推送")
        await killed_during(installation, service, SENDALL)
        with later(after_the_lease=True):
            await settle(office, worker="the next worker")
        assert await is_in(office, second, EditionState.UNCERTAIN)
        pushes = await eventually(lambda: _all_sent(installation))
        await installation.sandbox("events", {"type": "MASSSENDJOBFINISH", "msg_id": pushes[-1]["id"]})
        await eventually(lambda: is_in(office, second, EditionState.PUBLISHED))
        pushes = await installation.sandbox("wechat/pushes")
        assert [one["articles"][0]["title"] for one in pushes] == ["第一次推送", "第二次推送"]
    assert await counted(story) == 2
    async with office.db.read() as session:
        assert await audit.verify(session) == []


async def _all_sent(installation: Installation) -> list[dict[str, Any]]:
    pushes: list[dict[str, Any]] = await installation.sandbox("wechat/pushes")
    return pushes if all(one["status"] == "SEND_SUCCESS" for one in pushes) else []


async def _struck(installation: Installation, path: str) -> bool:
    return all(fault["left"] == 0 for fault in await installation.sandbox("faults") if fault["path"] == path)
