"""A worker dies while it takes down what is out: each article is deleted once, and the state tells the truth."""

from __future__ import annotations

import pytest

from outreach.foundation import audit
from outreach.items.model import Item, ItemState
from outreach.office.take_down_posts import take_down_due
from outreach.office.withdraw_posts import withdraw_item
from outreach.publishing.model import PostState
from outreach.publishing.queries import attempts_of
from tests.builders import OfficeStory
from tests.crash.test_publishing import begin, struck
from tests.processes import WORKER, Installation
from tests.servers import Sqlite
from tests.waiting import eventually
from tests.workers.desk import counted, later

DELETE = "/cgi-bin/freepublish/delete"
LOOK = "/cgi-bin/freepublish/getarticle"


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What is tried here is the same on any database."""
    return sqlite


async def test_a_worker_killed_before_and_after_the_call_that_deletes(
    story: OfficeStory, installation: Installation
) -> None:
    day = await begin(story, installation)
    wechat, publisher = day.accounts[0], await story.person("publisher")

    async def withdraw(item: Item) -> None:
        async with story.office.db.begin() as session:
            await withdraw_item(session, item.id, publisher, "处罚决定已被撤销。")

    async with installation.serving("--sandbox") as service:
        before_the_call, after_the_call = [await day.plan(wechat) for _ in range(2)]
        await eventually(lambda: day.are(PostState.PUBLISHED), within_s=90)
        await installation.fault(LOOK, "delay", 60)
        await withdraw(before_the_call)
        await eventually(lambda: struck(installation, LOOK), within_s=60)
        await installation.fault(DELETE, "delay", 60)
        await withdraw(after_the_call)
        await eventually(lambda: struck(installation, DELETE), within_s=60)
        service.child(WORKER).kill()
        assert {post.state for post in await day.posts()} == {PostState.WITHDRAWING}
        with later(1, after_the_lease=True):
            await take_down_due(story.office, worker="another worker", limit=10)
        # The call that the dead worker waited for is not answered yet: it has struck the other article.
        asked = [one["body"] for one in await installation.sandbox("requests") if one["path"] == DELETE]
        article_id = (await story.post(before_the_call)).platform_id
        assert asked == [{"article_id": article_id, "index": 1}]
        assert await day.number_shown() == 0
        assert await counted(story) == 2
        for item in day.items:
            post = await story.post(item)
            assert (post.state, (await story.fresh(item)).state) == (PostState.WITHDRAWN, ItemState.WITHDRAWN)
            async with story.office.db.read() as session:
                steps = [one.outcome for one in await attempts_of(session, post)]
            assert steps[-2:] == ["withdraw_taken_over", "withdrawn"]
        async with story.office.db.read() as session:
            assert await audit.verify(session) == []
