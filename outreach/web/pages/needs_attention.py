"""/needs-attention: what doesn't go on by itself, why, and the button that mends it."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.people.rules import Act, may
from outreach.publishing.editions.queries import (
    articles_by_edition,
    editions_needing_attention,
    late_editions,
)
from outreach.publishing.editions.rules import STATE_LABELS as EDITION_STATE_LABELS
from outreach.publishing.queries import late_posts, posts_needing_attention
from outreach.publishing.rules import LATE_AFTER, STATE_LABELS
from outreach.web import keys
from outreach.web.pages.post_page import buttons_of
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /needs-attention"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        stuck = await posts_needing_attention(session, person)
        late = await late_posts(session, person, clock.now() - LATE_AFTER)
        accounts = await list_accounts(session, active_only=True)
        editions = await editions_needing_attention(session, person)
        editions += await late_editions(session, person, clock.now() - LATE_AFTER)
        articles = await articles_by_edition(session, [one.id for one in editions])
    context = {
        "stuck": [(post, buttons_of(post, person)) for post in stuck],
        "late": [(post, buttons_of(post, person)) for post in late],
        "editions": [(one, articles.get(one.id, [])) for one in editions],
        "EDITION_STATE_LABELS": EDITION_STATE_LABELS,
        "paused": [account for account in accounts if account.paused_at is not None],
        "may_administer": may(person, Act.ADMINISTER),
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "needs_attention/list.html", context)
