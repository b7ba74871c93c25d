"""What a reviewer fills in on the page of an item beside 同意, 退回 and 不予公开."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.foundation import clock
from outreach.items.model import Item
from outreach.people.model import Role
from outreach.review.queries import decisions_of, open_referrals, referrals_of
from outreach.review.rules import REFERRAL_BASIS, REFUSAL_BASES
from tests.builders import OfficeStory
from tests.web.conftest import Browser
from tests.web.record_story import at

DEPARTMENT = "市保密行政管理部门"


async def at_confidentiality(story: OfficeStory, browser: Browser) -> tuple[Item, str]:
    """An item before whoever reviews it now, and the address of its page."""
    item = await story.item("event", body="正文。").submitted().approved_by(Role.SECTION_HEAD)
    await story.person(Role.CONFIDENTIALITY_REVIEWER)
    await browser.sign_in("confidentiality_reviewer")
    await browser.get(f"/items/{item.id}")
    return item, f"/items/{item.id}"


async def last_decision(
    story: OfficeStory, item: Item
) -> tuple[str, str | None, str | None, dict[str, object]]:
    async with story.office.db.read() as session:
        one = (await decisions_of(session, item.id))[-1]
    return one.kind, one.outcome, one.basis, one.form


async def test_approving_needs_nothing_of_the_form(story: OfficeStory, browser: Browser) -> None:
    item, path = await at_confidentiality(story, browser)
    page = await browser.post(f"{path}/reviews", decision="approve", revision="1", outcome="after_removal")
    assert "您的决定已记录" in page.text
    assert await last_decision(story, item) == ("approve", "disclose", None, {})


async def test_what_was_filled_in_of_the_form_is_kept(story: OfficeStory, browser: Browser) -> None:
    item, path = await at_confidentiality(story, browser)
    await browser.post(
        f"{path}/reviews",
        decision="approve",
        revision="1",
        contains_state_secret="no",
        contains_personal_privacy="yes",
        consent_given="yes",
        consent="本人书面同意。",
        disclosure="own_initiative",
        other_bodies="市财政局",
    )
    assert (await last_decision(story, item))[3] == {
        "contains_state_secret": False,
        "contains_personal_privacy": True,
        "consent_given": True,
        "consent": "本人书面同意。",
        "disclosure": "own_initiative",
        "other_bodies": "市财政局",
    }


async def test_sending_back_for_removal_names_its_law_and_more(story: OfficeStory, browser: Browser) -> None:
    item, path = await at_confidentiality(story, browser)
    typed = {"decision": "return", "revision": "1", "outcome": "after_removal", "opinion": "请删去住址。"}
    page = await browser.post(f"{path}/reviews", typed)
    assert (page.status, "删减后公开必须写明法律依据" in page.text) == (422, True)
    assert '<option value="after_removal" selected>' in page.text
    await browser.post(
        f"{path}/reviews", typed, basis=REFUSAL_BASES[3], basis_words="《民法典》第一千零三十二条"
    )
    assert (await last_decision(story, item))[:3] == (
        "return", "after_removal", f"{REFUSAL_BASES[3]}；《民法典》第一千零三十二条",
    )  # fmt: skip
    assert "删减后公开" in (await browser.get(path)).text


@pytest.mark.parametrize("wrong", ["contains_state_secret", "disclosure"])
async def test_what_is_wrong_in_the_form_is_told_where_it_was_typed(
    story: OfficeStory, browser: Browser, wrong: str
) -> None:
    _, path = await at_confidentiality(story, browser)
    page = await browser.post(
        f"{path}/reviews", {wrong: "maybe"}, decision="approve", revision="1", remarks="已核对"
    )
    assert page.status == 422
    assert f'id="error-{wrong}"' in page.text
    assert '<details class="mb-3" open>' in page.text
    assert "已核对" in page.text


async def test_what_must_not_be_disclosed_is_not_approved(story: OfficeStory, browser: Browser) -> None:
    _, path = await at_confidentiality(story, browser)
    page = await browser.post(f"{path}/reviews", decision="approve", revision="1", contains_work_secret="yes")
    assert (page.status, 'id="error-contains_work_secret"' in page.text) == (422, True)


async def test_what_was_referred_is_shown_until_its_answer_is_noted(
    story: OfficeStory, browser: Browser
) -> None:
    with clock.at(at(2, 9)):
        item, path = await at_confidentiality(story, browser)
        page = await browser.post(f"{path}/referrals", revision="1", referred_to=DEPARTMENT)
        assert (page.status, 'id="error-referral_reason"' in page.text) == (422, True)
        page = await browser.post(
            f"{path}/referrals", revision="1", referred_to=DEPARTMENT, referral_reason="是否涉密？"
        )
    assert "已记录报请确定" in page.text
    with clock.at(at(2, 9) + timedelta(days=5)):
        await browser.sign_in("confidentiality_reviewer")
        told = f"已报请确定（向{DEPARTMENT}，2026年3月2日，已等 5 天）"
        assert told in (await browser.get("/queue")).text
        page = await browser.get(path)
        assert (told in page.text, REFERRAL_BASIS in page.text) == (True, True)
        held = await browser.post(f"{path}/reviews", decision="approve", revision="1", opinion="同意")
        assert (held.status, "记录答复后才能同意" in held.text) == (409, True)

        async with story.office.db.read() as session:
            referral = (await open_referrals(session, [item.id]))[item.id]
        answer = f"{path}/referrals/{referral.id}/answer"
        wrong = await browser.post(
            answer, revision="1", answered_by=DEPARTMENT, answered_on="昨天", answer="否"
        )
        assert (wrong.status, 'id="error-answered_on"' in wrong.text) == (422, True)
        page = await browser.post(
            answer, revision="1", answered_by=DEPARTMENT, answered_on="2026-03-06", answer="不涉密。"
        )
        assert "答复已记录" in page.text
        assert "已报请确定（" not in page.text
        assert (
            "您的决定已记录" in (await browser.post(f"{path}/reviews", decision="approve", revision="1")).text
        )
    async with story.office.db.read() as session:
        (noted,) = await referrals_of(session, item.id)
    assert (noted.answer, noted.noted_by_name) == ("不涉密。", "confidentiality_reviewer")
