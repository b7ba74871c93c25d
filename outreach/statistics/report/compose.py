"""The report of a year, put together from the figures that hold, the texts and the form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import office_settings
from outreach.statistics.report.catalogue import (
    CHANNELS,
    DEFAULT_CHANNELS,
    SITE_COLUMNS,
    TEXT,
    Spec,
    cells_of,
    spec_of,
)
from outreach.statistics.report.checks import chapter_one, other_tables, table_two
from outreach.statistics.report.checks.ledger import Ledger
from outreach.statistics.report.checks.texts import of_texts
from outreach.statistics.report.content import Chapter, CheckTold, FigureTold, Line, Report
from outreach.statistics.report.forms import Form, Standard, form_of
from outreach.statistics.report.model import ReportParagraph, ReportType
from outreach.statistics.report.paragraphs import CLOSING_RATE, PARTS, Written, shipped_text, written
from outreach.statistics.report.rates import closing_rate
from outreach.statistics.report.tables import TABLES
from outreach.statistics.report.year import ORIGIN_LABELS, Given, YearFigures, figures_of

_RATE: Final = Spec(CLOSING_RATE, "办结率", "%")


def figure_page(year: int, key: str) -> str:
    """The path of the page that tells where a figure comes from."""
    return f"/statistics/reports/annual/{year}/figures/{quote(key, safe='')}"


async def compose_report(session: AsyncSession, year: int, standard: Standard | None = None) -> Report:
    """The report of `year` as its figures and texts stand now, in the form of that year or in `standard`.

    Raises InvalidContent for a year that has no form.
    """
    form = form_of(year, standard)
    figures, before = await figures_of(session, year), await figures_of(session, year - 1)
    bureau = (await office_settings.load(session)).bureau
    own = {row.part: row.text for row in await own_paragraphs(session, ReportType.ANNUAL, str(year))}
    parts = {
        part: written(own.get(part, shipped_text(part, year, bureau, figures, form.standard)), figures)
        for part in PARTS
    }
    chapters = [
        _chapter(form, number, parts[str(number)], figures) for number in range(1, len(form.sections) + 1)
    ]
    report = Report(
        year=year,
        standard=form.standard,
        bureau=bureau,
        title=f"{bureau}{year}年政府信息公开工作年度报告",
        period=(f"{year}-01-01", f"{year}-12-31"),
        due_on=date(year + 1, 1, 31).isoformat(),
        opening=parts["opening"].lines,
        chapters=chapters,
        figures=_told(form, figures),
        checks=[],
        blanks=[spec.key for spec in cells_of(form) if figures.value(spec.key) is None],
        to_fill=list(dict.fromkeys(name for part in parts.values() for name in part.to_fill)),
    )
    checks = run_checks(Ledger(form, figures, before), _sentences(report))
    return report.model_copy(update={"checks": checks})


def run_checks(at: Ledger, sentences: Sequence[str]) -> list[CheckTold]:
    """All checks that the form, the figures and the sentences are put to."""
    of_table_two = table_two.of_2021 if at.form.standard is Standard.OF_2021 else table_two.of_2019
    return [
        *of_table_two(at),
        *other_tables.of_table_three(at),
        *other_tables.of_table_four(at),
        *of_texts(sentences, at),
        *chapter_one.of_chapter_one(at),
        *chapter_one.of_sources(at),
    ]


async def own_paragraphs(session: AsyncSession, type_: ReportType, period: str) -> Sequence[ReportParagraph]:
    """What the bureau wrote for that report."""
    query = select(ReportParagraph).where(ReportParagraph.type == type_, ReportParagraph.period == period)
    return (await session.scalars(query)).all()


def channels_of(figures: YearFigures) -> list[str]:
    """The channels that have a figure, the usual ones first and in their order."""
    named = figures.named(CHANNELS)
    usual = [CHANNELS + one for one in DEFAULT_CHANNELS if CHANNELS + one in named]
    return list(dict.fromkeys([*usual, *named]))


def _chapter(form: Form, number: int, part: Written, figures: YearFigures) -> Chapter:
    table = TABLES[number](form, figures.text) if number in TABLES else None
    return Chapter(number=number, title=form.sections[number - 1], lines=part.lines, table=table)


def _sentences(report: Report) -> list[str]:
    lines: list[Line] = [*report.opening, *(line for chapter in report.chapters for line in chapter.lines)]
    return [line.text for line in lines]


def _told(form: Form, figures: YearFigures) -> dict[str, FigureTold]:
    families = [*channels_of(figures), *figures.named(SITE_COLUMNS)]
    specs = [*TEXT.values(), *(spec for key in families if (spec := spec_of(key))), *cells_of(form)]
    told = {spec.key: _figure(spec, figures) for spec in specs}
    if rate := closing_rate(figures.value):
        base = spec_of(rate.base)
        told[CLOSING_RATE] = FigureTold(
            label=_RATE.label,
            unit=_RATE.unit,
            value=rate.percent,
            text=f"{rate.percent}%",
            origin="计算",
            source=f"举报办结除以{base.label if base else rate.base}，四舍五入到一位小数",
            link=figure_page(figures.year, "complaints.closed"),
        )
    return told


def _figure(spec: Spec, figures: YearFigures) -> FigureTold:
    link = figure_page(figures.year, spec.key)
    held, incomplete = figures.held.get(spec.key), figures.incomplete.get(spec.key)
    if held is None:
        beside = [_beside(incomplete)] if incomplete else []
        return FigureTold(label=spec.label, unit=spec.unit, value=None, text="", link=link, beside=beside)
    return FigureTold(
        label=spec.label,
        unit=spec.unit,
        value=held.given.value,
        text=figures.text(spec.key),
        origin=ORIGIN_LABELS[held.given.origin],
        source=held.given.told,
        by=held.given.by,
        link=link,
        evidence=held.given.evidence,
        beside=[_beside(one) for one in held.beside],
    )


def _beside(given: Given) -> str:
    by = f"，{given.by}" if given.by else ""
    return f"{ORIGIN_LABELS[given.origin]} {given.value}（{given.told}{by}）"
