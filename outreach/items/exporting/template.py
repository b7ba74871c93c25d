"""The workbook that is downloaded, filled in and imported."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import IO

from outreach.items.exporting.book import ItemBook
from outreach.items.model import Kind


def write_template(target: IO[bytes], sections: Sequence[str]) -> None:
    """A sheet for each kind without a row, and one that explains them. `sections` may be chosen as 科室."""
    with closing(ItemBook(target, sections)) as book:
        for kind in Kind:
            book.add_sheet(kind)
        book.add_guide()
