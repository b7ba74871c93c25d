"""How grave a finding is. Apart from the detectors, so that tables can name it without reading them all."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is; a hint never changes the verdict."""

    BLOCK = "block"
    REDACT = "redact"
    HINT = "hint"
