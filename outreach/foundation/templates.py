"""Where the templates lie."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import outreach


@cache
def templates_folder() -> Path:
    """`outreach/_templates` of an installed wheel, else `templates` beside the package in a checkout."""
    package = Path(outreach.__file__).parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"
