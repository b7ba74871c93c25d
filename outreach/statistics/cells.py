"""One count as all who handle counts name it: which measure, of which month, account, kind, section and origin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple

from outreach.statistics.model import NONE, ActTally, Measure, Tally


class Cell(NamedTuple):
    """The name of a count; what does not apply to its measure is empty."""

    measure: Measure
    month: str
    account_id: str = NONE
    kind: str = NONE
    section_id: str = NONE
    origin: str = NONE
    detail: str = NONE


Counts = Counter[Cell]

OTHER_BASIS: Final = "other"
"""The detail of a refusal that cites none of the articles 14 to 17 of the Regulation (条例)."""

COLUMN_OF: Final[dict[Measure, tuple[type[Any], str]]] = {
    Measure.POSTS: (Tally, "posts"),
    Measure.WITHDRAWN: (Tally, "withdrawn"),
    **dict.fromkeys(
        (Measure.CONTENTS, Measure.ARTICLES, Measure.REVIEWS, Measure.REFUSALS, Measure.NOTICES),
        (ActTally, "number"),
    ),
}
"""The table in which a measure is kept, and its column there."""


NUMBERS_OF: Final[dict[type[Any], tuple[str, ...]]] = {
    model: tuple(column for other, column in dict.fromkeys(COLUMN_OF.values()) if other is model)
    for model, _ in COLUMN_OF.values()
}
"""The columns of each table that are counts."""


def rows_of(counts: Counts) -> Iterator[tuple[type[Any], tuple[str, ...], dict[str, int]]]:
    """For each row of a table that the counts concern, in one order for everybody: the table's model, the row's key
    and its columns."""

    def place(cell: Cell) -> tuple[str, tuple[str, ...]]:
        model, _ = COLUMN_OF[cell.measure]
        return model.__tablename__, key_of(model, cell)

    for (_, key), cells in groupby(sorted(counts, key=place, reverse=True), key=place):
        several = list(cells)
        model = COLUMN_OF[several[0].measure][0]
        yield model, key, {COLUMN_OF[cell.measure][1]: counts[cell] for cell in several}


def key_of(model: type[Any], cell: Cell) -> tuple[str, ...]:
    """The primary key of the cell's row in `model`'s table, in the table's order."""
    return tuple(str(getattr(cell, column.name)) for column in model.__table__.primary_key)


def months_in(cells: Iterable[Cell]) -> set[str]:
    """The months that any of the cells is of."""
    return {cell.month for cell in cells}
