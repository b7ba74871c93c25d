"""The office's lists of words: read from what was typed or from a file, tried on the last items, saved as editions."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from sqlalchemy import false, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.ids import new_id
from outreach.foundation.problems import FieldError, InvalidContent, NotFound, StaleState
from outreach.items.model import Item, Revision
from outreach.items.rules import texts_of
from outreach.people.model import Person
from outreach.screening.engine import Engine
from outreach.screening.model import WordListEdition
from outreach.screening.office_engine import word_list_of
from outreach.screening.severity import Severity
from outreach.screening.word_lists import WordList, detector_of

MOST_WORDS: Final = 100_000
LEAST_LENGTH: Final = 2
MOST_LENGTH: Final = 40
MAX_NAME: Final = 50
MAX_TEXT: Final = 500
TRIED_ON: Final = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """A list as somebody wants to save it."""

    name: str
    severity: Severity
    words: tuple[str, ...]
    exceptions: tuple[str, ...] = ()
    note: str = ""
    basis: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def as_word_list(self) -> WordList:
        """The draft as the engine takes it."""
        return WordList(self.name, self.words, self.exceptions, self.severity, self.note, self.basis)

    def content_hash(self) -> str:
        """SHA-256 over all that the engine uses of it."""
        content = {name: value for name, value in asdict(self).items() if not name.startswith("valid_")}
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would have done to one of the last items: words that would be found, and no more."""

    item_id: str
    title: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def read_words(typed: str) -> tuple[str, ...]:
    """The words of a text field or a file, one a line, each once, in their order."""
    return tuple(dict.fromkeys(word for line in typed.splitlines() if (word := line.strip())))


def require_right(draft: Draft) -> None:
    """Raises InvalidContent with all that is wrong, each at its field."""
    errors = [*_name_errors(draft), *_word_errors(draft)]
    errors += [
        FieldError(field, f"最多 {MAX_TEXT} 个字，请缩短。")
        for field, text in (("note", draft.note), ("basis", draft.basis))
        if len(text) > MAX_TEXT
    ]
    if draft.valid_from and draft.valid_until and draft.valid_until < draft.valid_from:
        errors.append(FieldError("valid_until", "截止日期早于开始日期。"))
    if errors:
        raise InvalidContent("词库有内容需要修改，请看各栏下的说明。", errors=errors)


async def newest_editions(session: AsyncSession) -> Sequence[WordListEdition]:
    """The lists as they stand, those that are retired last."""
    query = select(WordListEdition).where(WordListEdition.is_newest == true())
    return (await session.scalars(query.order_by(WordListEdition.is_retired, WordListEdition.name))).all()


async def get_edition(session: AsyncSession, list_id: str) -> WordListEdition:
    """The newest edition of a list. Raises NotFound."""
    newest = (WordListEdition.list_id == list_id, WordListEdition.is_newest == true())
    edition = await session.scalar(select(WordListEdition).where(*newest))
    if edition is None:
        raise NotFound("没有这个词库。")
    return edition


async def history(session: AsyncSession, list_id: str) -> Sequence[WordListEdition]:
    """All editions of a list, the newest first."""
    query = select(WordListEdition).where(WordListEdition.list_id == list_id)
    return (await session.scalars(query.order_by(WordListEdition.number.desc()))).all()


async def save(
    session: AsyncSession,
    by: Person,
    draft: Draft,
    *,
    list_id: str | None,
    seen: int,
    is_retired: bool = False,
) -> WordListEdition:
    """Saves the next edition. `seen` is the number of the edition that the change began from (0 for a new list).

    Raises InvalidContent, StaleState where somebody saved another edition meanwhile.
    """
    require_right(draft)
    await audit.hold(session)
    await _require_free_name(session, draft.name, list_id)
    if list_id is not None:
        await _replace(session, list_id, seen)
    edition = WordListEdition(
        list_id=list_id or new_id(),
        number=seen + 1,
        is_newest=True,
        is_retired=is_retired,
        name=draft.name,
        severity=draft.severity,
        words="\n".join(draft.words),
        exceptions="\n".join(draft.exceptions),
        note=draft.note,
        basis=draft.basis,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        content_hash=draft.content_hash(),
        saved_by=by.id,
        saved_at=clock.now(),
    )
    session.add(edition)
    await session.flush()
    act = "word_list.retire" if is_retired else "word_list.save"
    await audit.record(
        session, by, act, "word_list", edition.list_id, name=draft.name, edition=edition.number,
        words=len(draft.words), sha256=edition.content_hash,
    )  # fmt: skip
    return edition


async def effects(session: AsyncSession, draft: Draft, before: WordListEdition | None) -> list[Effect]:
    """What the change would have done to the last `TRIED_ON` items that were submitted."""
    query = (
        select(Item.id, Item.title, Revision.snapshot)
        .join(Revision, (Revision.item_id == Item.id) & (Revision.number == Item.revision))
        .order_by(Item.id.desc())
        .limit(TRIED_ON)
    )
    rows = [(item_id, title, snapshot) for item_id, title, snapshot in await session.execute(query)]
    lists = (
        word_list_of(before) if before is not None and not before.is_retired else None,
        draft.as_word_list(),
    )
    return await asyncio.to_thread(_effects, rows, *lists)


def _effects(
    rows: Iterable[tuple[str, str, dict[str, object]]], before: WordList | None, after: WordList
) -> list[Effect]:
    old, new = (Engine([detector_of(one)] if one else []) for one in (before, after))
    return [
        Effect(item_id, title, tuple(sorted(gained - lost)), tuple(sorted(lost - gained)))
        for item_id, title, snapshot in rows
        if (gained := _words_in(new, snapshot)) != (lost := _words_in(old, snapshot))
    ]


def _words_in(engine: Engine, snapshot: dict[str, object]) -> set[str]:
    return {match.text for text in texts_of(snapshot).values() for match in engine.screen(text)}


async def _replace(session: AsyncSession, list_id: str, seen: int) -> None:
    replaced = await session.execute(
        update(WordListEdition)
        .where(
            WordListEdition.list_id == list_id,
            WordListEdition.number == seen,
            WordListEdition.is_newest == true(),
        )
        .values(is_newest=False)
        .returning(WordListEdition.id)
    )
    if replaced.scalar_one_or_none() is None:
        raise StaleState("这个词库刚被他人修改。请重新打开，再作修改。")


async def _require_free_name(session: AsyncSession, name: str, list_id: str | None) -> None:
    query = select(func.count()).where(
        WordListEdition.name == name,
        WordListEdition.is_newest == true(),
        WordListEdition.is_retired == false(),
        WordListEdition.list_id != (list_id or ""),
    )
    if await session.scalar(query):
        raise InvalidContent(
            "已有同名的词库。", errors=[FieldError("name", "已有同名的词库，请换一个名称。")]
        )


def _name_errors(draft: Draft) -> list[FieldError]:
    if not draft.name:
        return [FieldError("name", "请填写名称。")]
    return [FieldError("name", f"名称最多 {MAX_NAME} 个字。")] if len(draft.name) > MAX_NAME else []


def _word_errors(draft: Draft) -> list[FieldError]:
    errors: list[FieldError] = []
    if not draft.words:
        errors.append(FieldError("words", "请填写词语，一行一个。"))
    if len(draft.words) > MOST_WORDS:
        errors.append(
            FieldError("words", f"一个词库最多 {MOST_WORDS} 个词语，这里有 {len(draft.words)} 个。")
        )
    for field, words in (("words", draft.words), ("exceptions", draft.exceptions)):
        wrong = [word for word in words if not LEAST_LENGTH <= len(word) <= MOST_LENGTH]
        if wrong:
            shown = "、".join(f"“{word[:MOST_LENGTH]}”" for word in wrong[:5])
            errors.append(
                FieldError(field, f"每个词语 {LEAST_LENGTH} 至 {MOST_LENGTH} 个字，这些不合要求：{shown}。")
            )
    alone = [one for one in draft.exceptions if not any(word in one for word in draft.words[:MOST_WORDS])]
    if draft.words and alone and len(draft.exceptions) <= TRIED_ON:
        shown = "、".join(f"“{one}”" for one in alone[:5])
        errors.append(FieldError("exceptions", f"例外要包含词库中的某个词语，这些不包含：{shown}。"))
    return errors
