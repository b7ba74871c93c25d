"""举报信访: reports and petitions by channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from outreach.foundation.problems import FieldError
from outreach.statistics.registers.fields import FieldType, RegisterField
from outreach.statistics.registers.shape import EntryValues, Figure, Identity, Register, Variant, Year

CHANNELS: Final = ("舆情", "市长信箱", "局长信箱", "12369环保举报热线", "微信举报", "网络举报")
"""Until the office says otherwise for a year. The number 12369 was folded into 12345 in 2024."""
ACCEPTED: Final = "accepted"
NOT_ACCEPTED: Final = "not_accepted"
_DECISIONS: Final = ((ACCEPTED, "受理"), (NOT_ACCEPTED, "不予受理"), ("undecided", "审查中"))
_TELL_DAYS: Final = 15
_CLOSE_DAYS: Final = 60
_LONGER_DAYS: Final = 30
"""环保举报热线工作管理办法 (部令15号, 2011): whether it is accepted is told within 15 days, it is closed within 60
days, which can be made 30 longer. The article numbers have not been read."""

_CHANNEL: Final = RegisterField(
    "channel", "渠道", FieldType.CHOICE, required=True, by_year=True, choices=tuple((one, one) for one in CHANNELS)
)  # fmt: skip


def _count(entries: Iterable[EntryValues], year: Year) -> Sequence[Figure]:
    counts: Counter[str] = Counter()
    channels = Counter(dict.fromkeys(year.choices["channel"], 0))
    for entry in entries:
        parts = _parts(entry, year.last)
        counts.update(parts)
        channels[entry.data["channel"]] += parts["accepted"]
    names = {
        "received": "收到",
        "accepted": "受理",
        "not_accepted": "不予受理",
        "closed": "办结",
        "open": "正在办理",
    }
    figures = [Figure(f"complaints.{name}", label, counts[name], "件") for name, label in names.items()]
    by_channel = [
        Figure(f"complaints.accepted.{one}", f"受理：{one}", number, "件") for one, number in channels.items()
    ]
    return [*figures, *by_channel]


def _parts(entry: EntryValues, last: date) -> Mapping[str, int]:
    if entry.variant == "total":
        closed, received = entry.number("closed"), entry.number("received")
        return {
            **{name: entry.number(name) for name in ("received", "accepted", "not_accepted")},
            "closed": closed,
            "open": received - closed,
        }
    closed_on = entry.on("closed_on")
    is_closed = closed_on is not None and closed_on <= last
    return {
        "received": 1,
        "accepted": int(entry.data["decision"] == ACCEPTED),
        "not_accepted": int(entry.data["decision"] == NOT_ACCEPTED),
        "closed": int(is_closed),
        "open": int(not is_closed),
    }


def _check(entry: EntryValues) -> Sequence[FieldError]:
    if entry.variant == "single":
        closed_on = entry.on("closed_on")
        if closed_on and closed_on < entry.day:
            return [FieldError("closed_on", "办结日期早于收到日期，请核对。")]
        return []
    received, closed = entry.number("received"), entry.number("closed")
    parts = {"受理": "accepted", "不予受理": "not_accepted", "审查中": "undecided"}
    total = sum(entry.number(name) for name in parts.values())
    errors = []
    if total != received:
        added = " + ".join(f"{label} {entry.number(name)}" for label, name in parts.items())
        errors.append(FieldError("received", f"收到 {received} 件，而 {added} = {total}，请核对。"))
    if closed > received:
        errors.append(FieldError("closed", f"办结 {closed} 件，多于收到的 {received} 件，请核对。"))
    if entry.data.get("open") is not None and closed + entry.number("open") != received:
        told = f"办结 {closed} + 正在办理 {entry.number('open')} = {closed + entry.number('open')}，不等于收到 {received}，请核对。"
        errors.append(FieldError("open", told))
    return errors


def _notes(entry: EntryValues, today: date) -> Sequence[str]:
    if entry.variant == "total":
        accepted, closed = entry.number("accepted"), entry.number("closed")
        return [_more_closed(closed, accepted, entry.number("received"))] if closed > accepted else []
    if entry.data.get("closed_on"):
        return []
    age = today - entry.day
    if entry.data["decision"] == "undecided" and age > timedelta(days=_TELL_DAYS):
        return [f"已超过 {_TELL_DAYS} 日，尚未告知是否受理（部令第15号）。"]
    if entry.data["decision"] == ACCEPTED and age > timedelta(days=_CLOSE_DAYS + _LONGER_DAYS):
        return [f"已超过 {_CLOSE_DAYS} 日加延长 {_LONGER_DAYS} 日，尚未办结（部令第15号）。"]
    if entry.data["decision"] == ACCEPTED and age > timedelta(days=_CLOSE_DAYS):
        return [f"已超过 {_CLOSE_DAYS} 日，未办结的应已延长（部令第15号）。"]
    return []


def _tell(figures: Mapping[str, int | Decimal]) -> Sequence[str]:
    received, accepted, refused, closed = (
        int(figures.get(f"complaints.{name}", 0))
        for name in ("received", "accepted", "not_accepted", "closed")
    )
    told = []
    if received != accepted + refused:
        rest = received - accepted - refused
        told.append(
            f"收到 {received} = 受理 {accepted} + 不予受理 {refused} + 审查中 {rest}：还有 {rest} 件没有受理结论。"
        )
    if closed > accepted:
        told.append(_more_closed(closed, accepted, received))
    return told


def _more_closed(closed: int, accepted: int, received: int) -> str:
    rate = f"，即 {closed}/{received} = {closed * 100 / received:.1f}%" if received else ""
    return (
        f"办结 {closed} 件，多于受理 {accepted} 件：其中含不予受理的。"
        f"写办结率时请注明以收到的 {received} 件为基数{rate}，不能写成“受理的案件中办结 {closed} 件”。"
    )


def _weight(entry: EntryValues) -> int:
    return entry.number("received") if entry.variant == "total" else 1


COMPLAINTS: Final = Register(
    key="complaints",
    label="举报信访",
    unit="件",
    about="各渠道收到的环境举报、信访和网络舆情。可以逐件登记，也可以按渠道登记一个月的合计；"
    "同一件不要既逐件登记又计入合计。请勿填写举报人的姓名、电话和住址。",
    rule="按收到的日期计入年度。收到 = 受理 + 不予受理；办结 + 正在办理 = 收到，以当年12月31日为准。"
    "办结率以收到的全部举报为基数。"
    "时限（环保举报热线工作管理办法，部令第15号）：15日内告知是否受理，60日内办结，可延长30日。",
    variants=(
        Variant(
            key="single",
            label="逐件登记",
            dated_by="day",
            fields=(
                RegisterField("day", "收到日期", FieldType.DAY, required=True),
                _CHANNEL,
                RegisterField("number", "登记编号", longest=60, help="本单位的编号，没有可不填。"),
                RegisterField(
                    "subject", "反映的问题", help="例如：异味、噪声。不写举报人的个人信息。"
                ),
                RegisterField(
                    "decision", "受理情况", FieldType.CHOICE, required=True, choices=_DECISIONS
                ),
                RegisterField(
                    "closed_on", "办结日期", FieldType.DAY, help="不予受理的，填告知的日期；未办结不填。"
                ),
            ),
        ),
        Variant(
            key="total",
            label="按月汇总",
            dated_by="month",
            hint="一个渠道一个月一行。",
            fields=(
                RegisterField("month", "月份", FieldType.MONTH, required=True),
                _CHANNEL,
                RegisterField("received", "收到", FieldType.COUNT, required=True, unit="件"),
                RegisterField("accepted", "受理", FieldType.COUNT, required=True, unit="件"),
                RegisterField("not_accepted", "不予受理", FieldType.COUNT, required=True, unit="件"),
                RegisterField("undecided", "审查中", FieldType.COUNT, unit="件"),
                RegisterField(
                    "closed", "办结", FieldType.COUNT, required=True, unit="件", help="含不予受理、已经告知的。"
                ),
                RegisterField("open", "正在办理", FieldType.COUNT, unit="件"),
            ),
        ),
    ),
    count=_count,
    check=_check,
    notes=_notes,
    tell=_tell,
    identities=(
        Identity(("channel", "number"), "同一渠道的同一登记编号"),
        Identity(("channel", "month"), "同一渠道同一个月的汇总"),
    ),
    groups=("channel", "decision"),
    weight=_weight,
)  # fmt: skip
