"""/follow/{account}: what a follower hears of, chosen by tapping."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import ChannelError
from outreach.followers.consent import consent, has_consented, present_notice
from outreach.followers.model import Follower
from outreach.followers.topics.queries import Subscribed, region, subscriptions_of
from outreach.followers.topics.rules import THRESHOLDS, WITH_ENTERPRISE, Wish
from outreach.followers.topics.service import HOURS, set_digest_hour, subscribe, unsubscribe
from outreach.foundation.problems import Forbidden, InvalidContent, NotFound, NotPossible, Problem, invalid
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Kind
from outreach.web import keys
from outreach.web.follow import login, shell
from outreach.web.follow.visits import own_form
from outreach.web.forms import Form, messages

_ORDER: Final = (Kind.AIR_QUALITY, Kind.EIA_NOTICE, Kind.PENALTY, Kind.EVENT)

Deed = Callable[[AsyncSession, Follower, Form], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Chip:
    """A place to tap: a county, empty for all. `topic_ids` are the follower's topics of it, `above` what they are about."""

    county: str
    topic_ids: list[str]
    above: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What can be chosen of one kind."""

    kind: Kind
    label: str
    chips: list[Chip]
    watched: list[Subscribed]


async def show(request: web.Request) -> web.Response:
    """GET /follow/{account}"""
    return await shown_to_follower(request, "", _page)


async def agree(request: web.Request) -> web.Response:
    """POST /follow/{account}/consent"""

    async def deed(session: AsyncSession, follower: Follower, form: Form) -> None:
        await consent(session, follower, form.text("notice"))

    return await _done(request, deed)


async def tap(request: web.Request) -> web.Response:
    """POST /follow/{account}/topics: a chip was tapped, or an enterprise was typed. It says what is wanted, so that the
    same tap twice is one."""

    async def deed(session: AsyncSession, follower: Follower, form: Form) -> None:
        await subscribe(session, follower, await _wish(session, form))

    return await _done(request, deed)


async def end(request: web.Request) -> web.Response:
    """POST /follow/{account}/topics/end: the topics that `topic` names are not wanted any more."""

    async def deed(session: AsyncSession, follower: Follower, form: Form) -> None:
        for topic_id in form.text("topic").split():
            await unsubscribe(session, follower, topic_id)

    return await _done(request, deed)


async def set_hour(request: web.Request) -> web.Response:
    """POST /follow/{account}/hour"""

    async def deed(session: AsyncSession, follower: Follower, form: Form) -> None:
        typed = form.text("digest_hour")
        if typed and typed not in map(str, HOURS):
            raise invalid("digest_hour", "请选择列出的时间。")
        await set_digest_hour(session, follower, int(typed) if typed else None)

    return await _done(request, deed)


async def shown_to_follower(
    request: web.Request,
    page: str,
    draw: Callable[[web.Request, AsyncSession, Follower], Awaitable[web.Response]],
) -> web.Response:
    """What `draw` shows to the follower whose browser it is; whoever is not known is sent to WeChat first."""
    async with keys.office_of(request).db.read() as session:
        try:
            account = await shell.account_of(request, session)
            follower = await shell.follower_of(request, session)
            if follower is not None:
                return await draw(request, session, follower)
            return login.lead_to_wechat(request, account, page)
        except NotFound as problem:
            return await shell.tell(request, session, "没有这个页面", problem.detail, status=404, leads=False)
        except ChannelError as error:
            return await shell.tell(request, session, "暂时不能打开", error.message, status=503)


async def _done(request: web.Request, deed: Deed) -> web.Response:
    """Back to the page when it is done; with what was typed and what is wrong with it where it could not be."""
    office = keys.office_of(request)
    form = Form({})
    try:
        form = await own_form(request)
        async with office.db.begin() as session:
            await shell.account_of(request, session)
            follower = await shell.follower_of(request, session)
            if follower is None:
                told = "登录已过期，刚才的操作没有保存。"
                return await shell.tell(request, session, "请重新进入", told, status=401)
            await deed(session, follower, form)
    except (InvalidContent, NotPossible, NotFound, Forbidden) as problem:
        return await _with_problem(request, form, problem)
    place = form.text("kind")
    anchor = f"#{place}" if place in set(Kind) else ""
    return web.Response(status=303, headers={"Location": f"{shell.address_of(request)}{anchor}"})


async def _with_problem(request: web.Request, form: Form, problem: Problem) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        follower = await shell.follower_of(request, session)
        if follower is None:
            return await shell.tell(request, session, problem.title, problem.detail, status=problem.status)
        return await _page(request, session, follower, form, problem)


async def _page(
    request: web.Request,
    session: AsyncSession,
    follower: Follower,
    typed: Form | None = None,
    problem: Problem | None = None,
) -> web.Response:
    mine = await subscriptions_of(session, follower.id)
    counties = [one.name for one in (await region(session)).counties]
    context = {
        "notice": await present_notice(session),
        "has_consented": await has_consented(session, follower),
        "mine": mine,
        "groups": [_group(kind, counties, mine) for kind in _ORDER],
        "thresholds": THRESHOLDS,
        "enterprise_kinds": [(kind.value, KIND_LABELS[kind]) for kind in _ORDER if kind in WITH_ENTERPRISE],
        "hours": HOURS,
        "digest_hour": follower.digest_hour,
        "typed": typed or Form({}),
        "problem": problem,
        "errors": messages(problem),
    }
    return await shell.render(
        request, session, "subscriptions.html", context, status=problem.status if problem else 200
    )


def _group(kind: Kind, counties: list[str], mine: list[Subscribed]) -> Group:
    of_kind = [one for one in mine if one.wish.kind is kind]
    plain = [one for one in of_kind if not one.wish.enterprise]
    known = [
        *counties,
        *(one.wish.county for one in plain),
    ]  # also one that the office has struck from its list
    chips = [_chip(county, plain) for county in dict.fromkeys(["", *known])]
    return Group(kind, KIND_LABELS[kind], chips, [one for one in of_kind if one.wish.enterprise])


def _chip(county: str, plain: list[Subscribed]) -> Chip:
    chosen = [one for one in plain if one.wish.county == county]
    above = "、".join(THRESHOLDS[one.wish.aqi_above] for one in chosen if one.wish.aqi_above)
    return Chip(county, [one.topic_id for one in chosen], above)


async def _wish(session: AsyncSession, form: Form) -> Wish:
    kind, county, above = form.text("kind"), form.text("county"), form.text("aqi_above") or "0"
    counties = {"", *(one.name for one in (await region(session)).counties)}
    if kind not in set(Kind) or county not in counties or above not in map(str, THRESHOLDS):
        raise invalid("kind", "没有这一项，请刷新页面后再选。")
    enterprise = form.text("enterprise")
    if form.is_ticked("enterprise") and not enterprise:
        raise invalid("enterprise", "请填写企业名称。")
    return Wish(Kind(kind), county, enterprise, int(above))
