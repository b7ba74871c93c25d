"""What is open is settled: what a dead worker left, results that have not come, answers that were lost.

What a worker that died left behind is told apart by what was stored: no release was begun, and it is safe to
go on from the draft; a release was begun, and only the platform knows whether it is out. It is asked. Nothing
is sent again before it said that it knows nothing of the post.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import service as accounts
from outreach.channels.breaker import Answers
from outreach.channels.protocol import (
    AcceptingChannel,
    CannotTell,
    ChannelError,
    Look,
    NeedsOperator,
    NotSent,
    NotThere,
    OutcomeUnknown,
    Published,
    QuotaSpent,
    Refused,
    Removed,
    StillUnderWay,
    Trace,
)
from outreach.foundation import clock
from outreach.foundation.problems import StaleState
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.confirm_post import confirm_post, remove_post
from outreach.office.context import Office
from outreach.office.platform_answers import store_answers
from outreach.office.store_published import OPENED, Found, store_found
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of, platform_ids
from outreach.publishing.renditions.stored import from_json
from outreach.publishing.rules import ONE_AT_A_TIME, SILENT_TOO_LONG, PostAction, wait_before_look

log = structlog.get_logger(__name__)

MOST_TAKE_OVERS: Final = 5
_INTERRUPTED_TOO_OFTEN = (
    "发送它的进程多次中断，都没有走到提交发布这一步。请联系维护人员查看日志，之后点“重试”。"
)
_TAKEN_OVER = "发送它的进程中断了，还没有提交发布，将接着发送。"
_INTERRUPTED = "发送它的进程在提交发布时中断了。系统会到平台上核对，核对之前不会重发。"
_NO_RESULT = "平台受理后一直没有给出结果。"
_NOWHERE_TO_BE_SEEN = "平台收下了这条内容，却一直看不到它发出来。"
_LOOK_YOURSELF = "请到平台上查看这条内容是否已经发出：已发出的，点“确认已发布”；确实没有的，点“确认未发布”，系统会重新发送。"
_NOT_THERE: Final = "not_there"


async def take_over_expired(office: Office, *, worker: str) -> int:
    """Goes on with what a worker that died was sending; how many it took over."""
    async with office.db.begin() as session:
        posts = await publishing.claim_expired(session)
        for post in posts:
            if post.release_began_at is not None:
                lost = OutcomeUnknown(_INTERRUPTED, code="interrupted")
                await store_lost_answer(office, session, post, worker, lost)
            elif post.tries >= MOST_TAKE_OVERS:
                told = Refused(_INTERRUPTED_TOO_OFTEN, code="interrupted")
                await _fail(session, post, worker, told)
            else:
                await publishing.move(session, post, PostAction.TRY_LATER, due_at=clock.now())
                await publishing.note_attempt(session, post, worker, "taken_over", _TAKEN_OVER)
    return len(posts)


async def store_lost_answer(
    office: Office, session: AsyncSession, post: Post, worker: str, error: ChannelError
) -> None:
    """The call that publishes had no usable answer: the platform is asked after OUTREACH_LOOKUP_AFTER_S."""
    look_at = clock.now() + timedelta(seconds=office.settings.lookup_after_s)
    await publishing.move(
        session, post, PostAction.LOSE_ANSWER, due_at=look_at, **publishing.problem_of(error)
    )
    await publishing.note_attempt(session, post, worker, "uncertain", error.message, error.code)


async def ask_results(office: Office, *, worker: str, limit: int) -> int:
    """Asks for the result of accepted posts whose event has not come; how many it asked for."""
    return await _settle(office, PostState.ACCEPTED, worker, limit)


async def look_for_lost(office: Office, *, worker: str, limit: int) -> int:
    """Looks on the platforms for posts whose answer was lost; for how many it looked."""
    return await _settle(office, PostState.UNCERTAIN, worker, limit)


async def _settle(office: Office, state: PostState, worker: str, limit: int) -> int:
    async with office.db.begin() as session:
        posts = await publishing.claim_looks(session, state, limit=limit)
    answers: defaultdict[str, Answers] = defaultdict(Answers)
    await run_all(_settle_one(office, post, worker, answers[post.account_id]) for post in posts)
    for account_id, told in answers.items():
        await store_answers(office, account_id, told)
    return len(posts)


async def _settle_one(office: Office, post: Post, worker: str, answers: Answers) -> None:
    structlog.contextvars.bind_contextvars(post=post.id, item=post.item_id)
    found = await _ask(office, post)
    answers.note(found)
    if isinstance(found, Published):
        out = Found(post.id, post.item_id, post.state, found, worker, office.settings.zone)
        if not await store_found(office.db, out):
            log.info("event_was_faster", post=post.id)
        return
    try:
        async with office.db.begin() as session:
            present = await session.get_one(Post, post.id)
            if present.state is post.state:
                await _store(office, session, present, worker, found)
    except StaleState:
        log.info("event_was_faster", post=post.id)


async def _ask(office: Office, post: Post) -> Look | ChannelError:
    try:
        channel = await office.channels.of(post.account)
        if post.state is PostState.UNCERTAIN:
            return await channel.look(from_json(post.rendition), await _trace(office, post))
        if not isinstance(channel, AcceptingChannel) or post.publish_id is None:
            raise TypeError("only a channel that accepts first leaves a post accepted, with its publish_id")
        return await channel.result(post.publish_id)
    except ChannelError as error:
        return error
    except WrongKey as problem:
        return NeedsOperator(problem.detail, code=problem.code)


async def _trace(office: Office, post: Post) -> Trace:
    since = post.release_began_at or post.planned_at
    async with office.db.read() as session:
        others = await platform_ids(session, post.account_id, but=post.id, since=since)
        earlier = others if await _is_newest(session, post) else frozenset[str]()
    return Trace(since, post.problem_code, post.media_id, post.publish_id, others, earlier)


async def _is_newest(session: AsyncSession, post: Post) -> bool:
    """Whether all others of its account were out before it was first released. Where an account sends one at a
    time that follows from its being open; not once it was looked for in vain, after which others had their turn
    before it was released again."""
    if post.account.channel not in ONE_AT_A_TIME:
        return False
    return all(attempt.outcome != _NOT_THERE for attempt in await attempts_of(session, post))


async def _store(
    office: Office,
    session: AsyncSession,
    post: Post,
    worker: str,
    found: Removed | StillUnderWay | NotThere | CannotTell | ChannelError,
) -> None:
    match found:
        case Removed(message):
            out = Published(platform_id="", url="", at=None)
            await confirm_post(session, post, OPENED[post.state], out, office.settings.zone)
            await remove_post(session, post, message, office.settings.zone)
            await publishing.note_attempt(session, post, worker, "withdrawn", message)
        case Refused():
            await _refused(session, post, worker, found)
        case NotThere():
            await publishing.move(
                session,
                post,
                PostAction.FIND_NOTHING,
                due_at=clock.now(),
                problem_code=None,
                problem_message=None,
            )
            await publishing.note_attempt(session, post, worker, _NOT_THERE, "平台上没有这条内容，重新发送。")
        case CannotTell(reason):
            await _leave_to_a_person(session, post, worker, reason)
        case StillUnderWay() | OutcomeUnknown():
            await _still_under_way(session, post, worker)
        case NeedsOperator():
            await accounts.pause_account(session, post.account_id, found.message)
            await _ask_again(session, post, found)
        case _:
            await _ask_again(session, post, found)


async def _refused(session: AsyncSession, post: Post, worker: str, error: Refused) -> None:
    """The platform's verdict. An uncertain post is first known to have been under way."""
    if post.state is PostState.UNCERTAIN:
        await publishing.move(session, post, PostAction.FIND_UNDER_WAY)
    await _fail(session, post, worker, error)


async def _fail(session: AsyncSession, post: Post, worker: str, error: Refused) -> None:
    await publishing.move(session, post, PostAction.FAIL, **publishing.problem_of(error))
    await publishing.note_attempt(session, post, worker, "failed", error.message, error.code)


async def _still_under_way(session: AsyncSession, post: Post, worker: str) -> None:
    """An uncertain post is asked about again by its publish_id where that is known; one that stays under way
    for too long is a person's."""
    is_lost = post.state is PostState.UNCERTAIN
    if _silent_for(post) <= SILENT_TOO_LONG:
        if is_lost and post.publish_id is not None:
            await publishing.move(session, post, PostAction.FIND_UNDER_WAY, due_at=_next_look(post))
        else:
            post.due_at = _next_look(post)
            await session.flush()
        return
    if not is_lost:
        lost = OutcomeUnknown(_NO_RESULT, code="silent")
        await publishing.move(
            session, post, PostAction.STAY_SILENT, due_at=clock.now(), **publishing.problem_of(lost)
        )
        await publishing.note_attempt(session, post, worker, "uncertain", lost.message, lost.code)
        return
    await _leave_to_a_person(session, post, worker, _NO_RESULT if post.publish_id else _NOWHERE_TO_BE_SEEN)


async def _leave_to_a_person(session: AsyncSession, post: Post, worker: str, reason: str) -> None:
    told = f"{reason}{_LOOK_YOURSELF}"
    await publishing.move(session, post, PostAction.GIVE_UP_LOOKING, problem_message=told)
    await publishing.note_attempt(session, post, worker, "needs_person", told, post.problem_code)


async def _ask_again(session: AsyncSession, post: Post, error: ChannelError) -> None:
    """The platform could not be asked: nothing is known that was not known before."""
    post.due_at = _next_look(post)
    if isinstance(error, NotSent | QuotaSpent) and error.retry_after_s is not None:
        post.due_at = clock.now() + timedelta(seconds=error.retry_after_s)
    await session.flush()
    log.info("look_failed", post=post.id, code=error.code, reason=error.message)


def _next_look(post: Post) -> datetime:
    return clock.now() + wait_before_look(_silent_for(post))


def _silent_for(post: Post) -> timedelta:
    return clock.now() - (post.accepted_at or post.release_began_at or post.planned_at)
