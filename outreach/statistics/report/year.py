"""Which figure of a year holds: typed by hand > counted by a register that is complete > imported > none. Of what was
published, the sum of the months holds as soon as there is one: nobody types over what was counted post by post.

What contradicts the one that holds is kept beside it and reported, never hidden. A blank is no figure, and not 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.dates import day
from outreach.statistics.counted import CountedFigure, counted_figures
from outreach.statistics.report.catalogue import Spec, Value, spec_of
from outreach.statistics.report.model import Layer, YearlyFigure
from outreach.statistics.report.published import ORIGINAL, PUBLISHED, PublishedYear, published_year
from outreach.statistics.report.values import stored_value

WORDS: Final = "words."


class Origin(StrEnum):
    """Where a figure comes from: 手工填写, 登记簿, 发布统计, 导入."""

    TYPED = "typed"
    COUNTED = "counted"
    PUBLISHED = "published"
    IMPORTED = "imported"


ORIGIN_LABELS: Final[Mapping[Origin, str]] = {
    Origin.TYPED: "手填",
    Origin.COUNTED: "登记簿",
    Origin.PUBLISHED: "发布统计",
    Origin.IMPORTED: "导入",
}


@dataclass(frozen=True, slots=True)
class Given:
    """A figure from one origin. `told` says where it comes from, for everybody to read; `by` who gave it. `evidence` is
    the path of a page that shows the rows behind it. One that is not `usable` (an incomplete register) never holds."""

    value: Value
    origin: Origin
    told: str
    by: str = ""
    is_lower_bound: bool = False
    evidence: str | None = None
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """The figure that holds, and what else there is."""

    given: Given
    beside: tuple[Given, ...] = ()

    @property
    def contradictions(self) -> list[Given]:
        """What says another number."""
        return [one for one in self.beside if one.usable and one.value != self.given.value]


@dataclass(frozen=True, slots=True)
class YearFigures:
    """The figures of a year. `incomplete` are those that only an incomplete register counts; `words` the lists of
    words that were imported (outlets, campaign days); `months_missing` the months of which a published figure knows
    nothing."""

    year: int
    held: Mapping[str, Held]
    incomplete: Mapping[str, Given] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    months_missing: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def value(self, key: str) -> Value | None:
        """The figure that holds; None where it is blank."""
        held = self.held.get(key)
        return held.given.value if held else None

    def text(self, key: str) -> str:
        """The same as the report writes it."""
        held, spec = self.held.get(key), spec_of(key)
        if held is None or spec is None:
            return ""
        return spec.told(held.given.value, is_lower_bound=held.given.is_lower_bound)

    def named(self, family: str) -> list[str]:
        """The keys of a family of figures (`complaints.accepted.`) that have one."""
        return [key for key in self.held if key.startswith(family)]


async def figures_of(session: AsyncSession, year: int) -> YearFigures:
    """All figures of `year` as they stand now."""
    rows = (await session.scalars(select(YearlyFigure).where(YearlyFigure.year == year))).all()
    stored = {(row.key, row.layer): row for row in rows}
    counted = await counted_figures(session, year)
    published = await published_year(session, year)
    held: dict[str, Held] = {}
    incomplete: dict[str, Given] = {}
    for key in sorted({*(row.key for row in rows), *counted, *PUBLISHED}):
        spec = spec_of(key)
        if spec is None:
            continue
        layers = _layers(spec, stored, counted, published)
        usable = [one for one in layers if one.usable]
        if usable:
            held[key] = Held(usable[0], tuple(one for one in layers if one is not usable[0]))
        elif layers:
            incomplete[key] = layers[0]
    return YearFigures(
        year,
        held,
        incomplete,
        {row.key.removeprefix(WORDS): row.value.split("\n") for row in rows if row.key.startswith(WORDS)},
        _months_missing(published, held),
    )


def _layers(
    spec: Spec,
    stored: Mapping[tuple[str, Layer], YearlyFigure],
    counted: Mapping[str, CountedFigure],
    published: PublishedYear,
) -> list[Given]:
    """All that is given for a figure, in the order in which it holds. An incomplete register that holds nothing says
    nothing."""
    typed, imported = (stored.get((spec.key, layer)) for layer in (Layer.TYPED, Layer.IMPORTED))
    register = counted.get(spec.key)
    layers = [
        _published(spec.key, published) if spec.key in PUBLISHED else None,
        _stored(spec, typed, Origin.TYPED) if typed else None,
        _counted(register) if register and (register.is_complete or register.value) else None,
        _stored(spec, imported, Origin.IMPORTED) if imported else None,
        _whole_year(published) if spec.key == ORIGINAL else None,
    ]
    return [one for one in layers if one is not None]


def _stored(spec: Spec, row: YearlyFigure, origin: Origin) -> Given:
    on = day(row.at, clock.SHANGHAI)
    told = f"{on}手工填写" if origin is Origin.TYPED else f"{on}导入，来源：{row.source}"
    note = f"（{row.note}）" if row.note else ""
    return Given(stored_value(spec, row.value), origin, told + note, row.by_name, row.is_lower_bound)


def _counted(one: CountedFigure) -> Given:
    told = "由登记簿计数" if one.is_complete else "登记簿尚未标记为登记完整，暂不采用"
    return Given(one.value, Origin.COUNTED, told, evidence=one.evidence, usable=one.is_complete)


def _published(key: str, published: PublishedYear) -> Given | None:
    """The sum of the months. In a year that lies wholly before the first own post and has no months, the imported
    figure of the year holds."""
    imported = published.imported.get(key, {})
    if published.lies_before and not imported:
        return None
    first = max(published.first_own_month or "", published.months[0])
    parts = [] if published.lies_before else [f"本系统自{int(first[5:])}月起逐件计数"]
    parts += [f"导入{len(imported)}个月的数"] if imported else []
    evidence = f"/statistics?month={published.months[-1] if published.lies_before else first}"
    told = f"各月之和（{'，'.join(parts)}）"
    return Given(published.counted(key), Origin.PUBLISHED, told, evidence=evidence)


def _whole_year(published: PublishedYear) -> Given | None:
    if published.whole is None:
        return None
    number, source = published.whole
    return Given(number, Origin.IMPORTED, f"导入的全年数，来源：{source}", evidence="/statistics/imported")


def _months_missing(published: PublishedYear, held: Mapping[str, Held]) -> dict[str, list[str]]:
    """Where the figure is a sum of months: those of which nothing is known."""
    of_months = [key for key in PUBLISHED if key in held and held[key].given.origin is Origin.PUBLISHED]
    return {key: missing for key in of_months if (missing := published.unknown_months(key))}
