"""/statistics/monthly.… and /statistics/yearly.…: the figures as files."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

from aiohttp import web

from outreach.foundation import clock
from outreach.items.files import DOCX, XLSX
from outreach.statistics.books import month_book, year_book
from outreach.statistics.bulletin import write_bulletin
from outreach.statistics.csv_table import month_csv, year_csv
from outreach.statistics.queries import month_figures, year_figures
from outreach.statistics.queries.whole import whole_month, whole_year
from outreach.statistics.rules import month_label
from outreach.web import keys
from outreach.web.pages.statistics_periods import month_asked, year_asked

_CSV: Final = "text/csv; charset=utf-8"


async def month_as_csv(request: web.Request) -> web.Response:
    """GET /statistics/monthly.csv?month=YYYY-MM"""
    month = month_asked(request)
    async with keys.office_of(request).db.read() as session:
        figures = await month_figures(session, month, keys.person_of(request))
    return table(month_csv(figures), f"statistics-{month}.csv")


async def year_as_csv(request: web.Request) -> web.Response:
    """GET /statistics/yearly.csv?year=YYYY"""
    year = year_asked(request)
    async with keys.office_of(request).db.read() as session:
        figures = await year_figures(session, year, keys.person_of(request))
    return table(year_csv(figures), f"statistics-{year}.csv")


async def month_as_xlsx(request: web.Request) -> web.Response:
    """GET /statistics/monthly.xlsx?month=YYYY-MM"""
    month, office = month_asked(request), keys.office_of(request)
    zone, bureau = office.settings.zone, keys.visit_of(request).settings.bureau
    async with office.db.snapshot() as session:
        whole = await whole_month(session, month, keys.person_of(request), zone)
    content = await asyncio.to_thread(month_book, whole, bureau, zone, clock.now())
    return file(content, XLSX, f"{month_label(month)}统计.xlsx")


async def year_as_xlsx(request: web.Request) -> web.Response:
    """GET /statistics/yearly.xlsx?year=YYYY"""
    year, office = year_asked(request), keys.office_of(request)
    zone, bureau = office.settings.zone, keys.visit_of(request).settings.bureau
    async with office.db.snapshot() as session:
        whole = await whole_year(session, year, keys.person_of(request), zone)
    content = await asyncio.to_thread(year_book, whole, bureau, zone, clock.now())
    return file(content, XLSX, f"{year}年统计.xlsx")


async def month_as_docx(request: web.Request) -> web.Response:
    """GET /statistics/monthly.docx?month=YYYY-MM: the bulletin."""
    month, office = month_asked(request), keys.office_of(request)
    zone, bureau = office.settings.zone, keys.visit_of(request).settings.bureau
    async with office.db.snapshot() as session:
        whole = await whole_month(session, month, keys.person_of(request), zone)
    written = await asyncio.to_thread(write_bulletin, whole, bureau, zone, clock.now())
    return file(written.file, DOCX, f"{month_label(month)}统计月报.docx")


def table(content: bytes, name: str) -> web.Response:
    """A table as CSV, to be kept under a plain name."""
    headers = {
        "Content-Type": _CSV,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, headers=headers)


def file(content: bytes, media_type: str, name: str) -> web.Response:
    """A file, to be kept under a Chinese name."""
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, headers=headers)
