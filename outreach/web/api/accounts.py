"""Accounts: read, stopped, let go on; and the same for the whole office."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.breaker import breakers
from outreach.channels.protocol import ChannelError, QuotaSpent
from outreach.channels.queries import get_account, list_accounts
from outreach.channels.standing import standing_of
from outreach.foundation.problems import NotPossible
from outreach.foundation.stops import OFFICE, Stop, stops
from outreach.office.check_account import check_account
from outreach.office.stop_publishing import go_on_publishing, stop_publishing
from outreach.people.rules import STOPPING, Act, require, require_any
from outreach.publishing.editions.queries import standings_of
from outreach.web import keys
from outreach.web.api.account_shapes import (
    AccountList,
    PublishingShape,
    shape_account,
    shape_account_in_full,
    shape_stop,
)
from outreach.web.api.answers import answer
from outreach.web.api.bodies import StopBody
from outreach.web.api.reading import body_of, path_id


async def show_all(request: web.Request) -> web.Response:
    """GET /accounts"""
    async with keys.office_of(request).db.read() as session:
        accounts = await list_accounts(session)
        stopped, tripped = await stops(session), await breakers(session)
    shapes = [shape_account(one, stopped.get(one.id), tripped.get(one.id)) for one in accounts]
    return answer(AccountList(items=shapes))


async def show(request: web.Request) -> web.Response:
    """GET /accounts/{id} with what is left of its calls, and its last check."""
    async with keys.office_of(request).db.read() as session:
        account = await get_account(session, path_id(request))
        standing, budgets = await standing_of(session, account), await standings_of(session, account)
        return answer(shape_account_in_full(account, standing, budgets))


async def stop(request: web.Request) -> web.Response:
    """POST /accounts/{id}/stop"""
    async with keys.office_of(request).db.read() as session:
        account_id = (await get_account(session, path_id(request))).id
    await _stop(request, account_id)
    return await show(request)


async def go_on(request: web.Request) -> web.Response:
    """POST /accounts/{id}/go-on"""
    await go_on_publishing(keys.office_of(request), keys.person_of(request), account_id=path_id(request))
    await keys.wake(request)
    return await show(request)


async def check(request: web.Request) -> web.Response:
    """POST /accounts/{id}/check: asks the platform for each right. What it refuses, or that it does not answer, is
    told by the check, not by the status."""
    require(keys.person_of(request), Act.ADMINISTER)
    office = keys.office_of(request)
    async with office.db.read() as session:
        account = await get_account(session, path_id(request))
    try:
        await check_account(office, keys.person_of(request), account)
    except QuotaSpent as error:
        raise NotPossible(error.message) from None
    except ChannelError:
        pass  # what came of it is kept with the check, and shown
    return await show(request)


async def show_office(request: web.Request) -> web.Response:
    """GET /publishing"""
    async with keys.office_of(request).db.read() as session:
        return _office(await session.get(Stop, OFFICE))


async def stop_office(request: web.Request) -> web.Response:
    """POST /publishing/stop"""
    return _office(await _stop(request, None))


async def go_on_office(request: web.Request) -> web.Response:
    """POST /publishing/go-on"""
    await go_on_publishing(keys.office_of(request), keys.person_of(request), account_id=None)
    await keys.wake(request)
    return _office(None)


async def _stop(request: web.Request, account_id: str | None) -> Stop:
    """403 comes before anything is said of the body."""
    require_any(keys.person_of(request), STOPPING)
    body = await body_of(request, StopBody)
    return await stop_publishing(
        keys.office_of(request), keys.person_of(request), body.reason, account_id=account_id
    )


def _office(stop: Stop | None) -> web.Response:
    return answer(PublishingShape(stopped=shape_stop(stop)))
