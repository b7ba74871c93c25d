from __future__ import annotations

import pytest

from outreach.foundation import clock
from outreach.foundation.problems import Forbidden, InvalidContent, NotFound, NotPossible, StaleState
from outreach.items.model import Item, ItemState, Stage
from outreach.office.review_item import decide, judge_finding
from outreach.people.model import Person
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from outreach.screening.model import Finding, Judgement
from outreach.screening.queries import findings_of
from outreach.screening.rules import Severity
from tests.builders import ItemStory, OfficeStory

PERSONAL = "当事人联系方式:身份证号11010519491231002X,请勿外传给他人。"


def with_personal_data(story: OfficeStory) -> ItemStory:
    return story.item(body=PERSONAL).submitted()


async def at_confidentiality(story: OfficeStory) -> tuple[Item, Finding]:
    item = await with_personal_data(story).approved_by("section_head")
    (finding,) = await findings(story, item)
    return item, finding


async def findings(story: OfficeStory, item: Item) -> list[Finding]:
    async with story.office.db.read() as session:
        return list(await findings_of(session, item))


async def judged(
    story: OfficeStory,
    item: Item,
    finding: Finding,
    judgement: Judgement,
    reason: str = "虚构的示例号码",
    *,
    by: Person | None = None,
    revision: int | None = None,
) -> Item:
    reviewer = by or await story.person("confidentiality_reviewer")
    async with story.office.db.begin() as session:
        return await judge_finding(
            session, item.id, finding.id, reviewer, judgement, reason, revision=revision or item.revision
        )


async def approve(story: OfficeStory, item: Item) -> Item:
    async with story.office.db.begin() as session:
        by = await story.person("confidentiality_reviewer")
        return await decide(
            session, item.id, by, Verdict(DecisionKind.APPROVE), revision=item.revision, zone=clock.SHANGHAI
        )


async def test_what_was_found_is_told_with_its_place(story: OfficeStory) -> None:
    _, finding = await at_confidentiality(story)
    assert (finding.field, finding.label) == ("body", "resident_id")
    assert PERSONAL[finding.start : finding.end] == "11010519491231002X"
    assert finding.severity is not Severity.HINT


async def test_an_undecided_finding_holds_the_confidentiality_stage(story: OfficeStory) -> None:
    item, _ = await at_confidentiality(story)
    with pytest.raises(NotPossible, match="1 处疑点没有判定"):
        await approve(story, item)


async def test_it_does_not_hold_the_section_stage(story: OfficeStory) -> None:
    item = await with_personal_data(story).approved_by("section_head")
    assert item.stage is Stage.CONFIDENTIALITY


async def test_a_false_alarm_lets_it_pass(story: OfficeStory) -> None:
    item, finding = await at_confidentiality(story)
    item = await judged(story, item, finding, Judgement.FALSE_ALARM)
    assert (await approve(story, item)).stage is Stage.SIGN_OFF


async def test_a_real_finding_still_in_the_text_holds_it(story: OfficeStory) -> None:
    item, finding = await at_confidentiality(story)
    item = await judged(story, item, finding, Judgement.REAL)
    with pytest.raises(NotPossible, match="属实"):
        await approve(story, item)


async def test_a_held_item_can_still_be_returned_and_mended(story: OfficeStory) -> None:
    item = (
        await with_personal_data(story)
        .approved_by("section_head")
        .returned_by("confidentiality_reviewer")
        .edited(body="当事人信息已隐去,处罚依据和结果见附件说明。")
        .submitted()
        .approved_by("section_head", "confidentiality_reviewer")
    )
    assert (item.stage, await findings(story, item)) == (Stage.SIGN_OFF, [])


async def test_a_new_revision_wants_its_own_judgement(story: OfficeStory) -> None:
    item, finding = await at_confidentiality(story)
    await judged(story, item, finding, Judgement.FALSE_ALARM)
    again = (
        await with_personal_data(story)
        .approved_by("section_head")
        .edited(title="改过的标题")
        .submitted()
        .approved_by("section_head")
    )
    (anew,) = await findings(story, again)
    assert anew.judgement is None
    with pytest.raises(NotPossible):
        await approve(story, again)


async def test_hints_hold_nothing(story: OfficeStory) -> None:
    item = await story.item().submitted().approved_by("section_head")
    kinds = {finding.severity for finding in await findings(story, item)}
    assert kinds <= {Severity.HINT}
    assert (await approve(story, item)).stage is Stage.SIGN_OFF


async def test_judging_is_the_confidentiality_reviewers(story: OfficeStory) -> None:
    item, finding = await at_confidentiality(story)
    with pytest.raises(Forbidden):
        await judged(story, item, finding, Judgement.REAL, by=await story.person("signatory"))


async def test_judging_belongs_to_that_stage(story: OfficeStory) -> None:
    item = await with_personal_data(story)
    (finding,) = await findings(story, item)
    with pytest.raises(NotPossible, match="保密审查环节"):
        await judged(story, item, finding, Judgement.REAL)


async def test_who_wrote_it_judges_nothing(story: OfficeStory) -> None:
    both = await story.person("editor", "confidentiality_reviewer", name="身兼两职")
    item = await story.item(body=PERSONAL).by(both).submitted().approved_by("section_head")
    (finding,) = await findings(story, item)
    with pytest.raises(Forbidden, match="编写或提交"):
        await judged(story, item, finding, Judgement.FALSE_ALARM, by=both)


async def test_a_false_alarm_needs_a_reason(story: OfficeStory) -> None:
    item, finding = await at_confidentiality(story)
    with pytest.raises(InvalidContent, match="理由"):
        await judged(story, item, finding, Judgement.FALSE_ALARM, " ")


async def test_a_finding_of_another_item_is_not_found_here(story: OfficeStory) -> None:
    item, _ = await at_confidentiality(story)
    _, of_another = await at_confidentiality(story)
    with pytest.raises(NotFound):
        await judged(story, item, of_another, Judgement.REAL)


async def test_a_judgement_on_an_older_revision_is_stale(story: OfficeStory) -> None:
    item = await with_personal_data(story).edited(title="改过的标题").submitted().approved_by("section_head")
    (finding,) = await findings(story, item)
    with pytest.raises(StaleState):
        await judged(story, item, finding, Judgement.REAL, revision=1)
    assert item.state is ItemState.IN_REVIEW
