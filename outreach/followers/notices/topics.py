"""Which topics something belongs to that is published."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.model import Topic
from outreach.followers.notices.facts import Facts


async def matching_topics(session: AsyncSession, account_id: str, facts: Facts) -> Sequence[str]:
    """The ids of the account's topics that `facts` belong to. A county matches where one of the places names it, an
    enterprise by its whole name, a threshold where the index is above it; a warning belongs to every threshold."""
    query = select(Topic).where(Topic.account_id == account_id, Topic.kind == facts.kind)
    return [topic.id for topic in await session.scalars(query) if _belongs(facts, topic)]


def _belongs(facts: Facts, topic: Topic) -> bool:
    return (
        (not topic.county or any(topic.county in place for place in facts.places))
        and (not topic.enterprise or topic.enterprise in facts.enterprises)
        and (not topic.aqi_above or facts.is_warning or (facts.aqi or 0) > topic.aqi_above)
    )
