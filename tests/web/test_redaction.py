"""遮盖建议: a reviewer proposes, the submitter takes it over, and the original is seen by few and by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest
from sqlalchemy import select

from outreach.foundation.audit import AuditEvent
from outreach.items.model import Author, Item, ItemState, Stage
from outreach.office.write_item import edit_item
from outreach.people.model import Role
from outreach.review.model import Decision, Outcome, RedactionProposal
from outreach.screening.model import Judgement
from outreach.screening.queries import findings_of
from tests.builders import OfficeStory
from tests.web.conftest import Browser

BODY: Final = "经查，举报人张建国（身份证号152601199001011233，电话13812340026）反映的情况属实。"
MASKED: Final = "经查，举报人张某某（身份证号152***********1233，电话138****0026）反映的情况属实。"
NewBrowser = Callable[[], Browser]


@pytest.fixture
async def item(story: OfficeStory) -> Item:
    """An item with a name, an identity number and a telephone number, at the confidentiality stage."""
    await story.person(Role.CONFIDENTIALITY_REVIEWER)
    return await story.item("event", body=BODY).submitted().approved_by(Role.SECTION_HEAD)


async def signed_in(new_browser: NewBrowser, name: str) -> Browser:
    browser = new_browser()
    await browser.sign_in(name)
    return browser


async def propose(new_browser: NewBrowser, item: Item, **form: str) -> str:
    """The reviewer presses 退回并附遮盖建议 with what is ticked; the page that follows."""
    reviewer = await signed_in(new_browser, "confidentiality_reviewer")
    page = await reviewer.get(f"/items/{item.id}")
    ticked = re.findall(r'name="findings" value="([^"]+)" form="redaction" checked', page.text)
    after = await reviewer.post(f"/items/{item.id}/redaction", revision="1", findings=ticked, **form)
    assert after.status == 200
    return after.text


async def take(browser: Browser, item: Item, *, version: int | None = None) -> tuple[int, str]:
    """The writer presses 采纳建议."""
    page = await browser.get(f"/items/{item.id}")
    action = re.search(r'action="(/items/[^"]+/take)"', page.text)
    shown = re.search(r'name="version" value="(\d+)"', page.text)
    assert action and shown
    after = await browser.post(action[1], version=str(version or shown[1]))
    return after.status, after.text


async def acts(story: OfficeStory, act: str) -> list[tuple[str, dict[str, object]]]:
    async with story.office.db.read() as session:
        query = select(AuditEvent.actor_name, AuditEvent.detail).where(AuditEvent.act == act)
        return [(name, detail) for name, detail in await session.execute(query)]


async def test_one_press_judges_returns_and_proposes(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    assert "已退回，并附上遮盖建议" in await propose(new_browser, item)
    after = await story.fresh(item)
    assert (after.state, after.body) == (ItemState.RETURNED, BODY)
    async with story.office.db.read() as session:
        findings = await findings_of(session, after)
        decision = (await session.scalars(select(Decision).order_by(Decision.at.desc()))).first()
        proposal = (await session.scalars(select(RedactionProposal))).one()
    assert {one.judgement for one in findings} == {Judgement.REAL}
    assert decision is not None and decision.outcome is Outcome.AFTER_REMOVAL
    assert "第十五条" in (decision.basis or "")
    assert proposal.changes == {"body": MASKED}
    assert [name for name, _ in await acts(story, "redaction.propose")] == ["confidentiality_reviewer"]


async def test_the_submitter_sees_both_texts_and_takes_the_new_one_over_with_one_press(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    editor = await signed_in(new_browser, "editor")
    page = (await editor.get(f"/items/{item.id}")).text
    shown = page.partition('id="proposal"')[2].partition('id="findings"')[0]
    assert "建国" in shown and "某某" in shown and "<del>" in shown and "<ins>" in shown
    status, text = await take(editor, item)
    assert status == 200 and "已采纳遮盖建议" in text
    after = await story.fresh(item)
    assert (after.body, after.revision, after.state) == (MASKED, 2, ItemState.RETURNED)


async def test_the_new_revision_is_the_submitters_and_the_reviewer_stays_free_to_decide(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    editor = await signed_in(new_browser, "editor")
    await take(editor, item)
    async with story.office.db.read() as session:
        authors = set(await session.scalars(select(Author.person_id)))
    assert authors == {(await story.person(Role.EDITOR)).id}
    await editor.get(f"/items/{item.id}")
    await editor.post(f"/items/{item.id}/submit")
    head = await signed_in(new_browser, "section_head")
    await head.get(f"/items/{item.id}")
    await head.post(f"/items/{item.id}/reviews", decision="approve", revision="2")
    reviewer = await signed_in(new_browser, "confidentiality_reviewer")
    await reviewer.get(f"/items/{item.id}")
    await reviewer.post(f"/items/{item.id}/reviews", decision="approve", revision="2")
    after = await story.fresh(item)
    assert after.stage is Stage.SIGN_OFF


async def test_only_what_is_ticked_is_masked(story: OfficeStory, new_browser: NewBrowser, item: Item) -> None:
    async with story.office.db.read() as session:
        phone = next(one for one in await findings_of(session, item) if one.label == "mobile_phone")
    reviewer = await signed_in(new_browser, "confidentiality_reviewer")
    await reviewer.get(f"/items/{item.id}")
    await reviewer.post(f"/items/{item.id}/redaction", revision="1", findings=phone.id)
    async with story.office.db.read() as session:
        proposal = (await session.scalars(select(RedactionProposal))).one()
    assert proposal.changes == {"body": BODY.replace("13812340026", "138****0026")}


async def test_with_nothing_ticked_nothing_happens(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    reviewer = await signed_in(new_browser, "confidentiality_reviewer")
    await reviewer.get(f"/items/{item.id}")
    page = await reviewer.post(f"/items/{item.id}/redaction", revision="1")
    assert page.status == 422 and "请勾选要遮盖的疑点" in page.text
    assert (await story.fresh(item)).state is ItemState.IN_REVIEW


async def test_nobody_else_proposes(story: OfficeStory, new_browser: NewBrowser, item: Item) -> None:
    async with story.office.db.read() as session:
        one, *_ = await findings_of(session, item)
    for name in ("section_head", "editor"):
        other = await signed_in(new_browser, name)
        await other.get(f"/items/{item.id}")
        page = await other.post(f"/items/{item.id}/redaction", revision="1", findings=one.id)
        assert page.status == 403
    assert (await story.fresh(item)).state is ItemState.IN_REVIEW


async def test_a_text_that_was_edited_meanwhile_takes_no_proposal(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    editor = await signed_in(new_browser, "editor")
    page = await editor.get(f"/items/{item.id}")
    action = re.search(r'action="(/items/[^"]+/take)"', page.text)
    async with story.office.db.begin() as session:
        writer = await story.person(Role.EDITOR)
        present = await story.fresh(item)
        edited = await edit_item(session, item.id, writer, {"body": "自行改写。"}, version=present.version)
    assert action
    after = await editor.post(action[1], version=str(edited.version))
    assert after.status == 409 and "不再适用" in after.text
    assert (await story.fresh(item)).body == "自行改写。"
    assert 'id="proposal"' not in (await editor.get(f"/items/{item.id}")).text


async def test_a_stale_version_takes_nothing_over(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    status, text = await take(await signed_in(new_browser, "editor"), item, version=1)
    assert status == 412 and "已被他人更改" in text
    assert (await story.fresh(item)).body == BODY


async def test_a_proposal_can_be_left_aside(story: OfficeStory, new_browser: NewBrowser, item: Item) -> None:
    await propose(new_browser, item)
    editor = await signed_in(new_browser, "editor")
    page = await editor.get(f"/items/{item.id}")
    action = re.search(r'action="(/items/[^"]+/drop)"', page.text)
    assert action
    after = await editor.post(action[1])
    assert "没有采纳遮盖建议" in after.text and 'id="proposal"' not in after.text
    assert len(await acts(story, "redaction.drop")) == 1


async def test_an_earlier_revision_is_for_its_writers_its_reviewers_and_auditors_and_each_look_is_recorded(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    await take(await signed_in(new_browser, "editor"), item)
    await story.person(Role.AUDITOR)
    await story.person(Role.EDITOR, name="另一编辑")
    await story.person(Role.PUBLISHER)
    looked = []
    for name in ("editor", "section_head", "confidentiality_reviewer", "auditor"):
        page = await (await signed_in(new_browser, name)).get(f"/items/{item.id}/revisions/1")
        assert page.status == 200 and "张建国" in page.text
        looked.append((name, {"revision": [1]}))
    assert await acts(story, "revision.view") == looked
    for name in ("另一编辑", "publisher"):
        other = await signed_in(new_browser, name)
        page = await other.get(f"/items/{item.id}/revisions/1")
        assert page.status == 403 and "张建国" not in page.text
        page = await other.get(f"/items/{item.id}/revisions/2")
        assert page.status == 200 and "建国" not in page.text and "这里不作对照" in page.text
        assert "revisions/1" not in (await other.get(f"/items/{item.id}")).text
    assert await acts(story, "revision.view") == looked


async def test_a_revision_is_told_by_what_it_changed(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    editor = await signed_in(new_browser, "editor")
    await take(editor, item)
    page = (await editor.get(f"/items/{item.id}/revisions/2")).text
    assert "第 2 版与第 1 版对照" in page
    removed = [re.sub(r"<[^>]*>", "", one) for one in re.findall(r"<del>(.*?)</del>", page)]
    added = [re.sub(r"<[^>]*>", "", one) for one in re.findall(r"<ins>(.*?)</ins>", page)]
    assert "（删去：建国）" in removed and "（新增：某某）" in added
    assert (await editor.get(f"/items/{item.id}/revisions/3")).status == 404
    assert (await editor.get(f"/items/{item.id}/revisions/12345678")).status == 404


async def test_what_is_published_has_nothing_of_the_original(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await propose(new_browser, item)
    await take(await signed_in(new_browser, "editor"), item)
    for path in (f"/items/{item.id}", f"/items/{item.id}/preview/wechat"):
        page = (await (await signed_in(new_browser, "editor")).get(path)).text
        assert "张建国" not in page and "13812340026" not in page
