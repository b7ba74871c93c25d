"""The terms of a request, its fee, and table three, whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.catalogue.calendar import NOTHING_ENTERED, is_working_day
from outreach.statistics.requests.fees import fee_by_items, fee_by_pages
from outreach.statistics.requests.model import Applicant, RequestAct, RequestState, Result
from outreach.statistics.requests.rules import (
    ACT_LABELS,
    APPLICANT_LABELS,
    RESULT_LABELS,
    RESULTS,
    STATE_LABELS,
    TRANSITIONS,
    WAY_LABELS,
    WITHIN_TERM,
    Taken,
    clock_of,
    oddities,
    state_after,
)
from outreach.statistics.requests.table_three import COLUMNS, OTHERS, Life, table_three
from outreach.statistics.requests.typed import STEPS

ONE_DAY = timedelta(days=1)
FEE_TERM = 20
MOVES = [act for act in RequestAct if act is not RequestAct.ANSWER]
RESULT_ROWS = [result.value for result in Result]
LEAVES = {
    2019: [row for row in RESULT_ROWS if row not in {one.value for one in OTHERS}] + ["other"],
    2021: RESULT_ROWS,
}


@st.composite
def lives(draw: st.DrawFn) -> tuple[date, list[Taken]]:
    """The day on which a request came, and steps as they may be taken one after another."""
    received = draw(st.dates(date(2019, 1, 1), date(2026, 6, 30)))
    state, day, steps = RequestState.OPEN, received, list[Taken]()
    for _ in range(draw(st.integers(0, 6))):
        act = draw(st.sampled_from([one for one in MOVES if (state, one) in TRANSITIONS]))
        day += timedelta(days=draw(st.integers(0, 25)))
        days = draw(st.integers(1, 20)) if act is RequestAct.EXTEND else 0
        left = (counted_day_by_day(received, steps) - day).days if act in WITHIN_TERM else 1
        if left < (act is RequestAct.CONSULT):
            break  # what moves the end of a term has to be done before it
        steps.append(Taken(act, day, day if act is RequestAct.ASK_CORRECTION else None, days))
        state = TRANSITIONS[state, act]
    return received, steps


def counted_day_by_day(received: date, steps: Sequence[Taken]) -> date:
    """The due day found by walking through the calendar: each working day counts one, but for up to fifteen working
    days of each consultation, and all anew after the last correction or payment."""
    restarts = [step for step in steps if step.act in (RequestAct.CORRECT, RequestAct.PAY_FEE)]
    start = restarts[-1].day if restarts else received
    later = steps[steps.index(restarts[-1]) + 1 :] if restarts else steps
    term = 20 + sum(step.extension_days for step in steps)
    pauses: list[tuple[date, date]] = []
    for step in later:
        if step.act is RequestAct.CONSULT:
            pauses.append((step.day, date.max))
        if step.act is RequestAct.HEAR:
            pauses[-1] = (pauses[-1][0], step.day)
    used = [0] * len(pauses)
    day = start
    while term:
        day += ONE_DAY
        if not is_working_day(day):
            continue
        waits = [
            place for place, (asked, heard) in enumerate(pauses) if asked < day <= heard and used[place] < 15
        ]
        for place in waits:
            used[place] += 1
        term -= not waits
    return day


@settings(max_examples=150)
@given(lives())
def test_the_term_is_twenty_working_days_without_consultation_and_anew_after_correction(
    life: tuple[date, list[Taken]],
) -> None:
    received, steps = life
    clock = clock_of(received, steps, NOTHING_ENTERED, FEE_TERM)
    if state_after(steps) in (RequestState.AWAITING_CORRECTION, RequestState.AWAITING_FEE):
        assert clock.due is None
        assert clock.waits_until is not None
    else:
        assert clock.due == counted_day_by_day(received, steps)


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        ([], date(2026, 2, 3)),
        ([Taken(RequestAct.CONSULT, date(2026, 2, 3))], date(2026, 3, 2)),  # on the last day: till it ends
        ([Taken(RequestAct.EXTEND, date(2026, 1, 20), extension_days=20)], date(2026, 3, 9)),
        (
            [
                Taken(RequestAct.ASK_CORRECTION, date(2026, 1, 8), date(2026, 1, 30)),
                Taken(RequestAct.CORRECT, date(2026, 1, 26)),
            ],
            date(2026, 2, 28),
        ),
        (
            [
                Taken(RequestAct.CONSULT, date(2026, 1, 9)),
                Taken(RequestAct.HEAR, date(2026, 1, 16)),
            ],
            date(2026, 2, 10),
        ),
    ],
)
def test_the_term_over_new_year_and_the_spring_festival_of_2026(steps: list[Taken], due: date) -> None:
    """Received on Tuesday, 6 January 2026; off from 15 to 23 February, worked on 14 and 28 February."""
    assert clock_of(date(2026, 1, 6), steps, NOTHING_ENTERED, FEE_TERM).due == due


def test_what_was_late_is_told() -> None:
    steps = [
        Taken(RequestAct.ASK_CORRECTION, date(2026, 1, 16), date(2026, 1, 30)),
        Taken(RequestAct.CORRECT, date(2026, 1, 26)),
        Taken(RequestAct.ANSWER, date(2026, 3, 4)),
    ]
    assert oddities(date(2026, 1, 6), steps, NOTHING_ENTERED) == [
        "告知补正晚于收到申请后 7 个工作日（2026-01-15）：条例第三十条。",
        "答复超过期限（2026-02-28）3 个工作日：条例第三十三条。",
    ]


@pytest.mark.parametrize(
    ("items", "yuan"),
    [(0, 0), (10, 0), (11, 100), (30, 2000), (31, 2200), (40, 4000), (41, 4300), (50, 7000)],
)
def test_the_fee_by_items(items: int, yuan: int) -> None:
    assert fee_by_items(items) == yuan


@pytest.mark.parametrize(
    ("pages", "yuan"), [(30, 0), (31, 10), (100, 700), (101, 720), (200, 2700), (201, 2740), (250, 4700)]
)
def test_the_fee_by_pages(pages: int, yuan: int) -> None:
    assert fee_by_pages(pages) == yuan


DAYS = st.dates(date(2018, 1, 1), date(2023, 12, 31))


@st.composite
def counted_lives(draw: st.DrawFn) -> Life:
    """A request as it is counted: open, or answered on a day that is not before the one on which it came."""
    received = draw(DAYS)
    answered = draw(st.none() | st.dates(received, date(2024, 12, 31)))
    result = draw(st.sampled_from(Result)) if answered else None
    return Life(draw(st.sampled_from(Applicant)), received, answered, result)


@settings(max_examples=60)
@given(st.lists(counted_lives(), max_size=40))
def test_table_three_adds_up_in_both_forms_for_every_history(histories: list[Life]) -> None:
    tables = {year: table_three(histories, year) for year in range(2018, 2025)}
    for year, table in tables.items():
        for column in COLUMNS:
            came = table["new"][column] + table["carried_in"][column]
            assert came == table["total_handled"][column] + table["carried_out"][column]  # T3-1, printed
            for leaves in LEAVES.values():
                assert table["total_handled"][column] == sum(table[row][column] for row in leaves)  # T3-2
            if year - 1 in tables:
                assert table["carried_in"][column] == tables[year - 1]["carried_out"][column]  # T3-4
        for cells in table.values():
            assert cells["total"] == sum(cells[one.value] for one in Applicant)  # T3-3
    handled = sum(table["total_handled"]["total"] for table in tables.values())
    assert handled == sum(life.answered_on is not None for life in histories)  # T3-6: each in one row, once


def test_both_forms_have_their_rows() -> None:
    table = table_three([], 2020)
    around = {"new", "carried_in", "total_handled", "carried_out"}
    assert [len(around | set(rows)) for rows in LEAVES.values()] == [23, 25]
    assert all(row in table for rows in LEAVES.values() for row in rows)


def test_every_state_act_and_result_is_in_its_table() -> None:
    assert {act for _, act in TRANSITIONS} == set(RequestAct) == set(ACT_LABELS) == set(STEPS)
    assert (
        {RequestState.OPEN, *TRANSITIONS.values()} == set(RequestState) == set(STATE_LABELS) == set(RESULTS)
    )
    assert frozenset().union(*RESULTS.values()) == set(Result) == set(RESULT_LABELS)
    assert set(APPLICANT_LABELS) == set(Applicant)
    assert len(WAY_LABELS) == 6
