"""What a check looks at, and how its outcome is told with the cells that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.statistics.report.catalogue import Value, cells_of, spec_of
from outreach.statistics.report.content import CheckState, CheckTold, Level
from outreach.statistics.report.forms import FORMS, Form
from outreach.statistics.report.year import YearFigures

_SHOWN: Final = 6
_LABELS: Final = {
    standard: {spec.key: spec.label for spec in cells_of(form)} for standard, form in FORMS.items()
}

_OF_TABLES: Final = ("art20.", "requests.", "cases.")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The figures of a year and of the one before, in a form."""

    form: Form
    now: YearFigures
    before: YearFigures

    def value(self, key: str) -> Value | None:
        """The year's figure; None where it is blank."""
        return self.now.value(key)

    def is_shown(self, key: str) -> bool:
        """Whether the report of this form shows the figure: a table's cell of the other form is none of it."""
        return key in _LABELS[self.form.standard] or not key.startswith(_OF_TABLES)

    def label(self, key: str) -> str:
        """What the form calls a figure."""
        spec = spec_of(key)
        return _LABELS[self.form.standard].get(key) or (spec.label if spec else key)

    def listed(self, keys: Sequence[str]) -> str:
        """The first of them by their labels, and how many there are."""
        shown = "、".join(f"“{self.label(key)}”" for key in keys[:_SHOWN])
        return shown if len(keys) <= _SHOWN else f"{shown}等 {len(keys)} 格"

    def equal(
        self, id_: str, level: Level, left: Sequence[str], right: Sequence[str], what: str
    ) -> CheckTold:
        """That two sums over figures are the same number. `what` says which they are, in words."""
        blank = [key for key in (*left, *right) if self.value(key) is None]
        if blank:
            return self.unknown(id_, level, what, blank)
        one, other = added(self.now, left), added(self.now, right)
        if one == other:
            return passed(id_, level, f"{what}：{one} = {other}。")
        told = f"{what}不符：{self._sum(left)}，{self._sum(right)}，相差 {abs(one - other)}。"
        return failed(id_, level, told, [*left, *right])

    def compared(self, id_: str, keys: Sequence[str], what: str, holds: Callable[..., bool]) -> CheckTold:
        """That something holds of the figures, which a person should look at where it does not."""
        values = [self.value(key) for key in keys]
        blank = [key for key, value in zip(keys, values, strict=True) if value is None]
        if blank:
            return self.unknown(id_, Level.WARN, what, blank)
        if holds(*values):
            return passed(id_, Level.WARN, f"{what}。")
        told = "，".join(f"{self.label(key)} {self.value(key)}" for key in keys)
        return failed(id_, Level.WARN, f"不符合“{what}”：{told}。", keys)

    def of_two_years(
        self, id_: str, cell: str, earlier: Sequence[str], own: Sequence[str], what: str
    ) -> CheckTold:
        """That a figure is the sum of figures of the year before and, with its sign, of the year's own (`+KEY`,
        `-KEY`)."""
        blank = [key for key in (cell, *(one[1:] for one in own)) if self.value(key) is None]
        missing = [key for key in earlier if self.before.value(key) is None]
        if blank or missing:
            reasons = [f"{self.listed(blank)}没有数"] if blank else []
            reasons += [f"上年的{self.listed(missing)}没有数"] if missing else []
            told = f"{what}：无法核对，{'，'.join(reasons)}。"
            return CheckTold(id=id_, level=Level.WARN, state=CheckState.UNKNOWN, message=told, cells=blank)
        more = added(self.now, [one[1:] for one in own if one[0] == "+"])
        less = added(self.now, [one[1:] for one in own if one[0] == "-"])
        value, expected = self.value(cell), added(self.before, earlier) + more - less
        if value == expected:
            return passed(id_, Level.WARN, f"{what}：{value} = {expected}。")
        told = f"{what}不符：“{self.label(cell)}”为 {value}，按上年的数应为 {expected}。"
        return failed(id_, Level.WARN, told, [cell])

    def unknown(self, id_: str, level: Level, what: str, blank: Sequence[str]) -> CheckTold:
        """The check can't be made: these are blank."""
        told = f"{what}：无法核对，{self.listed(blank)}没有数。"
        return CheckTold(id=id_, level=level, state=CheckState.UNKNOWN, message=told, cells=list(blank))

    def _sum(self, keys: Sequence[str]) -> str:
        terms = " + ".join(f"{self.label(key)} {self.value(key)}" for key in keys)
        if len(keys) == 1:
            return terms
        return f"{terms if len(keys) <= _SHOWN else f'{len(keys)} 格之和'} = {added(self.now, keys)}"


def added(figures: YearFigures, keys: Sequence[str]) -> Value:
    """The sum of these; blanks are not in it."""
    return sum((value for key in keys if (value := figures.value(key)) is not None), start=0)


def passed(id_: str, level: Level, message: str) -> CheckTold:
    """The check was made, and holds."""
    return CheckTold(id=id_, level=level, state=CheckState.PASSED, message=message)


def failed(id_: str, level: Level, message: str, cells: Sequence[str]) -> CheckTold:
    """The check was made, and does not hold in these cells."""
    return CheckTold(id=id_, level=level, state=CheckState.FAILED, message=message, cells=list(cells))
