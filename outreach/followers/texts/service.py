"""House texts are written, screened, and decided on at the confidentiality stage, before anybody outside reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.texts.catalogue import ANSWER_PREFIX, SURVEY_PREFIX, kind_of
from outreach.followers.texts.model import HouseText, TextState
from outreach.followers.texts.queries import get_text, open_edition
from outreach.followers.texts.rules import WRITING, TextAction, next_state, require_right
from outreach.foundation import audit, clock
from outreach.foundation.ids import new_id
from outreach.foundation.problems import (
    DutiesNotSeparate,
    NotFound,
    NotPossible,
    StaleState,
    invalid,
)
from outreach.people.model import Person
from outreach.people.rules import Act, require, require_any
from outreach.screening.marks import doorkeeper
from outreach.screening.office_engine import office_engine
from outreach.screening.rules import LABELS, Match, Severity

OPINION_MAX = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed: a text, and of an answer what leads to it, one a line."""

    content: str
    triggers: str = ""

    @property
    def trigger_lines(self) -> list[str]:
        """The lines that say something, each once."""
        return list(dict.fromkeys(line.strip() for line in self.triggers.splitlines() if line.strip()))


def new_answer_key() -> str:
    """The key of an answer that is being proposed."""
    return f"{ANSWER_PREFIX}{new_id()}"


async def write(session: AsyncSession, by: Person, key: str, draft: Draft, *, version: int) -> HouseText:
    """Keeps a draft of the text: a new edition, or the one that is being written. `version` is the one that `by` read,
    0 where there was none.

    Raises:
        Forbidden, NotFound, InvalidContent, ClassificationMarkFound.
        NotPossible: it is being reviewed.
        StaleState: somebody else has written meanwhile.
    """
    require_any(by, WRITING)
    kind = kind_of(key)
    if kind is None:
        raise NotFound("没有这条用语。")
    content, triggers = draft.content.strip().replace("\r\n", "\n"), "\n".join(draft.trigger_lines)
    (await doorkeeper(session)).refuse_texts(content=content, triggers=triggers)
    is_answer = key.startswith(ANSWER_PREFIX)
    require_right(key, kind, content, draft.trigger_lines, is_answer=is_answer)
    edition = await open_edition(session, key)
    if edition is not None and edition.state is TextState.IN_REVIEW:
        raise NotPossible("这条用语正在保密审查，审查结束后再修改。")
    values = {"content": content, "triggers": triggers if is_answer else "", "author_name": by.name}
    if edition is None:
        edition = await _begin(session, by, key, values, version)
    else:
        await _rewrite(session, by, edition, values, version)
    await audit.record(session, by, "house_text.write", "house_text", edition.id, key=key)
    return edition


async def submit(session: AsyncSession, by: Person, text_id: str, *, version: int) -> HouseText:
    """Sends a draft to the confidentiality reviewer.

    Raises:
        Forbidden, NotFound, NotPossible, StaleState.
        InvalidContent: the screening found what may be told to nobody.
    """
    require_any(by, WRITING)
    edition = await get_text(session, text_id)
    found = await findings_in(session, edition)
    if grave := [match for match in found if match.severity is Severity.BLOCK]:
        told = "、".join(f"“{match.text}”（{LABELS[match.label]}）" for match in grave)
        raise invalid("content", f"初筛发现不得公开的内容：{told}。请删去后再提交。")
    await _move(session, edition, TextAction.SUBMIT, version, submitted_at=clock.now())
    await audit.record(session, by, "house_text.submit", "house_text", edition.id, key=edition.key)
    return edition


async def approve(
    session: AsyncSession, by: Person, text_id: str, opinion: str, *, version: int
) -> HouseText:
    """The text is used from now on, and takes the place of the one before.

    Raises:
        Forbidden, NotFound, NotPossible, StaleState, ClassificationMarkFound.
        DutiesNotSeparate: `by` wrote at it.
        InvalidContent: the screening found something, and no opinion says why it may stand.
    """
    edition = await _to_decide(session, by, text_id, opinion)
    grave = [one for one in await findings_in(session, edition) if one.severity is not Severity.HINT]
    if grave and not opinion.strip():
        raise invalid("opinion", "初筛有疑点。同意使用的，请写明理由。")
    now = clock.now()
    await session.execute(
        update(HouseText)
        .where(HouseText.key == edition.key, HouseText.state == TextState.APPROVED)
        .values(state=TextState.RETIRED, version=HouseText.version + 1)
    )
    await _move(session, edition, TextAction.APPROVE, version, **_decision(by, opinion, now))
    await _record_decision(session, by, edition, "approve", opinion)
    return edition


async def return_to_author(
    session: AsyncSession, by: Person, text_id: str, opinion: str, *, version: int
) -> HouseText:
    """The text goes back to its author, with what is to be mended. Raises as `approve` does."""
    edition = await _to_decide(session, by, text_id, opinion)
    if not opinion.strip():
        raise invalid("opinion", "退回时请写明要修改什么。")
    await _move(session, edition, TextAction.RETURN, version, **_decision(by, opinion, clock.now()))
    await _record_decision(session, by, edition, "return", opinion)
    return edition


async def retire(session: AsyncSession, by: Person, text_id: str, *, version: int) -> HouseText:
    """The text is used no longer: what ships takes its place, an answer is given no more. Raises Forbidden, NotFound,
    NotPossible, StaleState."""
    require_any(by, (*WRITING, Act.DECIDE_CONFIDENTIALITY))
    edition = await get_text(session, text_id)
    await _move(session, edition, TextAction.RETIRE, version)
    await audit.record(session, by, "house_text.retire", "house_text", edition.id, key=edition.key)
    return edition


async def discard(session: AsyncSession, by: Person, text_id: str, *, version: int) -> None:
    """A draft is thrown away. Raises Forbidden, NotFound, NotPossible (a survey's first), StaleState where it is none any
    more."""
    require_any(by, WRITING)
    edition = await get_text(session, text_id)
    if edition.key.startswith(SURVEY_PREFIX) and edition.number == 1:
        raise NotPossible("问卷不能没有题目。不要这份问卷的，请在“统计 → 测评问卷”里删除它。")
    gone = await session.execute(
        delete(HouseText)
        .where(HouseText.id == text_id, HouseText.state == TextState.DRAFT, HouseText.version == version)
        .returning(HouseText.id)
    )
    if gone.one_or_none() is None:
        raise StaleState("这条用语刚刚被他人更改，请刷新页面。")
    await audit.record(session, by, "house_text.discard", "house_text", text_id, key=edition.key)


async def discard_all(session: AsyncSession, key: str) -> None:
    """All editions of a text that is about something that was thrown away, and was never used."""
    await session.execute(delete(HouseText).where(HouseText.key == key))


async def findings_in(session: AsyncSession, edition: HouseText) -> list[Match]:
    """What the screening finds in a text, by the office's rules and words."""
    engine = (await office_engine(session)).engine
    return engine.screen("\n".join(part for part in (edition.triggers, edition.content) if part))


async def _begin(
    session: AsyncSession, by: Person, key: str, values: dict[str, Any], version: int
) -> HouseText:
    if version:
        raise StaleState("这条用语刚刚被他人更改，请刷新页面。")
    last = await session.scalar(select(func.max(HouseText.number)).where(HouseText.key == key))
    edition = HouseText(
        key=key,
        number=(last or 0) + 1,
        state=TextState.DRAFT,
        author_ids=[by.id],
        written_at=clock.now(),
        **values,
    )
    session.add(edition)
    await session.flush()
    return edition


async def _rewrite(
    session: AsyncSession, by: Person, edition: HouseText, values: dict[str, Any], version: int
) -> None:
    authors = [*dict.fromkeys((*edition.author_ids, by.id))]
    await _update(session, edition, version, **values, author_ids=authors, written_at=clock.now())


async def _to_decide(session: AsyncSession, by: Person, text_id: str, opinion: str) -> HouseText:
    require(by, Act.DECIDE_CONFIDENTIALITY)
    edition = await get_text(session, text_id)
    if by.id in edition.author_ids:
        raise DutiesNotSeparate("您编写过这条用语，须由另一位保密审查员审查。")
    (await doorkeeper(session)).refuse_texts(opinion=opinion)
    if len(opinion.strip()) > OPINION_MAX:
        raise invalid("opinion", f"意见最多 {OPINION_MAX} 个字，请缩短。")
    return edition


def _decision(by: Person, opinion: str, now: Any) -> dict[str, Any]:
    return {
        "decided_by_id": by.id,
        "decided_by_name": by.name,
        "decided_at": now,
        "opinion": opinion.strip() or None,
    }


async def _record_decision(
    session: AsyncSession, by: Person, edition: HouseText, kind: str, opinion: str
) -> None:
    mac = audit.text_mac(session, opinion.strip() or None)
    await audit.record(
        session, by, f"house_text.{kind}", "house_text", edition.id, key=edition.key, opinion_mac=mac
    )


async def _move(
    session: AsyncSession, edition: HouseText, action: TextAction, version: int, **values: Any
) -> None:
    await _update(session, edition, version, state=next_state(edition.state, action), **values)


async def _update(session: AsyncSession, edition: HouseText, version: int, **values: Any) -> None:
    """Guarded by the state and the version that were read. Raises StaleState."""
    changed = await session.execute(
        update(HouseText)
        .where(HouseText.id == edition.id, HouseText.state == edition.state, HouseText.version == version)
        .values(version=HouseText.version + 1, **values)
        .returning(HouseText.id)
        .execution_options(synchronize_session=False)
    )
    if changed.one_or_none() is None:
        raise StaleState("这条用语刚刚被他人更改，请刷新页面后再操作。")
    await session.refresh(edition)
