"""应急发布 on an item's page: submitted past the section, decided on by it afterwards, planned with one press."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.foundation.problems import Problem
from outreach.items.queries import get_item
from outreach.office import review_emergency
from outreach.office.plan_posts import plan_posts
from outreach.office.submit_item import submit_item
from outreach.publishing.queries import posts_by_item
from outreach.review.service import Grounds, Verdict
from outreach.web import keys
from outreach.web.forms import Form, form_of
from outreach.web.pages.item_actions import act_on, decision_of, item_path, revision_of, told
from outreach.web.pages.item_destinations import destinations
from outreach.web.rendering import see_other


async def submit(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/emergency: handed in with its grounds."""
    form = await form_of(request)
    grounds = Grounds(form.text("emergency.reason"), form.text("emergency.authority_document"))
    item_id, person = request.match_info["id"], keys.person_of(request)
    try:
        await submit_item(keys.office_of(request), item_id, person, emergency=grounds)
    except Problem as problem:
        return await told(request, form, problem)
    return see_other(item_path(request), "emergency-submitted")


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/emergency/decision: the section's 同意 or 退回."""

    async def record(session: AsyncSession, form: Form) -> object:
        verdict = Verdict(decision_of(form), form.text("opinion"))
        item_id, person = request.match_info["id"], keys.person_of(request)
        return await review_emergency.decide_afterwards(
            session,
            item_id,
            person,
            verdict,
            revision=revision_of(form),
            zone=keys.office_of(request).settings.zone,
        )

    return await act_on(request, record, "/queue", "decided")


async def keep(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/emergency/keep: the signatory leaves it public."""

    async def record(session: AsyncSession, form: Form) -> object:
        item_id, person, reason = request.match_info["id"], keys.person_of(request), form.text("kept_reason")
        return await review_emergency.keep_public(
            session, item_id, person, reason, revision=revision_of(form)
        )

    return await act_on(request, record, item_path(request), "kept-public")


async def remind(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/emergency/reminders: the section is asked for its decision."""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: review_emergency.remind_section(session, item_id, person),
        item_path(request),
        "reminded",
    )


async def publish(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/emergency/posts: at once, onto every account that can publish without a person."""
    office, person, form = keys.office_of(request), keys.person_of(request), await form_of(request)
    async with office.db.read() as session:
        item = await get_item(session, request.match_info["id"], person)
        posts = (await posts_by_item(session, [item.id])).get(item.id, [])
        able = destinations(await list_accounts(session, active_only=True), posts)
    chosen = [one.account.id for one in able if one.ticked]
    try:
        await plan_posts(office, item.id, person, chosen, None)
    except Problem as problem:
        return await told(request, form, problem)
    await keys.wake(request)
    return see_other(item_path(request), "posts-planned")
