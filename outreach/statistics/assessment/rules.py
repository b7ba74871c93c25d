"""How points are given. Pure.

A quarter begins with a base; each measure counts something a section did or failed to do, and gives or takes so many
points for each, to a cap. Published schemes differ (鲤城 2020: late −5, late answers −6, confidentiality 6; 玉环 2018;
岳阳 with grades; 锦州 with plus and minus), so that all numbers are the office's; what ships is an example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from outreach.foundation.problems import FieldError, InvalidContent

CENT: Final = Decimal("0.01")
_MOST: Final = Decimal(100)
_BASIS_LENGTH: Final = 500


class Measure(StrEnum):
    """What is counted."""

    LATE = "late"
    ORIGINALS = "originals"
    RETURNED = "returned"
    INCIDENTS = "incidents"
    ANSWERS = "answers"


LABELS: Final[Mapping[Measure, str]] = {
    Measure.LATE: "逾期公开",
    Measure.ORIGINALS: "原创信息",
    Measure.RETURNED: "审查退回",
    Measure.INCIDENTS: "保密问题",
    Measure.ANSWERS: "答复逾期",
}
MEANINGS: Final[Mapping[Measure, str]] = {
    Measure.LATE: "公开期限落在本季度、到期没有公开的信息，一条计一次；不予公开的和封存的不计",
    Measure.ORIGINALS: "本季度首次公开的原创信息，一条在几个平台上发布计一次，更正不计",
    Measure.RETURNED: "本季度审查中被退回，每退回一次计一次",
    Measure.INCIDENTS: "带密级标志被拒收、被封存（认定误报的除外）、初筛的拦截项被认定属实，一个版本计一次",
    Measure.ANSWERS: "留言、提问、依申请公开没有按时答复，由统计员登记",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`weight` points for each one counted (below zero: taken away), `cap` at most, whichever way."""

    measure: Measure
    weight: Decimal
    cap: Decimal

    def points(self, amount: int) -> Decimal:
        """What `amount` gives. What hand entries take back beyond what was counted counts as nothing."""
        size = min(abs(self.weight) * max(amount, 0), self.cap)
        return size if self.weight >= 0 else -size


@dataclass(frozen=True, slots=True)
class Scheme:
    """All rules of the office: the base and a rule for each measure, in the order of `Measure`."""

    base: Decimal
    rules: tuple[Rule, ...]

    def points(self, amounts: Mapping[Measure, int]) -> dict[Measure, Decimal]:
        """The points of each measure."""
        return {rule.measure: rule.points(amounts.get(rule.measure, 0)) for rule in self.rules}

    def total(self, points: Mapping[Measure, Decimal]) -> Decimal:
        """The base and all points, not below zero."""
        return max(Decimal(0), self.base + sum(points.values(), Decimal(0)))


DEFAULT: Final = Scheme(
    Decimal(100),
    (
        Rule(Measure.LATE, Decimal(-5), Decimal(30)),
        Rule(Measure.ORIGINALS, Decimal("0.5"), Decimal(20)),
        Rule(Measure.RETURNED, Decimal(-1), Decimal(10)),
        Rule(Measure.INCIDENTS, Decimal(-6), Decimal(30)),
        Rule(Measure.ANSWERS, Decimal(-6), Decimal(18)),
    ),
)
"""What ships, until the office has set its own."""


def ranks(totals: Sequence[Decimal]) -> list[int]:
    """The place of each: the same points are the same place, and the next one is left out (1, 2, 2, 4)."""
    return [1 + sum(other > one for other in totals) for one in totals]


def mean(totals: Sequence[Decimal]) -> Decimal:
    """The points of a year: the mean of its quarters, rounded half up to hundredths."""
    return (sum(totals, Decimal(0)) / len(totals)).quantize(CENT, ROUND_HALF_UP)


def on_time_rate(due: int, in_time: int) -> str:
    """按期公开率 in percent to one decimal; `—` where nothing fell due."""
    return f"{100 * in_time / due:.1f}%" if due else "—"


def read_scheme(typed: Mapping[str, str]) -> Scheme:
    """The scheme out of the fields `base`, and `weight.MEASURE` and `cap.MEASURE` of each. Raises InvalidContent."""
    errors: list[FieldError] = []

    def number(field: str, least: Decimal) -> Decimal:
        try:
            value = Decimal(typed.get(field, "").strip())
            if value.is_finite() and least <= value <= _MOST and value == value.quantize(CENT):
                return value
        except InvalidOperation:
            pass
        errors.append(FieldError(field, f"请填写 {least} 至 {_MOST} 的数，最多两位小数。"))
        return Decimal(0)

    scheme = Scheme(
        number("base", Decimal(0)),
        tuple(
            Rule(one, number(f"weight.{one}", -_MOST), number(f"cap.{one}", Decimal(0))) for one in Measure
        ),
    )
    if not 0 < len(typed.get("basis", "").strip()) <= _BASIS_LENGTH:
        errors.append(
            FieldError("basis", f"请写明依据（文件名称、文号，或修改的理由），最多 {_BASIS_LENGTH} 个字。")
        )
    if errors:
        raise InvalidContent("考核规则有内容需要修改，请看各栏下的说明。", errors=errors)
    return scheme


def told(number: Decimal) -> str:
    """A number as people write it: 0.50 is 0.5, 10.00 is 10."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
