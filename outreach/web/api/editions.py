"""Editions: composed, previewed, pushed, given up, resolved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import get_account
from outreach.foundation.problems import NotFound, invalid
from outreach.office import compose_edition, confirm_edition, preview_edition
from outreach.people.rules import Act, require
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import (
    articles_by_edition,
    articles_of,
    attempts_of,
    get_edition,
    list_editions,
    previews_of,
)
from outreach.publishing.editions.rules import EditionAction, next_state
from outreach.web import keys
from outreach.web.api.answers import answer
from outreach.web.api.edition_shapes import (
    ArticlesBody,
    EditionPage,
    NewEditionBody,
    PreviewBody,
    PushBody,
    ResolveEditionBody,
    shape_edition,
    shape_edition_in_full,
)
from outreach.web.api.reading import body_of, chosen, page_of, path_id, query_text


async def show_all(request: web.Request) -> web.Response:
    """GET /editions?state=&account=&limit=&cursor="""
    limit, cursor = page_of(request.query)
    state, account_id = chosen(request.query, "state", EditionState), query_text(request.query, "account")
    async with keys.office_of(request).db.read() as session:
        if account_id is not None:
            await _require_known(session, account_id)
        editions, following = await list_editions(
            session, keys.person_of(request), state=state, account_id=account_id, limit=limit, cursor=cursor
        )
        articles = await articles_by_edition(session, [one.id for one in editions])
    shapes = [shape_edition(one, articles.get(one.id, [])) for one in editions]
    return answer(EditionPage(items=shapes, next_cursor=following))


async def create(request: web.Request) -> web.Response:
    """POST /editions: 201."""
    person = keys.person_of(request)
    require(person, Act.PUBLISH)
    body = await body_of(request, NewEditionBody)
    edition = await compose_edition.create_edition(keys.office_of(request), person, body.account, body.items)
    return await _told(request, edition.id, 201)


async def show(request: web.Request) -> web.Response:
    """GET /editions/{id} with its articles, previews and attempts."""
    return await _told(request, path_id(request))


async def compose(request: web.Request) -> web.Response:
    """POST /editions/{id}/articles: which items it carries, in their order."""
    await _require(request, EditionAction.PLAN)
    body = await body_of(request, ArticlesBody)
    await compose_edition.compose_edition(
        keys.office_of(request), path_id(request), keys.person_of(request), body.items, version=body.version
    )
    return await _told(request, path_id(request))


async def preview(request: web.Request) -> web.Response:
    """POST /editions/{id}/preview: to named followers; what came of each stands in the answer."""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        edition = await get_edition(session, path_id(request), person)
        preview_edition.require_previewable(edition, person)
    body = await body_of(request, PreviewBody)
    await preview_edition.send_previews(office, path_id(request), person, body.to)
    return await _told(request, path_id(request))


async def push(request: web.Request) -> web.Response:
    """POST /editions/{id}/push: at a time, or now."""
    await _require(request, EditionAction.PLAN)
    body = await body_of(request, PushBody)
    async with keys.office_of(request).db.begin() as session:
        await compose_edition.plan_push(
            session, path_id(request), keys.person_of(request), body.at, version=body.version
        )
    await keys.wake(request)
    return await _told(request, path_id(request))


async def cancel(request: web.Request) -> web.Response:
    """POST /editions/{id}/cancel"""
    return await _act(request, compose_edition.cancel_edition)


async def recompose(request: web.Request) -> web.Response:
    """POST /editions/{id}/recompose"""
    return await _act(request, compose_edition.recompose)


async def resolve(request: web.Request) -> web.Response:
    """POST /editions/{id}/resolve: what a person saw on the platform."""
    await _require(request, EditionAction.RESOLVE_PUBLISHED)
    body = await body_of(request, ResolveEditionBody)
    office = keys.office_of(request)
    async with office.db.begin() as session:
        await confirm_edition.resolve_edition(
            session,
            path_id(request),
            keys.person_of(request),
            body.outcome,
            office.settings.zone,
            url=body.url,
            published_at=body.published_at,
        )
    return await _told(request, path_id(request))


async def _act(request: web.Request, act: Callable[..., Awaitable[Edition]]) -> web.Response:
    async with keys.office_of(request).db.begin() as session:
        await act(session, path_id(request), keys.person_of(request))
    return await _told(request, path_id(request))


async def _told(request: web.Request, edition_id: str, status: int = 200) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        edition = await get_edition(session, edition_id, keys.person_of(request))
        shape = shape_edition_in_full(
            edition,
            await articles_of(session, edition_id),
            await previews_of(session, edition_id),
            await attempts_of(session, edition_id),
        )
    return answer(shape, status)


async def _require(request: web.Request, action: EditionAction) -> None:
    """404, 403 and 409 come before anything is said of the body."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        edition = await get_edition(session, path_id(request), person)
        require(person, Act.PUBLISH)
        next_state(edition.state, action)


async def _require_known(session: AsyncSession, account_id: str) -> None:
    try:
        await get_account(session, account_id)
    except NotFound as problem:
        raise invalid("account", problem.detail) from problem
