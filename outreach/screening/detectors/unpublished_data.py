"""Data that a text itself calls not yet published. 生态环境监测条例: nobody publishes monitoring data unlawfully."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.spans import clause_end, clause_start
from outreach.screening.severity import Severity

LABEL: Final = "unpublished_data"

_NOT_YET: Final = words("尚未 暂不 暂未 未对外 不对外 未正式 未向社会 不向社会")
_PUBLISHED: Final = re.compile(r"[^,，。;；\n]{2,5}?(?:公布|发布|公开)")
_DATA: Final = re.compile(r"监测|数据|浓度|排名|考核结果")
# A rule about such data is no such data.
_RULE: Final = re.compile(r"依法|依据|依照|规定|不得|属于|应当|口径")
_FURTHEST: Final = 24


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """尚未公布的监测数据; 数据暂不对外发布."""
    for start, _ in hits:
        called = _PUBLISHED.match(text, start)
        clause = text[clause_start(text, start, _FURTHEST) : clause_end(text, start, _FURTHEST)]
        if called and _DATA.search(clause) and not _RULE.search(clause):
            yield called.span()


DETECTORS: Final = (
    Detector(
        name="unpublished_data",
        title="自称尚未公布的数据",
        label=LABEL,
        severity=Severity.HINT,
        advice="文中称数据尚未公布：请确认已审核、可以公开，再删去这一说法；否则删去数据。",
        basis="《生态环境监测条例》（国务院令第820号）",
        trigger=_NOT_YET,
        find=find,
    ),
)
