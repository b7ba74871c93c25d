"""An edition's articles as the platform gets them, and the draft that holds them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from outreach.channels.protocol import Article, ChannelError
from outreach.channels.push_protocol import PushingChannel
from outreach.publishing.editions.rules import fingerprint
from outreach.publishing.model import Post
from outreach.publishing.renditions.stored import from_json

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AsSent:
    """The articles in their order, and what tells this composition from another."""

    articles: list[Article]
    fingerprint: str


def articles_as_sent(posts: Sequence[Post]) -> AsSent:
    """What goes out for these posts of an edition, in their order."""
    renditions = [post.rendition for post in posts]
    articles = [one for one in map(from_json, renditions) if isinstance(one, Article)]
    return AsSent(articles, fingerprint(renditions))


async def drop_draft(channel: PushingChannel, media_id: str) -> None:
    """Takes a draft that serves nobody out of the box, so that nobody publishes it by hand; where that does not
    succeed it lies there and does no other harm."""
    try:
        await channel.drop_draft(media_id)
    except ChannelError as error:
        log.info("draft_left_behind", code=error.code, reason=error.message)
