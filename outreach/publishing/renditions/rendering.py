"""Renders an item for a channel, or says why the channel would refuse it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from outreach.channels.model import ChannelName
from outreach.channels.protocol import Article, Picture, Rendition, Status
from outreach.foundation.media import MediaStore
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.publishing.renditions.article import ArticleParts, article_errors, render_article
from outreach.publishing.renditions.cards import draw_card, draw_cover
from outreach.publishing.renditions.source import Source, text_errors
from outreach.publishing.renditions.status import render_status, status_errors


def check(source: Source, channels: Iterable[ChannelName]) -> list[FieldError]:
    """Everything that a platform of `channels` would refuse, each on its field; empty where all is well."""
    wrong = text_errors(source)
    if wrong:
        return wrong
    errors = [error for channel in sorted(set(channels)) for error in _errors(source, channel)]
    return list(dict.fromkeys(errors))


async def render(source: Source, channel: ChannelName, media: MediaStore) -> Rendition:
    """The rendition of an item for a channel, its pictures put into the media store.

    Raises:
        InvalidContent: the platform would refuse it; the errors name the fields.
    """
    errors = check(source, [channel])
    if errors:
        raise InvalidContent("内容不符合发布平台的要求，请按提示修改。", errors=errors)
    if channel is ChannelName.WECHAT:
        return await _article(source, render_article(source), media)
    return await _status(source, media)


def _errors(source: Source, channel: ChannelName) -> list[FieldError]:
    if channel is ChannelName.WECHAT:
        return article_errors(source, render_article(source))
    return status_errors(source)


async def _article(source: Source, parts: ArticleParts, media: MediaStore) -> Article:
    cover = await asyncio.to_thread(draw_cover, source.kind, source.bureau, source.account_name)
    return Article(
        title=parts.title,
        author=parts.author,
        digest=parts.digest,
        html=parts.html,
        source_url=parts.source_url,
        cover=await _stored(cover, f"{source.kind.value}-cover.png", media),
        pictures=parts.pictures,
    )


async def _status(source: Source, media: MediaStore) -> Status:
    card = await asyncio.to_thread(draw_card, source.kind, source.bureau, source.account_name, source.title)
    picture = await _stored(card, f"{source.kind.value}-card.png", media)
    return Status(text=render_status(source), picture=picture)


async def _stored(png: bytes, name: str, media: MediaStore) -> Picture:
    return Picture(sha256=await media.put(png), name=name, media_type="image/png")
