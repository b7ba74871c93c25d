"""An item is handed in: rendered for every platform, screened, and sent to its first reviewer."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.foundation import audit, clock, office_settings
from outreach.foundation.audit import SERVICE
from outreach.foundation.problems import InvalidContent
from outreach.items import service as items
from outreach.items.model import Item
from outreach.items.queries import hold_item
from outreach.items.rules import ItemAction, next_place
from outreach.office.rendition_sources import source_of
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing.renditions.rendering import check
from outreach.review.queries import is_reviewed
from outreach.screening import service as screening
from outreach.screening.detectors import classification_mark


async def submit_item(session: AsyncSession, item_id: str, by: Person, *, public_url: str) -> Item:
    """Submits the item's present text. What a platform would refuse is refused here, with the field named.

    A text that turns out to bear a classification mark is sealed instead of going on.
    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent.
    """
    item = await hold_item(session, item_id, by)
    require(by, Act.WRITE_ITEMS)
    next_place((item.state, item.stage), ItemAction.SUBMIT)
    await _require_renderable(session, item, public_url)
    revision = await items.freeze_revision(session, item, by, reviewed=await is_reviewed(session, item))
    now = clock.now()
    await items.move(
        session, item, ItemAction.SUBMIT, submitted_by=by.id, submitted_at=now, waiting_since=now
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
    screened = await screening.screen_snapshot(session, revision.snapshot)
    found = await screening.keep_findings(session, item, screened)
    if any(finding.label == classification_mark.LABEL for finding in found):
        await items.move(session, item, ItemAction.SEAL, waiting_since=None)
        await audit.record(session, SERVICE, "item.seal", "item", item.id, revision=item.revision)
        return item
    await items.move(session, item, ItemAction.SCREENED)
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
