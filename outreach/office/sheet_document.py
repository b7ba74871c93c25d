"""The 审查表 as a Word file, from a template that the office may change in Word.

The template that ships lies in `templates/records/`. A copy at `HOME/templates/审查表.docx` stands for it: forms differ
from province to province, and whoever knows Word can move, rename or leave out rows. docxtpl was chosen for that:
names in double braces are the fields of `ReviewSheet`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from outreach.foundation.word_template import WordTemplate
from outreach.office.review_sheet import ReviewSheet

TEMPLATE_NAME: Final = "审查表.docx"


class SheetPrinter:
    """Fills in the template that holds for the installation in `home`."""

    def __init__(self, home: Path) -> None:
        self._template = WordTemplate(home, "records", TEMPLATE_NAME, "审查表")

    def docx(self, sheet: ReviewSheet) -> bytes:
        """The form as a Word file. To be called off the event loop. Raises NotPossible where the office's own
        template can't be read, or names something that the form does not have."""
        return self._template.filled({"sheet": sheet})
