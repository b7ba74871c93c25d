"""Posts: planned, read, cancelled, tried again, resolved."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import get_account
from outreach.foundation.problems import NotFound, invalid
from outreach.items.queries import get_item
from outreach.office import plan_posts, resolve_post
from outreach.publishing.model import PostState
from outreach.publishing.queries import attempts_of, get_post, list_posts
from outreach.web import keys
from outreach.web.api.answers import answer
from outreach.web.api.bodies import PlanBody, ResolveBody
from outreach.web.api.post_shapes import (
    PlannedPosts,
    PostPage,
    shape_item_post,
    shape_post,
    shape_post_in_full,
)
from outreach.web.api.reading import body_of, chosen, page_of, path_id, query_text


async def plan(request: web.Request) -> web.Response:
    """POST /items/{id}/posts: 201, or 200 where every account has a live post already."""
    office, person = keys.office_of(request), keys.person_of(request)
    await _require_plannable(request)
    body = await body_of(request, PlanBody)
    posts, new = await plan_posts.plan_posts(office, path_id(request), person, body.accounts, body.at)
    await keys.wake(request)
    return answer(PlannedPosts(items=[shape_item_post(post) for post in posts]), 201 if new else 200)


async def show_all(request: web.Request) -> web.Response:
    """GET /posts?state=&account=&limit=&cursor="""
    limit, cursor = page_of(request.query)
    state, account_id = chosen(request.query, "state", PostState), query_text(request.query, "account")
    async with keys.office_of(request).db.read() as session:
        if account_id is not None:
            await _require_known(session, account_id)
        posts, following = await list_posts(
            session, keys.person_of(request), state=state, account_id=account_id, limit=limit, cursor=cursor
        )
    return answer(PostPage(items=[shape_post(post) for post in posts], next_cursor=following))


async def show(request: web.Request) -> web.Response:
    """GET /posts/{id} with its attempts."""
    async with keys.office_of(request).db.read() as session:
        post = await get_post(session, path_id(request), keys.person_of(request))
        return answer(shape_post_in_full(post, await attempts_of(session, post)))


async def cancel(request: web.Request) -> web.Response:
    """POST /posts/{id}/cancel"""
    async with keys.office_of(request).db.begin() as session:
        post = await resolve_post.cancel_post(session, path_id(request), keys.person_of(request))
        return answer(shape_post_in_full(post, await attempts_of(session, post)))


async def retry(request: web.Request) -> web.Response:
    """POST /posts/{id}/retry"""
    async with keys.office_of(request).db.begin() as session:
        post = await resolve_post.retry_post(session, path_id(request), keys.person_of(request))
        response = answer(shape_post_in_full(post, await attempts_of(session, post)))
    await keys.wake(request)
    return response


async def resolve(request: web.Request) -> web.Response:
    """POST /posts/{id}/resolve: what a person saw on the platform."""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.begin() as session:
        resolve_post.require_resolvable(await get_post(session, path_id(request), person), person)
        body = await body_of(request, ResolveBody)
        post = await resolve_post.resolve_post(
            session,
            path_id(request),
            person,
            body.outcome,
            office.settings.zone,
            url=body.url,
            published_at=body.published_at,
        )
        response = answer(shape_post_in_full(post, await attempts_of(session, post)))
    await keys.wake(request)
    return response


async def _require_known(session: AsyncSession, account_id: str) -> None:
    try:
        await get_account(session, account_id)
    except NotFound as problem:
        raise invalid("account", problem.detail) from problem


async def _require_plannable(request: web.Request) -> None:
    """404, 403 and 409 come before anything is said of the body."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        plan_posts.require_plannable(await get_item(session, path_id(request), person), person)
