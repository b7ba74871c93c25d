"""What is sealed or withdrawn leaves the editions that have not begun to go out."""

from __future__ import annotations

import structlog

from outreach.foundation.audit import SERVICE
from outreach.foundation.problems import StaleState
from outreach.office.context import Office
from outreach.publishing.editions.queries import editions_with_ended_articles
from outreach.publishing.editions.service import composing

log = structlog.get_logger(__name__)


async def drop_ended_articles(office: Office) -> int:
    """Takes such articles out of their editions, each in a transaction of its own; of how many editions. Safe to run
    twice and at the same time: an edition is held before its articles, as by whoever pushes it."""
    async with office.db.read() as session:
        edition_ids = await editions_with_ended_articles(session)
    for edition_id in edition_ids:
        try:
            async with office.db.begin() as session:
                await composing.drop_ended(session, edition_id, SERVICE)
        except StaleState:
            log.info("edition_changed_meanwhile", edition=edition_id)  # it is looked at again a second later
    return len(edition_ids)
