"""Replies put together from house texts, topics and publications, within what a platform takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from markupsafe import escape

from outreach.channels.follower_protocol import Answer, NewsAnswer, TextAnswer
from outreach.followers.answers.publications import Publication
from outreach.followers.texts.catalogue import REPLY_BYTES
from outreach.followers.topics.queries import Subscribed
from outreach.followers.topics.rules import Wish, name_of

_CUT = "……"
_SHOWN = 15
"""Topics in one reply: a hundred of them would not fit."""


def text_reply(text: str) -> TextAnswer:
    """A text, cut at a line where it is longer than a reply may be."""
    while len(text.encode()) > REPLY_BYTES:
        shorter, _, _ = text.removesuffix("\n" + _CUT).rpartition("\n")
        text = f"{shorter or text[: REPLY_BYTES // 4]}\n{_CUT}"
    return TextAnswer(text)


def topics_told(wishes: Iterable[Wish]) -> str:
    """Topics by their names, a line each."""
    return _lines([f"· {name_of(wish)}" for wish in wishes])


def subscriptions_told(subscriptions: Iterable[Subscribed]) -> str:
    """A follower's subscriptions, numbered as 退订 counts them."""
    return _lines([f"{number}. {one.name}" for number, one in enumerate(subscriptions, start=1)])


def publications_reply(found: Sequence[Publication], public_url: str, zone: tzinfo) -> Answer:
    """One publication as an article to open, several as a list of links."""
    if len(found) == 1:
        (one,) = found
        return NewsAnswer(one.title, _described(one, zone), _address(one, public_url))
    return text_reply("\n".join(_linked(one, public_url, zone) for one in found))


def _linked(one: Publication, public_url: str, zone: tzinfo) -> str:
    return (
        f'· <a href="{escape(_address(one, public_url))}">{escape(one.title)}</a>（{_described(one, zone)}）'
    )


def _described(one: Publication, zone: tzinfo) -> str:
    day = one.since.astimezone(zone)
    return f"{one.gist}，{day.month}月{day.day}日发布"


def _address(one: Publication, public_url: str) -> str:
    return one.url or f"{public_url}/p/{one.public_id}"


def _lines(lines: Sequence[str]) -> str:
    more = [f"（共 {len(lines)} 项）"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])
