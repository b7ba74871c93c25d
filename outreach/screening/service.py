"""What is found in a revision is stored with it; what bears a classification mark is not stored at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import ClassificationMarkFound, FieldError, NotFound, StaleState, invalid
from outreach.items.model import Item
from outreach.items.rules import texts_of
from outreach.people.model import Person
from outreach.screening.file_reader import ReadFile
from outreach.screening.in_files import InFile, marked_places, masked
from outreach.screening.model import Finding, Judgement
from outreach.screening.rules import Match, Severity, has_classification_mark, screen
from outreach.screening.stated_index import stated_index_matches

MAX_REASON: Final = 500

MAX_SHOWN: Final = 200

FindingsByFile = Mapping[str, Sequence[InFile]]
"""What was found in files, by their hashes."""

_TOLD_OF_FILE = (
    "本系统不接收、也没有保存这个文件。请立即停止在非涉密系统中处理它，"
    "并向本单位保密工作机构报告；确认不涉密的，去掉密级标志后再上传。"
)
_TOLD = (
    "这段文字带有密级标志，本系统不接收、也没有保存。请立即停止在非涉密系统中处理该内容，"
    "并向本单位保密工作机构报告；确认不涉密的，去掉密级标志后再提交。"
)


def refuse_classification_marks(snapshot: Mapping[str, Any]) -> None:
    """Raises ClassificationMarkFound where a text of the item bears a mark, naming each field."""
    marked = [name for name, text in texts_of(snapshot).items() if has_classification_mark(text)]
    if marked:
        raise ClassificationMarkFound(_TOLD, errors=[FieldError(name, _TOLD) for name in marked])


def refuse_marked_text(field: str, text: str) -> None:
    """The same for one text that somebody typed (an opinion, a reason)."""
    if has_classification_mark(text):
        raise ClassificationMarkFound(_TOLD, errors=[FieldError(field, _TOLD)])


def refuse_marked_file(name: str, read: ReadFile) -> None:
    """The same for what was read in a file that comes in."""
    places = marked_places(read)
    if places:
        told = f"附件“{name}”的{places[0]}带有密级标志。{_TOLD_OF_FILE}"
        raise ClassificationMarkFound(told, errors=[FieldError("attachments", told)])


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a text of an item, or in a file of it.

    Attributes:
        field: the dotted name of the text, or of the attachment.
        attachment: the name of the file, None where it is in a text.
        place: where in the file, for people.
    """

    field: str
    match: Match
    attachment: str | None = None
    place: str | None = None


def screen_snapshot(snapshot: Mapping[str, Any], files: FindingsByFile) -> list[Found]:
    """Everything that the rules find in an item. `files` is what they found in its files.

    Raises StaleState where a file is not among them: it came after they had been looked through.
    """
    in_texts = [Found(name, match) for name, text in texts_of(snapshot).items() for match in screen(text)]
    in_fields = [Found(name, match) for name, match in stated_index_matches(snapshot)]
    return [*in_texts, *in_fields, *_in_attachments(snapshot["attachments"], files)]


def _in_attachments(attachments: Sequence[Mapping[str, Any]], files: FindingsByFile) -> Iterator[Found]:
    for number, attachment in enumerate(attachments):
        if attachment["sha256"] not in files:
            raise StaleState("附件刚被更换，没有提交。请刷新页面后再提交。")
        for one in files[attachment["sha256"]]:
            yield Found(f"attachments.{number}", one.match, attachment["name"], one.place)


async def keep_findings(session: AsyncSession, item: Item, found: Sequence[Found]) -> list[Finding]:
    """Stores what was found in the item's present revision; an earlier run of the same revision is replaced."""
    present = (Finding.item_id == item.id, Finding.revision == item.revision)
    await session.execute(delete(Finding).where(*present))
    findings = [
        Finding(
            item_id=item.id,
            revision=item.revision,
            field=one.field,
            start=one.match.start,
            end=one.match.end,
            label=one.match.label,
            severity=one.match.severity,
            rule=one.match.rule,
            advice=one.match.advice,
            basis=one.match.basis,
            attachment=one.attachment,
            place=one.place,
            shown=_shown(one) if one.attachment else None,
        )
        for one in found
    ]
    session.add_all(findings)
    await session.flush()
    return findings


def _shown(found: Found) -> str:
    """What a page shows of a finding in a file: enough to find it there, and no second copy of what must not be
    disclosed. Of a hint nothing needs to be hidden."""
    text = found.match.text[:MAX_SHOWN]
    return text if found.match.severity is Severity.HINT else masked(text)


async def judge_finding(
    session: AsyncSession, item: Item, finding_id: str, by: Person, judgement: Judgement, reason: str
) -> Finding:
    """属实 or 误报, with a reason. Whether `by` may say so at this stage is `review`'s to know."""
    finding = await session.get(Finding, finding_id)
    if finding is None or finding.item_id != item.id or finding.revision != item.revision:
        raise NotFound("没有这个疑点，或者它属于以前的版本。")
    refuse_marked_text("reason", reason)
    if judgement is Judgement.FALSE_ALARM and not reason.strip():
        raise invalid("reason", "判定为误报时请写明理由。")
    if len(reason.strip()) > MAX_REASON:
        raise invalid("reason", f"理由最多 {MAX_REASON} 个字，请缩短。")
    finding.judgement, finding.reason = judgement, reason.strip() or None
    finding.judged_by, finding.judged_at = by.id, clock.now()
    await session.flush()
    await audit.record(
        session, by, "finding.judge", "item", item.id, finding=finding.id, label=finding.label,
        judgement=judgement.value, revision=item.revision,
    )  # fmt: skip
    return finding


def holds(finding: Finding) -> bool:
    """Whether the finding keeps the confidentiality stage from approving: undecided, or real and still in
    the text (an edit makes a new revision, which is screened anew)."""
    return finding.severity is not Severity.HINT and finding.judgement is not Judgement.FALSE_ALARM
