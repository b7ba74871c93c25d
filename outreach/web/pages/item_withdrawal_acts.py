"""What is done in the card 撤回 of an item's page."""

from __future__ import annotations

from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.problems import invalid
from outreach.office import withdraw_posts
from outreach.web import keys
from outreach.web.forms import Form
from outreach.web.pages.item_actions import act_on, item_path


async def withdraw(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/withdraw: all that is out of it."""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: withdraw_posts.withdraw_item(
            session, item_id, person, form.text("withdraw_reason")
        ),
        item_path(request),
        "item-withdrawn",
    )


async def set_days(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/withdrawal-days"""
    item_id, person = request.match_info["id"], keys.person_of(request)

    async def keep(session: AsyncSession, form: Form) -> object:
        return await withdraw_posts.set_days(
            session,
            item_id,
            person,
            publish_until=_day(form, "publish_until"),
            credit_repaired_on=_day(form, "credit_repaired_on"),
        )

    return await act_on(request, keep, f"{item_path(request)}#withdrawal", "withdrawal-days-kept")


def _day(form: Form, name: str) -> date | None:
    """Raises InvalidContent."""
    typed = form.text(name)
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise invalid(name, "请填写日期，例如 2027-05-01。") from None
    if day.year not in clock.YEARS:
        raise invalid(name, "年份不对，请核对。")
    return day
