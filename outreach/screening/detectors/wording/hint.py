"""What the rules on slips of the pen have in common."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.severity import Severity

LABEL: Final = "wording"

CORRECTNESS: Final = "《政府网站与政务新媒体检查指标》（国办秘函〔2019〕19号）"
"""Wrong words and grave errors of expression count against an office's new media."""


def hint(
    name: str,
    title: str,
    trigger: frozenset[str] | re.Pattern[str],
    find: Callable[[str, Sequence[Span]], Iterable[Span]],
    advice: str | Callable[[str], str],
    basis: str = CORRECTNESS,
    *,
    reads_typed: bool = False,
) -> Detector:
    """A rule that only ever gives hints."""
    return Detector(
        name=f"{LABEL}_{name}",
        title=f"文字差错：{title}",
        label=LABEL,
        severity=Severity.HINT,
        advice=advice,
        basis=basis,
        trigger=trigger,
        find=find,
        reads_typed=reads_typed,
    )
