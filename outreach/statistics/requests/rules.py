"""The life of a request as a table, its terms, and which answer may be given when.

政府信息公开条例 (国务院令711号): art. 30 (what is unclear is asked back once within 7 working days, and the term begins
anew when it was put right), 32 (a third party has 15 working days), 33 (20 working days, extended once by up to 20;
consultation does not count), 42 and 国办函〔2020〕109号 (fees). The first day of a term is not counted itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from outreach.catalogue.calendar import Entered, add_working_days, working_days_between
from outreach.foundation.problems import NotPossible
from outreach.statistics.requests.model import Applicant, RequestAct, RequestState, Result, Way

ANSWER_TERM: Final = 20
LONGEST_EXTENSION: Final = 20
CORRECTION_NOTICE_TERM: Final = 7
CONSULTATION_TERM: Final = 15
SOON: Final = 3
"""Working days before the end of a term from which on it is told."""

TRANSITIONS: Final[Mapping[tuple[RequestState, RequestAct], RequestState]] = {
    (RequestState.OPEN, RequestAct.ASK_CORRECTION): RequestState.AWAITING_CORRECTION,
    (RequestState.AWAITING_CORRECTION, RequestAct.CORRECT): RequestState.OPEN,
    (RequestState.OPEN, RequestAct.CONSULT): RequestState.CONSULTING,
    (RequestState.CONSULTING, RequestAct.HEAR): RequestState.OPEN,
    (RequestState.OPEN, RequestAct.EXTEND): RequestState.OPEN,
    (RequestState.CONSULTING, RequestAct.EXTEND): RequestState.CONSULTING,
    (RequestState.OPEN, RequestAct.ASK_FEE): RequestState.AWAITING_FEE,
    (RequestState.AWAITING_FEE, RequestAct.PAY_FEE): RequestState.OPEN,
    (RequestState.OPEN, RequestAct.ANSWER): RequestState.ANSWERED,
    (RequestState.AWAITING_CORRECTION, RequestAct.ANSWER): RequestState.ANSWERED,
    (RequestState.CONSULTING, RequestAct.ANSWER): RequestState.ANSWERED,
    (RequestState.AWAITING_FEE, RequestAct.ANSWER): RequestState.ANSWERED,
}
ONCE: Final = frozenset({RequestAct.ASK_CORRECTION, RequestAct.EXTEND, RequestAct.ASK_FEE})
"""What may be done once in the life of a request."""
WITHIN_TERM: Final = frozenset(
    {RequestAct.ASK_CORRECTION, RequestAct.CONSULT, RequestAct.EXTEND, RequestAct.ASK_FEE}
)
"""What moves the end of the term, and therefore has to be done before it."""

RESULTS: Final[Mapping[RequestState, frozenset[Result]]] = {
    RequestState.OPEN: frozenset(Result) - {Result.OTH_OVERDUE_CORRECTION, Result.OTH_FEE_UNPAID},
    RequestState.AWAITING_CORRECTION: frozenset({Result.OTH_OVERDUE_CORRECTION, Result.OTH_OTHER}),
    RequestState.CONSULTING: frozenset({Result.OTH_OTHER}),
    RequestState.AWAITING_FEE: frozenset({Result.OTH_FEE_UNPAID, Result.OTH_OTHER}),
    RequestState.ANSWERED: frozenset(),
}
"""The answers that may be given in each state: whoever waits for the applicant or a third party ends that first, or
the applicant withdraws (其他)."""

STATE_LABELS: Final[Mapping[RequestState, str]] = {
    RequestState.OPEN: "办理中",
    RequestState.AWAITING_CORRECTION: "待补正",
    RequestState.CONSULTING: "征求第三方意见",
    RequestState.AWAITING_FEE: "待缴费",
    RequestState.ANSWERED: "已答复",
}
ACT_LABELS: Final[Mapping[RequestAct, str]] = {
    RequestAct.ASK_CORRECTION: "告知补正",
    RequestAct.CORRECT: "收到补正",
    RequestAct.CONSULT: "征求第三方意见",
    RequestAct.HEAR: "第三方意见期结束",
    RequestAct.EXTEND: "延长答复期限",
    RequestAct.ASK_FEE: "通知缴费",
    RequestAct.PAY_FEE: "收到缴费",
    RequestAct.ANSWER: "答复",
}
WAY_LABELS: Final[Mapping[Way, str]] = {
    Way.IN_PERSON: "当面",
    Way.POST: "信函",
    Way.WEB: "网络平台",
    Way.EMAIL: "电子邮件",
    Way.FAX: "传真",
    Way.OTHER: "其他",
}
APPLICANT_LABELS: Final[Mapping[Applicant, str]] = {
    Applicant.NATURAL_PERSON: "自然人",
    Applicant.ORG_BUSINESS: "商业企业",
    Applicant.ORG_RESEARCH: "科研机构",
    Applicant.ORG_PUBLIC_INTEREST: "社会公益组织",
    Applicant.ORG_LEGAL_SERVICE: "法律服务机构",
    Applicant.ORG_OTHER: "其他组织",
}
RESULT_LABELS: Final[Mapping[Result, str]] = {
    Result.GRANTED: "（一）予以公开",
    Result.PARTIAL: "（二）部分公开",
    Result.DEN_STATE_SECRET: "（三）不予公开：1.属于国家秘密",
    Result.DEN_LAW_FORBIDS: "（三）不予公开：2.其他法律行政法规禁止公开",
    Result.DEN_SAFETY_STABILITY: "（三）不予公开：3.危及“三安全一稳定”",
    Result.DEN_THIRD_PARTY: "（三）不予公开：4.保护第三方合法权益",
    Result.DEN_INTERNAL_AFFAIRS: "（三）不予公开：5.属于三类内部事务信息",
    Result.DEN_PROCESS_INFO: "（三）不予公开：6.属于四类过程性信息",
    Result.DEN_ENFORCEMENT_FILE: "（三）不予公开：7.属于行政执法案卷",
    Result.DEN_ADMIN_QUERY: "（三）不予公开：8.属于行政查询事项",
    Result.UNA_NOT_HELD: "（四）无法提供：1.本机关不掌握相关政府信息",
    Result.UNA_NEEDS_CREATION: "（四）无法提供：2.没有现成信息需要另行制作",
    Result.UNA_UNCLEAR_AFTER_CORRECTION: "（四）无法提供：3.补正后申请内容仍不明确",
    Result.NP_PETITION: "（五）不予处理：1.信访举报投诉类申请",
    Result.NP_REPEAT: "（五）不予处理：2.重复申请",
    Result.NP_PUBLICATION: "（五）不予处理：3.要求提供公开出版物",
    Result.NP_MASSIVE: "（五）不予处理：4.无正当理由大量反复申请",
    Result.NP_CONFIRM: "（五）不予处理：5.要求行政机关确认或重新出具已获取信息",
    Result.OTH_OVERDUE_CORRECTION: "（六）其他处理：1.申请人无正当理由逾期不补正",
    Result.OTH_FEE_UNPAID: "（六）其他处理：2.申请人逾期未按要求缴纳费用",
    Result.OTH_OTHER: "（六）其他处理：3.其他",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, as the terms ask for it."""

    act: RequestAct
    day: date
    until: date | None = None
    extension_days: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """The terms of a request: the last day for the answer (None while the applicant has to do something, and after the
    answer), the last day for whom it waits for, and whether a year without announced holidays was counted."""

    due: date | None
    waits_until: date | None
    is_estimate: bool


def next_state(state: RequestState, act: RequestAct) -> RequestState:
    """The state after `act`. Raises NotPossible naming both, in the user's words."""
    after = TRANSITIONS.get((state, act))
    if after is None:
        raise NotPossible(f"申请现在是“{STATE_LABELS[state]}”，不能登记“{ACT_LABELS[act]}”。")
    return after


def state_after(steps: Iterable[Taken]) -> RequestState:
    """The state to which the steps have led. Raises NotPossible where they can't follow one another."""
    state = RequestState.OPEN
    for step in steps:
        state = next_state(state, step.act)
    return state


def clock_of(received_on: date, steps: Sequence[Taken], entered: Entered, fee_term: int) -> Clock:
    """The terms after these steps. `fee_term`: the working days that an applicant has to pay a fee."""
    state = state_after(steps)
    if state is RequestState.ANSWERED:
        return Clock(None, None, is_estimate=False)
    if state is RequestState.AWAITING_CORRECTION:
        return Clock(None, steps[-1].until, is_estimate=False)
    if state is RequestState.AWAITING_FEE:
        last, is_estimate = add_working_days(steps[-1].day, fee_term, entered)
        return Clock(None, last, is_estimate)
    due, is_estimate = _answer_due(received_on, steps, entered)
    consulted = next((step.day for step in reversed(steps) if step.act is RequestAct.CONSULT), None)
    lapses = (
        add_working_days(consulted, CONSULTATION_TERM, entered)[0]
        if consulted and state is RequestState.CONSULTING
        else None
    )
    return Clock(due, lapses, is_estimate)


def due_when_answered(received_on: date, steps: Sequence[Taken], entered: Entered) -> date | None:
    """By which day an answered request had to be; None where it was the applicant's turn."""
    before = [step for step in steps if step.act is not RequestAct.ANSWER]
    if state_after(before) in (RequestState.AWAITING_CORRECTION, RequestState.AWAITING_FEE):
        return None
    return _answer_due(received_on, before, entered)[0]


def oddities(received_on: date, steps: Sequence[Taken], entered: Entered) -> Sequence[str]:
    """What was not done as the Regulation has it, in Chinese."""
    told = []
    for step in steps:
        if step.act is RequestAct.ASK_CORRECTION:
            last = add_working_days(received_on, CORRECTION_NOTICE_TERM, entered)[0]
            if step.day > last:
                told.append(
                    f"告知补正晚于收到申请后 {CORRECTION_NOTICE_TERM} 个工作日（{last}）：条例第三十条。"
                )
        if step.act is RequestAct.ANSWER:
            due = due_when_answered(received_on, steps, entered)
            if due and step.day > due:
                late = working_days_between(due, step.day, entered)
                told.append(f"答复超过期限（{due}）{late} 个工作日：条例第三十三条。")
    return told


def _answer_due(received_on: date, steps: Sequence[Taken], entered: Entered) -> tuple[date, bool]:
    """Twenty working days, the extension and what was spent on consultation, from the day on which the request came,
    was put right or paid for. A third party that says nothing is waited for no longer than its term."""
    start, extension, paused, asked = received_on, 0, 0, None
    for step in steps:
        match step.act:
            case RequestAct.CORRECT | RequestAct.PAY_FEE:
                start, paused = step.day, 0
            case RequestAct.EXTEND:
                extension += step.extension_days
            case RequestAct.CONSULT:
                asked = step.day
            case RequestAct.HEAR if asked is not None:
                paused += _waited(asked, step.day, entered)
                asked = None
    if asked is not None:
        paused += CONSULTATION_TERM
    return add_working_days(start, ANSWER_TERM + extension + paused, entered)


def _waited(asked: date, heard: date, entered: Entered) -> int:
    return min(CONSULTATION_TERM, working_days_between(asked, heard, entered))
