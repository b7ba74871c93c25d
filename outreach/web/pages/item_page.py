"""/items/{id}: the item, what was found in it, its history, its previews, and the buttons for whoever looks."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from outreach.channels.model import ChannelName
from outreach.channels.protocol import Picture
from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.channels.weibo.length import LENGTH_LIMIT, weibo_length
from outreach.foundation import clock, office_settings
from outreach.foundation.problems import Problem
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Attachment, Item, ItemState, Stage
from outreach.items.rules import STAGE_LABELS
from outreach.office.rendition_sources import public_address, source_of
from outreach.publishing.markdown import to_html
from outreach.publishing.renditions import Source, draw_card, render_article, render_status, with_picture_urls
from outreach.publishing.rules import STATE_LABELS
from outreach.review.emergency_rules import SECTION_LABELS
from outreach.review.form import DISCLOSURE_LABELS, LABELS, QUESTIONS
from outreach.review.model import Outcome, Referral
from outreach.review.queries import read_item
from outreach.review.rules import DECISION_LABELS, OUTCOME_LABELS, REFERRAL_BASIS, REFUSAL_BASES
from outreach.sealing.queries import last_case_of
from outreach.web import keys
from outreach.web.forms import Form, messages
from outreach.web.pages.item_view import ItemView, view_item
from outreach.web.pages.post_page import ARTICLE_POLICY
from outreach.web.rendering import render, see_other

_TYPED: Final = (
    *("opinion", "outcome", "basis", "basis_words", "reason", "at", "finding"),
    *LABELS,
    *("referred_to", "referral_reason", "answered_by", "answered_on", "answer_number", "answer"),
    *("field", "quote", "comment", "seal_reason"),
    *("withdraw_reason", "publish_until", "credit_repaired_on"),
    *("not_before", "emergency.reason", "emergency.authority_document", "kept_reason"),
)


_GOES_NO_FURTHER: Final = frozenset(
    {ItemState.PUBLISHED, ItemState.WITHDRAWN, ItemState.REFUSED, ItemState.SEALED}
)


async def show(request: web.Request) -> web.Response:
    """GET /items/{id}"""
    return await show_again(request)


async def show_again(
    request: web.Request, *, typed: Form | None = None, problem: Problem | None = None
) -> web.Response:
    """The page as it stands, with what was typed and what is wrong with it; of an item whose content was purged there
    is its case alone."""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        item = await read_item(session, request.match_info["id"], person)
        case = await last_case_of(session, item.id) if item.state is ItemState.SEALED else None
        if case is not None and case.purge_began_at is not None:
            return see_other(f"/marks/cases/{case.id}")
        view = await view_item(session, item, person, office.settings.public_url)
    context = {**_context(request, view, typed or Form({}), problem), "case": case}
    return render(request, "items/item.html", context, status=problem.status if problem else 200)


async def preview_article(request: web.Request) -> web.Response:
    """GET /items/{id}/preview/wechat: the article as a phone shows it, for the page's frame."""
    return await article_page(request, await _source(request, ChannelName.WECHAT))


async def article_page(request: web.Request, source: Source) -> web.Response:
    """The article of `source` as a page of its own, with its pictures inside."""
    parts = render_article(source)
    media = keys.office_of(request).media
    addresses = {one.sha256: await _data_url(one, await media.read(one.sha256)) for one in parts.pictures}
    html = with_picture_urls(parts.html, addresses.__getitem__)
    response = render(request, "posts/article.html", {"title": parts.title, "html": html})
    response.headers["Content-Security-Policy"] = ARTICLE_POLICY
    return response


async def preview_card(request: web.Request) -> web.Response:
    """GET /items/{id}/preview/card.png: the picture that goes with the Weibo status."""
    source = await _source(request, ChannelName.WEIBO)
    png = await asyncio.to_thread(draw_card, source.kind, source.bureau, source.account_name, source.title)
    return web.Response(body=png, content_type="image/png", headers={"Cache-Control": "private, no-cache"})


async def _source(request: web.Request, channel: ChannelName) -> Source:
    """As the first account of the channel would publish it."""
    office = keys.office_of(request)
    async with office.db.read() as session:
        item = await read_item(session, request.match_info["id"], keys.person_of(request))
        settings = await office_settings.load(session)
        accounts = await list_accounts(session, active_only=True)
        account = next((one for one in accounts if one.channel is channel), None)
        return await source_of(session, item, settings, office.settings.public_url, account)


async def _data_url(picture: Picture, content: bytes) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(content).decode()}"


def _context(request: web.Request, view: ItemView, typed: Form, problem: Problem | None) -> Mapping[str, Any]:
    item, settings = view.item, keys.office_of(request).settings
    status = render_status(view.source)
    by_hash = {one.sha256: f"/items/{item.id}/attachments/{one.id}" for one in item.attachments if one.sha256}
    body = with_picture_urls(to_html(item.body, view.source.pictures), by_hash.__getitem__)
    return {
        "view": view,
        "item": item,
        "kind_label": KIND_LABELS[item.kind],
        "body": Markup(body),  # noqa: S704 - sanitised by to_html
        "steps": _steps(item),
        "days_left": (item.deadline - clock.today(settings.zone)).days,
        "is_done": item.state in _GOES_NO_FURTHER,
        "status_text": status,
        "status_length": weibo_length(status),
        "status_limit": LENGTH_LIMIT,
        "public_address": public_address(item.public_id, settings.public_url) if item.public_since else None,
        "attachment_sizes": {one.id: _size(one) for one in item.attachments},
        "typed": {name: typed.text(name) for name in _TYPED},
        "authority_document": (item.fields.get("warning") or {}).get("authority_document", ""),
        "today": clock.today(settings.zone),
        "days_referred": _days_since(view.open_referral, settings.zone),
        "local_not_before": _local(item.not_before, settings.zone),
        "planned_at": _local(_embargo_ahead(item), settings.zone),
        "chosen_accounts": typed.texts("accounts"),
        "problem": problem,
        "errors": messages(problem),
        "STAGE_LABELS": STAGE_LABELS,
        "DECISION_LABELS": DECISION_LABELS,
        "AFTER_REMOVAL": (Outcome.AFTER_REMOVAL, OUTCOME_LABELS[Outcome.AFTER_REMOVAL]),
        "OUTCOME_LABELS": OUTCOME_LABELS,
        "REFERRAL_BASIS": REFERRAL_BASIS,
        "FORM_LABELS": LABELS,
        "FORM_QUESTIONS": QUESTIONS,
        "DISCLOSURE_LABELS": DISCLOSURE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "STATE_LABELS": STATE_LABELS,
        "SECTION_LABELS": SECTION_LABELS,
        "REFUSAL_BASES": REFUSAL_BASES,
    }


def _embargo_ahead(item: Item) -> datetime | None:
    return item.not_before if item.not_before and item.not_before > clock.now() else None


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    """A time as a browser's field of date and time takes it; empty where there is none."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" if moment else ""


def _days_since(referral: Referral | None, zone: ZoneInfo) -> int:
    """How many calendar days an answer has been waited for."""
    if referral is None:
        return 0
    return (clock.today(zone) - referral.at.astimezone(zone).date()).days


def _steps(item: Item) -> list[tuple[str, bool, bool]]:
    """The way of an item as label, whether it is done, whether it stands there; nothing for one that goes
    no further."""
    if item.state in {ItemState.REFUSED, ItemState.SEALED}:
        return []
    stages = [stage for stage in Stage if stage is not Stage.SECTION or not item.is_emergency]
    labels = ["起草", *(STAGE_LABELS[stage] for stage in stages), "发布"]
    position = _position(item, stages, beyond=len(labels))
    return [(label, number < position, number == position) for number, label in enumerate(labels)]


def _position(item: Item, stages: Sequence[Stage], *, beyond: int) -> int:
    if item.stage is not None:
        return 1 + stages.index(item.stage)
    if item.state is ItemState.APPROVED:
        return beyond - 1
    return beyond if item.state in {ItemState.PUBLISHED, ItemState.WITHDRAWN} else 0


def _size(attachment: Attachment) -> str:
    kib = attachment.size / 1024
    return f"{kib / 1024:.1f} MB" if kib >= 1024 else f"{max(1, round(kib))} KB"
