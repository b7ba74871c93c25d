"""An item is handed in: rendered for every platform, screened, and sent to its first reviewer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.foundation import audit, clock, office_settings
from outreach.foundation.audit import SERVICE
from outreach.foundation.office_settings import OfficeSettings
from outreach.foundation.problems import InvalidContent
from outreach.items import service as items
from outreach.items.model import Item
from outreach.items.queries import get_item, hold_item
from outreach.items.rules import ItemAction, next_place
from outreach.office.context import Office
from outreach.office.rendition_sources import source_of
from outreach.office.seal_item import seal_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing.renditions.rendering import check
from outreach.review import service as review
from outreach.review.queries import is_reviewed
from outreach.review.service import Grounds
from outreach.screening import service as screening
from outreach.screening.engine import Engine
from outreach.screening.in_files import InFile, found_in
from outreach.screening.office_engine import office_engine
from outreach.screening.service import FindingsByFile

_BETWEEN_HOSTS: Final = re.compile(r"[\s,，、；;]+")


async def submit_item(office: Office, item_id: str, by: Person, *, emergency: Grounds | None = None) -> Item:
    """Submits the item's present text and files. What a platform would refuse is refused here, with the field named.
    As an `emergency` it begins at the confidentiality stage, and the section decides afterwards.

    One that turns out to bear a classification mark is sealed instead of going on. Files are read and screened
    outside of the writing transaction; where one was exchanged meanwhile, nothing is submitted.
    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent.
    """
    files = await _screened_files(office, item_id, by)
    async with office.db.begin() as session:
        item = await hold_item(session, item_id, by)
        require_submittable(item, by)
        if emergency is not None:
            await review.require_grounds(session, emergency)
        await _require_renderable(session, item, office.settings.public_url)
        return await _submit(session, item, by, files, emergency)


async def _screened_files(office: Office, item_id: str, by: Person) -> FindingsByFile:
    async with office.db.read() as session:
        item = await get_item(session, item_id, by)
        require_submittable(item, by)
        hosts = _own_hosts(await office_settings.load(session), office.settings.public_url)
        engine = (await office_engine(session)).engine
    return {
        one.sha256: await _screened(office, one.sha256, one.media_type or "", engine, hosts)
        for one in item.attachments
        if one.sha256 is not None
    }


async def _screened(
    office: Office, sha256: str, media_type: str, engine: Engine, hosts: Collection[str]
) -> list[InFile]:
    read = await office.readings.of(sha256, media_type)
    return await asyncio.to_thread(found_in, read, engine, hosts)


def _own_hosts(settings: OfficeSettings, public_url: str) -> list[str]:
    """Where links may lead without a hint: here, and to what the office trusts."""
    trusted = _BETWEEN_HOSTS.split(settings.trusted_hosts.lower())
    return [one for one in (urlsplit(public_url).hostname, *trusted) if one]


def require_submittable(item: Item, by: Person) -> None:
    """Raises Forbidden, NotPossible."""
    require(by, Act.WRITE_ITEMS)
    next_place((item.state, item.stage), ItemAction.SUBMIT)


async def _submit(
    session: AsyncSession, item: Item, by: Person, files: FindingsByFile, emergency: Grounds | None
) -> Item:
    revision = await items.freeze_revision(session, item, by, reviewed=await is_reviewed(session, item))
    now = clock.now()
    await items.move(
        session,
        item,
        ItemAction.SUBMIT,
        submitted_by=by.id,
        submitted_at=now,
        waiting_since=now,
        is_emergency=emergency is not None,
    )
    await audit.record(
        session,
        by,
        "item.submit",
        "item",
        item.id,
        revision=item.revision,
        content_hash=revision.content_hash,
    )
    await review.declare(session, item, by, emergency)
    screened = await screening.screen_snapshot(session, revision.snapshot, files)
    found = await screening.keep_findings(session, item, screened)
    if marks := {finding.rule for finding in found if screening.bears_mark(finding)}:
        await seal_item(session, item, SERVICE, rules=marks)
        return item
    await items.move(session, item, ItemAction.SCREENED_AS_EMERGENCY if emergency else ItemAction.SCREENED)
    await audit.record(
        session, SERVICE, "item.screened", "item", item.id, revision=item.revision, findings=len(found)
    )
    return item


async def _require_renderable(session: AsyncSession, item: Item, public_url: str) -> None:
    settings = await office_settings.load(session)
    accounts = await list_accounts(session, active_only=True)
    source = await source_of(session, item, settings, public_url)
    errors = check(source, {account.channel for account in accounts})
    if errors:
        raise InvalidContent("内容不符合发布平台的要求，请按提示修改后再提交。", errors=errors)
