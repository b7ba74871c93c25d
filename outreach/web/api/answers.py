"""How calls answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aiohttp import web
from pydantic import BaseModel

from outreach.office.item_documents import ItemDocument


def answer(shape: BaseModel, status: int = 200) -> web.Response:
    """A shape as JSON."""
    return _json(shape.model_dump_json(), status)


def item_answer(item: ItemDocument, status: int = 200) -> web.Response:
    """An item, with its version as ETag."""
    response = _json(item.json, status)
    response.headers["ETag"] = f'"{item.version}"'
    return response


def items_answer(items: Sequence[ItemDocument], next_cursor: str | None) -> web.Response:
    """A page of items."""
    listed = ",".join([item.json for item in items])
    return _json(f'{{"items":[{listed}],"next_cursor":{json.dumps(next_cursor)}}}', 200)


def _json(text: str, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="application/json")
