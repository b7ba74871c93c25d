"""An item's whole way by the API: written, reviewed by three, planned; each with a token of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import OfficeStory, publish
from tests.items import builders as samples
from tests.web.api.conftest import As, Caller

IDENTITY_NUMBER = "11010519491231002X"
REVIEWERS = ("section_head", "confidentiality_reviewer", "signatory")


def raw(kind: str = "penalty", **changes: Any) -> dict[str, Any]:
    return samples.item(kind, **{"source_id": None, "attachments": [], **changes})


async def written(story: OfficeStory, as_: As, **changes: Any) -> dict[str, Any]:
    """A draft, by the editor."""
    item = raw(**changes)
    await story.section(item["section"])
    return (await (await as_("editor")).post("/items", item)).body


async def submitted(story: OfficeStory, as_: As, **changes: Any) -> dict[str, Any]:
    item = await written(story, as_, **changes)
    answer = await (await as_("editor")).post(f"/items/{item['id']}/submit")
    assert answer.status == 200
    return answer.body


async def approve(caller: Caller, item: dict[str, Any], **others: Any) -> Any:
    return await caller.post(
        f"/items/{item['id']}/reviews",
        {"decision": "approve", "opinion": "同意", "revision": item["revision"], **others},
    )


async def approved(story: OfficeStory, as_: As) -> dict[str, Any]:
    item = await submitted(story, as_)
    for role in REVIEWERS:
        item = (await approve(await as_(role), item)).body
    assert item["state"] == "approved"
    return item


async def test_an_item_is_written_reviewed_by_three_and_published(story: OfficeStory, as_: As) -> None:
    accounts = [one.id for one in (await story.accounts())[:2]]
    item = await submitted(story, as_)
    assert (item["state"], item["stage"]) == ("in_review", "section")

    stages = []
    for role in REVIEWERS:
        answer = await approve(await as_(role), item)
        assert answer.status == 200
        item = answer.body
        stages.append((item["state"], item["stage"]))
    assert stages == [("in_review", "confidentiality"), ("in_review", "sign_off"), ("approved", None)]
    assert [(one["stage"], one["by"], one["revision"]) for one in item["reviews"]] == [
        ("section", "section_head", 1),
        ("confidentiality", "confidentiality_reviewer", 1),
        ("sign_off", "signatory", 1),
    ]
    assert item["public_url"] is None

    publisher = await as_("publisher")
    planned = await publisher.post(f"/items/{item['id']}/posts", {"accounts": accounts})
    assert planned.status == 201
    assert [(one["account"], one["state"]) for one in planned.body["items"]] == [
        (account, "planned") for account in accounts
    ]
    again = await publisher.post(f"/items/{item['id']}/posts", {"accounts": accounts})
    assert (again.status, again.body) == (200, planned.body)

    await publish(story.office, planned.body["items"][0]["id"])
    shown = (await (await as_("auditor")).get(f"/items/{item['id']}")).body
    assert shown["state"] == "published"
    assert shown["public_url"].startswith(f"{story.office.settings.public_url}/p/")
    # What is due is claimed at once, also on the other account.
    assert [one["state"] for one in shown["posts"]] == ["published", "sending"]


async def test_the_item_bears_every_name_of_the_contract(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_, source_id="penalty-77")
    item = (await approve(await as_("section_head"), item)).body
    assert {
        "id", "source_id", "kind", "title", "short_title", "section", "origin", "formed_on", "body", "fields",
        "attachments", "state", "stage", "revision", "version", "deadline", "public_url", "findings", "reviews",
        "posts",
    } <= item.keys()  # fmt: skip
    (review,) = item["reviews"]
    assert review.keys() == {
        "revision",
        "stage",
        "decision",
        "opinion",
        "basis",
        "outcome",
        "by",
        "instead_of",
        "at",
        "afterwards",
    }
    assert review["at"].endswith("Z")
    assert (item["source_id"], item["revision"], item["formed_on"]) == (
        "penalty-77", 1, raw()["formed_on"],
    )  # fmt: skip


async def test_who_wrote_it_decides_at_no_stage_of_it(story: OfficeStory, as_: As) -> None:
    both = await story.person("editor", "section_head", name="两职")
    await story.section(raw()["section"])
    caller = await as_(both)
    item = (await caller.post("/items", raw())).body
    item = (await caller.post(f"/items/{item['id']}/submit")).body
    answer = await approve(caller, item)
    assert answer.status == 403
    assert answer.body["type"].endswith("duties-not-separate")


async def test_nobody_decides_at_two_stages_of_a_revision(story: OfficeStory, as_: As) -> None:
    both = await story.person("section_head", "confidentiality_reviewer", name="两职")
    item = await submitted(story, as_)
    item = (await approve(await as_(both), item)).body
    assert (await approve(await as_(both), item)).body["type"].endswith("duties-not-separate")


@pytest.mark.parametrize("role", ["editor", "confidentiality_reviewer", "signatory", "publisher", "admin"])
async def test_only_the_stages_own_role_decides(story: OfficeStory, as_: As, role: str) -> None:
    item = await submitted(story, as_)
    answer = await approve(await as_(role), item)
    assert (answer.status, answer.body["type"].rsplit("/", 1)[1]) == (403, "forbidden")


async def test_a_decision_on_another_revision_is_refused(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    changed = await (await as_("editor")).patch(
        f"/items/{item['id']}", {"title": "改过的标题"}, item["version"]
    )
    assert (changed.body["state"], changed.body["revision"]) == ("draft", 2)
    resubmitted = (await (await as_("editor")).post(f"/items/{item['id']}/submit")).body
    answer = await approve(await as_("section_head"), {**resubmitted, "revision": 1})
    assert (answer.status, answer.body["type"].rsplit("/", 1)[1]) == (409, "stale-state")


async def test_the_state_is_told_before_what_is_wrong_with_a_decision(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_, body=f"证件号 {IDENTITY_NUMBER}")
    reviewer = await as_("confidentiality_reviewer")
    (finding,) = item["findings"]
    early = await reviewer.post(f"/items/{item['id']}/findings/{finding['id']}", {"colour": "red"})
    assert early.status == 409
    draft = await written(story, as_)
    assert (await (await as_("section_head")).post(f"/items/{draft['id']}/reviews", {})).status == 409


async def test_returning_needs_an_opinion_and_refusing_its_law(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    head = await as_("section_head")
    path = f"/items/{item['id']}/reviews"
    bare = await head.post(path, {"decision": "return", "revision": 1})
    assert (bare.status, set(bare.fields)) == (422, {"opinion"})
    lawless = await head.post(path, {"decision": "refuse", "opinion": "不宜公开", "revision": 1})
    assert (lawless.status, set(lawless.fields)) == (422, {"basis"})
    returned = await head.post(path, {"decision": "return", "opinion": "请补充依据。", "revision": 1})
    assert returned.body["state"] == "returned"


async def test_the_statutory_forms_fields_are_optional_and_checked(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    head = await as_("section_head")
    wrong = await approve(head, item, contains_state_secret="否", remark="x", revision="1")
    assert (wrong.status, set(wrong.fields)) == (422, {"contains_state_secret", "remark", "revision"})
    assert "remarks" in wrong.fields["remark"]
    marked = await approve(head, item, remarks="机密★10年")
    assert (marked.status, set(marked.fields)) == (422, {"remarks"})
    assert marked.body["type"].endswith("classification-mark")
    assert (await approve(head, item, contains_state_secret=False, remarks="无")).status == 200


async def test_an_opinion_with_a_classification_mark_is_not_stored(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    answer = await approve(await as_("section_head"), item, opinion="绝密★长期")
    assert (answer.status, answer.body["type"].rsplit("/", 1)[1]) == (422, "classification-mark")
    shown = (await (await as_("auditor")).get(f"/items/{item['id']}")).body
    assert (shown["reviews"], shown["version"]) == ([], item["version"])


async def test_a_finding_holds_confidentiality_until_it_is_judged(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_, body=f"当事人身份证号{IDENTITY_NUMBER}。")
    item = (await approve(await as_("section_head"), item)).body
    (finding,) = item["findings"]
    assert item["body"][finding["start"] : finding["end"]] == IDENTITY_NUMBER
    assert (finding["field"], finding["label"], finding["decision"]) == ("body", "resident_id", None)

    reviewer = await as_("confidentiality_reviewer")
    held = await approve(reviewer, item)
    assert (held.status, "疑点" in held.body["detail"]) == (409, True)

    path = f"/items/{item['id']}/findings/{finding['id']}"
    bare = await reviewer.post(path, {"decision": "false_alarm", "revision": 1})
    assert (bare.status, set(bare.fields)) == (422, {"reason"})
    long = await reviewer.post(path, {"decision": "false_alarm", "reason": "长" * 501, "revision": 1})
    assert (long.status, set(long.fields)) == (422, {"reason"})
    judged = await reviewer.post(path, {"decision": "false_alarm", "reason": "样例号码。", "revision": 1})
    assert judged.body["findings"][0]["decision"] == "false_alarm"
    assert (await approve(reviewer, judged.body)).body["stage"] == "sign_off"


async def test_findings_are_the_confidentiality_reviewers_at_that_stage(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_, body=f"当事人身份证号{IDENTITY_NUMBER}。")
    path = f"/items/{item['id']}/findings"
    judgement = {"decision": "real", "revision": 1}
    finding = item["findings"][0]["id"]
    reviewer = await as_("confidentiality_reviewer")
    assert (await reviewer.post(f"{path}/{finding}", judgement)).status == 409
    assert (await (await as_("section_head")).post(f"{path}/{finding}", judgement)).status == 403
    assert (await reviewer.post(f"{path}/01NOSUCHFINDING", judgement)).status == 404
    assert (await reviewer.post(f"/items/01NOSUCHITEM/findings/{finding}", judgement)).status == 404
    other = await submitted(story, as_, title="另一条")
    assert (await reviewer.post(f"/items/{other['id']}/findings/{finding}", judgement)).status == 404


async def test_the_submitter_alone_recalls(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_)
    colleague = await story.person("editor", name="同事")
    assert (await (await as_(colleague)).post(f"/items/{item['id']}/recall")).status == 403
    recalled = await (await as_("editor")).post(f"/items/{item['id']}/recall")
    assert (recalled.status, recalled.body["state"]) == (200, "draft")
    assert (await (await as_("editor")).post(f"/items/{item['id']}/recall")).status == 409


async def test_what_a_platform_would_refuse_is_told_on_submit(story: OfficeStory, as_: As) -> None:
    await story.accounts()
    item = await written(story, as_, title="关" * 40, short_title=None)
    answer = await (await as_("editor")).post(f"/items/{item['id']}/submit")
    assert (answer.status, set(answer.fields)) == (422, {"short_title"})


async def test_a_draft_is_discarded_and_gone(story: OfficeStory, as_: As) -> None:
    editor, item = await as_("editor"), await written(story, as_)
    assert (await (await as_("publisher")).post(f"/items/{item['id']}/discard")).status == 403
    gone = await editor.post(f"/items/{item['id']}/discard")
    assert (gone.status, gone.body) == (204, None)
    assert (await editor.get(f"/items/{item['id']}")).status == 404
    kept = await submitted(story, as_)
    assert (await editor.post(f"/items/{kept['id']}/discard")).status == 409
