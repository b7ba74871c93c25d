"""/needs-attention: what doesn't go on by itself, why, and the button that mends it."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.people.rules import Act, may
from outreach.publishing.model import Post
from outreach.publishing.queries import late_posts, posts_by_item, posts_needing_attention
from outreach.publishing.rules import LATE_AFTER, LIVE_STATES, STATE_LABELS
from outreach.review.queries import overdue, proposed_withdrawals
from outreach.web import keys
from outreach.web.pages.item_emergency_view import time_left
from outreach.web.pages.post_page import buttons_of
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /needs-attention"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        stuck = await posts_needing_attention(session, person)
        late = await late_posts(session, person, clock.now() - LATE_AFTER)
        accounts = await list_accounts(session, active_only=True)
        proposed = await proposed_withdrawals(session, person)
        out = await posts_by_item(session, [one.item.id for one in proposed]) if proposed else {}
        owed = await overdue(session, person, clock.now())
    context = {
        "proposed": [(one, _still_out(out.get(one.item.id, []))) for one in proposed],
        "overdue": [(one, time_left(one.emergency.section_due_at)[0]) for one in owed],
        "stuck": [(post, buttons_of(post, person)) for post in stuck],
        "late": [(post, buttons_of(post, person)) for post in late],
        "paused": [account for account in accounts if account.paused_at is not None],
        "may_administer": may(person, Act.ADMINISTER),
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "needs_attention/list.html", context)


def _still_out(posts: Sequence[Post]) -> list[Post]:
    """The posts that would have to be withdrawn."""
    return [post for post in posts if post.state in LIVE_STATES]
