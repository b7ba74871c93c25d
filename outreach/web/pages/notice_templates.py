"""/notices/templates: with which template of the platform each kind of thing is told, and what stands in its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from outreach.channels.model import Account, ChannelName
from outreach.channels.notice_protocol import CALL_LABELS, NoticeCall, TemplateShape
from outreach.channels.protocol import ChannelError
from outreach.channels.queries import get_account, list_accounts
from outreach.followers.notices.model import NoticeTemplate
from outreach.followers.notices.queries import all_templates_of
from outreach.followers.notices.service import templates
from outreach.followers.notices.words import FACTS, USES
from outreach.foundation.problems import InvalidContent, Problem, invalid
from outreach.foundation.seal import WrongKey
from outreach.people.rules import Act, may, require
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other

_FIELD = "field."


async def show(request: web.Request) -> web.Response:
    """GET /notices/templates?account="""
    return await _page(request, Form({}))


async def choose(request: web.Request) -> web.Response:
    """POST /notices/templates: a template for a use; its fields as they are probably meant, or as they were chosen."""
    require(keys.person_of(request), Act.ADMINISTER)
    form, office = await form_of(request), keys.office_of(request)
    async with office.db.read() as session:
        account = await get_account(session, form.text("account"))
    facts = {name.removeprefix(_FIELD): value for name, value in form.pairs() if name.startswith(_FIELD)}
    try:
        shape = _found(await _shapes(request, account), form.text("template"))
        async with office.db.begin() as session:
            person = keys.person_of(request)
            await templates.choose(session, account.id, person, form.text("use"), shape, facts or None)
    except InvalidContent as problem:
        return await _page(request, form, problem)
    return see_other(f"/notices/templates?account={account.id}", "saved")


async def drop(request: web.Request) -> web.Response:
    """POST /notices/templates/drop"""
    form = await form_of(request)
    call, account_id = form.text("call"), form.text("account")
    if call in set(NoticeCall):
        async with keys.office_of(request).db.begin() as session:
            person = keys.person_of(request)
            await templates.drop(session, account_id, person, form.text("use"), NoticeCall(call))
    return see_other(f"/notices/templates?account={account_id}", "saved")


async def _page(request: web.Request, form: Form, problem: Problem | None = None) -> web.Response:
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        accounts = [one for one in await list_accounts(session, active_only=True) if _tells(one)]
        account = _chosen(accounts, form.text("account") or request.query.get("account", ""))
        chosen = await all_templates_of(session, account.id) if account else []
    shapes, away = await _listed(request, account) if account and may(person, Act.ADMINISTER) else ([], "")
    context: dict[str, Any] = {
        "accounts": [(one.id, one.name) for one in accounts],
        "account": account,
        "chosen": _shown(chosen),
        "shapes": [
            (one.template_id, f"{CALL_LABELS[one.call]} · {one.title}（{_fields(one)}）") for one in shapes
        ],
        "uses": list(USES.items()),
        "facts": list(FACTS.items()),
        "away": away,
        "may_choose": may(person, Act.ADMINISTER),
        "typed": {name: form.text(name) for name in ("use", "template")},
        "problem": problem,
        "errors": messages(problem),
    }
    return render(request, "notices/templates.html", context, status=problem.status if problem else 200)


async def _listed(request: web.Request, account: Account) -> tuple[Sequence[TemplateShape], str]:
    """The account's templates, or why they can't be told."""
    try:
        return await _shapes(request, account), ""
    except InvalidContent as problem:
        return [], problem.detail


async def _shapes(request: web.Request, account: Account) -> Sequence[TemplateShape]:
    """Raises InvalidContent where the platform can't be asked."""
    try:
        notifier = await keys.office_of(request).channels.notifier_of(account)
        return await notifier.shapes()
    except (ChannelError, WrongKey) as error:
        raise invalid("template", f"读取不到公众号的模板：{error}") from None


def _found(shapes: Sequence[TemplateShape], template_id: str) -> TemplateShape:
    shape = next((one for one in shapes if one.template_id == template_id), None)
    if shape is None:
        raise invalid("template", "请选择模板。")
    return shape


def _shown(chosen: Sequence[NoticeTemplate]) -> list[Mapping[str, Any]]:
    return [
        {
            "use": one.use,
            "use_label": USES[one.use],
            "call": one.call,
            "call_label": CALL_LABELS[one.call],
            "template_id": one.template_id,
            "title": one.title,
            "fields": one.fields,
        }
        for one in chosen
    ]


def _tells(account: Account) -> bool:
    return account.channel is ChannelName.WECHAT and account.verified


def _chosen(accounts: Sequence[Account], account_id: str) -> Account | None:
    return next((one for one in accounts if one.id == account_id), accounts[0] if accounts else None)


def _fields(shape: TemplateShape) -> str:
    return "、".join(field.label for field in shape.fields)
