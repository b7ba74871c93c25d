"""Editions go out: each is claimed, its draft saved and pushed outside of any transaction, its outcome stored."""

from __future__ import annotations

import random
from datetime import timedelta
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
)
from outreach.channels.push_protocol import PushingChannel, PushTaken
from outreach.foundation import clock
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.context import Office
from outreach.office.edition_drafts import articles_as_sent, drop_draft
from outreach.office.leases import lease_kept
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition
from outreach.publishing.editions.queries import articles_of
from outreach.publishing.editions.rules import LONGEST_POSTPONEMENT, EditionAction, is_missed
from outreach.publishing.editions.service import pushing, states
from outreach.publishing.editions.service.pushing import EditionHold
from outreach.publishing.rules import wait_before_try
from outreach.publishing.service import Halted, LeaseLost

log = structlog.get_logger(__name__)

_HALTED: Final = "提交群发之前被停发，没有群发；已存的草稿保留，恢复后接着群发。"
_MISSED: Final = (
    "账号暂停、停发或平台连不上，错过了计划的群发时间两小时以上，没有群发。请退回编排，重新安排时间。"
)
ACCEPTED: Final = "微信已受理群发，等待结果。"


async def push_due(office: Office, *, worker: str) -> int:
    """Pushes the editions that are due, one an account; how many it took. Safe to run twice and at the same time."""
    async with office.db.begin() as session:
        holds = await pushing.claim_due(session, worker=worker)
    await run_all(_push_held(office, hold) for hold in holds)
    return len(holds)


async def _push_held(office: Office, hold: EditionHold) -> None:
    structlog.contextvars.bind_contextvars(edition=hold.edition_id)
    try:
        async with lease_kept(office, lambda session: pushing.renew_lease(session, hold)):
            outcome = await _push(office, hold)
            async with office.db.begin() as session:
                edition = await pushing.still_held(session, hold)
                await _store(office, session, edition, hold.worker, outcome)
    except Halted:
        await _halt(office, hold)
    except LeaseLost:
        log.warning("lease_lost", edition=hold.edition_id)


async def _halt(office: Office, hold: EditionHold) -> None:
    """Publishing was stopped before the push began: it waits until it may go on, from its draft."""
    async with office.db.begin() as session:
        edition = await pushing.still_held(session, hold)
        await states.move(session, edition, EditionAction.TRY_LATER)
        await states.note(session, edition, hold.worker, "halted", _HALTED)


async def _push(office: Office, hold: EditionHold) -> PushTaken | ChannelError:
    try:
        async with office.db.read() as session:
            edition = await session.get_one(Edition, hold.edition_id)
            await pushing.require_whole(session, edition)
        if is_missed(clock.now(), edition.at or edition.planned_at or edition.created_at):
            return Refused(_MISSED, code="missed")
        channel = await office.channels.pusher_of(edition.account)
        media_id = await _draft(office, channel, edition, hold)
        async with office.db.begin() as session:
            client_msg_id = await pushing.remember_release(session, hold)
        return await channel.push(media_id, client_msg_id)
    except ChannelError as error:
        return error
    except WrongKey as problem:
        return NeedsOperator(problem.detail, code=problem.code)
    except FileNotFoundError:
        told = "要发送的图片文件在本系统中找不到了。请检查数据目录的 media 文件夹，恢复后重新安排。"
        return Refused(told, code="media-missing")


async def _draft(office: Office, channel: PushingChannel, edition: Edition, hold: EditionHold) -> str:
    """The draft of an earlier try or of a preview, where it holds these very articles; else a new one."""
    async with office.db.read() as session:
        sent = articles_as_sent(await articles_of(session, edition.id))
    if edition.media_id is not None and edition.draft_of == sent.fingerprint:
        return edition.media_id
    media_id = await channel.save_draft(sent.articles)
    async with office.db.begin() as session:
        await pushing.remember_draft(session, hold, media_id, sent.fingerprint)
    if edition.media_id is not None:
        await drop_draft(channel, edition.media_id)
    return media_id


async def _store(
    office: Office, session: AsyncSession, edition: Edition, worker: str, outcome: PushTaken | ChannelError
) -> None:
    match outcome:
        case PushTaken():
            await pushing.accept(session, edition, outcome)
            await states.note(session, edition, worker, "accepted", ACCEPTED)
        case OutcomeUnknown():
            await lose_answer(office, session, edition, worker, outcome)
        case NeedsOperator():
            await accounts.pause_account(session, edition.account_id, outcome.message)
            await _postpone(session, edition, worker, outcome, timedelta(0), "paused")
        case NotSent():
            await _postpone(session, edition, worker, outcome, _wait(edition, outcome), "postponed")
        case QuotaSpent(retry_after_s=float() | int() as wait_s) if _is_soon(wait_s):
            await _postpone(session, edition, worker, outcome, timedelta(seconds=wait_s), "postponed")
        case _:
            await fail(session, edition, worker, outcome)


async def lose_answer(
    office: Office, session: AsyncSession, edition: Edition, worker: str, error: ChannelError
) -> None:
    """The call that pushes had no usable answer: after OUTREACH_LOOKUP_AFTER_S it is settled."""
    look_at = clock.now() + timedelta(seconds=office.settings.lookup_after_s)
    problem = publishing.problem_of(error)
    await states.move(session, edition, EditionAction.LOSE_ANSWER, due_at=look_at, **problem)
    await states.note(session, edition, worker, "uncertain", error.message, error.code)


async def fail(session: AsyncSession, edition: Edition, worker: str, error: ChannelError) -> None:
    """It was not pushed, and a person has to change something first. Its draft is not trusted again."""
    await states.move(
        session,
        edition,
        EditionAction.FAIL,
        due_at=None,
        media_id=None,
        draft_of=None,
        **publishing.problem_of(error),
    )
    await states.note(session, edition, worker, "failed", error.message, error.code)


async def _postpone(
    session: AsyncSession,
    edition: Edition,
    worker: str,
    error: ChannelError,
    wait: timedelta,
    outcome: str,
) -> None:
    """Nothing was pushed: what was begun is forgotten, the draft is kept."""
    await states.move(
        session,
        edition,
        EditionAction.TRY_LATER,
        due_at=clock.now() + wait,
        release_began_at=None,
        **publishing.problem_of(error),
    )
    await states.note(session, edition, worker, outcome, error.message, error.code)


def _wait(edition: Edition, error: ChannelError) -> timedelta:
    if error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return wait_before_try(edition.tries, random.random())  # noqa: S311 - spread, not secrecy


def _is_soon(wait_s: float) -> bool:
    return timedelta(seconds=wait_s) <= LONGEST_POSTPONEMENT
