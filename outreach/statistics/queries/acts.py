"""What is counted beside posts: articles of pushes, decisions of reviews, refusals by basis, notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.rules import OCCASION_LABELS
from outreach.items.rules import STAGE_LABELS
from outreach.people.model import Person
from outreach.review.rules import ARTICLES, DECISION_LABELS
from outreach.statistics.cells import OTHER_BASIS
from outreach.statistics.model import ActTally, Measure
from outreach.statistics.queries.month import of_reader
from outreach.statistics.rules import MEASURE_LABELS, months_in_period

_SHOWN: Final = (Measure.ARTICLES, Measure.REVIEWS, Measure.REFUSALS, Measure.NOTICES)


@dataclass(frozen=True, slots=True)
class ActCount:
    """How many acts there were of a measure, and of one sort of it (Chinese; empty where it has none)."""

    measure: str
    sort: str
    number: int


async def acts_of(
    session: AsyncSession, period: str, reader: Person | None, *, as_closed: bool = False
) -> Sequence[ActCount]:
    """The acts of `period` (`YYYY-MM` or `YYYY`), by measure and sort; as the month was closed, or as they stand now.
    Notices, which are of no section, are for whoever reads all."""
    months = months_in_period(period)
    number = func.sum(func.coalesce(ActTally.closed_number, 0) if as_closed else ActTally.number)
    query = (
        select(ActTally.measure, ActTally.detail, number)
        .where(
            ActTally.month.between(months[0], months[-1]),
            ActTally.measure.in_(_SHOWN),
            *of_reader(ActTally.section_id, reader),
        )
        .group_by(ActTally.measure, ActTally.detail)
    )
    found = [
        (measure, detail, int(count)) for measure, detail, count in await session.execute(query) if count
    ]
    return [
        ActCount(MEASURE_LABELS[measure], _SORTS[measure](detail), count)
        for measure, detail, count in sorted(found, key=lambda one: (_SHOWN.index(one[0]), one[1]))
    ]


def _decision(detail: str) -> str:
    stage, _, decision = detail.partition(":")
    stages = {str(one): label for one, label in STAGE_LABELS.items()}
    decisions = {str(one): label for one, label in DECISION_LABELS.items()}
    return f"{stages[stage]}：{decisions[decision]}"


def _basis(detail: str) -> str:
    if detail == OTHER_BASIS:
        return "其他依据"
    return ARTICLES.get(int(detail), f"第{detail}条")


def _occasion(detail: str) -> str:
    return {str(one): label for one, label in OCCASION_LABELS.items()}[detail]


_SORTS: Final[Mapping[Measure, Callable[[str], str]]] = {
    Measure.ARTICLES: lambda detail: "",
    Measure.REVIEWS: _decision,
    Measure.REFUSALS: _basis,
    Measure.NOTICES: _occasion,
}
