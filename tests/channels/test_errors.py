"""The tables of the platforms' codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from outreach.channels.protocol import (
    ChannelError,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
)
from outreach.channels.wechat import errors as wechat
from outreach.channels.weibo import errors as weibo
from outreach.foundation import clock

CHINA = ZoneInfo("Asia/Shanghai")
REACTIONS: dict[str, dict[str, list[int]]] = json.loads(
    (Path(__file__).parent / "vectors" / "reactions.json").read_text("utf-8")
)
Told = Callable[[int], ChannelError]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("wechat", lambda code: wechat.error_for(code, "")),
        ("weibo", lambda code: weibo.error_for(code, "")),
        ("weibo_share", lambda code: weibo.share_error_for(code, "", resumed=True)),
    ],
)
def test_every_code_of_the_contract_has_its_reaction(table: str, told: Told) -> None:
    asked = {
        code: reaction.partition(" ")[0] for reaction, codes in REACTIONS[table].items() for code in codes
    }
    assert {code: type(told(code)).__name__ for code in asked} == asked
    assert [code for code in asked if "未收录" in told(code).message] == []


@pytest.mark.parametrize(
    ("told", "minutes"),
    [
        (wechat.error_for(45066, ""), 1),
        (weibo.error_for(20016, ""), 60),
    ],
)
def test_a_rate_answer_says_how_long_to_wait(told: ChannelError, minutes: int) -> None:
    assert told.retry_after_s == minutes * 60


def test_windows_open_by_the_platforms_calendar() -> None:
    with clock.at(datetime(2026, 11, 24, 22, 30, tzinfo=CHINA)):
        waits = [weibo.error_for(code, "").retry_after_s for code in (10022, 10023, 10024)]
        figures = wechat.error_for(61503, "").retry_after_s
    assert waits == [30 * 60, 90 * 60, 30 * 60]
    assert figures == (90 + 8 * 60) * 60


@pytest.mark.parametrize(
    "table",
    [
        *(wechat.MEANINGS, wechat.OF_STABLE_TOKEN, wechat.OF_SUBMIT, wechat.OF_PUSH, wechat.OF_REPEATED_PUSH),
        weibo.MEANINGS,
    ],
)
def test_every_sentence_is_chinese_and_ends(table: dict[int, wechat.Meaning]) -> None:
    for code, meaning in table.items():
        assert meaning.sentence.endswith("。"), code
        assert any("一" <= sign <= "鿿" for sign in meaning.sentence), code


def test_the_daily_quota_opens_at_midnight_in_china() -> None:
    with clock.at(datetime(2026, 11, 24, 22, 30, tzinfo=CHINA)):
        spent = wechat.error_for(45009, "reach max api daily quota limit")
    assert isinstance(spent, QuotaSpent)
    assert spent.retry_after_s == 90 * 60


def test_the_quota_of_a_minute_opens_after_a_minute() -> None:
    assert wechat.error_for(45011, "").retry_after_s == 60


def test_the_address_that_is_not_listed_is_shown() -> None:
    error = wechat.error_for(40164, "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: 1-2-3")
    assert "IP 1.2.3.4 不在" in error.message
    assert "rid: 1-2-3" in error.message


@pytest.mark.parametrize("errmsg", ["{ip} {0}", "invalid ip", ""])
def test_whatever_the_platform_writes_can_be_told(errmsg: str) -> None:
    assert errmsg in wechat.error_for(40164, errmsg).message
    assert errmsg in wechat.error_for(99999, errmsg).message
    assert errmsg in weibo.error_for(99999, errmsg).message


@pytest.mark.parametrize(
    ("code", "special", "kind"),
    [
        (-1, {}, NotSent),
        (-1, wechat.OF_SUBMIT, OutcomeUnknown),
        (40007, {}, Refused),
        (40007, wechat.OF_SUBMIT, OutcomeUnknown),
        (40001, wechat.OF_STABLE_TOKEN, NeedsOperator),
        (12345, wechat.OF_SUBMIT, NeedsOperator),
        (45028, wechat.OF_PUSH, QuotaSpent),
        (45028, wechat.OF_REPEATED_PUSH, OutcomeUnknown),
        (40007, wechat.OF_PUSH, Refused),
        (40007, wechat.OF_REPEATED_PUSH, OutcomeUnknown),
        (45066, wechat.OF_PUSH, OutcomeUnknown),
        (45066, wechat.OF_REPEATED_PUSH, NotSent),
        (89504, wechat.OF_PUSH, OutcomeUnknown),
    ],
)
def test_a_code_may_mean_something_else_in_one_call(
    code: int, special: dict[int, wechat.Meaning], kind: type[ChannelError]
) -> None:
    assert type(wechat.error_for(code, "", special)) is kind
