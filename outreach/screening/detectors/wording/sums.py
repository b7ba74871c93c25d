"""Parts that don't add up to the total before them: 共12件,其中大气6件、水4件."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from outreach.screening.detectors.base import Span, words
from outreach.screening.detectors.wording.hint import hint

_NUMBER: Final = r"[0-9]{1,10}(?:\.[0-9]{1,6})?"
_UNIT: Final = r"(?:平方米|立方米|平方公里|公里|公顷|万元|亿元|万吨|家次|人次|件次|件|起|个|家|次|人|户|宗|项|份|篇|条|名|台|辆|元|吨|座|处|批|套|头|只|亩|天)"
_TOTAL: Final = re.compile(
    rf"(?:共|合计|总计|累计|总数)[^,。;:\n0-9]{{0,16}}(?P<number>{_NUMBER})[ ]?(?P<unit>{_UNIT})[,(;:]?$"
)
_PART: Final = re.compile(rf"[^0-9,、。;:()\n]{{1,20}}(?P<number>{_NUMBER})[ ]?(?P<unit>{_UNIT})(?!次)")
_NEXT: Final = re.compile(r"[、,;]")
_END: Final = re.compile(r"[。)\n]|$")
# After the last part nothing more is counted: 均已办结.
_LAST_CLAUSE: Final = re.compile(r"[,;][^0-9。;\n]{0,40}(?:[。;\n]|$)")
# A list that does not claim to be whole, or whose members overlap.
_NOT_ALL: Final = re.compile(
    r"等|其余|其他(?![0-9])|另|还有|剩余|包括|含|既|同时|占|比|平均|约|近|余|多|以上"
)
_WORD: Final = "其中"
_LOOK_BACK: Final = 40
_LONGEST: Final = 300
_LEAST_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class _Claim:
    """A total and the parts that are told of it."""

    total: Decimal
    unit: str
    parts: tuple[Decimal, ...]
    span: Span

    @property
    def sum(self) -> Decimal:
        return sum(self.parts, Decimal(0))

    @property
    def tolerance(self) -> Decimal:
        """By how much rounded figures may differ: half of the last decimal place for each of them."""
        places = max(_places(number) for number in (self.total, *self.parts))
        return Decimal(len(self.parts) + 1) / 2 / 10**places if places else Decimal(0)


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """共12件,其中大气6件、水4件; never where 等 or 其余 leaves something open."""
    for start, end in hits:
        claim = _claim(text, start, end)
        if claim and abs(claim.sum - claim.total) > claim.tolerance:
            yield claim.span


def _claim(text: str, start: int, end: int) -> _Claim | None:
    """The total before and the parts after 其中 at `start`..`end`; None where the parts are not all that is told."""
    total = _TOTAL.search(text, max(0, start - _LOOK_BACK), start)
    parts = list(_parts(text, end)) if total else []
    if total is None or len(parts) < _LEAST_PARTS or {part["unit"] for part in parts} != {total["unit"]}:
        return None
    stop = parts[-1].end()
    last_clause = _LAST_CLAUSE.match(text, stop)
    if not (_END.match(text, stop) or last_clause):
        return None
    told_until = last_clause.end() if last_clause else stop
    if _NOT_ALL.search(text, total.start(), told_until):
        return None
    numbers = tuple(Decimal(part["number"]) for part in parts)
    return _Claim(Decimal(total["number"]), total["unit"], numbers, (total.start(), stop))


def _parts(text: str, start: int) -> Iterator[re.Match[str]]:
    highest = min(len(text), start + _LONGEST)
    at = start + (text[start : start + 1] in (",", ":", "、"))
    while part := _PART.match(text, at, highest):
        yield part
        following = _NEXT.match(text, part.end(), highest)
        if following is None:
            return
        at = following.end()


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _advice(found: str) -> str:
    at = found.index(_WORD)
    claim = _claim(found, at, at + len(_WORD))
    assert claim, "what was found in a text is found in its part"
    return f"各项相加为{claim.sum}{claim.unit}，与总数{claim.total}{claim.unit}不符：请核对数字；没有全部列出的，写明“等”。"


DETECTORS: Final = (hint("sum", "分项与总数不符", words(_WORD), find, _advice),)
