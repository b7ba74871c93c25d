"""The checks of chapter one, and of figures that were given twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from outreach.statistics.report.catalogue import CHANNELS, SITE_COLUMNS
from outreach.statistics.report.checks.ledger import Ledger, added, failed
from outreach.statistics.report.content import CheckState, CheckTold, Level
from outreach.statistics.report.rates import closing_rate
from outreach.statistics.report.year import ORIGIN_LABELS

_PLATFORMS: Final = ("site.items", "social.wechat", "social.weibo")
_RECEIVED, _ACCEPTED = "complaints.received", "complaints.accepted"


def of_chapter_one(at: Ledger) -> Iterator[CheckTold]:
    """TX-7 and TX-8 as sums of figures; C1-1 columns of the site, C1-2 monitored enterprises."""
    published = [key for key in _PLATFORMS if at.value(key) is not None]
    if at.value("disclosed.total") is not None and published:
        yield at.equal("TX-7", Level.ERROR, ["disclosed.total"], published, "主动公开总数等于各平台之和")
    if columns := at.now.named(SITE_COLUMNS):
        yield at.equal("C1-1", Level.WARN, ["site.items"], columns, "网站公开信息等于各栏目之和")
    if at.value("enterprises.total") is not None:
        parts = ["enterprises.waste_gas", "enterprises.waste_water"]
        yield at.equal("C1-2", Level.ERROR, ["enterprises.total"], parts, "重点监管企业等于气、水之和")
    if any(key.startswith("complaints.") for key in at.now.held):
        yield from _complaints(at)


def of_sources(at: Ledger) -> Iterator[CheckTold]:
    """C1-3: another origin says another number. C1-4: a register is not complete. C1-5: months of which nothing is
    known."""
    for key, held in at.now.held.items():
        for other in held.contradictions:
            told = (
                f"{at.label(key)}：采用{ORIGIN_LABELS[held.given.origin]}的 {held.given.value}，"
                f"{ORIGIN_LABELS[other.origin]}的是 {other.value}，相差 {abs(other.value - held.given.value)}。"
            )
            yield failed("C1-3", Level.WARN, told, [key])
    for key, given in at.now.incomplete.items():
        if not at.is_shown(key):
            continue
        told = f"{at.label(key)}：登记簿现有 {given.value}，尚未标记为登记完整，没有采用。"
        yield CheckTold(id="C1-4", level=Level.WARN, state=CheckState.UNKNOWN, message=told, cells=[key])
    for key, months in at.now.months_missing.items():
        told = f"{at.label(key)}：{_told(months)}在本系统开始发布以前，没有导入各月的数，全年数不含这些月份。"
        yield CheckTold(id="C1-5", level=Level.WARN, state=CheckState.UNKNOWN, message=told, cells=[key])


def _complaints(at: Ledger) -> Iterator[CheckTold]:
    parts = [_ACCEPTED, "complaints.not_accepted"]
    yield at.equal("TX-8", Level.ERROR, [_RECEIVED], parts, "接到举报等于受理与不受理之和")
    if channels := at.now.named(CHANNELS):
        yield at.equal("TX-8", Level.ERROR, [_ACCEPTED], channels, "举报受理等于各渠道之和")
    ends = ["complaints.closed", "complaints.open"]
    rate = closing_rate(at.value)
    if rate is None or rate.base == _ACCEPTED or at.value(_ACCEPTED) is None:
        yield at.equal("TX-8", Level.ERROR, [_ACCEPTED], ends, "举报受理等于办结与在办之和")
        return
    told = (
        f"举报办结与在办之和 {added(at.now, ends)} 等于接到的全部举报，而不是受理的 {at.value(_ACCEPTED)} 件："
        f"办结率 {rate.percent}% 以接到的举报为基数，与按受理渠道的分类口径不同，请核对。"
    )
    yield failed("TX-8", Level.WARN, told, [*ends, _RECEIVED, _ACCEPTED])


def _told(months: Sequence[str]) -> str:
    first, last = int(months[0][5:]), int(months[-1][5:])
    return f"{first}月" if first == last else f"{first}月至{last}月"
