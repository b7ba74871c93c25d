"""遮盖建议: a reviewer returns an item with what to write instead, a writer takes it over or does not."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.items.queries import hold_item
from outreach.office.write_item import edit_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.review import service as review
from outreach.review.model import ProposalState, RedactionProposal
from outreach.review.queries import hold_item_to_review
from outreach.review.service import Removal


async def return_with_masks(
    session: AsyncSession, item_id: str, by: Person, removal: Removal, *, revision: int
) -> RedactionProposal:
    """Returned with a proposal; see `review.service.return_with_masks`."""
    item = await hold_item_to_review(session, item_id, by)
    return await review.return_with_masks(session, item, by, removal, revision=revision)


async def take_proposal(
    session: AsyncSession, item_id: str, proposal_id: str, writer: Person, *, version: int
) -> Item:
    """The writer's edit, with all that an edit is asked: the new revision is theirs.

    Raises NotFound, Forbidden, NotPossible, StaleVersion, InvalidContent, ClassificationMarkFound.
    """
    item = await hold_item(session, item_id, writer)
    require(writer, Act.WRITE_ITEMS)
    patch = await review.patch_of(session, item, proposal_id)
    item = await edit_item(session, item_id, writer, patch, version=version)
    await review.close_proposal(session, item, proposal_id, writer, ProposalState.TAKEN)
    return item


async def drop_proposal(session: AsyncSession, item_id: str, proposal_id: str, writer: Person) -> None:
    """The writer mends the text in another way. Raises NotFound, Forbidden, NotPossible."""
    item = await hold_item(session, item_id, writer)
    require(writer, Act.WRITE_ITEMS)
    await review.close_proposal(session, item, proposal_id, writer, ProposalState.DROPPED)
