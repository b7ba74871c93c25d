from __future__ import annotations

import asyncio
import hashlib

import pytest

from outreach.foundation.problems import (
    Forbidden,
    InvalidContent,
    NotFound,
    NotPossible,
    StaleVersion,
)
from outreach.items.model import Item, ItemState, Stage
from outreach.items.queries import revisions_of
from outreach.office.take_back import discard_item, recall_item
from outreach.office.write_item import attach_file, create_item, edit_item
from outreach.people.model import Person
from outreach.review.model import DecisionKind
from outreach.review.queries import decisions_of
from outreach.review.service import Verdict
from tests.builders import OfficeStory
from tests.items.builders import item as sample

REFUSED = Verdict(DecisionKind.REFUSE, "涉及商业秘密", "《政府信息公开条例》第十五条:商业秘密、个人隐私")


async def edit(
    story: OfficeStory, item: Item, version: int, by: Person | None = None, **changes: object
) -> Item:
    editor = by or await story.person("editor")
    async with story.office.db.begin() as session:
        return await edit_item(session, item.id, editor, changes, version=version)


async def discard(story: OfficeStory, item: Item) -> None:
    async with story.office.db.begin() as session:
        await discard_item(session, item.id, await story.person("editor"))


async def test_a_new_item_is_a_draft_of_revision_one(story: OfficeStory) -> None:
    item = await story.item()
    assert (item.state, item.stage, item.revision, item.version) == (ItemState.DRAFT, None, 1, 1)


async def test_the_same_source_id_again_gives_the_item_that_is_there(story: OfficeStory) -> None:
    first = await story.item(source_id="oa-1")
    editor = await story.person("editor")
    async with story.office.db.begin() as session:
        again, new = await create_item(
            session, editor, sample("penalty", source_id="oa-1", title="另一个标题")
        )
    assert (again.id, new, again.title, again.version) == (first.id, False, first.title, 1)


async def test_an_item_passes_the_three_stages_in_their_order(story: OfficeStory) -> None:
    places = []
    for reviewers in ([], ["section_head"], ["section_head", "confidentiality_reviewer"]):
        item = await story.item().submitted().approved_by(*reviewers)
        places.append((item.state, item.stage))
    assert places == [(ItemState.IN_REVIEW, stage) for stage in Stage]
    item = await story.item().approved()
    assert (item.state, item.stage) == (ItemState.APPROVED, None)


async def test_editing_a_draft_keeps_its_revision(story: OfficeStory) -> None:
    item = await story.item().edited(title="改过的标题").edited(title="又改过的标题")
    assert (item.title, item.revision, item.version) == ("又改过的标题", 1, 3)


async def test_an_edited_item_starts_its_reviews_anew(story: OfficeStory) -> None:
    item = (
        await story.item()
        .submitted()
        .approved_by("section_head", "confidentiality_reviewer")
        .edited(title="改过的标题")
    )
    assert (item.state, item.stage, item.revision) == (ItemState.DRAFT, None, 2)
    item = await story.item().approved().edited(title="改过的标题").submitted()
    assert (item.state, item.stage, item.revision) == (ItemState.IN_REVIEW, Stage.SECTION, 2)


async def test_the_decisions_on_an_older_revision_stay_and_count_no_more(story: OfficeStory) -> None:
    item = await story.item().submitted().approved_by("section_head").edited(title="改过的标题").submitted()
    async with story.office.db.read() as session:
        (decision,) = await decisions_of(session, item.id)
        first, second = await revisions_of(session, item.id)
    assert decision.revision == 1
    assert decision.content_hash == first.content_hash != second.content_hash
    assert second.snapshot["title"] == "改过的标题"


async def test_a_returned_item_is_mended_and_handed_in_again(story: OfficeStory) -> None:
    returned = await story.item().submitted().returned_by("section_head")
    assert (returned.state, returned.revision) == (ItemState.RETURNED, 1)
    again = (
        await story.item().submitted().returned_by("section_head").edited(title="补充后的标题").submitted()
    )
    assert (again.state, again.stage, again.revision) == (ItemState.IN_REVIEW, Stage.SECTION, 2)


async def test_a_returned_item_handed_in_unchanged_is_a_new_revision_too(story: OfficeStory) -> None:
    item = await story.item().submitted().returned_by("section_head").submitted().approved_by("section_head")
    assert (item.stage, item.revision) == (Stage.CONFIDENTIALITY, 2)


async def test_a_refused_item_stays_refused(story: OfficeStory) -> None:
    item = await story.item().submitted().decided("section_head", REFUSED)
    assert item.state is ItemState.REFUSED
    with pytest.raises(NotPossible, match="不予公开"):
        await edit(story, item, item.version, title="换个标题")


async def test_a_recalled_item_is_a_draft_again(story: OfficeStory) -> None:
    item = await story.item().submitted().approved_by("section_head").recalled()
    assert (item.state, item.stage, item.waiting_since) == (ItemState.DRAFT, None, None)
    again = await story.item().submitted().approved_by("section_head").recalled().submitted()
    assert (again.stage, again.revision) == (Stage.SECTION, 2)


async def test_only_its_submitter_takes_an_item_back(story: OfficeStory) -> None:
    item = await story.item().submitted()
    other = await story.person("editor", name="另一位编辑")
    with pytest.raises(Forbidden, match="提交人"):
        async with story.office.db.begin() as session:
            await recall_item(session, item.id, other)


async def test_an_approved_item_can_no_longer_be_recalled(story: OfficeStory) -> None:
    item = await story.item().approved()
    with pytest.raises(NotPossible, match="待发布"):
        async with story.office.db.begin() as session:
            await recall_item(session, item.id, await story.person("editor"))


async def test_a_discarded_draft_is_gone(story: OfficeStory) -> None:
    item = await story.item()
    await discard(story, item)
    with pytest.raises(NotFound):
        await story.fresh(item)


async def test_a_draft_that_was_submitted_once_can_be_discarded_while_undecided(story: OfficeStory) -> None:
    item = await story.item().submitted().recalled()
    await discard(story, item)
    with pytest.raises(NotFound):
        await story.fresh(item)


async def test_what_bears_decisions_is_kept(story: OfficeStory) -> None:
    item = await story.item().submitted().approved_by("section_head").recalled()
    with pytest.raises(NotPossible, match="审查记录"):
        await discard(story, item)


async def test_an_item_in_review_is_not_discarded(story: OfficeStory) -> None:
    item = await story.item().submitted()
    with pytest.raises(NotPossible, match="审核中"):
        await discard(story, item)


async def test_a_stale_version_overwrites_nothing(story: OfficeStory) -> None:
    item = await story.item()
    await edit(story, item, 1, title="第一个人的标题")
    with pytest.raises(StaleVersion):
        await edit(story, item, 1, title="第二个人的标题")
    assert (await story.fresh(item)).title == "第一个人的标题"


async def test_of_two_editors_at_once_one_wins_and_the_other_is_told(story: OfficeStory) -> None:
    item = await story.item()
    outcomes = await asyncio.gather(
        *(edit(story, item, 1, title=f"第{n}个人的标题") for n in range(2)), return_exceptions=True
    )
    (told,) = [one for one in outcomes if isinstance(one, Exception)]
    (won,) = [one for one in outcomes if isinstance(one, Item)]
    assert getattr(told, "status", None) in (409, 412)
    assert (await story.fresh(item)).title == won.title


async def test_an_approved_item_with_a_live_post_is_not_edited(story: OfficeStory) -> None:
    item = await story.item().planned()
    with pytest.raises(NotPossible, match="取消发布"):
        await edit(story, item, item.version, title="换个标题")


async def test_a_published_item_is_not_edited(story: OfficeStory) -> None:
    item = await story.item().published()
    assert item.state is ItemState.PUBLISHED
    with pytest.raises(NotPossible, match="已发布"):
        await edit(story, item, item.version, title="换个标题")


async def test_kind_and_source_id_never_change(story: OfficeStory) -> None:
    item = await story.item(source_id="oa-1")
    with pytest.raises(InvalidContent) as caught:
        await edit(story, item, 1, source_id="oa-2")
    assert [error.field for error in caught.value.errors] == ["source_id"]


async def test_an_item_of_another_section_is_not_there(story: OfficeStory) -> None:
    item = await story.item()
    await story.section("别的科室")
    stranger = await story.person("editor", name="外人", sections=["别的科室"])
    with pytest.raises(NotFound):
        await edit(story, item, 1, by=stranger, title="换个标题")


async def test_nobody_writes_for_a_section_that_is_not_theirs(story: OfficeStory) -> None:
    await story.section("别的科室")
    stranger = await story.person("editor", name="外人", sections=["别的科室"])
    with pytest.raises(InvalidContent, match="不属于"):
        await story.item().by(stranger)


async def test_without_the_role_nothing_is_written(story: OfficeStory) -> None:
    admin = await story.person("admin")
    with pytest.raises(Forbidden, match="信息编辑"):
        await story.item().by(admin)


async def test_an_item_is_not_submitted_while_a_file_is_missing(story: OfficeStory) -> None:
    item = await story.item(attachments=["批复.pdf"])
    assert [one.missing for one in item.attachments] == [True]
    with pytest.raises(InvalidContent, match=r"批复\.pdf"):
        await story.item(attachments=["批复.pdf"]).submitted()


async def test_an_upload_fills_the_name_that_waits_for_it(story: OfficeStory) -> None:
    item = await story.item(attachments=["批复.pdf"])
    content = b"%PDF-1.7\n%%EOF\n"
    editor = await story.person("editor")
    attachment = await attach_file(story.office, item.id, editor, name="批复.pdf", content=content)
    item = await story.fresh(item)
    assert [(one.name, one.missing) for one in item.attachments] == [("批复.pdf", False)]
    assert (attachment.sha256, attachment.size, item.version) == (
        hashlib.sha256(content).hexdigest(),
        len(content),
        2,
    )


async def test_a_correction_names_something_that_was_published(story: OfficeStory) -> None:
    published = await story.item(source_id="oa-1").published()
    correction = await story.item(source_id="oa-2", corrects="oa-1")
    assert correction.corrects_id == published.id
    with pytest.raises(InvalidContent) as caught:
        await story.item(source_id="oa-3", corrects="oa-2")
    assert [error.field for error in caught.value.errors] == ["corrects"]
