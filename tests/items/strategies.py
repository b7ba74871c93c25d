"""Items of every kind with whatever may vary in them."""

from __future__ import annotations

import string
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from outreach.items.kinds.air_quality import DAILY_KEYS, HOURLY_KEYS, MONTHLY_KEYS

words = st.text(
    "环境公示甲乙丙*_|<>&，。；：“”\"',;=+-@ " + string.ascii_letters + string.digits, min_size=1, max_size=20
)
texts = words.map(str.strip).filter(bool)
signs = st.characters(exclude_categories=["C", "Zl", "Zp"])
lines = (
    st.tuples(st.sampled_from(["", "=", "+", "-", "@", "'", "'=", "＝", "#N/A", "1.5E+08", "_x000D_", "_x0041_"]), st.text(signs, max_size=12))
    .map("".join)
    .map(str.strip)
    .filter(bool)
)  # fmt: skip
long_texts = st.lists(lines, min_size=1, max_size=3).map("\n".join)
days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1)).map(str)
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)).map(
    lambda at: at.isoformat(timespec="minutes")
)
amounts = st.integers(0, 10**9) | st.decimals(0, 10**6, places=2).map(float)
readings = (
    st.integers(0, 900)
    | st.floats(0, 900).map(lambda value: round(value, 14))
    | st.decimals(0, 900, places=1).map(float)
)
file_names = st.text("报告书批复甲乙（）；;[]", min_size=1, max_size=9).map(lambda stem: f"{stem}.pdf")
extras = st.dictionaries(texts, lines, min_size=1, max_size=3)


def optional(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these, or none."""
    return st.fixed_dictionaries({}, optional=values)


@st.composite
def penalty_fields(draw: st.DrawFn) -> dict[str, Any]:
    inspected, notified, decided = sorted(draw(st.lists(days, min_size=3, max_size=3)))
    return {
        "party": draw(lines),
        "party_kind": draw(st.sampled_from(["企业", "个体", "自然人"])),
        "violation": draw(long_texts),
        "legal_basis": draw(long_texts),
        "penalty": draw(long_texts),
        **draw(optional(amount_yuan=amounts, confiscated_yuan=amounts, decision_no=lines)),
        "inspected_on": inspected,
        "notified_on": notified,
        "decided_on": decided,
    }


@st.composite
def notice_fields(draw: st.DrawFn) -> dict[str, Any]:
    start, end = sorted(draw(st.tuples(days, days)))
    part, whole = sorted(
        draw(st.tuples(amounts, amounts).map(lambda pair: tuple(min(one, 10**8) for one in pair)))
    )
    return {
        "stage": "审批决定",
        "project_name": draw(lines),
        "project_code": draw(st.text(string.digits, min_size=1, max_size=24)),
        "location": draw(lines),
        "document_type": draw(st.sampled_from(["报告书", "报告表"])),
        "investment_wan_yuan": whole,
        "env_investment_wan_yuan": part,
        "approval_no": draw(lines),
        "decided_on": draw(days),
        "notice_start": start,
        "notice_end": end,
        **draw(optional(contact=long_texts, builder=lines)),
    }


@st.composite
def event_fields(draw: st.DrawFn) -> dict[str, Any]:
    starts, ends = sorted(draw(st.tuples(days | moments, days | moments)), key=lambda at: (at[:10], at))
    return {
        "name": draw(lines),
        "starts_at": starts,
        "ends_at": ends,
        "place": draw(lines),
        "organiser": draw(lines),
        **draw(optional(audience=lines, sign_up=long_texts, theme=lines)),
    }


@st.composite
def report_fields(draw: st.DrawFn) -> dict[str, Any]:
    period, keys = draw(
        st.sampled_from([("daily", DAILY_KEYS), ("hourly", HOURLY_KEYS), ("monthly", MONTHLY_KEYS)])
    )
    measured = draw(st.dictionaries(st.sampled_from(keys), st.none() | readings, min_size=1))
    stated = optional(
        aqi=st.integers(0, 500), level=st.integers(1, 6), category=lines, primary=st.just(["O3", "CO"])
    )
    return {
        "area": draw(lines),
        "period": period,
        **_span(draw),
        **({"hour": draw(st.integers(0, 23))} if period == "hourly" else {}),
        "standard": "HJ 633-2012",
        "concentrations": measured,
        **draw(optional(composite_index=st.decimals(0, 100, places=2).map(float), good_days_percent=st.integers(0, 100), stated=stated)),
    }  # fmt: skip


@st.composite
def forecast_fields(draw: st.DrawFn) -> dict[str, Any]:
    row = st.fixed_dictionaries({"date": days, "area": lines, "category": lines})
    rows = draw(st.lists(row, min_size=1, max_size=4))
    return {"area": draw(lines), "period": "forecast", **_span(draw), "concentrations": {}, "forecast": rows}


@st.composite
def warning_fields(draw: st.DrawFn) -> dict[str, Any]:
    low, high = sorted(draw(st.tuples(st.integers(0, 500), st.integers(0, 500))))
    warning = {
        "level": draw(st.sampled_from(["蓝色", "黄色", "橙色", "红色"])),
        "starts_at": draw(days | moments),
        "forecast_aqi": [low, high],
        "authority_document": draw(lines),
    }
    return {
        "area": draw(lines), "period": "warning", **_span(draw), "concentrations": {}, "warning": warning
    }  # fmt: skip


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """An item of any kind."""
    kind, own = draw(
        st.sampled_from(
            [
                ("penalty", penalty_fields()),
                ("eia_notice", notice_fields()),
                ("event", event_fields()),
                ("air_quality", report_fields()),
                ("air_quality", forecast_fields()),
                ("air_quality", warning_fields()),
            ]
        )
    )
    repost = st.fixed_dictionaries({"origin": st.just("repost"), "repost_source": lines})
    return {
        "source_id": draw(lines), "kind": kind, "title": draw(lines), "section": draw(lines),
        **draw(st.just({"origin": "original"}) | repost),
        **draw(optional(short_title=lines)),
        "formed_on": draw(days),
        "body": draw(st.just("") | st.lists(long_texts, max_size=3).map("\n\n".join)),
        "attachments": draw(st.lists(file_names, max_size=3, unique=True)),
        "fields": {**draw(own), **draw(optional(extra=extras))},
    }  # fmt: skip


def _span(draw: st.DrawFn) -> dict[str, str]:
    start, end = sorted(draw(st.tuples(days, days)))
    return {"period_start": start, "period_end": end}
