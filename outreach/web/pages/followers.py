"""/followers: how many follow each account, and the synchronisation of their list. Nobody is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from outreach.channels.model import Account, ChannelName
from outreach.channels.queries import list_accounts
from outreach.followers.queries import Following, count_following, syncs
from outreach.followers.syncing.model import FollowerSync, SyncState
from outreach.office.sync_followers import begin_sync, stop_sync
from outreach.people.rules import FOLLOWERS, may_any, require_any
from outreach.web import keys
from outreach.web.rendering import render, see_other


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a synchronisation is: `done` of `whole` followers in the step that it is at; None where the platform
    has not told how many there are."""

    done: int
    whole: int | None


async def show(request: web.Request) -> web.Response:
    """GET /followers"""
    async with keys.office_of(request).db.read() as session:
        accounts = [one for one in await list_accounts(session) if one.channel is ChannelName.WECHAT]
        counts, last = await count_following(session), await syncs(session)
    context = {
        "rows": [(account, counts.get(account.id, Following())) for account in accounts],
        **_of_syncs(request, accounts, last),
    }
    return render(request, "followers/list.html", context)


async def show_progress(request: web.Request) -> web.Response:
    """GET /followers/progress: the part of the page that changes while followers are fetched."""
    async with keys.office_of(request).db.read() as session:
        accounts = [one for one in await list_accounts(session) if one.channel is ChannelName.WECHAT]
        last = await syncs(session)
    return render(request, "followers/_syncs.html", _of_syncs(request, accounts, last))


async def begin(request: web.Request) -> web.Response:
    """POST /followers/{id}/sync"""
    person = keys.person_of(request)
    require_any(person, FOLLOWERS)
    async with keys.office_of(request).db.begin() as session:
        await begin_sync(session, person, request.match_info["id"])
    return see_other("/followers", notice="sync-begun")


async def stop(request: web.Request) -> web.Response:
    """POST /followers/{id}/sync/stop"""
    person = keys.person_of(request)
    require_any(person, FOLLOWERS)
    async with keys.office_of(request).db.begin() as session:
        await stop_sync(session, person, request.match_info["id"])
    return see_other("/followers", notice="sync-stopped")


def _of_syncs(
    request: web.Request, accounts: list[Account], last: Mapping[str, FollowerSync]
) -> dict[str, object]:
    shown = [(account, last.get(account.id)) for account in accounts]
    return {
        "syncs": [(account, sync, _progress(sync) if sync else None) for account, sync in shown],
        "is_under_way": any(sync and sync.state is SyncState.RUNNING for _, sync in shown),
        "may_sync": may_any(keys.person_of(request), FOLLOWERS),
    }


def _progress(sync: FollowerSync) -> Progress:
    if sync.is_listed:
        return Progress(sync.detailed, sync.to_detail)
    return Progress(sync.listed, sync.total)
