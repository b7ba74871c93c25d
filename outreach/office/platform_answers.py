"""Whether a platform answers, as the calls to it told: stored for all workers to see."""

from __future__ import annotations

import random

from outreach.channels import breaker
from outreach.channels.breaker import Answers
from outreach.office.context import Office


async def store_answers(office: Office, account_id: str, answers: Answers) -> None:
    """Opens or closes the breaker of the account. Where all went well, and nothing was held against the platform
    before, nothing is written."""
    if not answers.failures:
        if not answers.has_answered:
            return
        if await office.db.read_together(breaker.are_clean, account_id):
            return
    async with office.db.begin() as session:
        await breaker.store(session, account_id, answers, random.random())  # noqa: S311 - spread, not secrecy
