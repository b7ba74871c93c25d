"""Numbers in the report's sentences against its figures (TX): what somebody wrote out by hand may be another number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.statistics.report.catalogue import Value
from outreach.statistics.report.checks.ledger import Ledger
from outreach.statistics.report.content import CheckState, CheckTold, Level

_WORDS: Final = r"[^，。；、\d]"


@dataclass(frozen=True, slots=True)
class _TextCheck:
    """`expression` finds a number; it should be one of the sums of `readings`."""

    id: str
    level: Level
    expression: re.Pattern[str]
    readings: tuple[tuple[str, ...], ...]


def of_texts(texts: Sequence[str], at: Ledger) -> list[CheckTold]:
    """Every check of a text, each time that its sentence stands there; one that finds none is not applicable."""
    whole = "\n".join(texts)
    told: list[CheckTold] = []
    for check in _CHECKS:
        found = [_compared(check, match, at) for match in check.expression.finditer(whole)]
        told += found or [_absent(check, at)]
    return [*told, *_sums_in_sentences(whole)]


def _sums_in_sentences(whole: str) -> Iterator[CheckTold]:
    """What a sentence adds up by itself: 主动公开N条，其中网站a条，微信b条；接到举报N件，受理a件，不受理b件."""
    for id_, expression, part in _SUMS:
        for match in expression.finditer(whole):
            parts = [int(one) for one in part.findall(match[2])]
            if len(parts) < _FEWEST_PARTS:
                continue
            added = " + ".join(map(str, parts))
            is_right = int(match[1]) == sum(parts)
            yield CheckTold(
                id=id_,
                level=Level.ERROR,
                state=CheckState.PASSED if is_right else CheckState.FAILED,
                message=f"文中 {match[1]} {'等于' if is_right else '不等于'} {added} = {sum(parts)}。",
            )


def _compared(check: _TextCheck, match: re.Match[str], at: Ledger) -> CheckTold:
    number, cells = int(match[1]), [key for reading in check.readings for key in reading]
    sums = [_sum(reading, at) for reading in check.readings]
    if number in sums:
        state, message = CheckState.PASSED, f"文中“{match[0]}”与{_named(check, at)}一致。"
    elif None in sums:
        state, message = CheckState.UNKNOWN, f"文中“{match[0]}”：无法核对，{_named(check, at)}没有数。"
    else:
        numbers = "或".join(str(one) for one in sums)
        state, message = CheckState.FAILED, f"文中“{match[0]}”与{_named(check, at)} {numbers} 不符。"
    return CheckTold(id=check.id, level=check.level, state=state, message=message, cells=cells)


def _absent(check: _TextCheck, at: Ledger) -> CheckTold:
    return CheckTold(
        id=check.id,
        level=check.level,
        state=CheckState.ABSENT,
        message=f"文中没有与{_named(check, at)}对应的数字。",
    )


def _sum(keys: Sequence[str], at: Ledger) -> Value | None:
    values = [at.value(key) for key in keys]
    return None if None in values else sum((one for one in values if one is not None), start=0)


def _named(check: _TextCheck, at: Ledger) -> str:
    return "或".join("加".join(f"“{at.label(key)}”" for key in reading) for reading in check.readings)


def _text_check(
    id_: str, expression: str, *readings: tuple[str, ...], level: Level = Level.ERROR
) -> _TextCheck:
    return _TextCheck(id_, level, re.compile(expression), readings)


_CHECKS: Final = (
    _text_check("TX-1", rf"本年度?新收{_WORDS}{{0,20}}(\d+)件", ("requests.new.total",)),
    _text_check("TX-2", rf"上年度?结转{_WORDS}{{0,20}}(\d+)件", ("requests.carried_in.total",)),
    _text_check(
        "TX-3",
        rf"收到{_WORDS}{{0,12}}申请{_WORDS}{{0,8}}?(\d+)件",
        ("requests.new.total",),
        ("requests.new.total", "requests.carried_in.total"),
        level=Level.WARN,
    ),
    _text_check("TX-4", rf"结转(?:至|到)?下一?年{_WORDS}{{0,12}}(\d+)件", ("requests.carried_out.total",)),
    _text_check("TX-5", rf"行政复议{_WORDS}{{0,8}}(\d+)件", ("cases.review.total",)),
    _text_check(
        "TX-6", rf"行政诉讼{_WORDS}{{0,8}}(\d+)件", ("cases.lit_direct.total", "cases.lit_after_review.total")
    ),
    _text_check("TX-7", rf"主动公开{_WORDS}{{0,12}}(\d+)余?条", ("disclosed.total",)),
    _text_check("TX-8", rf"接到{_WORDS}{{0,6}}举报{_WORDS}{{0,6}}?(\d+)件", ("complaints.received",)),
    _text_check("TX-9", rf"(?:制发|新制作){_WORDS}{{0,8}}规范性文件(\d+)件", ("art20.normative.made",)),
    _text_check("TX-9", rf"废止{_WORDS}{{0,8}}规范性文件(\d+)件", ("art20.normative.repealed",)),
    _text_check("TX-9", rf"现行有效{_WORDS}{{0,8}}规范性文件(\d+)件", ("art20.normative.in_force",)),
)
_FEWEST_PARTS: Final = 2
_SUMS: Final = (
    (
        "TX-7",
        re.compile(rf"主动公开{_WORDS}{{0,12}}(\d+)余?条([^。\n]*)"),
        re.compile(rf"(?:网站|微信|微博){_WORDS}{{0,10}}(\d+)余?条"),
    ),
    (
        "TX-8",
        re.compile(rf"接到{_WORDS}{{0,6}}举报{_WORDS}{{0,6}}?(\d+)件([^。\n]*)"),
        re.compile(rf"受理{_WORDS}{{0,4}}(\d+)件"),
    ),
)
