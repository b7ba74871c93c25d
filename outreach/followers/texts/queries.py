"""The read side of house texts: what is in use, what waits, what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.texts.catalogue import ANSWER_PREFIX, CATALOGUE, kind_of, shipped
from outreach.followers.texts.model import HouseText, TextState
from outreach.foundation.problems import NotFound

_OPEN = (TextState.DRAFT, TextState.IN_REVIEW)


async def text_of(session: AsyncSession, key: str) -> str:
    """The text of the catalogue that is in use, its places not filled."""
    return (await texts_of(session, [key]))[key]


async def texts_of(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, str]:
    """The texts of these keys that are in use: the approved edition, else what ships."""
    query = select(HouseText.key, HouseText.content).where(
        HouseText.key.in_(keys), HouseText.state == TextState.APPROVED
    )
    approved = {row.key: row.content for row in await session.execute(query)}
    return {key: approved.get(key) or shipped(key) for key in keys}


async def proposed_answers(session: AsyncSession) -> Sequence[HouseText]:
    """The answers of editors that are in use."""
    query = select(HouseText).where(
        HouseText.key.startswith(ANSWER_PREFIX), HouseText.state == TextState.APPROVED
    )
    return (await session.scalars(query)).all()


async def editions_of(session: AsyncSession, key: str) -> Sequence[HouseText]:
    """Every edition of a text, the newest first. Raises NotFound where there is no such text."""
    query = select(HouseText).where(HouseText.key == key).order_by(HouseText.number.desc())
    editions = (await session.scalars(query)).all()
    if kind_of(key) is None or (key not in CATALOGUE and not editions):
        raise NotFound("没有这条用语。")
    return editions


async def newest_editions(session: AsyncSession) -> dict[str, list[HouseText]]:
    """Of each text that was ever changed or proposed: its editions that wait or are in use, the newest first; where
    there are none, the last one."""
    query = select(HouseText).order_by(HouseText.key, HouseText.number.desc())
    grouped: dict[str, list[HouseText]] = {}
    for edition in await session.scalars(query):
        grouped.setdefault(edition.key, []).append(edition)
    return {key: [one for one in all_ if one.state in _LIVE] or all_[:1] for key, all_ in grouped.items()}


async def get_text(session: AsyncSession, text_id: str) -> HouseText:
    """One edition. Raises NotFound."""
    edition = await session.get(HouseText, text_id)
    if edition is None:
        raise NotFound("没有这条用语。")
    return edition


async def open_edition(session: AsyncSession, key: str) -> HouseText | None:
    """The edition of a text that is being written or reviewed."""
    query = select(HouseText).where(HouseText.key == key, HouseText.state.in_(_OPEN))
    return (await session.scalars(query)).one_or_none()


async def count_in_review(session: AsyncSession) -> int:
    """How many texts wait for the confidentiality reviewer."""
    query = select(func.count()).select_from(HouseText).where(HouseText.state == TextState.IN_REVIEW)
    return await session.scalar(query) or 0


_LIVE = (*_OPEN, TextState.APPROVED)
