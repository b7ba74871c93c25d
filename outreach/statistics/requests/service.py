"""The office keeps its requests for information. What an applicant wrote is sealed before it is stored, and neither
logged nor told to the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.queries import entered_holidays
from outreach.foundation import audit, clock, office_settings
from outreach.foundation.ids import new_id
from outreach.foundation.problems import NotPossible, StaleState, invalid
from outreach.foundation.seal import Sealer
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.screening.marks import doorkeeper
from outreach.statistics.registers.completeness import CompleteGuard
from outreach.statistics.requests.ledger import SEALED, LedgerRow
from outreach.statistics.requests.model import (
    Applicant,
    InformationRequest,
    RequestAct,
    RequestState,
    RequestStep,
    Result,
    Way,
)
from outreach.statistics.requests.queries import KEY, figures_of_year, get_request, steps_of, taken
from outreach.statistics.requests.rules import (
    ACT_LABELS,
    LONGEST_EXTENSION,
    ONCE,
    RESULT_LABELS,
    RESULTS,
    STATE_LABELS,
    WITHIN_TERM,
    clock_of,
    next_state,
    state_after,
)
from outreach.statistics.requests.typed import REGISTRATION, STEPS, read_fields


async def register_request(
    session: AsyncSession, sealer: Sealer, by: Person, typed: Mapping[str, str]
) -> InformationRequest:
    """A request came. It bears the next number of its year.

    Raises Forbidden, InvalidContent (ClassificationMarkFound where a text bears a mark), NotPossible where its year is
    complete.
    """
    values = await _read_registration(session, sealer, by, typed)
    await audit.hold(session)
    guard = await CompleteGuard.before(session, KEY, figures_of_year)
    request = _made(by, values, await _last_number(session, values["received_on"].year) + 1)
    session.add(request)
    await session.flush()
    await guard.require_unchanged(session)
    await audit.record(session, by, "request.register", "request", request.id, number=_number(request))
    return request


async def register_all(session: AsyncSession, sealer: Sealer, by: Person, rows: Sequence[LedgerRow]) -> None:
    """Requests that a file brought, with their answers, in its order. Each row was read, and none bears a classification
    mark. Raises Forbidden, NotPossible where a year is complete."""
    require(by, Act.KEEP_FIGURES)
    await audit.hold(session)
    guard = await CompleteGuard.before(session, KEY, figures_of_year)
    numbers: dict[int, int] = {}
    for row in rows:
        year = row.received_on.year
        numbers[year] = (numbers.get(year) or await _last_number(session, year)) + 1
        request = _made(by, _registered(sealer, row.registered), numbers[year])
        session.add(request)
        if row.answer is not None:
            answer = _read_step(RequestAct.ANSWER, row.answer)
            request.state = RequestState.ANSWERED
            request.result, request.answered_on = answer["result"], answer["day"]
            session.add(_step(request.id, 1, RequestAct.ANSWER, answer, by))
    await session.flush()
    await guard.require_unchanged(session)
    await audit.record(session, by, "request.import", "register", KEY, created=len(rows))


async def erase_applicant(session: AsyncSession, request_id: str, by: Person, *, version: int) -> None:
    """What the applicant wrote, and who that was, is not needed any more (个人信息保护法 art. 47, once the time is over
    for which the office has to keep it): it is deleted, and what is counted stays.

    Raises Forbidden, NotFound, StaleState; NotPossible before the answer.
    """
    require(by, Act.KEEP_FIGURES)
    await audit.hold(session)
    request = await get_request(session, request_id)
    if request.state is not RequestState.ANSWERED:
        raise NotPossible("还没有答复，办理要用到申请人的信息，不能删除。")
    await _change(session, request, version, sealed="")
    await audit.record(session, by, "request.erase", "request", request_id, number=_number(request))


async def change_request(
    session: AsyncSession,
    sealer: Sealer,
    request_id: str,
    by: Person,
    typed: Mapping[str, str],
    *,
    version: int,
) -> None:
    """Puts right what was registered; the number stays, and so does the year. Raises as `register_request` does,
    NotFound, StaleState."""
    values = await _read_registration(session, sealer, by, typed)
    await audit.hold(session)
    request = await get_request(session, request_id)
    require_words(request)
    steps = (await steps_of(session, [request_id]))[request_id]
    if values["received_on"].year != request.year:
        raise invalid(
            "received_on", f"这件申请按 {request.year} 年编号，收到日期不能改到别的年份。请删除后重新登记。"
        )
    if steps and steps[0].day < values["received_on"]:
        raise invalid("received_on", f"不能晚于第一步“{ACT_LABELS[steps[0].act]}”的日期（{steps[0].day}）。")
    guard = await CompleteGuard.before(session, KEY, figures_of_year)
    await _change(session, request, version, **values)
    await guard.require_unchanged(session)
    await audit.record(session, by, "request.change", "request", request_id, number=_number(request))


async def take_step(
    session: AsyncSession,
    request_id: str,
    by: Person,
    act: RequestAct,
    typed: Mapping[str, str],
    *,
    version: int,
) -> None:
    """The request goes on by one step.

    Raises Forbidden, NotFound, StaleState; NotPossible where the step can't follow, may be taken once only, or would
    change a complete year; InvalidContent.
    """
    require(by, Act.KEEP_FIGURES)
    (await doorkeeper(session)).refuse_texts(**typed)
    await audit.hold(session)
    request = await get_request(session, request_id)
    steps = (await steps_of(session, [request_id]))[request_id]
    after = next_state(request.state, act)
    if act in ONCE and any(step.act is act for step in steps):
        raise NotPossible(f"“{ACT_LABELS[act]}”只能登记一次。")
    values = _read_step(act, typed)
    _require_in_order(request, steps, values["day"])
    await _require_within_term(session, request, steps, act, values["day"])
    result = _result(request, steps, values)
    guard = await CompleteGuard.before(session, KEY, figures_of_year)
    if act is RequestAct.PAY_FEE:
        values["fee_yuan"] = steps[-1].fee_yuan
    step = _step(request_id, len(steps) + 1, act, {**values, "result": result}, by)
    answered = {"result": result, "answered_on": values["day"]} if act is RequestAct.ANSWER else {}
    await _change(session, request, version, state=after, **answered)
    session.add(step)
    await session.flush()
    await guard.require_unchanged(session)
    await audit.record(
        session, by, f"request.{act}", "request", request_id, number=_number(request), day=values["day"]
    )


async def undo_step(session: AsyncSession, request_id: str, by: Person, *, version: int) -> None:
    """Takes back the last step, which was entered by mistake. Raises Forbidden, NotFound, StaleState, NotPossible."""
    require(by, Act.KEEP_FIGURES)
    await audit.hold(session)
    request = await get_request(session, request_id)
    steps = (await steps_of(session, [request_id]))[request_id]
    if not steps:
        raise NotPossible("还没有登记办理步骤，没有可以撤销的。")
    require_words(request)
    guard = await CompleteGuard.before(session, KEY, figures_of_year)
    before = state_after(taken(steps[:-1]))
    await _change(session, request, version, state=before, result=None, answered_on=None)
    await session.delete(steps[-1])
    await session.flush()
    await guard.require_unchanged(session)
    await audit.record(
        session, by, "request.undo", "request", request_id, number=_number(request), step=steps[-1].act
    )


async def remove_request(session: AsyncSession, request_id: str, by: Person, *, version: int) -> None:
    """Takes out a request that was registered by mistake and has gone no step. Raises Forbidden, NotFound, StaleState,
    NotPossible."""
    require(by, Act.KEEP_FIGURES)
    await audit.hold(session)
    request = await get_request(session, request_id)
    if (await steps_of(session, [request_id]))[request_id]:
        raise NotPossible("已经登记了办理步骤，不能删除。登记有误的，请先逐步撤销。")
    guard = await CompleteGuard.before(session, KEY, figures_of_year)
    removed = await session.execute(
        delete(InformationRequest)
        .where(InformationRequest.id == request_id, InformationRequest.version == version)
        .returning(InformationRequest.id)
    )
    _require_changed(removed.scalar_one_or_none())
    await guard.require_unchanged(session)
    await audit.record(session, by, "request.remove", "request", request_id, number=_number(request))


async def _read_registration(
    session: AsyncSession, sealer: Sealer, by: Person, typed: Mapping[str, str]
) -> dict[str, Any]:
    """A classification mark is told before whatever else is wrong."""
    require(by, Act.KEEP_FIGURES)
    (await doorkeeper(session)).refuse_texts(**typed)
    values = read_fields(REGISTRATION, typed)
    if date.fromisoformat(values["received_on"]) > clock.today(clock.SHANGHAI):
        raise invalid("received_on", "收到日期不能晚于今天。")
    return _registered(sealer, values)


def _registered(sealer: Sealer, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "received_on": date.fromisoformat(values["received_on"]),
        "way": Way(values["way"]),
        "applicant": Applicant(values["applicant"]),
        "sealed": sealer.seal({name: values[name] for name in SEALED}),
    }


async def _last_number(session: AsyncSession, year: int) -> int:
    last = await session.scalar(
        select(func.max(InformationRequest.number)).where(InformationRequest.year == year)
    )
    return last or 0


def _made(by: Person, values: Mapping[str, Any], number: int) -> InformationRequest:
    return InformationRequest(
        **values,
        id=new_id(),
        year=values["received_on"].year,
        number=number,
        state=RequestState.OPEN,
        version=1,
        registered_by_name=by.name,
        registered_at=clock.now(),
    )


def _step(
    request_id: str, number: int, act: RequestAct, values: Mapping[str, Any], by: Person
) -> RequestStep:
    return RequestStep(
        request_id=request_id, number=number, act=act, **values, by_name=by.name, at=clock.now()
    )


def require_words(request: InformationRequest) -> None:
    """Raises NotPossible where the applicant's words were erased."""
    if not request.sealed:
        raise NotPossible("申请人的信息已经删除，这件申请不能再修改。")


def _read_step(act: RequestAct, typed: Mapping[str, str]) -> dict[str, Any]:
    values = {name: value for name, value in read_fields(STEPS[act], typed).items() if value is not None}
    for name in ("day", "until"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    if "until" in values and values["until"] < values["day"]:
        raise invalid("until", "补正期限早于告知日期，请核对。")
    if "extension_days" in values and not 1 <= values["extension_days"] <= LONGEST_EXTENSION:
        raise invalid("extension_days", f"延长 1 至 {LONGEST_EXTENSION} 个工作日（条例第三十三条）。")
    if "result" in values:
        values["result"] = Result(values["result"])
    return values


def _require_in_order(request: InformationRequest, steps: Sequence[RequestStep], day: date) -> None:
    before = steps[-1].day if steps else request.received_on
    if day < before:
        what = f"上一步“{ACT_LABELS[steps[-1].act]}”" if steps else "收到申请"
        raise invalid("day", f"不能早于{what}的日期（{before}）。")
    if day > clock.today(clock.SHANGHAI):
        raise invalid("day", "日期不能晚于今天。")


async def _require_within_term(
    session: AsyncSession,
    request: InformationRequest,
    steps: Sequence[RequestStep],
    act: RequestAct,
    day: date,
) -> None:
    """What moves the end of the term has to be done before it."""
    if act not in WITHIN_TERM:
        return
    fee_term = (await office_settings.load(session)).fee_payment_days
    terms = clock_of(request.received_on, taken(steps), await entered_holidays(session), fee_term)
    if terms.due is not None and day > terms.due:
        raise invalid("day", f"答复期限到 {terms.due} 为止，在这以后不能再“{ACT_LABELS[act]}”。请尽快答复。")


def _result(
    request: InformationRequest, steps: Sequence[RequestStep], values: Mapping[str, Any]
) -> Result | None:
    if "result" not in values:
        return None
    result: Result = values["result"]
    if result not in RESULTS[request.state]:
        possible = "、".join(RESULT_LABELS[one] for one in Result if one in RESULTS[request.state])
        raise invalid("result", f"申请现在是“{STATE_LABELS[request.state]}”，结果只能是：{possible}。")
    corrected = any(step.act is RequestAct.CORRECT for step in steps)
    if result is Result.UNA_UNCLEAR_AFTER_CORRECTION and not corrected:
        raise invalid("result", "还没有登记“收到补正”，不能选“补正后申请内容仍不明确”。")
    return result


async def _change(session: AsyncSession, request: InformationRequest, version: int, **values: Any) -> None:
    """Guarded by what the act looked at."""
    changed = await session.execute(
        update(InformationRequest)
        .where(
            InformationRequest.id == request.id,
            InformationRequest.version == version,
            InformationRequest.state == request.state,
        )
        .values(**values, version=version + 1)
        .returning(InformationRequest.id)
        .execution_options(synchronize_session=False)
    )
    _require_changed(changed.scalar_one_or_none())


def _require_changed(request_id: str | None) -> None:
    if request_id is None:
        raise StaleState("这件申请刚刚被他人改过。请看过现在的内容后再办。")


def _number(request: InformationRequest) -> str:
    return f"{request.year}-{request.number}"
