"""A preview of an edition goes to named followers: what they get is what everybody would."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from outreach.channels.budget_rules import Use
from outreach.channels.budgets import take_one
from outreach.channels.model import ChannelName
from outreach.channels.protocol import ChannelError
from outreach.channels.push_protocol import PushingChannel
from outreach.foundation.problems import NotPossible
from outreach.office.context import Office
from outreach.office.edition_drafts import articles_as_sent, drop_draft
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing.editions.model import Edition, EditionPreview, EditionState
from outreach.publishing.editions.queries import articles_of, get_edition
from outreach.publishing.editions.service import previews
from outreach.publishing.model import Post

log = structlog.get_logger(__name__)

_PREVIEWABLE = frozenset({EditionState.COMPOSING, EditionState.PLANNED})


class PreviewFailed(NotPossible):
    """The platform did not take it; `detail` says what to do."""

    code, title = "preview-failed", "预览没有发出"


async def send_previews(
    office: Office, edition_id: str, by: Person, recipients: Sequence[str]
) -> list[EditionPreview]:
    """Sends the edition, as it is composed now, to each of the recipients (openid or WeChat name); what came of each
    stands in what is given back. The draft that this makes on the platform serves the push as well.

    Raises NotFound, Forbidden, NotPossible, InvalidContent, PreviewFailed where there is no draft to preview.
    """
    async with office.db.read() as session:
        edition = await get_edition(session, edition_id, by)
        require_previewable(edition, by)
        posts = await articles_of(session, edition_id)
    if not posts:
        raise NotPossible("推送里还没有文章，没有可以预览的内容。")
    wanted = previews.require_recipients(recipients)
    async with office.db.begin() as session:
        begun = await previews.begin_previews(session, edition, by, wanted)
    try:
        channel = await office.channels.pusher_of(edition.account)
        media_id = await _draft(office, channel, edition, posts)
    except ChannelError as error:
        for preview in begun:
            await _end(office, preview, error.message)
        raise PreviewFailed(error.message) from error
    for preview in begun:
        await _end(office, preview, await _send(office, channel, media_id, preview, edition.account_id))
    return begun


def require_previewable(edition: Edition, by: Person) -> None:
    """Raises Forbidden, or NotPossible where it is on its way already."""
    require(by, Act.PUBLISH)
    if edition.state not in _PREVIEWABLE:
        raise NotPossible("这次推送已提交群发，不能再发送预览。")


async def _draft(office: Office, channel: PushingChannel, edition: Edition, posts: Sequence[Post]) -> str:
    sent = articles_as_sent(posts)
    if edition.media_id is not None and edition.draft_of == sent.fingerprint:
        return edition.media_id
    media_id = await channel.save_draft(sent.articles)
    async with office.db.begin() as session:
        useless = await previews.remember_draft(session, edition, media_id, sent.fingerprint)
    if useless is not None and useless != media_id:
        await drop_draft(channel, useless)
    return media_id


async def _send(
    office: Office, channel: PushingChannel, media_id: str, preview: EditionPreview, account_id: str
) -> str | None:
    try:
        async with office.db.begin() as session:
            await take_one(session, account_id, ChannelName.WECHAT, Use.PREVIEW)
        await channel.preview(media_id, preview.recipient)
    except ChannelError as error:
        log.info("preview_failed", edition=preview.edition_id, code=error.code)
        return error.message
    return None


async def _end(office: Office, preview: EditionPreview, problem: str | None) -> None:
    preview.problem = problem
    async with office.db.begin() as session:
        await previews.end_preview(session, preview, problem)
