"""/notices/{id}: how far a notice has come, live; to pause, to let it go on, to cancel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from outreach.channels.notice_protocol import CALL_LABELS
from outreach.channels.queries import get_account
from outreach.followers.notices.marks import RECIPIENT_LABELS, RecipientState
from outreach.followers.notices.model import Notice, NoticeState
from outreach.followers.notices.queries import get_notice, progress_of
from outreach.followers.notices.rules import OCCASION_LABELS, STATE_LABELS, NoticeAction, can
from outreach.followers.notices.service.states import act
from outreach.foundation import clock
from outreach.foundation.problems import NotPossible, Problem
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.web import keys
from outreach.web.rendering import render, see_other

_SHOWN = tuple(state for state in RecipientState if state is not RecipientState.QUEUED)


@dataclass(frozen=True, slots=True)
class Buttons:
    """What whoever looks at a notice may do about it now."""

    pause: bool
    resume: bool
    cancel: bool


async def show(request: web.Request) -> web.Response:
    """GET /notices/{id}"""
    return await _page(request)


async def state(request: web.Request) -> web.Response:
    """GET /notices/{id}/state: the part of the page that changes."""
    return render(request, "notices/_state.html", await _context(request))


async def pause(request: web.Request) -> web.Response:
    """POST /notices/{id}/pause"""
    return await _act(request, NoticeAction.PAUSE, "notice-paused")


async def resume(request: web.Request) -> web.Response:
    """POST /notices/{id}/resume"""
    return await _act(request, NoticeAction.RESUME, "notice-resumed")


async def cancel(request: web.Request) -> web.Response:
    """POST /notices/{id}/cancel"""
    return await _act(request, NoticeAction.CANCEL, "notice-cancelled")


async def _act(request: web.Request, action: NoticeAction, told: str) -> web.Response:
    notice_id = request.match_info["id"]
    try:
        async with keys.office_of(request).db.begin() as session:
            await act(session, notice_id, keys.person_of(request), action)
    except NotPossible as problem:
        return await _page(request, problem)
    return see_other(f"/notices/{notice_id}", told)


async def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    context = {**await _context(request), "problem": problem}
    return render(request, "notices/notice.html", context, status=problem.status if problem else 200)


async def _context(request: web.Request) -> dict[str, Any]:
    async with keys.office_of(request).db.read() as session:
        notice = await get_notice(session, request.match_info["id"])
        progress = await progress_of(session, notice)
        account = await get_account(session, notice.account_id)
    return {
        "notice": notice,
        "account": account,
        "progress": progress,
        "states": [(RECIPIENT_LABELS[one], progress.by_state[one]) for one in _SHOWN],
        "buttons": _buttons_of(notice, keys.person_of(request)),
        "polls": notice.state in (NoticeState.PLANNED, NoticeState.RUNNING),
        "waits": notice.wait_reason is not None and notice.due_at > clock.now(),
        "STATE_LABELS": STATE_LABELS,
        "OCCASION_LABELS": OCCASION_LABELS,
        "CALL_LABELS": CALL_LABELS,
    }


def _buttons_of(notice: Notice, person: Person) -> Buttons:
    def shown(action: NoticeAction) -> bool:
        return may(person, Act.PUBLISH) and can(notice.state, action)

    return Buttons(shown(NoticeAction.PAUSE), shown(NoticeAction.RESUME), shown(NoticeAction.CANCEL))
