"""/statistics/mail: who gets e-mail of the house, and what became of the last ones."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation import mail, smtp
from outreach.foundation.mail import STATE_LABELS
from outreach.foundation.problems import InvalidContent
from outreach.office.send_mail import decide_on_mail
from outreach.people import contacts
from outreach.people.contacts import KEEPING, PURPOSE_LABELS
from outreach.people.rules import require_any
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other

_SHOWN = 50


async def show(request: web.Request) -> web.Response:
    """GET /statistics/mail"""
    return await _page(request)


async def add(request: web.Request) -> web.Response:
    """POST /statistics/mail/contacts"""
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await contacts.add_contact(
                session,
                keys.person_of(request),
                form.text("name"),
                form.text("address"),
                form.texts("purposes"),
            )
    except InvalidContent as problem:
        return await _page(request, form, problem)
    return see_other("/statistics/mail", notice="saved")


async def remove(request: web.Request) -> web.Response:
    """POST /statistics/mail/contacts/{id}/remove"""
    async with keys.office_of(request).db.begin() as session:
        await contacts.remove_contact(session, keys.person_of(request), request.match_info["id"])
    return see_other("/statistics/mail", notice="contact-removed")


async def decide(request: web.Request) -> web.Response:
    """POST /statistics/mail/{id}/{act}: a person says what becomes of a mail."""
    form = await form_of(request)
    match = request.match_info
    await decide_on_mail(keys.office_of(request), keys.person_of(request), match["id"], match["act"])
    back = "/needs-attention" if form.text("back") == "/needs-attention" else "/statistics/mail"
    return see_other(back, notice="mail-decided")


async def _page(
    request: web.Request, form: Form | None = None, problem: InvalidContent | None = None
) -> web.Response:
    require_any(keys.person_of(request), KEEPING)
    office = keys.office_of(request)
    async with office.db.read() as session:
        known, mails = await contacts.contacts(session), await mail.recent_mails(session, _SHOWN)
        waiting = await mail.count_queued(session)
    context = {
        "contacts": known,
        "mails": mails,
        "waiting": waiting,
        "server": f"{office.settings.smtp_host}:{office.settings.smtp_port}",
        "is_configured": smtp.is_configured(office.settings),
        "sender": office.settings.smtp_from,
        "typed": form or Form({}),
        "problem": problem,
        "errors": messages(problem),
        "PURPOSE_LABELS": PURPOSE_LABELS,
        "STATE_LABELS": STATE_LABELS,
        "give_up_days": mail.GIVE_UP_AFTER.days,
    }
    return render(request, "statistics/mail.html", context, status=problem.status if problem else 200)
