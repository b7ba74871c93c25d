"""What becomes of an item by the API: its outcome, the law, and what is put to another department."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.foundation import clock
from outreach.review.rules import REFERRAL_BASIS
from tests.builders import OfficeStory
from tests.web.api.conftest import As
from tests.web.api.test_review_path import approve, submitted

LAW = "《政府信息公开条例》第十五条：商业秘密、个人隐私"
QUESTION = {"referred_to": "市保密行政管理部门", "reason": "是否属于工作秘密？", "revision": 1}


async def at_confidentiality(story: OfficeStory, as_: As, **changes: Any) -> dict[str, Any]:
    item = await submitted(story, as_, body="正文。", **changes)
    return (await approve(await as_("section_head"), item)).body


async def answered_by(caller: Any, item: dict[str, Any], referral: dict[str, Any], **changes: Any) -> Any:
    body = {
        "answered_by": "市保密行政管理部门",
        "answered_on": clock.today(clock.SHANGHAI).isoformat(),
        "answer": "不属于。",
        "revision": 1,
        **changes,
    }
    return await caller.post(f"/items/{item['id']}/referrals/{referral['id']}/answer", body)


async def test_approving_alone_means_to_disclose(story: OfficeStory, as_: As) -> None:
    item = await at_confidentiality(story, as_)
    assert item["reviews"][0]["outcome"] == "disclose"


async def test_sending_back_may_mean_to_disclose_after_removal(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    head, path = await as_("section_head"), f"/items/{item['id']}/reviews"
    body = {
        "decision": "return",
        "outcome": "after_removal",
        "opinion": "删去住址后再公开。",
        "revision": 1,
    }
    lawless = await head.post(path, body)
    assert (lawless.status, set(lawless.fields)) == (422, {"basis"})
    returned = (await head.post(path, {**body, "basis": LAW})).body
    assert (returned["state"], returned["reviews"][0]["outcome"]) == ("returned", "after_removal")


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [("approve", "withhold"), ("approve", "after_removal"), ("return", "disclose"), ("refuse", "disclose")],
)
async def test_an_outcome_fits_its_decision(story: OfficeStory, as_: As, decision: str, outcome: str) -> None:
    item = await submitted(story, as_)
    body = {"decision": decision, "outcome": outcome, "opinion": "因故", "basis": LAW, "revision": 1}
    answer = await (await as_("section_head")).post(f"/items/{item['id']}/reviews", body)
    assert (answer.status, set(answer.fields)) == (422, {"outcome"})


async def test_nobody_agrees_to_disclose_what_they_say_is_secret(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    head = await as_("section_head")
    secret = await approve(head, item, contains_state_secret=True, disclosure="withheld")
    assert (secret.status, set(secret.fields)) == (422, {"contains_state_secret", "disclosure"})
    private = await approve(head, item, contains_personal_privacy=True)
    assert (private.status, set(private.fields)) == (422, {"consent"})
    consented = await approve(
        head, item, contains_personal_privacy=True, consent_given=True, consent="本人书面同意。"
    )
    assert consented.status == 200


async def test_what_was_referred_waits_for_its_answer(story: OfficeStory, as_: As) -> None:
    item = await at_confidentiality(story, as_)
    reviewer, path = await as_("confidentiality_reviewer"), f"/items/{item['id']}/referrals"
    asked = await reviewer.post(path, QUESTION)
    assert (asked.status, asked.body["basis"], asked.body["noted_at"]) == (201, REFERRAL_BASIS, None)

    shown = (await reviewer.get(f"/items/{item['id']}")).body
    assert (shown["state"], shown["stage"], shown["deadline"]) == (
        "in_review", "confidentiality", item["deadline"],
    )  # fmt: skip
    held = await approve(reviewer, shown)
    assert (held.status, "记录答复后才能同意" in held.body["detail"]) == (409, True)
    assert (await reviewer.post(path, QUESTION)).status == 409

    answer = await answered_by(reviewer, item, asked.body, answer_number="保密函〔2026〕12号")
    assert (answer.status, answer.body["noted_by"]) == (200, "confidentiality_reviewer")
    assert (await answered_by(reviewer, item, asked.body)).status == 409
    assert (await approve(reviewer, shown)).body["stage"] == "sign_off"
    assert (await reviewer.get(path)).body["items"] == [answer.body]


async def test_what_was_referred_may_be_sent_back_or_withheld_without_an_answer(
    story: OfficeStory, as_: As
) -> None:
    reviewer = await as_("confidentiality_reviewer")
    for decision, state in (("return", "returned"), ("refuse", "refused")):
        item = await at_confidentiality(story, as_)
        assert (await reviewer.post(f"/items/{item['id']}/referrals", QUESTION)).status == 201
        body = {"decision": decision, "opinion": "不再等待。", "basis": LAW, "revision": 1}
        assert (await reviewer.post(f"/items/{item['id']}/reviews", body)).body["state"] == state


async def test_only_the_confidentiality_stage_refers(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_, body="正文。")
    path = f"/items/{item['id']}/referrals"
    assert (await (await as_("confidentiality_reviewer")).post(path, QUESTION)).status == 409
    assert (await (await as_("section_head")).post(path, QUESTION)).status == 403
    both = await story.person("editor", "confidentiality_reviewer", name="两职")
    own = (await (await as_(both)).post("/items", {**_content(item), "source_id": "own-1"})).body
    await (await as_(both)).post(f"/items/{own['id']}/submit")
    await approve(await as_("section_head"), own)
    refused = await (await as_(both)).post(f"/items/{own['id']}/referrals", QUESTION)
    assert refused.body["type"].endswith("duties-not-separate")


async def test_a_referral_says_to_whom_and_why_and_bears_no_mark(story: OfficeStory, as_: As) -> None:
    item = await at_confidentiality(story, as_)
    reviewer, path = await as_("confidentiality_reviewer"), f"/items/{item['id']}/referrals"
    bare = await reviewer.post(path, {**QUESTION, "referred_to": " ", "reason": ""})
    assert (bare.status, set(bare.fields)) == (422, {"referred_to", "reason"})
    long = await reviewer.post(path, {**QUESTION, "referred_to": "长" * 129})
    assert (long.status, set(long.fields)) == (422, {"referred_to"})
    marked = await reviewer.post(path, {**QUESTION, "reason": "机密★10年"})
    assert marked.body["type"].endswith("classification-mark")
    assert (await reviewer.post(path, {**QUESTION, "revision": 2})).status == 409


async def test_an_answer_comes_between_its_question_and_today(story: OfficeStory, as_: As) -> None:
    item = await at_confidentiality(story, as_)
    reviewer = await as_("confidentiality_reviewer")
    referral = (await reviewer.post(f"/items/{item['id']}/referrals", QUESTION)).body
    today = datetime.now(UTC).astimezone(clock.SHANGHAI).date()
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        wrong = await answered_by(reviewer, item, referral, answered_on=day.isoformat())
        assert (wrong.status, set(wrong.fields)) == (422, {"answered_on"})
    foreign = {"id": "01HZZZZZZZZZZZZZZZZZZZZZZZ"}
    assert (await answered_by(reviewer, item, foreign)).status == 404


def _content(item: dict[str, Any]) -> dict[str, Any]:
    names = ("kind", "title", "section", "origin", "formed_on", "body", "fields")
    return {name: item[name] for name in names}


async def test_of_two_who_refer_at_once_one_does(story: OfficeStory, as_: As) -> None:
    item = await at_confidentiality(story, as_)
    other = await story.person("confidentiality_reviewer", name="另一人")
    path = f"/items/{item['id']}/referrals"
    callers = [await as_("confidentiality_reviewer"), await as_(other)]
    answers = await asyncio.gather(*(caller.post(path, QUESTION) for caller in callers))
    assert sorted(answer.status for answer in answers) == [201, 409]
