"""应急发布: past the section, never past the confidentiality stage; the section decides within a day."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from outreach.foundation import clock
from outreach.people.model import Role
from tests.builders import OfficeStory, publish
from tests.web.api.conftest import Answer, As

GROUNDS = {"reason": "重污染天气橙色预警已启动。", "authority_document": "乌政办发电〔2026〕12号"}
OBJECTION = {"decision": "return", "opinion": "影响范围写错了，应当撤回。", "revision": 1}


async def emergency(story: OfficeStory, as_: As, **changes: Any) -> Answer:
    """A draft, handed in as an emergency."""
    item = await story.item("event", body="请减少户外活动。", **changes)
    return await (await as_("editor")).post(f"/items/{item.id}/submit", {"emergency": GROUNDS})


async def approved(story: OfficeStory, as_: As) -> dict[str, Any]:
    """An emergency that both other stages let pass."""
    item: dict[str, Any] = (await emergency(story, as_)).body
    for role in ("confidentiality_reviewer", "signatory"):
        answer = await (await as_(role)).post(
            f"/items/{item['id']}/reviews", {"decision": "approve", "revision": 1}
        )
        assert answer.status == 200
        item = answer.body
    return item


async def test_it_begins_at_the_confidentiality_stage_and_the_section_owes_its_decision(
    story: OfficeStory, as_: As
) -> None:
    item = await approved(story, as_)
    assert [(one["stage"], one["afterwards"]) for one in item["reviews"]] == [
        ("confidentiality", False),
        ("sign_off", False),
    ]
    assert item["state"] == "approved"
    (one,) = item["emergencies"]
    assert (one["revision"], one["section_review"], one["by"]) == (1, "owed", "editor")
    assert {"reason": one["reason"], "authority_document": one["authority_document"]} == GROUNDS

    head = await as_("section_head")
    answer = await head.post(f"/items/{item['id']}/section-review", {"decision": "approve", "revision": 1})
    assert answer.status == 200
    assert (answer.body["reviews"][-1]["stage"], answer.body["reviews"][-1]["afterwards"]) == (
        "section",
        True,
    )
    assert answer.body["emergencies"][0]["section_review"] == "agreed"
    again = await head.post(f"/items/{item['id']}/section-review", {"decision": "approve", "revision": 1})
    assert again.status in {403, 409}


@pytest.mark.parametrize("missing", ["reason", "authority_document"])
async def test_reason_and_document_are_required(story: OfficeStory, as_: As, missing: str) -> None:
    item = await story.item("event")
    path = f"/items/{item.id}/submit"
    answer = await (await as_("editor")).post(path, {"emergency": {**GROUNDS, missing: "  "}})
    assert (answer.status, set(answer.fields)) == (422, {f"emergency.{missing}"})
    assert (await story.fresh(item)).state == "draft"
    refused = await (await as_("editor")).post(path, {"emergency": {**GROUNDS, "reason": "密级：秘密"}})
    assert refused.status == 422 and refused.body["type"].endswith("classification-mark")


async def test_duties_stay_separate(story: OfficeStory, as_: As) -> None:
    several = await story.person(Role.SECTION_HEAD, Role.CONFIDENTIALITY_REVIEWER, name="身兼两职")
    item = (await emergency(story, as_)).body
    both = await as_(several)
    assert (
        await both.post(f"/items/{item['id']}/reviews", {"decision": "approve", "revision": 1})
    ).status == 200
    refused = await both.post(f"/items/{item['id']}/section-review", {"decision": "approve", "revision": 1})
    assert refused.status == 403 and refused.body["type"].endswith("duties-not-separate")
    wrong_role = await (await as_("signatory")).post(
        f"/items/{item['id']}/section-review", {"decision": "approve", "revision": 1}
    )
    assert wrong_role.status == 403


async def test_an_objection_in_time_stops_it_and_cancels_what_was_planned(
    story: OfficeStory, as_: As
) -> None:
    item = await approved(story, as_)
    account = (await story.accounts())[0]
    later = (clock.now() + timedelta(hours=3)).isoformat()
    planned = await (await as_("publisher")).post(
        f"/items/{item['id']}/posts", {"accounts": [account.id], "at": later}
    )
    assert planned.status == 201
    answer = await (await as_("section_head")).post(f"/items/{item['id']}/section-review", OBJECTION)
    assert (answer.status, answer.body["state"]) == (200, "returned")
    assert [post["state"] for post in answer.body["posts"]] == ["cancelled"]
    assert answer.body["emergencies"][0]["section_review"] == "stopped"
    again = await (await as_("editor")).post(f"/items/{item['id']}/submit")
    assert (again.body["stage"], again.body["revision"]) == ("section", 2)


async def test_an_objection_afterwards_proposes_the_withdrawal_until_the_signatory_answers(
    story: OfficeStory, as_: As
) -> None:
    item = await approved(story, as_)
    path, accounts = f"/items/{item['id']}", await story.accounts()
    publisher, signatory = await as_("publisher"), await as_("signatory")
    (post,) = (await publisher.post(f"{path}/posts", {"accounts": [accounts[0].id]})).body["items"]
    await publish(story.office, post["id"])
    too_early = await signatory.post(f"{path}/section-review/keep", {"reason": "不撤。", "revision": 1})
    assert too_early.status == 409
    answer = await (await as_("section_head")).post(f"{path}/section-review", OBJECTION)
    assert (answer.status, answer.body["state"]) == (200, "published")
    assert answer.body["emergencies"][0]["section_review"] == "withdrawal_proposed"
    nowhere_else = await publisher.post(f"{path}/posts", {"accounts": [accounts[1].id]})
    assert nowhere_else.status == 409
    assert set(
        (await signatory.post(f"{path}/section-review/keep", {"reason": "", "revision": 1})).fields
    ) == {"kept_reason"}
    kept = await signatory.post(f"{path}/section-review/keep", {"reason": "范围已更正。", "revision": 1})
    assert kept.body["emergencies"][0]["section_review"] == "kept"


async def test_two_heads_at_once_leave_one_decision(story: OfficeStory, as_: As) -> None:
    item = await approved(story, as_)
    heads = [await as_(await story.person(Role.SECTION_HEAD, name=name)) for name in ("科长甲", "科长乙")]
    answers = await asyncio.gather(
        *(
            head.post(f"/items/{item['id']}/section-review", {"decision": "approve", "revision": 1})
            for head in heads
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert (
        sum(one["stage"] == "section" for one in (await heads[0].get(f"/items/{item['id']}")).body["reviews"])
        == 1
    )


async def test_what_is_edited_is_no_emergency_any_more(story: OfficeStory, as_: As) -> None:
    item = (await emergency(story, as_)).body
    editor = await as_("editor")
    edited = await editor.patch(f"/items/{item['id']}", {"title": "改过的标题"}, item["version"])
    assert edited.body["state"] == "draft"
    again = (await editor.post(f"/items/{item['id']}/submit")).body
    assert again["stage"] == "section"
    refused = await (await as_("section_head")).post(
        f"/items/{item['id']}/section-review", {"decision": "approve", "revision": 2}
    )
    assert refused.status == 409
    recalled = (await editor.post(f"/items/{item['id']}/recall")).body
    urgent = (await editor.post(f"/items/{item['id']}/submit", {"emergency": GROUNDS})).body
    assert (recalled["revision"], urgent["revision"], urgent["stage"]) == (2, 2, "confidentiality")
    assert [one["revision"] for one in urgent["emergencies"]] == [1, 2]
