"""Numbers as they are typed, as a file gives them, and as they are stored: exact, never rounded."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from outreach.statistics.report.catalogue import Spec, Value
from outreach.statistics.report.forms import Measure

_GREATEST: Final = 10**12
_MOST_PLACES: Final = 6
_TYPED: Final = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(余?)")
_BLANK_SIGNS: Final = frozenset({"/", "-", "—", "——", "无", "空"})


class NoFigure(ValueError):
    """What was given is no such figure; the text of the error is a Chinese sentence that says what to mend."""


def typed_value(spec: Spec, text: str) -> tuple[Value, bool]:
    """The figure that somebody typed, and whether 余 stood behind it (18000余). Raises NoFigure."""
    written = unicodedata.normalize("NFKC", text).replace("−", "-").replace(" ", "").removesuffix(spec.suffix)
    if written in _BLANK_SIGNS:
        raise NoFigure("“/”“-”等不是数；没有发生的请填 0，还不知道的请留空。")
    found = _TYPED.fullmatch(written)
    if found is None:
        raise NoFigure(f"“{text.strip()[:20]}”不是数。请填阿拉伯数字，例如 {_EXAMPLES[spec.measure]}。")
    return checked_value(spec, Decimal(found[1].replace(",", ""))), bool(found[2])


def checked_value(spec: Spec, given: Any) -> Value:
    """The figure that a file gives as a JSON number. Raises NoFigure."""
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise NoFigure(f"“{str(given)[:20]}”不是数。")
    number = Decimal(given)
    if not number.is_finite() or abs(number) > _GREATEST:
        raise NoFigure("数字过大，请核对。")
    if number < 0 and spec.measure is not Measure.SIGNED:
        raise NoFigure("不能是负数。")
    if spec.measure is Measure.AMOUNT:
        return _amount(number)
    if number != number.to_integral_value():
        raise NoFigure("应为整数。")
    return int(number)


def stored_value(spec: Spec, text: str) -> Value:
    """The figure of a stored text. Raises ValueError where the text is none: the database was changed by hand."""
    try:
        return Decimal(text) if spec.measure is Measure.AMOUNT else int(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


def as_stored(value: Value) -> str:
    """The figure as text, in decimal digits."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _amount(number: Decimal) -> Decimal:
    places = -int(number.as_tuple().exponent)
    if places > _MOST_PLACES:
        raise NoFigure(f"小数最多 {_MOST_PLACES} 位。")
    return Decimal(f"{number:f}")


_EXAMPLES: Final = {
    Measure.COUNT: "280 或 18000余",
    Measure.SIGNED: "3、0 或 -2",
    Measure.AMOUNT: "2612.6122",
}
