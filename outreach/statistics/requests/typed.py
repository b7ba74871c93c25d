"""What is typed about a request, and about each of its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.statistics.registers.fields import FieldType, RegisterField, WrongValue, read_value
from outreach.statistics.requests.model import RequestAct
from outreach.statistics.requests.rules import (
    APPLICANT_LABELS,
    LONGEST_EXTENSION,
    RESULT_LABELS,
    WAY_LABELS,
)

REGISTRATION: Final = (
    RegisterField(
        "received_on",
        "收到日期",
        FieldType.DAY,
        required=True,
        help="当面提交的为提交之日；邮寄的为签收之日；平信、网络和传真提交的为双方确认之日（条例第三十一条）。",
    ),
    RegisterField(
        "way",
        "收到方式",
        FieldType.CHOICE,
        required=True,
        choices=tuple((one.value, label) for one, label in WAY_LABELS.items()),
    ),
    RegisterField(
        "applicant",
        "申请人类型",
        FieldType.CHOICE,
        required=True,
        choices=tuple((one.value, label) for one, label in APPLICANT_LABELS.items()),
    ),
    RegisterField("name", "申请人姓名（名称）", required=True, longest=60),
    RegisterField("contact", "联系方式", required=True, longest=200, help="电话、地址或电子邮箱。"),
    RegisterField(
        "content", "申请公开的内容", FieldType.LONG_TEXT, required=True, longest=2000, help="按申请原文登记。"
    ),
)
_DOCUMENT: Final = RegisterField("document", "文书编号", longest=60)
STEPS: Final[Mapping[RequestAct, tuple[RegisterField, ...]]] = {
    RequestAct.ASK_CORRECTION: (
        RegisterField("day", "告知日期", FieldType.DAY, required=True),
        RegisterField("until", "补正期限", FieldType.DAY, required=True, help="给申请人的合理期限的最后一天。"),
        _DOCUMENT,
        RegisterField("reason", "需要补正的内容", required=True, longest=500, help="一次性告知，只能登记一次。"),
    ),
    RequestAct.CORRECT: (RegisterField("day", "收到补正的日期", FieldType.DAY, required=True),),
    RequestAct.CONSULT: (
        RegisterField(
            "day", "第三方收到征求意见书的日期", FieldType.DAY, required=True, help="15 个工作日从次日起算。"
        ),
        _DOCUMENT,
    ),
    RequestAct.HEAR: (
        RegisterField("day", "收到意见或期满的日期", FieldType.DAY, required=True),
        RegisterField("reason", "意见", longest=500, help="例如：不同意公开；逾期未答复。不写第三方的个人信息。"),
    ),
    RequestAct.EXTEND: (
        RegisterField("day", "告知申请人的日期", FieldType.DAY, required=True),
        RegisterField(
            "extension_days",
            "延长",
            FieldType.COUNT,
            required=True,
            unit="个工作日",
            help=f"最多 {LONGEST_EXTENSION} 个工作日，只能延长一次。",
        ),
        _DOCUMENT,
        RegisterField(
            "reason", "理由", required=True, longest=500, help="须经政府信息公开工作机构负责人同意。"
        ),
    ),
    RequestAct.ASK_FEE: (
        RegisterField("day", "申请人收到收费通知的日期", FieldType.DAY, required=True),
        RegisterField("fee_yuan", "信息处理费", FieldType.AMOUNT, required=True, unit="元"),
        _DOCUMENT,
    ),
    RequestAct.PAY_FEE: (RegisterField("day", "缴费日期", FieldType.DAY, required=True),),
    RequestAct.ANSWER: (
        RegisterField("day", "答复日期", FieldType.DAY, required=True),
        RegisterField(
            "result",
            "办理结果",
            FieldType.CHOICE,
            required=True,
            choices=tuple((one.value, label) for one, label in RESULT_LABELS.items()),
            help="只选一种。作了区分处理的，只选“部分公开”，不选其他情形。",
        ),
        RegisterField("document", "答复文号", longest=60),
        RegisterField("reason", "依据和说明", longest=500, help="不写申请人的个人信息。"),
    ),
}  # fmt: skip


def read_fields(fields: Sequence[RegisterField], typed: Mapping[str, str]) -> dict[str, Any]:
    """The values of the fields, None where nothing was typed. Raises InvalidContent naming each field to be mended."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for field in fields:
        try:
            values[field.name] = read_value(field, typed.get(field.name, ""), field.choices)
        except WrongValue as wrong:
            errors.append(FieldError(field.name, str(wrong)))
    if errors:
        raise InvalidContent("有内容需要修改，请看各栏下的说明。", errors=errors)
    return values
