"""/needs-attention: what doesn't go on by itself, why, and the button that mends it."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from outreach.channels.breaker import breakers
from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS, is_authorisation_ending
from outreach.followers.notices.queries import paused_notices
from outreach.foundation import clock
from outreach.foundation.mail import STATE_LABELS as MAIL_STATE_LABELS
from outreach.foundation.mail import troubled_mails
from outreach.foundation.stops import stops
from outreach.people.contacts import KEEPING as MAIL_KEEPING
from outreach.people.rules import STOPPING, Act, may, may_any
from outreach.publishing.editions.queries import (
    articles_by_edition,
    editions_needing_attention,
    late_editions,
)
from outreach.publishing.editions.rules import STATE_LABELS as EDITION_STATE_LABELS
from outreach.publishing.model import Post
from outreach.publishing.queries import (
    held_up_withdrawals,
    late_posts,
    posts_by_item,
    posts_needing_attention,
)
from outreach.publishing.rules import LATE_AFTER, LIVE_STATES, STATE_LABELS
from outreach.review.queries import overdue, proposed_withdrawals
from outreach.statistics.indicators.queries import standings, to_warn_of
from outreach.statistics.report.rules import STAGE_OF
from outreach.statistics.report.rules import STATE_LABELS as VERSION_LABELS
from outreach.statistics.report.sending import owed_bulletin
from outreach.statistics.rules import month_label
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
        withdrawing = await held_up_withdrawals(session, person, clock.now() - LATE_AFTER)
        accounts = await list_accounts(session, active_only=True)
        proposed = await proposed_withdrawals(session, person)
        out = await posts_by_item(session, [one.item.id for one in proposed]) if proposed else {}
        owed = await overdue(session, person, clock.now())
        stopped, tripped = await stops(session), await breakers(session)
        editions = await editions_needing_attention(session, person)
        editions += await late_editions(session, person, clock.now() - LATE_AFTER)
        articles = await articles_by_edition(session, [one.id for one in editions])
        notices = await paused_notices(session)
        mails = await troubled_mails(session)
        stale = to_warn_of(await standings(session, clock.now(), keys.office_of(request).settings.zone))
        bulletin = await owed_bulletin(session, clock.now()) if may(person, Act.KEEP_FIGURES) else None
    context = {
        "bulletin": bulletin,
        "month_label": month_label,
        "UNDER_WAY": STAGE_OF,
        "VERSION_LABELS": VERSION_LABELS,
        "proposed": [(one, _still_out(out.get(one.item.id, []))) for one in proposed],
        "overdue": [(one, time_left(one.emergency.section_due_at)[0]) for one in owed],
        "stuck": [(post, buttons_of(post, person)) for post in stuck],
        "late": [(post, buttons_of(post, person)) for post in late],
        "withdrawing": withdrawing,
        "editions": [(one, articles.get(one.id, [])) for one in editions],
        "notices": notices,
        "mails": mails,
        "stale": stale,
        "may_keep_mail": may_any(person, MAIL_KEEPING),
        "MAIL_STATE_LABELS": MAIL_STATE_LABELS,
        "EDITION_STATE_LABELS": EDITION_STATE_LABELS,
        "paused": [account for account in accounts if account.paused_at is not None],
        "ending": [account for account in accounts if is_authorisation_ending(account, clock.now())],
        "now": clock.now(),
        "stopped": [(account, stopped[account.id]) for account in accounts if account.id in stopped],
        "silent": [(account, tripped[account.id]) for account in accounts if account.id in tripped],
        "stops": stopped,
        "breakers": tripped,
        "may_stop": may_any(person, STOPPING),
        "may_administer": may(person, Act.ADMINISTER),
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "needs_attention/list.html", context)


def _still_out(posts: Sequence[Post]) -> list[Post]:
    """The posts that would have to be withdrawn."""
    return [post for post in posts if post.state in LIVE_STATES]
