"""How messages and answers go their way. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from outreach.channels.follower_protocol import Answer, NewsAnswer, TextAnswer

LEASE: Final = timedelta(seconds=30)
RETRY: Final = timedelta(seconds=10)
"""How long after an answer was surely not sent it is tried again, where the platform names no time."""
WORDLESS_KEPT: Final = timedelta(days=7)
"""How long it is remembered that an event came: WeChat sends one again within seconds."""
MOST_TRIES: Final = 5
"""After so many tries a message is left as failed, for a person to look at."""


def wait_before_try(tries: int) -> timedelta:
    """How long after the try of that number (from 1) the next one is made: 2, 4, 8, … seconds."""
    return timedelta(seconds=2**tries)


def content_of(answer: Answer) -> dict[str, Any]:
    """The answer as it is stored."""
    match answer:
        case TextAnswer(text):
            return {"text": text}
        case NewsAnswer(title, description, url, picture_url):
            return {"title": title, "description": description, "url": url, "picture_url": picture_url}


def answer_of(content: dict[str, Any]) -> Answer:
    """What `content_of` was given."""
    return TextAnswer(**content) if "text" in content else NewsAnswer(**content)
