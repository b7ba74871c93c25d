"""A review with everything that a form can show, told at fixed times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import update

from outreach.foundation import clock
from outreach.items.model import Item, ItemState
from outreach.office.plan_posts import plan_posts
from outreach.office.review_item import decide, judge_finding, note_answer, refer
from outreach.office.submit_item import submit_item
from outreach.office.write_item import attach_file
from outreach.people.model import Role
from outreach.review.form import Disclosure, ReviewForm
from outreach.review.model import DecisionKind
from outreach.review.queries import open_referrals
from outreach.review.service import Answer, Question, Verdict
from outreach.screening.model import Judgement
from outreach.screening.queries import findings_of
from tests.builders import OfficeStory, publish

BODY: Final = "当事人证件号 11010519491231002X，已核实。"
TITLE: Final = "关于某公司环境违法行为的处罚决定"
DEPARTMENT: Final = "市保密行政管理部门"
FILE: Final = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>\nendobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n"
    b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n186\n%%EOF\n"
)
"""One empty page: a file that can be read, and in which nothing is found."""
FORM: Final = ReviewForm(
    contains_state_secret=False,
    contains_work_secret=False,
    contains_trade_secret=False,
    contains_personal_privacy=False,
    contains_internal_or_process=False,
    disclosure=Disclosure.OWN_INITIATIVE,
    other_bodies="市市场监督管理局",
    consent_given=True,
    consent="2026年3月4日来函同意。",
    remarks="原件存法规科。",
)


def at(day: int, hour: int) -> datetime:
    """That hour of a day of March 2026 in Shanghai."""
    return datetime(2026, 3, day, hour, tzinfo=clock.SHANGHAI).astimezone(UTC)


async def reviewed_with_everything(story: OfficeStory) -> Item:
    """Three stages, a false alarm, a referral and its answer, a form that was filled in, and a post that is out."""
    with clock.at(at(2, 9)):
        item = await _hand_in(story)
    with clock.at(at(2, 10)):
        await _decide(story, item, Role.SECTION_HEAD, Verdict(DecisionKind.APPROVE, "内容属实，同意。"))
    with clock.at(at(3, 9)):
        await _refer(story, item)
    with clock.at(at(9, 15)):
        await _answer(story, item)
    with clock.at(at(9, 16)):
        verdict = Verdict(DecisionKind.APPROVE, "不涉密，可以公开。", form=FORM)
        await _decide(story, item, Role.CONFIDENTIALITY_REVIEWER, verdict)
    with clock.at(at(10, 9)):
        await _decide(story, item, Role.SIGNATORY, Verdict(DecisionKind.APPROVE, "同意公开。"))
    with clock.at(at(10, 10)):
        publisher = await story.person(Role.PUBLISHER)
        accounts = [one.id for one in (await story.accounts())[:1]]
        await plan_posts(story.office, item.id, publisher, accounts, None)
        await publish(story.office, (await story.post(item)).id, at=at(10, 11))
    return await story.fresh(item)


async def seal(story: OfficeStory, item: Item) -> None:
    """The item was found to bear a classification mark."""
    async with story.office.db.begin() as session:
        await session.execute(update(Item).where(Item.id == item.id).values(state=ItemState.SEALED))


async def _hand_in(story: OfficeStory) -> Item:
    office, editor = story.office, await story.person(Role.EDITOR)
    item = await story.item("penalty", title=TITLE, body=BODY, formed_on="2026-03-01")
    await attach_file(office, item.id, editor, name="决定书.pdf", content=FILE)
    return await submit_item(office, item.id, editor)


async def _decide(story: OfficeStory, item: Item, role: Role, verdict: Verdict) -> None:
    by = await story.person(role)
    async with story.office.db.begin() as session:
        await decide(session, item.id, by, verdict, revision=1, zone=clock.SHANGHAI)


async def _refer(story: OfficeStory, item: Item) -> None:
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    async with story.office.db.begin() as session:
        (finding,) = await findings_of(session, item)
        await judge_finding(
            session, item.id, finding.id, reviewer, Judgement.FALSE_ALARM, "样例号码。", revision=1
        )
        await refer(
            session, item.id, reviewer, Question(DEPARTMENT, "是否属于工作秘密，不能确定。"), revision=1
        )


async def _answer(story: OfficeStory, item: Item) -> None:
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    async with story.office.db.begin() as session:
        referral_id = (await open_referrals(session, [item.id]))[item.id].id
        answer = Answer(DEPARTMENT, date(2026, 3, 9), "不属于工作秘密，可以公开。", "保密函〔2026〕12号")
        await note_answer(session, item.id, referral_id, reviewer, answer, revision=1)
