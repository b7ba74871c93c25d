"""Templates become pages: one Jinja2 environment, strict and escaping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web

from outreach.foundation.dates import day, moment
from outreach.foundation.templates import templates_folder
from outreach.items.rules import STAGE_LABELS
from outreach.items.rules import STATE_LABELS as ITEM_STATE_LABELS
from outreach.people.model import Person
from outreach.people.rules import INBOX, ROLE_LABELS, SCREENING_QUALITY, STOPPING, Act, may_any
from outreach.publishing.rules import STATE_LABELS as POST_STATE_LABELS
from outreach.web import keys
from outreach.web.static import Assets

_NOTICE_COOKIE: Final = "outreach_notice"


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link of the navigation, for whoever may do one of `acts`; without any for everyone who is signed in."""

    path: str
    label: str
    icon: str
    acts: tuple[Act, ...] = ()


NAVIGATION: Final = (
    NavigationEntry("/queue", "待审", "inbox"),
    NavigationEntry("/items", "信息", "file-text"),
    NavigationEntry("/records", "审查台账", "clipboard-check"),
    NavigationEntry("/posts", "发布", "send"),
    NavigationEntry("/calendar", "发布日历", "calendar"),
    NavigationEntry("/editions", "推送", "news"),
    NavigationEntry("/needs-attention", "需要处理", "alert-triangle"),
    NavigationEntry("/followers", "关注者", "heart"),
    NavigationEntry("/notices", "通知", "bell"),
    NavigationEntry("/messages", "留言", "message", INBOX),
    NavigationEntry("/questions", "未识别提问", "help-circle", INBOX),
    NavigationEntry("/house-texts", "对外用语", "edit", (*INBOX, Act.DECIDE_CONFIDENTIALITY)),
    NavigationEntry("/menus", "公众号菜单", "menu", INBOX),
    NavigationEntry("/statistics", "统计", "chart-bar"),
    NavigationEntry("/word-lists", "词库", "list-search", (Act.KEEP_SCREENING,)),
    NavigationEntry("/marks", "密级拦截", "lock", (Act.KEEP_SCREENING,)),
    NavigationEntry("/screening-quality", "初筛质量", "eye", SCREENING_QUALITY),
    NavigationEntry("/accounts", "账号", "at"),
    NavigationEntry("/users", "用户", "users", (Act.ADMINISTER,)),
    NavigationEntry("/sections", "科室", "building", (Act.ADMINISTER,)),
    NavigationEntry("/holidays", "节假日", "clock", (Act.ADMINISTER,)),
    NavigationEntry("/settings", "设置", "settings", (Act.ADMINISTER,)),
    NavigationEntry("/audit", "审计", "shield-check", (Act.READ_AUDIT,)),
    NavigationEntry("/account", "我的账号", "user-circle"),
)


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A link of the navigation of one part of the service."""

    path: str
    label: str
    is_here: bool = False


FIGURES: Final = "/statistics"
_PAGES_OF_FIGURES: Final = (
    PageEntry(FIGURES, "月度"),
    PageEntry(f"{FIGURES}/year", "年度"),
    PageEntry(f"{FIGURES}/reads", "阅读和关注"),
    PageEntry(f"{FIGURES}/registers", "登记册"),
    PageEntry(f"{FIGURES}/requests", "依申请公开"),
    PageEntry(f"{FIGURES}/reports", "报告"),
    PageEntry(f"{FIGURES}/indicators", "指标自查"),
    PageEntry(f"{FIGURES}/assessment", "监督考核"),
    PageEntry(f"{FIGURES}/surveys", "测评问卷"),
    PageEntry(f"{FIGURES}/rules", "统计口径"),
)


def environment(zone: ZoneInfo, assets: Assets) -> jinja2.Environment:
    """The environment of every page. Times are shown in `zone`."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["static"] = assets.url
    templates.globals["ROLE_LABELS"] = ROLE_LABELS
    templates.globals["ITEM_STATE_LABELS"] = ITEM_STATE_LABELS
    templates.globals["STAGE_LABELS"] = STAGE_LABELS
    templates.globals["POST_STATE_LABELS"] = POST_STATE_LABELS
    templates.filters["moment"] = lambda value: moment(value, zone)
    templates.filters["day"] = lambda value: day(value, zone)
    return templates


def render(
    request: web.Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> web.Response:
    """`template` (a path below `templates/pages`) as a page for whoever asks."""
    html = fragment(request, template, {**_shell(request), **(context or {})})
    response = web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
    response.headers["Cache-Control"] = "no-store"
    if _NOTICE_COOKIE in request.cookies and not is_partial(request):
        response.del_cookie(_NOTICE_COOKIE)
    return response


def render_changed(request: web.Request, template: str, context: Mapping[str, Any]) -> web.Response:
    """The part of a page that changes, for its script, which tells by `seen` the `stamp` of what it shows; 204 while
    nothing did."""
    if context["stamp"] == request.query.get("seen"):
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    return render(request, template, context)


def fragment(request: web.Request, template: str, context: Mapping[str, Any]) -> str:
    """`template` (a path below `templates/pages`) as a piece of a page, without the page around it."""
    return request.app[keys.TEMPLATES].get_template(f"pages/{template}").render(context)


def is_partial(request: web.Request) -> bool:
    """Whether htmx asks for a fragment and not the browser for a page."""
    return "HX-Request" in request.headers


def see_other(path: str, notice: str | None = None) -> web.Response:
    """Leads the browser to `path` after a form was taken. `notice` is a key of `_notices.html`,
    whose sentence stands on the next page once."""
    response = web.Response(status=303, headers={"Location": path})
    if notice:
        response.set_cookie(_NOTICE_COOKIE, notice, max_age=60, httponly=True, samesite="Lax")
    return response


def _shell(request: web.Request) -> dict[str, Any]:
    """What the base layout needs besides the page's own values."""
    visit = request.get(keys.VISIT)
    person = visit.person if visit else None
    return {
        "person": person,
        "navigation": _navigation_of(person),
        "office_stop": visit.stop if visit else None,
        "may_go_on": person is not None and may_any(person, STOPPING),
        "pages_here": _pages_here(request) if person else [],
        "path": request.path,
        "csrf_token": visit.csrf_token if visit else "",
        "bureau": visit.settings.bureau if visit else "",
        "demo": request.app[keys.DEMO],
        "notice": request.cookies.get(_NOTICE_COOKIE, ""),
    }


def _navigation_of(person: Person | None) -> list[NavigationEntry]:
    if person is None or person.must_change_password:
        return []
    return [entry for entry in NAVIGATION if not entry.acts or may_any(person, entry.acts)]


def _pages_here(request: web.Request) -> list[PageEntry]:
    """The pages of the figures beside the one that is asked for, as far as they have an address; elsewhere none."""
    path = request.path
    if path != FIGURES and not path.startswith(f"{FIGURES}/"):
        return []
    return [
        replace(one, is_here=path == one.path or (one.path != FIGURES and path.startswith(f"{one.path}/")))
        for one in _PAGES_OF_FIGURES
        if one.path in request.app[keys.PATHS]
    ]
