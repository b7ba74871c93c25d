"""What calls answer of an import."""

from __future__ import annotations

from pydantic import BaseModel

from outreach.items.kinds.messages import printable
from outreach.office.import_items import ImportReport, RowOutcome
from outreach.web.api.problem_shapes import WrongField


class RowShape(BaseModel):
    """What became of one row of an import. `sheet` is the workbook's; other files have none."""

    sheet: str | None
    row: int
    source_id: str | None
    outcome: RowOutcome
    item_id: str | None
    errors: list[WrongField]
    notes: list[str]


class ImportShape(BaseModel):
    """The report of an import."""

    stored: bool
    counts: dict[RowOutcome, int]
    rows: list[RowShape]


def shape_import(report: ImportReport) -> ImportShape:
    """The report of an import."""
    return ImportShape(
        stored=report.stored,
        counts={outcome: report.count(outcome) for outcome in RowOutcome},
        rows=[
            RowShape(
                sheet=printable(row.sheet) if row.sheet else None,
                row=row.row,
                source_id=printable(row.source_id) if row.source_id else None,
                outcome=row.outcome,
                item_id=row.item_id,
                errors=[WrongField(field=one.field, message=one.message) for one in row.errors],
                notes=list(row.notes),
            )
            for row in report.rows
        ],
    )
