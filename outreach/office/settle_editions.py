"""Pushes whose outcome is open are settled: what a dead worker left, results that have not come, lost answers.

The event MASSSENDJOBFINISH comes first as a rule. Where WeChat's answer to the push was lost, the same push is sent
once more under the same clientmsgid, which WeChat takes once in 24 hours: it names the job that it has, or takes the
push that had never reached it. After that it is never sent again: the event tells, or a person.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import service as accounts
from outreach.channels.protocol import (
    ChannelError,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
    Removed,
    StillUnderWay,
)
from outreach.channels.push_protocol import PushingChannel, PushResult, PushSent, PushStopped, PushTaken
from outreach.channels.wechat.callback import PushFinished
from outreach.foundation import clock
from outreach.foundation.problems import StaleState
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.confirm_edition import add_facts, confirm_sent, remove_edition, stop_edition
from outreach.office.context import Office
from outreach.office.push_edition import ACCEPTED, fail, lose_answer
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import articles_of, of_job, without_job
from outreach.publishing.editions.rules import (
    EVENT_PATIENCE,
    SILENT_TOO_LONG,
    EditionAction,
    may_repeat,
    wait_before_look,
)
from outreach.publishing.editions.service import composing, pushing, states

log = structlog.get_logger(__name__)

MOST_TAKE_OVERS: Final = 5
CALLBACK: Final = "callback"
_INTERRUPTED_TOO_OFTEN = (
    "发送它的进程多次中断，都没有走到提交群发这一步。请联系维护人员查看日志，之后重新安排。"
)
_TAKEN_OVER = "发送它的进程中断了，还没有提交群发，将接着发送。"
_INTERRUPTED = "发送它的进程在提交群发时中断了。系统会凭同一识别号向微信核对，不会重复群发。"
_NO_RESULT = "微信受理群发后一直没有给出结果。"
_NO_EVENT = "提交群发后没有收到微信的答复，也没有收到群发结果通知。"
_LOOK_YOURSELF = (
    "请到公众平台的“发表记录”中查看这次推送是否已经群发：已群发的，点“确认已群发”；"
    "确实没有的，点“确认未群发”，推送退回编排，由您决定何时再发。"
)
_CLOCK_SKEW: Final = timedelta(minutes=5)
_EVENT_LOOK: Final = timedelta(minutes=5)
# WeChat waits five seconds for an answer.
_PATIENCE_S: Final = 2.0
_AGAIN_AFTER_S: Final = 0.05


async def settle(office: Office, *, worker: str) -> None:
    """Whatever can be settled now. Safe to run twice and at the same time."""
    await take_over_expired(office, worker=worker)
    async with office.db.begin() as session:
        editions = await pushing.claim_looks(session)
    await run_all(_settle_one(office, edition, worker) for edition in editions)


async def take_over_expired(office: Office, *, worker: str) -> int:
    """Goes on with what a worker that died was pushing; how many it took over."""
    async with office.db.begin() as session:
        editions = await pushing.claim_expired(session)
        for edition in editions:
            if edition.release_began_at is not None:
                lost = OutcomeUnknown(_INTERRUPTED, code="interrupted")
                await lose_answer(office, session, edition, worker, lost)
            elif edition.tries >= MOST_TAKE_OVERS:
                await fail(session, edition, worker, Refused(_INTERRUPTED_TOO_OFTEN, code="interrupted"))
            else:
                await states.move(session, edition, EditionAction.TRY_LATER, due_at=clock.now())
                await states.note(session, edition, worker, "taken_over", _TAKEN_OVER)
    return len(editions)


async def receive_push_finished(office: Office, account_id: str, event: PushFinished) -> None:
    """Settles the edition that waits for this event, if there is one; the same event again changes nothing.

    An event may be faster than WeChat's answer to the call that it is about. It waits a moment for the msg_id to be
    stored; then it is left to the sweep, which asks for the result.
    """
    for _ in range(round(_PATIENCE_S / _AGAIN_AFTER_S)):
        async with office.db.begin() as session:
            if await _take_event(office, session, account_id, event):
                return
        await asyncio.sleep(_AGAIN_AFTER_S)


async def _take_event(office: Office, session: AsyncSession, account_id: str, event: PushFinished) -> bool:
    """Whether it is done with: not while the account's push has no answer yet."""
    edition = await of_job(session, account_id, event.msg_id)
    if edition is None:
        edition = await without_job(session, account_id)
        if edition is None or not await _is_about(session, edition, event):
            return True
        if edition.state is EditionState.SENDING:
            return False
        await _adopt(session, edition, event)
    await _store_result(office, session, edition, CALLBACK, event.result())
    return True


async def _is_about(session: AsyncSession, edition: Edition, event: PushFinished) -> bool:
    """Whether an event of a job that nobody knows can be about the edition: after its push began, and with as many
    articles. Mass messages that somebody sends on the platform's site have events too."""
    began_at = edition.release_began_at
    if began_at is None or event.at < began_at - _CLOCK_SKEW:
        return False
    return not event.urls or len(event.urls) == len(await articles_of(session, edition.id))


async def _adopt(session: AsyncSession, edition: Edition, event: PushFinished) -> None:
    await pushing.accept(session, edition, PushTaken(event.msg_id, None))
    told = "收到群发结果通知，微信确实受理了这次群发。"
    await states.note(session, edition, CALLBACK, "accepted", told)


async def _settle_one(office: Office, edition: Edition, worker: str) -> None:
    structlog.contextvars.bind_contextvars(edition=edition.id)
    try:
        channel = await office.channels.pusher_of(edition.account)
        if edition.msg_id is not None:
            await _ask(office, channel, edition, worker, edition.msg_id)
        elif _is_to_be_repeated(edition):
            await _repeat(office, channel, edition, worker)
        else:
            await _wait_for_event(office, edition, worker)
    except (ChannelError, WrongKey) as error:
        await _postpone_look(office, edition, _told(error))
    except StaleState:
        log.info("event_was_faster", edition=edition.id)


async def _ask(office: Office, channel: PushingChannel, edition: Edition, worker: str, msg_id: str) -> None:
    result = await channel.push_result(msg_id)
    async with office.db.begin() as session:
        present = await composing.hold_edition(session, edition.id)
        await _store_result(office, session, present, worker, result)


def _is_to_be_repeated(edition: Edition) -> bool:
    if edition.release_began_at is None or edition.media_id is None or edition.client_msg_id is None:
        return False
    return may_repeat(
        clock.now(),
        began_at=edition.release_began_at,
        repeated_at=edition.repeated_at,
        code=edition.problem_code,
    )


async def _repeat(office: Office, channel: PushingChannel, edition: Edition, worker: str) -> None:
    """Sends the push once more under its id. That it does is stored first."""
    async with office.db.begin() as session:
        if not await pushing.remember_repetition(session, edition):
            return
    answer = await _push_again(channel, edition)
    async with office.db.begin() as session:
        present = await composing.hold_edition(session, edition.id)
        if present.state is not EditionState.UNCERTAIN or present.msg_id is not None:
            return
        match answer:
            case PushTaken():
                await pushing.accept(session, present, answer)
                await states.note(session, present, worker, "accepted", f"凭同一识别号核对：{ACCEPTED}")
            case NotSent() | QuotaSpent() | NeedsOperator():
                await _not_asked(session, present, answer)
            case _:
                await pushing.look_again(session, present, _EVENT_LOOK, **publishing.problem_of(answer))
                await states.note(session, present, worker, "uncertain", answer.message, answer.code)


async def _push_again(channel: PushingChannel, edition: Edition) -> PushTaken | ChannelError:
    try:
        return await channel.push_again(str(edition.media_id), str(edition.client_msg_id))
    except ChannelError as error:
        return error


async def _not_asked(session: AsyncSession, edition: Edition, error: ChannelError) -> None:
    """The push did not reach WeChat again, or was told to wait: the one repetition is still to come."""
    if isinstance(error, NeedsOperator):
        await accounts.pause_account(session, edition.account_id, error.message)
    wait = timedelta(seconds=error.retry_after_s or 30)
    await pushing.look_again(session, edition, wait, repeated_at=None)
    log.info("repetition_failed", edition=edition.id, code=error.code, reason=error.message)


async def _wait_for_event(office: Office, edition: Edition, worker: str) -> None:
    since = edition.repeated_at or edition.release_began_at or edition.updated_at
    async with office.db.begin() as session:
        present = await composing.hold_edition(session, edition.id)
        if present.state is not EditionState.UNCERTAIN or present.msg_id is not None:
            return
        if clock.now() - since > EVENT_PATIENCE:
            await _leave_to_a_person(session, present, worker, present.problem_message or _NO_EVENT)
        else:
            await pushing.look_again(session, present, _EVENT_LOOK)


async def _store_result(
    office: Office, session: AsyncSession, edition: Edition, worker: str, result: PushResult
) -> None:
    if edition.state is EditionState.PUBLISHED and isinstance(result, PushSent):
        await add_facts(session, edition, result)
    if edition.state not in {EditionState.ACCEPTED, EditionState.UNCERTAIN}:
        return
    match result:
        case PushSent():
            await confirm_sent(session, edition, result, office.settings.zone)
            await states.note(session, edition, worker, "published", _sent_told(result))
        case PushStopped():
            await stop_edition(session, edition, result)
            await states.note(session, edition, worker, "failed", result.message, result.code)
        case Removed(message):
            await confirm_sent(session, edition, PushSent(), office.settings.zone)
            await remove_edition(session, edition, message, office.settings.zone)
            await states.note(session, edition, worker, "withdrawn", message)
        case StillUnderWay():
            await _still_under_way(session, edition, worker)


async def _still_under_way(session: AsyncSession, edition: Edition, worker: str) -> None:
    silent_for = clock.now() - (edition.accepted_at or edition.updated_at)
    if silent_for <= SILENT_TOO_LONG:
        await pushing.look_again(session, edition, wait_before_look(silent_for))
        return
    if edition.state is EditionState.ACCEPTED:
        await states.move(session, edition, EditionAction.STAY_SILENT, due_at=clock.now())
    await _leave_to_a_person(session, edition, worker, _NO_RESULT)


async def _leave_to_a_person(session: AsyncSession, edition: Edition, worker: str, reason: str) -> None:
    told = f"{reason}{_LOOK_YOURSELF}"
    await states.move(session, edition, EditionAction.GIVE_UP_LOOKING, due_at=None, problem_message=told)
    await states.note(session, edition, worker, "needs_person", told, edition.problem_code)


async def _postpone_look(office: Office, edition: Edition, error: ChannelError) -> None:
    """WeChat could not be asked: nothing is known that was not known before."""
    async with office.db.begin() as session:
        if isinstance(error, NeedsOperator):
            await accounts.pause_account(session, edition.account_id, error.message)
        present = await composing.hold_edition(session, edition.id)
        if present.state in {EditionState.ACCEPTED, EditionState.UNCERTAIN}:
            await pushing.look_again(session, present, _after(error, present.accepted_at))
    log.info("look_failed", edition=edition.id, code=error.code, reason=error.message)


def _after(error: ChannelError, since: datetime | None) -> timedelta:
    if error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return wait_before_look(clock.now() - (since or clock.now()))


def _told(error: ChannelError | WrongKey) -> ChannelError:
    return NeedsOperator(error.detail, code=error.code) if isinstance(error, WrongKey) else error


def _sent_told(result: PushSent) -> str:
    if result.reach is None:
        return "在微信查到：已群发。"
    return f"微信通知：已群发，送达 {result.reach.sent} 人（目标 {result.reach.total} 人）。"
