"""What calls answer of sections."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class SectionShape(BaseModel):
    """A department or branch."""

    id: str
    name: str


class SectionList(BaseModel):
    """All sections."""

    items: list[SectionShape]
    next_cursor: Literal[None] = None
