"""Beside the form: what the item that is being typed would become. Nothing of it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import ChannelName
from outreach.channels.queries import list_accounts
from outreach.channels.weibo.length import LENGTH_LIMIT, weibo_length
from outreach.foundation import office_settings
from outreach.foundation.problems import ClassificationMarkFound, FieldError, NotPossible, invalid
from outreach.items.content import known_kind
from outreach.items.labels import field_label
from outreach.items.model import Attachment, Item
from outreach.items.queries import get_item
from outreach.office.preview_item import TypedItem, preview_item
from outreach.people.rules import Act, require
from outreach.publishing.renditions import (
    CONTENT_LIMIT,
    Source,
    article_length,
    check,
    render_article,
    render_status,
)
from outreach.web import keys
from outreach.web.forms import Form, form_of
from outreach.web.pages.item_form_values import COMPOSES, STRUCK, raw_so_far, typed_in
from outreach.web.pages.item_page import article_page
from outreach.web.rendering import render

TOLD_AT: Final = ("title", "repost_source", "body")
"""The inputs at which a platform's refusal is told (the form itself asks for a short title); all of them stand
in the preview."""

_NO_ADDRESS_YET: Final = "new"


async def show(request: web.Request) -> web.Response:
    """POST /items/new/preview, /items/{id}/preview: the fragment beside the form."""
    try:
        typed = await _typed(request)
    except ClassificationMarkFound as problem:
        context: Mapping[str, Any] = {"marked": problem, "told": dict.fromkeys(TOLD_AT, "")}
        return render(request, "items/_typed_preview.html", context)
    async with keys.office_of(request).db.read() as session:
        accounts = await list_accounts(session, active_only=True)
    weibo = next((one.name for one in accounts if one.channel is ChannelName.WEIBO), typed.source.bureau)
    context = {
        "marked": None,
        "weibo_name": weibo,
        "is_new": "id" not in request.match_info,
        **_context(typed, {one.channel for one in accounts}),
    }
    return render(request, "items/_typed_preview.html", context)


async def show_article(request: web.Request) -> web.Response:
    """POST …/preview/wechat: the article as a phone shows it, for the frame beside the form."""
    try:
        typed = await _typed(request)
    except ClassificationMarkFound as problem:
        raise NotPossible(problem.detail) from problem
    return await article_page(request, typed.source)


def _context(typed: TypedItem, channels: set[ChannelName]) -> Mapping[str, Any]:
    source = typed.source
    article, status = render_article(source), render_status(source)
    refused = check(source, channels) if source.title else []
    shown = f"{article.title}\n{article.html}"
    return {
        "deadline": typed.deadline,
        "waits_for_body": typed.waits_for_body,
        "article": article,
        "article_id": hashlib.sha256(shown.encode()).hexdigest(),
        "article_length": article_length(article),
        "article_limit": CONTENT_LIMIT,
        "status_text": status,
        "status_length": weibo_length(status),
        "status_limit": LENGTH_LIMIT,
        "told": {name: _messages(refused, name) for name in TOLD_AT},
        "refused": [(_label(source, one), one.message) for one in refused],
    }


def _messages(refused: Sequence[FieldError], name: str) -> str:
    return " ".join(one.message for one in refused if one.field == name)


def _label(source: Source, error: FieldError) -> str:
    return field_label(source.kind, error.field)


async def _typed(request: web.Request) -> TypedItem:
    """Raises ClassificationMarkFound."""
    office, form = keys.office_of(request), await form_of(request)
    require(keys.person_of(request), Act.WRITE_ITEMS)
    async with office.db.read() as session:
        item = await _item(request, session)
        kind = item.kind if item else known_kind(form.text("kind"))
        if kind is None:
            raise invalid("kind", "请先选择类别。")
        raw, _ = raw_so_far(kind, typed_in(form, kind))
        return await preview_item(
            session,
            raw,
            _kept_files(item, form),
            await office_settings.load(session),
            f"{office.settings.public_url}/p/{item.public_id if item else _NO_ADDRESS_YET}",
            reader=keys.person_of(request),
            composes=form.is_ticked(COMPOSES),
        )


async def _item(request: web.Request, session: AsyncSession) -> Item | None:
    item_id = request.match_info.get("id")
    return await get_item(session, item_id, keys.person_of(request)) if item_id else None


def _kept_files(item: Item | None, form: Form) -> list[Attachment]:
    struck = form.texts(STRUCK)
    return [one for one in item.attachments if one.name not in struck] if item else []
