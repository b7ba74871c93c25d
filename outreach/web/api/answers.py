"""How calls answer."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.web.api.shapes import ItemShape, shape_item


def answer(shape: BaseModel, status: int = 200) -> web.Response:
    """A shape as JSON."""
    return web.Response(text=shape.model_dump_json(), status=status, content_type="application/json")


def item_answer(shape: ItemShape, status: int = 200) -> web.Response:
    """An item as JSON, with its version as ETag."""
    response = answer(shape, status)
    response.headers["ETag"] = f'"{shape.version}"'
    return response


async def fresh(session: AsyncSession, item: Item, public_url: str) -> ItemShape:
    """The item as it stands after what was just done to it."""
    await session.flush()
    return await shape_item(session, item.id, public_url)
