"""What people outside wrote, as it may be kept: nothing that bears a mark, and masked what the screening finds."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.screening.office_engine import office_engine
from outreach.screening.rules import LABELS, Severity, classification_marks


async def masked(session: AsyncSession, words: str) -> str:
    """`words` in one line, in place of each finding that is more than a hint its label; nothing of what bears a
    classification mark."""
    if classification_marks(words):
        return ""
    line = " ".join(words.split())
    found = (await office_engine(session)).engine.screen(line)
    for match in sorted(found, key=lambda one: -one.start):
        if match.severity is not Severity.HINT:
            line = f"{line[: match.start]}〔{LABELS[match.label]}〕{line[match.end :]}"
    return line
