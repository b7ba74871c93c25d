"""What an item's renditions are made of, gathered from the capabilities that hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.channels.protocol import Picture
from outreach.foundation.office_settings import OfficeSettings
from outreach.items.labels import display_rows
from outreach.items.model import Attachment, Item, ItemState
from outreach.publishing.renditions.source import Source

PICTURE_TYPES = {"image/png", "image/jpeg"}
_TAKEN_DOWN = "已撤下的信息"


@dataclass(frozen=True, slots=True)
class Files:
    """Attachments as a rendition needs them: pictures by their name, the names of all others."""

    pictures: Mapping[str, Picture]
    picture_sizes: Mapping[str, int]
    others: tuple[str, ...]


async def source_of(
    session: AsyncSession,
    item: Item,
    settings: OfficeSettings,
    public_url: str,
    account: Account | None = None,
) -> Source:
    """The source of the item's renditions, as `account` (or the office itself) publishes them.

    `public_url` is the service's own address, without a slash at the end.
    """
    corrected = await session.get(Item, item.corrects_id) if item.corrects_id else None
    if corrected is not None and corrected.state is ItemState.SEALED:
        corrected = None
    files = files_of(item.attachments)
    return Source(
        kind=item.kind,
        title=item.title,
        short_title=item.short_title,
        section=item.section.name,
        origin=item.origin,
        repost_source=item.repost_source,
        repost_url=item.repost_url,
        formed_on=item.formed_on,
        body=item.body,
        field_rows=tuple(display_rows(item.kind, item.fields)),
        pictures=files.pictures,
        picture_sizes=files.picture_sizes,
        files=files.others,
        corrects_title=title_of_corrected(corrected),
        public_url=public_address(item.public_id, public_url),
        bureau=settings.bureau,
        account_name=account.name if account else settings.bureau,
    )


def title_of_corrected(corrected: Item | None) -> str | None:
    """What a correction calls the item that it corrects: one that was sealed by no word of its own."""
    if corrected is None:
        return None
    return _TAKEN_DOWN if corrected.state is ItemState.SEALED else corrected.title


def files_of(attachments: Sequence[Attachment]) -> Files:
    """The files of an item; a picture that is not uploaded yet is none."""
    pictures = [one for one in attachments if one.media_type in PICTURE_TYPES and one.sha256]
    return Files(
        {one.name: Picture(one.sha256 or "", one.name, one.media_type or "") for one in pictures},
        {one.name: one.size for one in pictures},
        tuple(one.name for one in attachments if one.media_type not in PICTURE_TYPES),
    )


def public_address(public_id: str, public_url: str) -> str:
    """The absolute address of the item's public page."""
    return f"{public_url}/p/{public_id}"
