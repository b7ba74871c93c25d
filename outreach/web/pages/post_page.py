"""/posts/{id}: one post, what is sent, how it went, and what can be done about it."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.breaker import breakers
from outreach.channels.protocol import Article, Picture, Rendition
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.foundation.media import MediaStore
from outreach.foundation.problems import InvalidContent, NotFound, NotPossible, Problem, invalid
from outreach.foundation.stops import Stop
from outreach.items.model import ItemState
from outreach.office import reschedule_post, resolve_post, withdraw_posts
from outreach.office.resolve_post import Outcome
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import attempts_of, get_post
from outreach.publishing.renditions.pictures import with_picture_urls
from outreach.publishing.renditions.stored import from_json
from outreach.publishing.rules import STATE_LABELS, PostAction, can
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, render_changed, see_other
from outreach.web.sessions import local_path

_UNDER_WAY: Final = frozenset({PostState.SENDING, PostState.ACCEPTED, PostState.UNCERTAIN})
# A page that asks on and on would keep its session from ever being idle: it waits for what comes soon.
_SOON: Final = timedelta(minutes=15)
ARTICLE_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@dataclass(frozen=True, slots=True)
class Buttons:
    """What whoever looks at a post may do about it now."""

    cancel: bool
    retry: bool
    say_published: bool
    say_not_published: bool
    say_withdrawn: bool
    withdraw: bool


def buttons_of(post: Post, person: Person, edition: Edition | None = None) -> Buttons:
    """The buttons under `post` for `person`: none without the publisher's role. An article of an `edition` is dealt
    with on the edition's page, until that is out: then the article can be withdrawn by itself, and one that was left
    out be cancelled, to go out otherwise."""
    is_out = edition is not None and edition.state is EditionState.PUBLISHED
    by_itself = {PostAction.CANCEL, PostAction.WITHDRAW}
    if post.after_withdrawing:
        by_itself |= {PostAction.RESOLVE_WITHDRAWN, PostAction.RESOLVE_PUBLISHED}

    def shown(action: PostAction) -> bool:
        if edition is not None and not (is_out and action in by_itself):
            return False
        return may(person, Act.PUBLISH) and can(post.state, action, after_withdrawing=post.after_withdrawing)

    return Buttons(
        cancel=shown(PostAction.CANCEL),
        retry=shown(PostAction.RETRY),
        say_published=shown(PostAction.RESOLVE_PUBLISHED),
        say_not_published=shown(PostAction.RESOLVE_NOT_PUBLISHED),
        say_withdrawn=shown(PostAction.RESOLVE_WITHDRAWN),
        withdraw=shown(PostAction.WITHDRAW),
    )


async def show(request: web.Request) -> web.Response:
    """GET /posts/{id}"""
    return await _page(request, Form({}))


async def state(request: web.Request) -> web.Response:
    """GET /posts/{id}/state?seen=: the part of the page that changes; 204 while nothing did."""
    return render_changed(request, "posts/_state.html", await _context(request, Form({})))


async def article(request: web.Request) -> web.Response:
    """GET /posts/{id}/article: the article alone, for the page's frame. Its origin is nobody's, so that it
    gets no cookies: its pictures stand in it."""
    rendition = await _rendition(request)
    if not isinstance(rendition, Article):
        raise NotFound("这个发布件没有文章。")
    pictures = await _pictures_inside(keys.office_of(request).media, rendition)
    html = with_picture_urls(rendition.html, pictures.__getitem__)
    response = render(request, "posts/article.html", {"title": rendition.title, "html": html})
    response.headers["Content-Security-Policy"] = ARTICLE_POLICY
    return response


async def picture(request: web.Request) -> web.StreamResponse:
    """GET /posts/{id}/picture: the cover of an article, the picture of a status."""
    rendition = await _rendition(request)
    shown = rendition.cover if isinstance(rendition, Article) else rendition.picture
    if shown is None:
        raise NotFound("这个发布件没有图片。")
    path = keys.office_of(request).media.path(shown.sha256)
    return web.FileResponse(path, headers={"Content-Type": shown.media_type, "Cache-Control": "private"})


async def cancel(request: web.Request) -> web.Response:
    """POST /posts/{id}/cancel"""
    person, post_id = keys.person_of(request), request.match_info["id"]
    return await _act(
        request, lambda session, _: resolve_post.cancel_post(session, post_id, person), "post-cancelled"
    )


async def reschedule(request: web.Request) -> web.Response:
    """POST /posts/{id}/reschedule"""
    person, post_id = keys.person_of(request), request.match_info["id"]
    zone = keys.office_of(request).settings.zone

    async def move(session: AsyncSession, form: Form) -> Post:
        at = form.time("at", zone)
        if at is None:
            raise invalid("at", "请填写日期和时间。")
        return await reschedule_post.reschedule_post(session, post_id, person, at)

    return await _act(request, move, "post-rescheduled")


async def retry(request: web.Request) -> web.Response:
    """POST /posts/{id}/retry"""
    person, post_id = keys.person_of(request), request.match_info["id"]
    return await _act(
        request, lambda session, _: resolve_post.retry_post(session, post_id, person), "post-retried"
    )


async def withdraw(request: web.Request) -> web.Response:
    """POST /posts/{id}/withdraw"""
    person, post_id = keys.person_of(request), request.match_info["id"]
    return await _act(
        request,
        lambda session, form: withdraw_posts.withdraw_post(session, post_id, person, form.text("reason")),
        "post-withdrawn",
    )


async def resolve(request: web.Request) -> web.Response:
    """POST /posts/{id}/resolve"""
    person, post_id = keys.person_of(request), request.match_info["id"]
    zone = keys.office_of(request).settings.zone

    async def settle(session: AsyncSession, form: Form) -> Post:
        return await resolve_post.resolve_post(
            session,
            post_id,
            person,
            _outcome(form),
            zone,
            url=form.text("url") or None,
            published_at=form.time("published_at", zone),
        )

    return await _act(request, settle, "post-resolved")


async def _act(
    request: web.Request, act: Callable[[AsyncSession, Form], Awaitable[Post]], notice: str
) -> web.Response:
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await act(session, form)
    except (NotPossible, InvalidContent) as problem:
        return await _page(request, form, problem)
    await keys.wake(request)
    back = form.text("back")
    return see_other(local_path(back) if back else f"/posts/{request.match_info['id']}", notice)


async def _page(request: web.Request, form: Form, problem: Problem | None = None) -> web.Response:
    context = await _context(request, form, problem)
    return render(request, "posts/post.html", context, status=problem.status if problem else 200)


async def _context(request: web.Request, form: Form, problem: Problem | None = None) -> dict[str, Any]:
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        post = await get_post(session, request.match_info["id"], person)
        attempts = await attempts_of(session, post)
        stop, breaker = (
            await session.get(Stop, post.account_id),
            (await breakers(session)).get(post.account_id),
        )
        edition = await session.get(Edition, post.edition_id) if post.edition_id else None
    rendition = None if post.item.state is ItemState.SEALED else from_json(post.rendition)
    return {
        "post": post,
        "attempts": attempts,
        "stop": stop,
        "breaker": breaker,
        "rendition": rendition,
        "is_article": isinstance(rendition, Article),
        "edition": edition,
        "buttons": buttons_of(post, person, edition),
        "polls": _changes_soon(post),
        "stamp": f"{post.updated_at.timestamp()}",
        "typed": {name: form.text(name) for name in ("url", "published_at", "reason", "at")},
        "problem": problem,
        "errors": messages(problem),
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }


async def _rendition(request: web.Request) -> Rendition:
    """What is sent. Raises NotFound, also where the item was sealed: its content is for nobody's eyes here."""
    async with keys.office_of(request).db.read() as session:
        post = await get_post(session, request.match_info["id"], keys.person_of(request))
    if post.item.state is ItemState.SEALED:
        raise NotFound("这条信息发现密级标志，已经封存，发布的内容不再显示。")
    return from_json(post.rendition)


def _changes_soon(post: Post) -> bool:
    goes_out = post.state is PostState.PLANNED and post.edition_id is None
    is_due = (goes_out or post.state is PostState.WITHDRAWING) and post.due_at <= clock.now() + _SOON
    return is_due or post.state in _UNDER_WAY


async def _pictures_inside(media: MediaStore, rendition: Article) -> dict[str, str]:
    return {one.sha256: await _data_url(media, one) for one in rendition.pictures}


async def _data_url(media: MediaStore, shown: Picture) -> str:
    content = base64.b64encode(await media.read(shown.sha256)).decode()
    return f"data:{shown.media_type};base64,{content}"


def _outcome(form: Form) -> Outcome:
    try:
        return Outcome(form.text("outcome"))
    except ValueError as error:
        raise invalid("outcome", "请点“确认已发布”或“确认未发布”；要撤回的，点“确认已撤回”。") from error
