"""Working days, and the terms that are counted in them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.catalogue.calendar import add_working_days, is_announced, is_working_day, working_days_between
from outreach.catalogue.rules import Deadline, disclosure_deadline

days = st.dates(date(2003, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 21), False),
        (date(2026, 10, 1), False),
        (date(2021, 5, 8), True),
        (date(2021, 5, 9), False),
        (date(2019, 10, 12), True),
    ],
)
def test_holidays_and_days_worked_in_lieu_are_known(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("kind", "formed", "decided", "last"),
    [
        ("penalty", date(2021, 4, 30), date(2021, 4, 30), date(2021, 5, 13)),
        ("penalty", date(2021, 4, 30), None, date(2021, 6, 1)),
        ("event", date(2021, 4, 30), date(2021, 4, 30), date(2021, 6, 1)),
        ("eia_notice", date(2026, 9, 25), None, date(2026, 10, 29)),
    ],
)
def test_a_term_begins_on_the_day_after(kind: str, formed: date, decided: date | None, last: date) -> None:
    assert disclosure_deadline(kind, formed, decided) == Deadline(last, is_estimate=False)


def test_a_year_without_announced_holidays_counts_monday_to_friday_and_is_an_estimate() -> None:
    assert add_working_days(date(2099, 12, 31), 2) == (date(2100, 1, 4), True)
    assert disclosure_deadline("event", date(2098, 5, 1), None).is_estimate
    assert not is_announced(date(2003, 12, 31))


def test_a_term_has_no_negative_length() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 1, 1), -1)


@given(days, st.integers(0, 60))
def test_adding_and_counting_working_days_agree_with_a_walk_through_the_calendar(
    day: date, number: int
) -> None:
    last, is_estimate = add_working_days(day, number)
    walked = [day + timedelta(days=step) for step in range(1, (last - day).days + 1)]

    assert sum(is_working_day(one) for one in walked) == number == working_days_between(day, last)
    assert number == 0 or is_working_day(last)
    assert is_estimate == any(not 2004 <= one.year <= 2026 for one in walked)


@settings(max_examples=20)
@given(days, days)
def test_nothing_lies_between_a_day_and_an_earlier_one(one: date, other: date) -> None:
    start, end = sorted((one, other))

    assert working_days_between(end, start) == 0
    assert working_days_between(start, end) <= (end - start).days
