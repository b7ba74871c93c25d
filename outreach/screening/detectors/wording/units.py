"""Units of measurement in the wrong case (Mg/M3, ug/L, KG), and areas in cubic metres.

GB 3100-1993: case tells units apart; M is mega, u stands for no prefix, k is kilo.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from outreach.screening.detectors.base import Span
from outreach.screening.detectors.wording.hint import hint

_RIGHT: Final[Mapping[str, str]] = {
    "mg/m3": "mg/m³",
    "mg/m³": "mg/m³",
    "mg/l": "mg/L",
    "ug/m3": "μg/m³",
    "ug/m³": "μg/m³",
    "ug/l": "μg/L",
    "kg": "kg",
    "km": "km",
    "mpa": "MPa",
    "db(a)": "dB(A)",
    "m3": "m³",
    "m2": "m²",
}
# What is right or usual; of μ and u, see above.
_USUAL: Final = frozenset({"mg/m3", "mg/m³", "mg/l", "mg/L", "kg", "km", "MPa", "mPa", "dB(A)", "m3", "m2"})


def _spellings(unit: str) -> Iterator[str]:
    return map("".join, product(*({char, char.upper()} for char in unit)))


_SLIPS: Final = frozenset(slip for unit in _RIGHT for slip in _spellings(unit)) - _USUAL
_LONGEST_NUMBER: Final = 12
# The number of a quantity, not the end of a model's or a road's name.
_QUANTITY_BEFORE: Final = re.compile(r"(?<![0-9A-Za-z.#-])[0-9]+(?:\.[0-9]+)?[ ]?$")
_GOES_ON: Final = re.compile(r"[0-9A-Za-z]|\.[0-9]")

_AREA: Final = re.compile(
    r"面积[^,，。;\n0-9]{0,4}[0-9]{1,10}(?:\.[0-9]{1,6})?[ ]?[万亿]?(?:立方米|m[3³])(?![/0-9A-Za-z])"
)
_VOLUME: Final = re.compile(
    r"(?:容积|库容|体积)[^,，。;\n0-9]{0,4}[0-9]{1,10}(?:\.[0-9]{1,6})?[ ]?[万亿]?(?:平方米|m[2²])(?![/0-9A-Za-z])"
)
_MEASURES: Final = frozenset({"面积", "容积", "库容", "体积"})


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """35Mg/M3, 12 ug/L, 500KG; 占地面积1200立方米, 容积300平方米."""
    for start, end in hits:
        if text[start:end] in _SLIPS:
            before = _QUANTITY_BEFORE.search(text, max(0, start - _LONGEST_NUMBER), start)
            if before and not _GOES_ON.match(text, end):
                yield start, end
        elif measure := _AREA.match(text, start) or _VOLUME.match(text, start):
            yield measure.span()


def _advice(found: str) -> str:
    if found in _SLIPS:
        return f"单位“{found}”的写法有误，应为“{_RIGHT[found.lower()]}”：请核对后改正。"
    fits = "面积应以平方米等面积单位计" if found.startswith("面积") else "容积、体积应以立方米等体积单位计"
    return f"“{found}”的量和单位不合，{fits}：请核对数字和单位。"


DETECTORS: Final = (
    hint("unit", "计量单位", _SLIPS | _MEASURES, find, _advice, "GB 3100-1993《国际单位制及其应用》"),
)
