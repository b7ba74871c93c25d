"""Two people press at the same moment. One passes; the other is told that somebody was faster."""

from __future__ import annotations

import asyncio

from outreach.foundation import audit, clock
from outreach.foundation.problems import Problem, StaleState
from outreach.items.model import Item, ItemState, Stage
from outreach.items.queries import get_item
from outreach.office.context import Office
from outreach.office.plan_posts import plan_posts
from outreach.office.review_item import decide
from outreach.office.write_item import edit_item
from outreach.people.model import Person
from outreach.review import service as review
from outreach.review.model import DecisionKind
from outreach.review.queries import decisions_of
from outreach.review.service import Verdict
from tests.builders import OfficeStory

APPROVE = Verdict(DecisionKind.APPROVE, "同意")
RETURN = Verdict(DecisionKind.RETURN, "请补充。")


async def decide_on_what_was_read(office: Office, read: Item, by: Person, verdict: Verdict) -> Item:
    """Decides on the item as it stood when the person looked at it, whatever happened since."""
    async with office.db.begin() as session:
        session.add(read)
        return await review.record_decision(session, read, by, verdict, revision=read.revision)


async def look(office: Office, item: Item, by: Person) -> Item:
    async with office.db.read() as session:
        return await get_item(session, item.id, by)


async def test_of_two_at_one_stage_exactly_one_passes(story: OfficeStory) -> None:
    item = await story.item().submitted()
    deciders = [await story.person("section_head"), await story.person("section_head", name="另一位科长")]
    seen = [await look(story.office, item, by) for by in deciders]
    outcomes = await asyncio.gather(
        *(
            decide_on_what_was_read(story.office, read, by, verdict)
            for read, by, verdict in zip(seen, deciders, (APPROVE, RETURN), strict=True)
        ),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {Item, StaleState}
    async with story.office.db.read() as session:
        (decision,) = await decisions_of(session, item.id)
        assert await audit.verify(session) == []
    passed = {DecisionKind.APPROVE: ItemState.IN_REVIEW, DecisionKind.RETURN: ItemState.RETURNED}
    assert (await story.fresh(item)).state is passed[decision.kind]


async def test_two_requests_at_once_leave_one_decision(story: OfficeStory) -> None:
    item = await story.item().submitted()
    deciders = [await story.person("section_head"), await story.person("section_head", name="另一位科长")]

    async def request(by: Person) -> Item:
        async with story.office.db.begin() as session:
            return await decide(session, item.id, by, APPROVE, revision=1, zone=clock.SHANGHAI)

    outcomes = await asyncio.gather(*(request(by) for by in deciders), return_exceptions=True)
    assert sum(isinstance(outcome, Item) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Problem) for outcome in outcomes) == 1
    assert (await story.fresh(item)).stage is Stage.CONFIDENTIALITY
    async with story.office.db.read() as session:
        assert len(await decisions_of(session, item.id)) == 1


async def test_a_decision_and_an_edit_at_once_never_both_hold(story: OfficeStory) -> None:
    item = await story.item().submitted()
    head, editor = await story.person("section_head"), await story.person("editor")
    seen = await look(story.office, item, head)

    async def edit() -> Item:
        async with story.office.db.begin() as session:
            return await edit_item(session, item.id, editor, {"title": "改过的标题"}, version=item.version)

    await asyncio.gather(
        decide_on_what_was_read(story.office, seen, head, APPROVE), edit(), return_exceptions=True
    )
    now = await story.fresh(item)
    async with story.office.db.read() as session:
        decisions = await decisions_of(session, item.id)
    edited = (now.state, now.revision, len(decisions)) == (ItemState.DRAFT, 2, 0)
    decided = (now.stage, now.revision, len(decisions)) == (Stage.CONFIDENTIALITY, 1, 1)
    assert edited or decided


async def test_two_publishers_at_once_plan_one_post_an_account(story: OfficeStory) -> None:
    item = await story.item().approved()
    accounts = [account.id for account in await story.accounts()]
    publishers = [await story.person("publisher"), await story.person("publisher", name="另一位")]
    await asyncio.gather(
        *(plan_posts(story.office, item.id, by, accounts, None) for by in publishers), return_exceptions=True
    )
    posts = await story.posts(item)
    assert sorted(post.account_id for post in posts) == sorted(accounts)
