"""The report as files: a Word document in the official form, HTML for the portal, JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import jinja2

from outreach.foundation import clock
from outreach.foundation.dates import day
from outreach.foundation.templates import templates_folder
from outreach.foundation.word_template import WordTemplate
from outreach.statistics.report.content import FigureTold, Report

_TABLES: Final = {"art20": "表二", "requests": "表三", "cases": "表四"}


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """A source, and what comes from it: figures of sentences one by one, those of tables by their number."""

    source: str
    figures: str


async def annual_file(report: Report, format_: str, home: Path) -> bytes:
    """The report as `docx`, `html` or `json`. Raises NotPossible."""
    match format_:
        case "docx":
            return await asyncio.to_thread(report_docx, report, home)
        case "html":
            return report_html(report)
        case _:
            return report_json(report)


def report_docx(report: Report, home: Path) -> bytes:
    """The Word file, from the template of its form (ADR 12). To be called off the event loop. Raises NotPossible where
    the office's own template is wrong."""
    standard = report.standard.value
    template = WordTemplate(home, "reports", f"年度报告-{standard}.docx", f"年度报告（{standard}年格式）")
    return template.filled(
        {
            "report": report,
            "cell": {key: figure.text for key, figure in report.figures.items()},
            "signed_on": signed_on(report),
            "sources": list(source_groups(report)),
        }
    )


def report_html(report: Report) -> bytes:
    """A page that needs nothing besides: for the portal, and to print."""
    template = _environment().get_template("reports/annual.html")
    told = template.render(report=report, signed_on=signed_on(report), sources=_numbered_sources(report))
    return told.encode()


def report_json(report: Report) -> bytes:
    """All of it: texts, tables, figures with their sources, checks. Each line has its `text` besides its pieces."""
    told = report.model_dump(mode="json")
    for lines in (told["opening"], *(chapter["lines"] for chapter in told["chapters"])):
        for line in lines:
            line["text"] = "".join(piece["text"] for piece in line["pieces"])
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def signed_on(report: Report) -> str:
    """The day of the sign-off as documents write it; empty before."""
    return day(date.fromisoformat(report.signed_on), clock.SHANGHAI) if report.signed_on else ""


def source_groups(report: Report) -> Iterator[SourceGroup]:
    """Where the figures that are printed come from, each source once."""
    groups: dict[str, list[tuple[str, FigureTold]]] = {}
    for key, figure in _printed(report).items():
        by = f"，{figure.by}" if figure.by else ""
        groups.setdefault(f"{figure.origin}：{figure.source}{by}", []).append((key, figure))
    for source, figures in groups.items():
        yield SourceGroup(source, "；".join(_listed(figures)))


def _numbered_sources(report: Report) -> Mapping[str, Any]:
    """For each printed figure the number of its source, and the sources in their order; who typed it stays inside."""
    sources: dict[str, int] = {}
    of_figure: dict[str, int] = {}
    for key, figure in _printed(report).items():
        told = f"{figure.origin}：{figure.source}"
        of_figure[key] = sources.setdefault(told, len(sources) + 1)
    return {"of_figure": of_figure, "told": list(sources)}


def _printed(report: Report) -> dict[str, FigureTold]:
    """The figures that stand in sentences and tables, in their order."""
    lines = [*report.opening, *(line for chapter in report.chapters for line in chapter.lines)]
    keys = [piece.key for line in lines for piece in line.pieces if piece.key]
    keys += [
        cell.key
        for chapter in report.chapters
        for row in (chapter.table.rows if chapter.table else ())
        for cell in row
        if cell.key
    ]
    known = {key: report.figures.get(key) for key in dict.fromkeys(keys)}
    return {key: figure for key, figure in known.items() if figure is not None and figure.value is not None}


def _listed(figures: list[tuple[str, FigureTold]]) -> Iterator[str]:
    counts: dict[str, int] = {}
    for key, figure in figures:
        if table := _TABLES.get(key.partition(".")[0]):
            counts[table] = counts.get(table, 0) + 1
        else:
            yield f"{figure.label} {figure.text}"
    yield from (f"{table}{count}格" for table, count in counts.items())


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
