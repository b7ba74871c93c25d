from __future__ import annotations

import pytest

from outreach.foundation import clock
from outreach.foundation.problems import (
    DutiesNotSeparate,
    Forbidden,
    InvalidContent,
    NotFound,
    NotPossible,
    StaleState,
)
from outreach.items.model import Item, ItemState, Stage
from outreach.items.rows import Span
from outreach.office.review_item import decide
from outreach.office.submit_item import submit_item
from outreach.office.write_item import edit_item
from outreach.people.model import Person, Role
from outreach.review.model import DecisionKind
from outreach.review.queries import decisions_of, waiting_for
from outreach.review.service import Verdict
from tests.builders import REVIEWERS, OfficeStory

APPROVE = Verdict(DecisionKind.APPROVE, "同意")


async def decided(
    story: OfficeStory, item: Item, by: Person, verdict: Verdict = APPROVE, revision: int | None = None
) -> Item:
    async with story.office.db.begin() as session:
        return await decide(
            session, item.id, by, verdict, revision=revision or item.revision, zone=clock.SHANGHAI
        )


async def test_who_wrote_it_decides_at_no_stage(story: OfficeStory) -> None:
    both = await story.person("editor", *REVIEWERS, name="身兼数职")
    item = await story.item().by(both).submitted()
    for role in REVIEWERS:
        with pytest.raises(DutiesNotSeparate, match="编写或提交"):
            await decided(story, await story.fresh(item), both)
        await decided(story, await story.fresh(item), await story.person(role))


async def test_who_edited_it_for_somebody_else_decides_at_no_stage_either(story: OfficeStory) -> None:
    both = await story.person("editor", "section_head", name="身兼数职")
    item = await story.item().by(both).edited(title="改过的标题")
    usual = await story.person("editor")
    await submit_item(story.office, item.id, usual)
    with pytest.raises(DutiesNotSeparate):
        await decided(story, item, both)


async def test_who_wrote_an_earlier_revision_is_still_its_author(story: OfficeStory) -> None:
    both = await story.person("editor", "section_head", name="身兼数职")
    item = await story.item().by(both).submitted().returned_by("section_head")
    usual = await story.person("editor")
    async with story.office.db.begin() as session:
        await edit_item(session, item.id, usual, {"title": "别人改过的标题"}, version=item.version)
    item = await submit_item(story.office, item.id, usual)
    assert item.revision == 2
    with pytest.raises(DutiesNotSeparate):
        await decided(story, item, both)


async def test_nobody_decides_at_two_stages_of_one_revision(story: OfficeStory) -> None:
    several = await story.person(*REVIEWERS, name="三个角色")
    item = await decided(story, await story.item().submitted(), several)
    with pytest.raises(DutiesNotSeparate, match="另一环节"):
        await decided(story, item, several)
    assert (await story.fresh(item)).stage is Stage.CONFIDENTIALITY


async def test_on_a_new_revision_the_same_person_may_sit_at_another_stage(story: OfficeStory) -> None:
    several = await story.person(*REVIEWERS, name="三个角色")
    item = await decided(story, await story.item().submitted(), several)
    again = await story.item().submitted().approved_by("section_head").edited(title="改").submitted()
    again = await decided(story, again, await story.person("section_head", name="另一位"))
    assert (await decided(story, again, several)).stage is Stage.SIGN_OFF
    assert item.stage is Stage.CONFIDENTIALITY


@pytest.mark.parametrize("stage", list(Stage))
async def test_each_stage_wants_its_own_role(story: OfficeStory, stage: Stage) -> None:
    number = list(Stage).index(stage)
    item = await story.item().submitted().approved_by(*REVIEWERS[:number])
    for role in set(Role) - {REVIEWERS[number]}:
        with pytest.raises(Forbidden):
            await decided(story, item, await story.person(role, name=f"只有{role}"))
    await decided(story, item, await story.person(REVIEWERS[number]))


async def test_a_reviewer_of_another_section_does_not_find_it(story: OfficeStory) -> None:
    item = await story.item().submitted()
    await story.section("别的科室")
    stranger = await story.person("section_head", name="外科室", sections=["别的科室"])
    with pytest.raises(NotFound, match="不属于您所在的科室"):
        await decided(story, item, stranger)


async def test_a_decision_on_an_older_revision_records_nothing(story: OfficeStory) -> None:
    item = await story.item().submitted().edited(title="改过的标题").submitted()
    with pytest.raises(StaleState, match="第 2 版"):
        await decided(story, item, await story.person("section_head"), revision=1)
    async with story.office.db.read() as session:
        assert await decisions_of(session, item.id) == []


async def test_outside_of_review_nothing_is_decided(story: OfficeStory) -> None:
    item = await story.item()
    with pytest.raises(NotPossible, match="草稿"):
        await decided(story, item, await story.person("section_head"))


@pytest.mark.parametrize(
    ("kind", "lacking"), [(DecisionKind.RETURN, ["opinion"]), (DecisionKind.REFUSE, ["opinion", "basis"])]
)
async def test_sending_back_and_refusing_need_a_reason(
    story: OfficeStory, kind: DecisionKind, lacking: list[str]
) -> None:
    item = await story.item().submitted()
    with pytest.raises(InvalidContent) as caught:
        await decided(story, item, await story.person("section_head"), Verdict(kind, " "))
    assert [error.field for error in caught.value.errors] == lacking


async def test_refusing_needs_the_law_it_rests_on(story: OfficeStory) -> None:
    item = await story.item().submitted()
    with pytest.raises(InvalidContent) as caught:
        await decided(
            story, item, await story.person("section_head"), Verdict(DecisionKind.REFUSE, "涉密", " ")
        )
    assert [error.field for error in caught.value.errors] == ["basis"]


async def test_the_record_pins_what_was_decided_on(story: OfficeStory) -> None:
    item = await story.item().approved()
    async with story.office.db.read() as session:
        decisions = await decisions_of(session, item.id)
    assert [(one.stage, one.kind, one.by_name) for one in decisions] == [
        (stage, DecisionKind.APPROVE, role.value) for stage, role in zip(Stage, REVIEWERS, strict=True)
    ]
    assert len({one.content_hash for one in decisions}) == 1


async def test_a_queue_shows_only_what_its_owner_may_decide(story: OfficeStory) -> None:
    both = await story.person("editor", "section_head", name="身兼数职")
    own = await story.item().by(both).submitted()
    others = await story.item().submitted()
    await story.item().submitted().approved_by("section_head")
    async with story.office.db.read() as session:
        of_both, _ = await waiting_for(session, both, Span(offset=0, limit=9))
        of_head, total = await waiting_for(
            session, await story.person("section_head"), Span(offset=0, limit=9)
        )
    assert [item.id for item in of_both] == [others.id]
    assert [item.id for item in of_head] == [own.id, others.id]
    assert total == 2


async def test_a_refusal_ends_the_review(story: OfficeStory) -> None:
    basis = "《政府信息公开条例》第十五条:商业秘密、个人隐私"
    item = await decided(
        story,
        await story.item().submitted(),
        await story.person("section_head"),
        Verdict(DecisionKind.REFUSE, "涉及商业秘密", basis),
    )
    assert (item.state, item.stage, item.waiting_since) == (ItemState.REFUSED, None, None)
