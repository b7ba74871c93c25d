"""The three tables in the official form, cell by cell with the merged header cells, for whatever stands in a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from outreach.statistics.report.content import Cell, Table
from outreach.statistics.report.forms import Form, Labelled, ResultRow

Shown = Callable[[str], str]
"""What stands in the cell of a figure."""

_WIDTH2: Final = 4
_LABEL_COLUMNS3: Final = 3


def table_two(form: Form, shown: Shown) -> Table:
    """二、主动公开政府信息情况: a block for each item of art. 20."""
    rows: list[list[Cell]] = []
    for block in form.table2:
        wide = _WIDTH2 - len(block.columns)
        spans = [1] * (len(block.columns) - 1) + [wide]
        rows.append([Cell(text=block.article, colspan=_WIDTH2, heading=True)])
        heads = [
            Cell(text=column.label, colspan=span, heading=True)
            for column, span in zip(block.columns, spans, strict=True)
        ]
        rows.append([Cell(text=block.head, heading=True), *heads])
        for row in block.rows:
            keys = [f"art20.{row.key}.{column.key}" for column in block.columns]
            cells = [
                Cell(text=shown(key), colspan=span, key=key) for key, span in zip(keys, spans, strict=True)
            ]
            rows.append([Cell(text=row.label, heading=True), *cells])
    return Table(id="table2", title=form.sections[1], columns=_WIDTH2, headings=0, rows=rows)


def table_three(form: Form, shown: Shown) -> Table:
    """三、收到和处理政府信息公开申请情况."""
    columns = form.table3_columns
    together = [column for column in columns if column.above]
    above: list[Cell] = []
    for column in columns:
        if column.above is None:
            above.append(Cell(text=column.label, rowspan=2, heading=True))
        elif column is together[0]:
            above.append(Cell(text=column.above, colspan=len(together), heading=True))
    rows = [
        [
            Cell(text=form.corner, colspan=_LABEL_COLUMNS3, rowspan=3, heading=True),
            Cell(text=form.column_header, colspan=len(columns), heading=True),
        ],
        above,
        [Cell(text=column.label, heading=True) for column in together],
    ]
    for number, row in enumerate(form.table3):
        figures = [f"requests.{row.key}.{column.key}" for column in columns]
        rows.append([*_labels3(form, number, row), *(Cell(text=shown(key), key=key) for key in figures)])
    return Table(
        id="table3",
        title=form.sections[2],
        columns=_LABEL_COLUMNS3 + len(columns),
        headings=len(rows) - len(form.table3),
        rows=rows,
    )


def _labels3(form: Form, number: int, row: ResultRow) -> list[Cell]:
    """The cells to the left of a row; those that it shares with the rows above were said there."""
    if row.section is None:
        return [Cell(text=row.label, colspan=_LABEL_COLUMNS3, heading=True)]
    before = form.table3[number - 1]
    labels: list[Cell] = []
    if before.section != row.section:
        size = sum(1 for one in form.table3 if one.section == row.section)
        labels.append(Cell(text=row.section, rowspan=size, heading=True))
    if row.group is None:
        return [*labels, Cell(text=row.label, colspan=2, heading=True)]
    if before.group != row.group:
        size = sum(1 for one in form.table3 if one.group == row.group)
        labels.append(Cell(text=row.group, rowspan=size, heading=True))
    return [*labels, Cell(text=row.label, heading=True)]


def table_four(form: Form, shown: Shown) -> Table:
    """四、政府信息公开行政复议、行政诉讼情况."""
    outcomes, alone = form.table4_columns, [group for group in form.table4_groups if group.above is None]
    under = [group for group in form.table4_groups if group.above]
    parents = list(dict.fromkeys(group.above for group in under if group.above))
    widths = {parent: sum(len(outcomes) for group in under if group.above == parent) for parent in parents}
    rows = [
        [
            *(Cell(text=group.label, colspan=len(outcomes), heading=True) for group in alone),
            *(Cell(text=parent, colspan=widths[parent], heading=True) for parent in parents),
        ],
        [
            *(cell for _ in alone for cell in _heads(outcomes, rowspan=2)),
            *(Cell(text=group.label, colspan=len(outcomes), heading=True) for group in under),
        ],
        [cell for _ in under for cell in _heads(outcomes)],
        [Cell(text=shown(key), key=key) for _, _, key in form.cells4()],
    ]
    return Table(id="table4", title=form.sections[3], columns=len(rows[-1]), headings=3, rows=rows)


def _heads(outcomes: tuple[Labelled, ...], rowspan: int = 1) -> list[Cell]:
    return [Cell(text=one.label, rowspan=rowspan, heading=True) for one in outcomes]


TABLES: Final = {2: table_two, 3: table_three, 4: table_four}
"""The table of each chapter that has one."""
