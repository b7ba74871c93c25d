"""台账: requests as the rows of a workbook, to be taken out and to be brought in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import IO, Any, Final

from outreach.foundation import clock
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.foundation.seal import Sealer
from outreach.statistics.registers.book import write_rows, write_template
from outreach.statistics.registers.fields import RegisterField
from outreach.statistics.registers.shape import Register, Variant
from outreach.statistics.requests.model import (
    InformationRequest,
    RequestAct,
    RequestState,
    RequestStep,
    Result,
)
from outreach.statistics.requests.queries import Timed
from outreach.statistics.requests.rules import RESULTS, STATE_LABELS
from outreach.statistics.requests.typed import REGISTRATION, STEPS, read_fields

SEALED: Final = ("name", "contact", "content")
"""The fields that are kept sealed."""
ERASED: Final = "（已删除）"
"""What stands in their place in a workbook, once they were erased."""
_AT_ONCE: Final = RESULTS[RequestState.OPEN] - {Result.UNA_UNCLEAR_AFTER_CORRECTION}
"""The answers that need no step before them."""
_DAY, _RESULT, _DOCUMENT, _REASON = STEPS[RequestAct.ANSWER]
_ANSWER: Final = (
    RegisterField("answered_on", "答复日期", _DAY.type, help="还没有答复的，这一栏和办理结果都不填。"),
    replace(_RESULT, required=False, help="经过补正、缴费才有的结果，请不填，导入后在页面上逐步登记。"),
    _DOCUMENT,
    _REASON,
)
LEDGER: Final = Register(
    key="requests",
    label="依申请公开台账",
    unit="件",
    about="一行一件申请。导入后按行的次序编号；办理经过（补正、征求意见、延长、缴费）在页面上逐步登记。",
    rule="按收到日期计新收，按答复日期计办理结果。",
    variants=(Variant("request", "依申请公开", "received_on", (*REGISTRATION, *_ANSWER)),),
    count=lambda _entries, _year: (),
    recorded=("编号", "状态", "答复期限", "登记人", "登记时间"),
    by_section=False,
)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row that was read: what was registered, by its fields, and what was answered, None where nothing was."""

    registered: Mapping[str, str]
    answer: Mapping[str, str] | None

    @property
    def received_on(self) -> date:
        """The day on which it came."""
        return date.fromisoformat(self.registered["received_on"])


def read_row(typed: Mapping[str, str]) -> LedgerRow:
    """What a row says. Raises InvalidContent naming each field to be mended."""
    values, errors = _read(typed)
    received_on, answered_on = values.get("received_on"), values.get("answered_on")
    today = clock.today(clock.SHANGHAI).isoformat()
    if received_on and received_on > today:
        errors.append(FieldError("received_on", "收到日期不能晚于今天。"))
    if answered_on and received_on and not received_on <= answered_on <= today:
        errors.append(FieldError("answered_on", "答复日期不能早于收到日期，也不能晚于今天。"))
    if values.get("result") and Result(values["result"]) not in _AT_ONCE:
        errors.append(
            FieldError("result", "这种结果要先登记补正或者缴费：这一行请不填答复，导入后在页面上逐步登记。")
        )
    if any(values.get(field.name) for field in _ANSWER):
        missing = [field for field in _ANSWER[:2] if not values.get(field.name)]
        wrong = {error.field for error in errors}
        errors += [
            FieldError(field.name, "已答复的，请填写；还没有答复的，请清空答复的各栏。")
            for field in missing
            if field.name not in wrong
        ]
    if any(values.get(name) == ERASED for name in SEALED):
        errors.append(FieldError("name", "这一件的申请人信息已经删除，不能导入。请删去这一行。"))
    if errors:
        raise InvalidContent("有内容需要修改。", errors=errors)
    registered = {field.name: values[field.name] for field in REGISTRATION}
    answer = {field.name: values[field.name] or "" for field in _ANSWER}
    answer["day"] = answer.pop("answered_on")
    return LedgerRow(registered, answer if answer["day"] else None)


def write_ledger(
    target: IO[bytes],
    sealer: Sealer,
    requests: Sequence[Timed],
    steps: Mapping[str, Sequence[RequestStep]],
) -> None:
    """The requests as the rows of a workbook; their applicants' words in clear."""
    write_rows(
        target,
        LEDGER,
        [(_data(sealer, one.request, steps[one.request.id]), _behind(one)) for one in requests],
    )


def write_ledger_template(target: IO[bytes]) -> None:
    """The workbook to fill in."""
    write_template(target, LEDGER, {})


def _read(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for field in LEDGER.variants[0].fields:
        try:
            values |= read_fields((field,), typed)
        except InvalidContent as problem:
            errors += problem.errors
    return values, errors


def _data(sealer: Sealer, request: InformationRequest, steps: Sequence[RequestStep]) -> Mapping[str, Any]:
    answer = steps[-1] if steps and steps[-1].act is RequestAct.ANSWER else None
    return {
        "received_on": request.received_on.isoformat(),
        "way": request.way.value,
        "applicant": request.applicant.value,
        **(sealer.open(request.sealed) if request.sealed else dict.fromkeys(SEALED, ERASED)),
        "answered_on": request.answered_on.isoformat() if request.answered_on else None,
        "result": request.result.value if request.result else None,
        "document": answer.document or None if answer else None,
        "reason": answer.reason or None if answer else None,
    }


def _behind(one: Timed) -> Sequence[str]:
    request = one.request
    return (
        f"依申请〔{request.year}〕{request.number}号",
        STATE_LABELS[request.state],
        one.clock.due.isoformat() if one.clock.due else "",
        request.registered_by_name,
        f"{request.registered_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
    )
