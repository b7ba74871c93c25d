"""The bulletin of a closed month becomes a version: the very file that is signed is the one that is sent.

The Word file lies in the media store and the version bears its hash, so that the hash which reviewers sign covers every
byte of it; beside it stand the figures, and all that is printed, for the screening and to be looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import office_settings
from outreach.foundation.mail import Attachment
from outreach.foundation.media import MediaStore
from outreach.foundation.problems import NotPossible
from outreach.items.files import DOCX
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.statistics.bulletin import WrittenBulletin
from outreach.statistics.model import ClosedMonth
from outreach.statistics.paper import BlockKind
from outreach.statistics.queries.month import as_json
from outreach.statistics.queries.whole import WholeMonth, whole_month
from outreach.statistics.report.model import ReportType, ReportVersion
from outreach.statistics.report.queries import last_final
from outreach.statistics.report.versions import Draft, submit_version
from outreach.statistics.rules import month_label

_PLACES: Final = {
    BlockKind.TITLE: "标题",
    BlockKind.TABLE: "表格",
    BlockKind.PICTURE: "图",
    BlockKind.SIGNATURE: "落款",
}


class BulletinBlock(BaseModel, frozen=True, extra="forbid"):
    """A piece as it is printed (`paper.Block`)."""

    kind: BlockKind
    lines: list[str]
    rows: list[list[str]]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join([*self.lines, *(cell for row in self.rows for cell in row)])


class Bulletin(BaseModel, frozen=True, extra="forbid"):
    """What a version of a bulletin holds. `file` is the Word file; `figures` is what the call for the month answers."""

    month: str
    bureau: str
    file: Attachment
    size: int
    blocks: list[BulletinBlock]
    figures: dict[str, Any]


async def closed_month(session: AsyncSession, month: str, zone: ZoneInfo) -> tuple[WholeMonth, str]:
    """All that a bulletin of the whole office tells of `month` (`YYYY-MM`), and the bureau's name. Raises NotPossible
    where the month is not closed: its figures could still change under the signature."""
    if await session.get(ClosedMonth, month) is None:
        raise NotPossible(
            f"{month_label(month)}还没有结账，不能提交月报：结账以后数字才不再变动。请先结账，再提交。"
        )
    return await whole_month(session, month, None, zone), (await office_settings.load(session)).bureau


async def submit_monthly(
    session: AsyncSession,
    media: MediaStore,
    by: Person,
    month: WholeMonth,
    bureau: str,
    written: WrittenBulletin,
    zone: ZoneInfo,
) -> ReportVersion:
    """The bulletin of a closed month, as it was `written`, becomes a version; see `versions.submit_version`. Whoever
    closed the month is among its authors.

    Raises besides: NotPossible where nothing that is printed differs from the last final version but the day.
    """
    require(by, Act.KEEP_FIGURES)
    period, closed = month.figures.month, month.figures.closed
    title = f"{month_label(period)}统计月报"
    sha256 = hashlib.sha256(written.file).hexdigest()
    bulletin = Bulletin(
        month=period,
        bureau=bureau,
        file=Attachment(f"{title}.docx", DOCX, sha256),
        size=len(written.file),
        blocks=[BulletinBlock(**asdict(one)) for one in written.blocks],
        figures=to_jsonable_python(as_json(month.figures, str(zone))),
    )
    await _require_news(session, bulletin)
    draft = Draft(
        type=ReportType.MONTHLY,
        period=period,
        title=title,
        content=bulletin.model_dump(mode="json"),
        texts=printed_texts(bulletin),
        author_ids=[closed.by_id] if closed else [],
    )
    version = await submit_version(session, by, draft)
    await media.put(written.file)  # it is there before anybody can read of the version
    return version


def bulletin_of(version: ReportVersion) -> Bulletin:
    """What the version of a bulletin holds."""
    return Bulletin.model_validate(version.content)


def printed_texts(bulletin: Bulletin) -> dict[str, str]:
    """Every text that is printed, by the name of its place."""
    texts: dict[str, list[str]] = {}
    place = ""
    for block in bulletin.blocks:
        if block.kind is BlockKind.HEADING:
            place = block.text
        texts.setdefault(_PLACES.get(block.kind, place), []).append(block.text)
    return {name: "\n".join(parts) for name, parts in texts.items()}


async def _require_news(session: AsyncSession, bulletin: Bulletin) -> None:
    final = await last_final(session, ReportType.MONTHLY, bulletin.month)
    if final is not None and _told(bulletin_of(final)) == _told(bulletin):
        raise NotPossible(f"数字和文字与已定稿的第 {final.number} 版完全相同，不用再提交。")


def _told(bulletin: Bulletin) -> tuple[str, Sequence[BulletinBlock]]:
    """All that it says of the month: not the day on which it was written, nor that it is a correction."""
    framing = (BlockKind.TITLE, BlockKind.SIGNATURE)
    return bulletin.bureau, [block for block in bulletin.blocks if block.kind not in framing]
