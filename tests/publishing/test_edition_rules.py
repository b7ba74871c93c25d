"""The edition's state machine and quota: what can never happen, whatever happens."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.channels.model import AccountType
from outreach.foundation.problems import NotPossible
from outreach.publishing.editions.model import EditionState
from outreach.publishing.editions.quota import PER_DAY, PER_MONTH, earliest_day
from outreach.publishing.editions.rules import (
    POST_ACTIONS,
    POST_STATES,
    TRANSITIONS,
    EditionAction,
    can,
    fingerprint,
    is_openid,
    is_wechat_name,
    next_state,
)
from outreach.publishing.rules import next_state as next_post_state

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ACTIONS = st.lists(st.sampled_from(EditionAction), max_size=60)
CALLED = {EditionState.SENDING, EditionState.ACCEPTED, EditionState.UNCERTAIN}
"""In these the call that pushes may have been made."""


@given(ACTIONS)
def test_articles_follow_their_edition_and_no_push_is_made_anew_without_a_person(
    actions: list[EditionAction],
) -> None:
    state, post, unclear = EditionState.COMPOSING, POST_STATES[EditionState.COMPOSING], False
    for action in actions:
        if not can(state, action):
            with pytest.raises(NotPossible):
                next_state(state, action)
            continue
        before, state = state, next_state(state, action)
        if POST_STATES[state] is not POST_STATES[before]:
            post = next_post_state(post, POST_ACTIONS[action])
        assert post is POST_STATES[state]
        unclear = unclear or state is EditionState.UNCERTAIN
        if action is EditionAction.RESOLVE_NOT_PUBLISHED or state is EditionState.FAILED:
            unclear = False  # a person said so, or the platform did
        assert not (unclear and state in {EditionState.PLANNED, EditionState.SENDING})


def test_whatever_was_called_for_comes_to_an_end() -> None:
    ends = {EditionState.PUBLISHED, EditionState.WITHDRAWN, EditionState.CANCELLED}
    for start in EditionState:
        reached, new = {start}, {start}
        while new:
            new = {there for (here, _), there in TRANSITIONS.items() if here in new} - reached
            reached |= new
        assert reached & ends
    assert {here for (here, action) in TRANSITIONS if action is EditionAction.CANCEL}.isdisjoint(CALLED)


@given(st.sampled_from(AccountType), st.lists(DAYS, max_size=40), DAYS)
def test_the_earliest_day_is_the_first_one_with_a_push_left(
    type_: AccountType, pushed: list[date], wanted: date
) -> None:
    def is_free(day: date) -> bool:
        if type_ is AccountType.SUBSCRIPTION:
            return pushed.count(day) < PER_DAY
        return sum((one.year, one.month) == (day.year, day.month) for one in pushed) < PER_MONTH

    found = earliest_day(type_, pushed, wanted)
    assert found >= wanted
    assert is_free(found)
    between = (found - wanted).days
    assert not any(is_free(wanted + timedelta(days=number)) for number in range(between))


def test_an_order_is_a_composition_of_its_own() -> None:
    one, other = {"title": "甲"}, {"title": "乙"}
    assert fingerprint([one, other]) == fingerprint([dict(one), dict(other)])
    assert len({fingerprint([one, other]), fingerprint([other, one]), fingerprint([one])}) == 3


@pytest.mark.parametrize(
    ("typed", "openid", "name"),
    [
        ("o" + "A" * 27, True, False),
        ("reader_01", False, True),
        ("Ab-1_2", False, True),
        ("1reader", False, False),
        ("abcde", False, False),
        ("a" * 21, False, False),
        ("张三", False, False),
    ],
)
def test_who_a_preview_can_go_to(typed: str, openid: bool, name: bool) -> None:
    assert (is_openid(typed), is_wechat_name(typed)) == (openid, name)
