"""/items/export.xlsx and /items/import/template.xlsx: items as a workbook, and the workbook to fill in."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from outreach.foundation import clock
from outreach.items.files import XLSX
from outreach.office.export_items import export_items, import_template
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.pages.items_list import narrow_of

_TEMPLATE_NAME: Final = "信息导入模板.xlsx"


async def download(request: web.Request) -> web.Response:
    """GET /items/export.xlsx?text=&kind=&section=&state=: what the list shows with these filters."""
    office = keys.office_of(request)
    content = await export_items(office, keys.person_of(request), narrow_of(request))
    return _workbook(content, f"信息-{clock.today(office.settings.zone)}.xlsx")


async def download_template(request: web.Request) -> web.Response:
    """GET /items/import/template.xlsx"""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    content = await import_template(keys.office_of(request), keys.person_of(request))
    return _workbook(content, _TEMPLATE_NAME)


def _workbook(content: bytes, name: str) -> web.Response:
    headers = {
        "Content-Type": XLSX,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=content, headers=headers)
