"""What the office does with its annual report: writes its words, submits it."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock, office_settings
from outreach.foundation.problems import NotFound, NotPossible, StaleState, invalid
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.screening.marks import doorkeeper
from outreach.statistics.report.compose import compose_report, own_paragraphs
from outreach.statistics.report.content import Line, Report
from outreach.statistics.report.forms import form_of
from outreach.statistics.report.model import (
    Layer,
    ReportParagraph,
    ReportType,
    ReportVersion,
    YearlyFigure,
)
from outreach.statistics.report.paragraphs import (
    LONGEST,
    PARTS,
    require_known_placeholders,
    shipped_text,
)
from outreach.statistics.report.versions import Draft, submit_version
from outreach.statistics.report.year import figures_of


async def texts_of(session: AsyncSession, year: int) -> dict[str, str]:
    """The text of each part with its placeholders: the bureau's own, else what ships."""
    form, figures = form_of(year), await figures_of(session, year)
    bureau = (await office_settings.load(session)).bureau
    own = {row.part: row.text for row in await own_paragraphs(session, ReportType.ANNUAL, str(year))}
    return {part: own.get(part, shipped_text(part, year, bureau, figures, form.standard)) for part in PARTS}


async def write_paragraphs(
    session: AsyncSession, by: Person, year: int, part: str, text: str, *, seen: str
) -> None:
    """Keeps the bureau's own words for a part; `seen` is the mark (`mark_of`) of the text that `by` went on from. What
    ships, typed again, is what ships.

    Raises Forbidden, NotFound, InvalidContent, ClassificationMarkFound; StaleState where somebody else has written.
    """
    require(by, Act.KEEP_FIGURES)
    if part not in PARTS:
        raise NotFound("报告没有这一部分。")
    text = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    (await doorkeeper(session)).refuse_texts(**{part: text})
    if len(text) > LONGEST:
        raise invalid(part, f"最多 {LONGEST} 个字，请缩短。")
    require_known_placeholders(part, text)
    await audit.hold(session)
    present = (await texts_of(session, year))[part]
    if mark_of(present) != seen:
        raise StaleState("这一部分刚刚被他人修改。您写的还在下面，请对照现在的文字合并后再保存。")
    if text == present:
        return
    await _keep(session, by, year, part, text)
    await audit.record(
        session, by, "report.write", "year", str(year), part=part, text_mac=audit.text_mac(session, text)
    )


async def take_over_paragraphs(session: AsyncSession, by: Person, year: int) -> int:
    """The bureau's own words of last year stand in this year's report too, in the place of what stood there; gives how
    many parts they are. Raises Forbidden; NotPossible where there are none."""
    require(by, Act.KEEP_FIGURES)
    form_of(year)
    await audit.hold(session)
    last = await own_paragraphs(session, ReportType.ANNUAL, str(year - 1))
    if not last:
        raise NotPossible(f"{year - 1}年的报告没有改写过文字，没有可以沿用的。")
    for row in last:
        await _keep(session, by, year, row.part, row.text)
    await audit.record(
        session, by, "report.take_over", "year", str(year), parts=sorted(row.part for row in last)
    )
    return len(last)


async def restore_paragraphs(session: AsyncSession, by: Person, year: int, part: str) -> None:
    """What ships stands in the part again. Raises Forbidden."""
    require(by, Act.KEEP_FIGURES)
    gone = await session.execute(
        delete(ReportParagraph)
        .where(
            ReportParagraph.type == ReportType.ANNUAL,
            ReportParagraph.period == str(year),
            ReportParagraph.part == part,
        )
        .returning(ReportParagraph.part)
    )
    if gone.scalar_one_or_none() is not None:
        await audit.record(session, by, "report.restore", "year", str(year), part=part)


async def submit_annual(session: AsyncSession, by: Person, year: int) -> ReportVersion:
    """The report as it stands becomes a version; see `versions.submit_version`."""
    require(by, Act.KEEP_FIGURES)
    report = await compose_report(session, year)
    draft = Draft(
        type=ReportType.ANNUAL,
        period=str(year),
        title=report.title,
        content=report.model_dump(mode="json"),
        texts=screened_texts(report),
        author_ids=await _authors(session, year),
    )
    return await submit_version(session, by, draft)


def screened_texts(report: Report) -> dict[str, str]:
    """Every text that is printed, by the name of its place."""
    parts = {
        "标题": report.title,
        "引言": _whole(report.opening),
        **{chapter.title: _whole(chapter.lines) for chapter in report.chapters},
    }
    tables = {
        f"{chapter.title}（表格）": "\n".join(cell.text for row in chapter.table.rows for cell in row)
        for chapter in report.chapters
        if chapter.table
    }
    return {**parts, **tables}


def mark_of(text: str) -> str:
    """By what it is known whether a text is still the one that was read."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def _keep(session: AsyncSession, by: Person, year: int, part: str, text: str) -> None:
    row = ReportParagraph(
        type=ReportType.ANNUAL,
        period=str(year),
        part=part,
        text=text,
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
    )
    await session.merge(row)
    await session.flush()


async def _authors(session: AsyncSession, year: int) -> list[str]:
    """Whoever typed a figure of the year or wrote at its text."""
    typed = await session.scalars(
        select(YearlyFigure.by_id).where(YearlyFigure.year == year, YearlyFigure.layer == Layer.TYPED)
    )
    wrote = [row.by_id for row in await own_paragraphs(session, ReportType.ANNUAL, str(year))]
    return list(dict.fromkeys([one for one in [*typed, *wrote] if one is not None]))


def _whole(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)
