"""行政处罚: a decision on an administrative penalty."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from stdnum.cn import uscc as credit_code

from outreach.items.kinds.shape import Day, KindFields, Line, LongText, Yuan, mend

# Department and category may be letters (N2…: 农村集体经济组织); the next six digits are the region.
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_ORDER: Final = {"inspected_on": "检查日期", "notified_on": "告知日期", "decided_on": "决定日期"}


class PenaltyFields(KindFields):
    """Sums are in yuan. `publish_until` and `credit_repaired_on` are days on which it is withdrawn, from midnight in
    Shanghai; the earlier one counts."""

    decision_no: Line | None = Field(None, title="决定书文号")
    party: Line = Field(title="当事人")
    party_kind: Literal["企业", "个体", "自然人"] = Field(title="当事人类型")
    uscc: Line | None = Field(None, title="统一社会信用代码", description="18位")
    violation: LongText = Field(title="违法事实")
    legal_basis: LongText = Field(title="处罚依据")
    penalty: LongText = Field(title="处罚种类")
    amount_yuan: Yuan | None = Field(None, title="罚款金额(元)")
    confiscated_yuan: Yuan | None = Field(None, title="没收金额(元)")
    inspected_on: Day | None = Field(None, title="检查日期")
    notified_on: Day | None = Field(None, title="告知日期", description="不早于检查日期")
    decided_on: Day | None = Field(None, title="决定日期", description="不早于检查日期和告知日期")
    publish_until: Day | None = Field(None, title="公示截止日期", description="到这一天零时自动撤回")
    credit_repaired_on: Day | None = Field(None, title="信用修复日期", description="到这一天零时自动撤回")

    @field_validator("uscc")
    @classmethod
    def _has_its_check_character(cls, value: str | None) -> str | None:
        if value is None:
            return None
        code = value.upper()
        if not _CREDIT_CODE.fullmatch(code):
            raise mend("统一社会信用代码应为18位数字和大写字母（不含I、O、S、V、Z），请核对。")
        if credit_code.calc_check_digit(code[:17]) != code[17]:
            raise mend("统一社会信用代码的校验位不对，可能有一位抄错，请与营业执照核对。")
        return code

    @field_validator("notified_on", "decided_on")
    @classmethod
    def _follows_the_steps_before(cls, value: date | None, info: ValidationInfo) -> date | None:
        for name, label in _ORDER.items():
            earlier = info.data.get(name)
            if value is not None and earlier is not None and value < earlier:
                raise mend(
                    f"{_ORDER[str(info.field_name)]}不应早于{label}（{earlier.isoformat()}），请核对。"
                )
        return value
