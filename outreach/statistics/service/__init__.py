"""Counting, closing months, putting counts right, and figures from before the start."""

from outreach.statistics.service.closing import close_month
from outreach.statistics.service.counting import (
    begin_counting,
    count_decision,
    count_notice,
    count_published,
    count_withdrawn,
    counted_month,
)
from outreach.statistics.service.importing import ImportedRow, import_figures, import_year, remove_figure
from outreach.statistics.service.repairing import repair

__all__ = [
    "ImportedRow",
    "begin_counting",
    "close_month",
    "count_decision",
    "count_notice",
    "count_published",
    "count_withdrawn",
    "counted_month",
    "import_figures",
    "import_year",
    "remove_figure",
    "repair",
]
