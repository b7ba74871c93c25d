"""What looks unusual in an item and may still be right: told, never refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from outreach.catalogue.calendar import Entered, working_days_between
from outreach.foundation.problems import FieldError
from outreach.items.model import Kind

# Working days, the day of posting not counted: 环办〔2013〕103号 as cited by 渝环〔2014〕1号 and in use at
# 长宁区; whether it was reissued under the 生态环境法典 is unconfirmed, so a deviation is only a hint.
NOTICE_WORKING_DAYS: Final[Mapping[tuple[str, str], int]] = {
    ("受理", "报告书"): 10,
    ("受理", "报告表"): 5,
    ("拟审批", "报告书"): 5,
    ("拟审批", "报告表"): 5,
}


def hints_of(kind: Kind, fields: Mapping[str, Any], holidays: Entered) -> list[FieldError]:
    """The hints of an item, each on its field; `fields` is the item's stored JSON, `holidays` what the office has
    entered."""
    return _notice_period(fields, holidays) if kind is Kind.EIA_NOTICE else []


def _notice_period(fields: Mapping[str, Any], holidays: Entered) -> list[FieldError]:
    usual = NOTICE_WORKING_DAYS.get((fields.get("stage", ""), fields.get("document_type", "")))
    if usual is None or not fields.get("notice_end"):
        return []
    start, end = (date.fromisoformat(fields[name]) for name in ("notice_start", "notice_end"))
    days = working_days_between(start, end, holidays)
    if days == usual:
        return []
    told = f"{fields['stage']}公示通常为{usual}个工作日（公示当日不计），这里是{days}个工作日。请核对公示起止日期。"
    return [FieldError("fields.notice_end", told)]
