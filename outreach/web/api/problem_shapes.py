"""What calls answer where something is wrong."""

from __future__ import annotations

from pydantic import BaseModel


class WrongField(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 tells it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongField]
