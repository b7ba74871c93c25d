"""What an item that is being typed would become. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.queries import entered_holidays
from outreach.catalogue.rules import Deadline, disclosure_deadline
from outreach.foundation import clock
from outreach.foundation.office_settings import OfficeSettings
from outreach.items.compose import compose_body
from outreach.items.labels import display_rows
from outreach.items.model import Attachment, Kind, Origin
from outreach.items.partial import read_so_far
from outreach.items.queries import find_corrected
from outreach.office.rendition_sources import files_of, title_of_corrected
from outreach.people.model import Person
from outreach.publishing.renditions import Source
from outreach.screening.marks import doorkeeper


@dataclass(frozen=True, slots=True)
class TypedItem:
    """The source of the renditions of what was typed so far, and the day by which it has to be disclosed.
    `waits_for_body` says that the body will be composed, but not before all fields are right."""

    source: Source
    deadline: Deadline
    waits_for_body: bool


async def preview_item(
    session: AsyncSession,
    raw: Mapping[str, Any],
    attachments: Sequence[Attachment],
    settings: OfficeSettings,
    address: str,
    *,
    reader: Person,
    composes: bool,
) -> TypedItem:
    """What `raw`, as it was typed so far, would become with these attachments.

    `address` is that of the item's public page, `reader` whoever types; `composes` says that an empty body is composed when the item
    is saved. Raises ClassificationMarkFound.
    """
    (await doorkeeper(session)).refuse_item({**raw, "attachments": [one.name for one in attachments]})
    content, is_right = read_so_far(raw)
    kind, fields = Kind(content["kind"]), content["fields"]
    formed_on = _day(content["formed_on"]) or clock.today(clock.SHANGHAI)
    is_blank = composes and not content["body"].strip()
    body = compose_body(kind, content["title"], fields) if is_blank and is_right else content["body"]
    corrected = await find_corrected(session, content["corrects"], reader) if content["corrects"] else None
    files = files_of(attachments)
    source = Source(
        kind=kind,
        title=content["title"],
        short_title=content["short_title"],
        section=content["section"] or "",
        origin=Origin(content["origin"]),
        repost_source=content["repost_source"],
        repost_url=content["repost_url"],
        formed_on=formed_on,
        body=body,
        field_rows=tuple(display_rows(kind, fields)),
        pictures=files.pictures,
        picture_sizes=files.picture_sizes,
        files=files.others,
        corrects_title=title_of_corrected(corrected),
        public_url=address,
        bureau=settings.bureau,
        account_name=settings.bureau,
    )
    holidays = await entered_holidays(session)
    deadline = disclosure_deadline(kind, formed_on, _day(fields.get("decided_on")), holidays)
    return TypedItem(source, deadline, waits_for_body=is_blank and not is_right)


def _day(typed: str | None) -> date | None:
    return date.fromisoformat(typed) if typed else None
