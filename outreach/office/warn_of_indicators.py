"""The self-check of the accounts, made each hour: who is to know is written to."""

from __future__ import annotations

import structlog

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.foundation.dates import day
from outreach.office.context import Office
from outreach.office.mail_words import mail_words
from outreach.settings import Settings
from outreach.statistics.indicators.queries import AccountStanding, standings, to_warn_of
from outreach.statistics.indicators.service import warn

log = structlog.get_logger(__name__)


async def warn_of_indicators(office: Office) -> int:
    """Writes of each account that is to be updated, once of each level; of how many. Nothing is written where there is
    nothing to tell. Safe to run twice and at the same time."""
    zone = office.settings.zone
    async with office.db.read() as session:
        if not to_warn_of(await standings(session, clock.now(), zone)):
            return 0
    async with office.db.begin() as session:
        told = await warn(session, clock.now(), zone, lambda one: _words(office.settings, one))
    if told:
        log.info("indicators_told", accounts=[one.account.id for one in told])
    return len(told)


def _words(settings: Settings, one: AccountStanding) -> tuple[str, str]:
    """Subject and text."""
    context = {
        "account": one.account,
        "channel": CHANNEL_LABELS[one.account.channel],
        "fresh": one.freshness,
        "post": one.last_post,
        "day": lambda value: day(value, settings.zone),
        "url": f"{settings.public_url}/statistics/indicators",
    }
    return mail_words("self_check", **context)
