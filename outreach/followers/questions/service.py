"""Words that nobody understood are counted, without whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.questions.model import Question
from outreach.followers.texts.rules import WRITING
from outreach.followers.topics.wording import words_in
from outreach.foundation import audit, clock
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.problems import NotFound
from outreach.foundation.seal import digest
from outreach.people.model import Person
from outreach.people.rules import require_any
from outreach.screening.masking import masked

LONGEST: Final = 200
SHOWN: Final = 200


async def note(session: AsyncSession, account_id: str, words: str) -> None:
    """Counts words that were not understood. What bears a classification mark is not stored, what else the screening
    finds in them is masked; a question that was settled and is asked again opens anew."""
    kept = (await masked(session, words))[:LONGEST]
    if not kept:
        return
    now = clock.now()
    insert = insert_into(session, Question).values(
        id=new_id(),
        account_id=account_id,
        words_hash=digest(f"{account_id}\n{''.join(words_in(kept))}"),
        words=kept,
        count=1,
        first_at=now,
        last_at=now,
    )
    again = {"count": Question.count + 1, "last_at": now, "closed_at": None, "closed_by_name": None}
    await session.execute(insert.on_conflict_do_update(index_elements=["words_hash"], set_=again))


async def open_questions(session: AsyncSession) -> Sequence[Question]:
    """Those that nobody settled, the most frequent one first."""
    query = (
        select(Question)
        .where(Question.closed_at.is_(None))
        .order_by(Question.count.desc(), Question.last_at.desc())
        .limit(SHOWN)
    )
    return (await session.scalars(query)).all()


async def get_question(session: AsyncSession, question_id: str) -> Question:
    """Raises NotFound."""
    question = await session.get(Question, question_id)
    if question is None:
        raise NotFound("没有这条提问。")
    return question


async def close(session: AsyncSession, by: Person, question_id: str) -> None:
    """An editor is done with it: an answer was proposed, or none is needed; the same again changes nothing. Raises
    Forbidden, NotFound."""
    require_any(by, WRITING)
    closed = await session.execute(
        update(Question)
        .where(Question.id == question_id, Question.closed_at.is_(None))
        .values(closed_at=clock.now(), closed_by_name=by.name)
        .returning(Question.id)
    )
    if closed.one_or_none() is None:
        await get_question(session, question_id)
        return
    await audit.record(session, by, "question.close", "question", question_id)


async def is_any_old(session: AsyncSession, before: datetime) -> bool:
    """Whether there are questions that were asked for the last time before `before` (aware)."""
    return await session.scalar(_old(before).limit(1)) is not None


async def drop_old(session: AsyncSession, before: datetime, limit: int) -> int:
    """Deletes up to `limit` of them; how many."""
    ids = (await session.scalars(_old(before).limit(limit).with_for_update(skip_locked=True))).all()
    await session.execute(delete(Question).where(Question.id.in_(ids)))
    return len(ids)


def _old(before: datetime) -> Select[str]:
    return select(Question.id).where(Question.last_at < before)
