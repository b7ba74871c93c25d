"""Requests, read: lists, one with its steps, and table three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.calendar import Entered, working_days_between
from outreach.catalogue.queries import entered_holidays
from outreach.foundation import clock, office_settings
from outreach.foundation.problems import NotFound
from outreach.statistics.requests.model import (
    InformationRequest,
    RequestAct,
    RequestState,
    RequestStep,
)
from outreach.statistics.requests.rules import SOON, Clock, Taken, clock_of
from outreach.statistics.requests.table_three import TOTAL, Life, Table, rows_of, table_three

KEY: Final = "requests"
"""Under which the register of requests is said to be complete for a year."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A request with its terms; `left`: working days until its answer is due, negative where they are over, None where
    no term runs for the office."""

    request: InformationRequest
    clock: Clock
    left: int | None

    @property
    def is_late(self) -> bool:
        """Whether the answer is overdue."""
        return self.left is not None and self.left < 0

    @property
    def is_soon(self) -> bool:
        """Whether it is nearly due."""
        return self.left is not None and 0 <= self.left <= SOON


async def get_request(session: AsyncSession, request_id: str) -> InformationRequest:
    """Raises NotFound."""
    found = await session.get(InformationRequest, request_id, populate_existing=True)
    if found is None:
        raise NotFound("没有这件申请，或者已经删除。")
    return found


async def steps_of(session: AsyncSession, request_ids: Sequence[str]) -> Mapping[str, Sequence[RequestStep]]:
    """The steps of each request in their order."""
    query = (
        select(RequestStep)
        .where(RequestStep.request_id.in_(request_ids))
        .order_by(RequestStep.request_id, RequestStep.number)
    )
    found: dict[str, list[RequestStep]] = {request_id: [] for request_id in request_ids}
    for step in await session.scalars(query):
        found[step.request_id].append(step)
    return found


async def open_requests(session: AsyncSession) -> Sequence[Timed]:
    """All that are not answered, those due first in front."""
    query = (
        select(InformationRequest)
        .where(InformationRequest.state != RequestState.ANSWERED)
        .order_by(InformationRequest.received_on, InformationRequest.id)
    )
    timed = await with_clocks(session, (await session.scalars(query)).all())
    return sorted(timed, key=lambda one: one.clock.due or one.clock.waits_until or date.max)


async def requests_of_year(
    session: AsyncSession, year: int, row: str = "", column: str = TOTAL
) -> Sequence[InformationRequest]:
    """Those that are counted in the year, of a row and a column of table three where these are given, the latest first."""
    query = (
        select(InformationRequest)
        .where(*_in_year(year))
        .order_by(InformationRequest.received_on.desc(), InformationRequest.id.desc())
    )
    found = (await session.scalars(query)).all()
    return [
        one
        for one in found
        if (not row or row in rows_of(_life(one), year)) and column in (TOTAL, one.applicant.value)
    ]


async def registered_in(session: AsyncSession, years: Sequence[int]) -> Sequence[InformationRequest]:
    """Those that came in these years, by their numbers."""
    query = (
        select(InformationRequest)
        .where(InformationRequest.year.in_(years))
        .order_by(InformationRequest.year, InformationRequest.number)
    )
    return (await session.scalars(query)).all()


async def table_of_year(session: AsyncSession, year: int) -> Table:
    """Table three of the year."""
    columns = (
        InformationRequest.applicant,
        InformationRequest.received_on,
        InformationRequest.answered_on,
        InformationRequest.result,
    )
    return table_three(
        [Life(*row) for row in await session.execute(select(*columns).where(*_in_year(year)))], year
    )


async def fees_of_year(session: AsyncSession, year: int) -> Decimal:
    """What was paid in the year, in yuan."""
    query = select(RequestStep.fee_yuan).where(
        RequestStep.act == RequestAct.PAY_FEE,
        RequestStep.day >= date(year, 1, 1),
        RequestStep.day <= date(year, 12, 31),
    )
    return sum((Decimal(fee or 0) for fee in await session.scalars(query)), Decimal())


async def figures_of_year(session: AsyncSession, year: int) -> Mapping[str, int | Decimal]:
    """The yearly figures that the requests give, by their names."""
    table = await table_of_year(session, year)
    cells: dict[str, int | Decimal] = {
        f"requests.{row}.{column}": value for row, cells in table.items() for column, value in cells.items()
    }
    return {**cells, "fee.yuan": await fees_of_year(session, year)}


async def with_clocks(session: AsyncSession, requests: Sequence[InformationRequest]) -> Sequence[Timed]:
    """The requests with their terms as they stand today."""
    entered = await entered_holidays(session)
    fee_term = (await office_settings.load(session)).fee_payment_days
    steps = await steps_of(session, [one.id for one in requests])
    today = clock.today(clock.SHANGHAI)
    return [_timed(one, taken(steps[one.id]), entered, fee_term, today) for one in requests]


def taken(steps: Sequence[RequestStep]) -> list[Taken]:
    """The steps as the terms ask for them."""
    return [Taken(step.act, step.day, step.until, step.extension_days or 0) for step in steps]


def _timed(
    request: InformationRequest, steps: Sequence[Taken], entered: Entered, fee_term: int, today: date
) -> Timed:
    terms = clock_of(request.received_on, steps, entered, fee_term)
    if terms.due is None:
        return Timed(request, terms, None)
    late = working_days_between(terms.due, today, entered)
    if today > terms.due:
        return Timed(request, terms, -max(1, late))
    return Timed(request, terms, working_days_between(today, terms.due, entered))


def _in_year(year: int) -> tuple[ColumnElement[bool], ...]:
    return (
        InformationRequest.received_on <= date(year, 12, 31),
        or_(InformationRequest.answered_on.is_(None), InformationRequest.answered_on >= date(year, 1, 1)),
    )


def _life(request: InformationRequest) -> Life:
    return Life(request.applicant, request.received_on, request.answered_on, request.result)
