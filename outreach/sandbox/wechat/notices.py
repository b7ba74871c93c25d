"""Subscription notices (订阅通知): templates of their own, consents counted, one consent one message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.reading import row_id
from outreach.sandbox.store import Store
from outreach.sandbox.wechat import deliveries, fields, followers, template_library, templates
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.template_library import NOTICES, Entry

KEYWORDS_MIN: Final = 2
KEYWORDS_MAX: Final = 5
SCENE_CHARS: Final = 15
TITLES_MAX: Final = 30
_ONCE: Final = 2
_LASTING: Final = 3

_POPUPS: Final[Mapping[str, str]] = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
}


def send(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/subscribe/bizsend: uses up a consent, unless the template is a lasting one."""
    person = str(followers.known(call, call.json.get("touser"))["openid"])
    row = templates.find(call, "notice", call.json.get("template_id"))
    data = fields.check(call.json.get("data"), json.loads(row["keywords"]).values())
    content = {"data": data, **templates.link(call)}
    with call.store.transaction():
        if not _use_consent(call, person, row["template_id"], lasting=bool(row["lasting"])):
            raise WeChatError(43101)
        deliveries.send(call, person, "notice", content, template_id=row["template_id"])
    return OK


def note_consent(
    store: Store, account: WeChatAccount, person: str, event: str, values: Mapping[str, Any]
) -> None:
    """Counts what a person accepted in a pop-up, and forgets what they refused later."""
    answers = values.get(_POPUPS.get(event, ""))
    for answer in _each(answers.get("List") if isinstance(answers, Mapping) else None):
        key = (account.appid, person, str(answer.get("TemplateId")))
        if answer.get("SubscribeStatusString") == "accept":
            store.run(
                "INSERT INTO consent VALUES (?, ?, ?, 1)"
                " ON CONFLICT (account, openid, template_id) DO UPDATE SET remaining = remaining + 1",
                *key,
            )
        elif event == "subscribe_msg_change_event":
            store.run("DELETE FROM consent WHERE account = ? AND openid = ? AND template_id = ?", *key)


def add_template(call: Call) -> Mapping[str, Any]:
    """POST /wxaapi/newtmpl/addtemplate: `{"priTmplId"}`; two to five keywords by their place in the library."""
    whole = NOTICES.get(str(call.json.get("tid")))
    if whole is None:
        raise WeChatError(200014)
    entry = Entry(whole.title, _keywords(call, whole), whole.lasting)
    scene = call.json.get("sceneDesc")
    if not isinstance(scene, str) or not 1 <= len(scene) <= SCENE_CHARS:
        raise WeChatError(200021)
    own = call.store.rows(
        "SELECT template_id, title, keywords FROM template WHERE account = ? AND kind = 'notice'", call.appid
    )
    for row in own:
        if (row["title"], json.loads(row["keywords"])) == (entry.title, entry.keywords):
            raise WeChatError(200022, more={"priTmplId": row["template_id"]})
    if len(own) >= call.account.limits["notice_templates"]:
        raise WeChatError(200012)
    return {**OK, "priTmplId": templates.keep(call, "notice", entry)}


def get_templates(call: Call) -> Mapping[str, Any]:
    """GET /wxaapi/newtmpl/gettemplate: the account's own."""
    rows = call.store.rows(
        "SELECT * FROM template WHERE account = ? AND kind = 'notice' ORDER BY rowid", call.appid
    )
    return {
        **OK,
        "data": [
            {
                "priTmplId": row["template_id"],
                "title": row["title"],
                "content": template_library.content(json.loads(row["keywords"])),
                "example": "",
                "type": _LASTING if row["lasting"] else _ONCE,
            }
            for row in rows
        ],
    }


def delete_template(call: Call) -> Mapping[str, Any]:
    """POST /wxaapi/newtmpl/deltemplate."""
    row = templates.find(call, "notice", call.json.get("priTmplId"))
    call.store.run("DELETE FROM template WHERE template_id = ?", row["template_id"])
    return OK


def get_category(_: Call) -> Mapping[str, Any]:
    """GET /wxaapi/newtmpl/getcategory."""
    return {**OK, "data": [{"id": template_library.CATEGORY_ID, "name": template_library.CATEGORY_NAME}]}


def get_titles(call: Call) -> Mapping[str, Any]:
    """GET /wxaapi/newtmpl/getpubtemplatetitles: the library, thirty at most."""
    start, limit = _query_number(call, "start", 200016), _query_number(call, "limit", 200017)
    if limit > TITLES_MAX:
        raise WeChatError(200017)
    titles = [
        {
            "tid": int(tid),
            "title": entry.title,
            "type": _LASTING if entry.lasting else _ONCE,
            "categoryId": str(template_library.CATEGORY_ID),
        }
        for tid, entry in NOTICES.items()
    ]
    return {**OK, "count": len(titles), "data": titles[start : start + limit]}


def get_keywords(call: Call) -> Mapping[str, Any]:
    """GET /wxaapi/newtmpl/getpubtemplatekeywords?tid=."""
    entry = NOTICES.get(call.query.get("tid", ""))
    if entry is None:
        raise WeChatError(200014)
    keywords = [
        {"kid": place, "name": name, "example": name, "rule": field.rstrip("0123456789")}
        for place, (name, field) in enumerate(entry.keywords.items(), start=1)
    ]
    return {**OK, "count": len(keywords), "data": keywords}


def _use_consent(call: Call, person: str, template_id: str, *, lasting: bool) -> bool:
    return bool(
        call.store.change(
            "UPDATE consent SET remaining = remaining - ? WHERE account = ? AND openid = ? AND template_id = ?"
            " AND remaining > 0",
            0 if lasting else 1,
            call.appid,
            person,
            template_id,
        )
    )


def _each(listed: Any) -> Iterator[Mapping[str, Any]]:
    """The entries of a List, which is an object where it has but one."""
    for entry in listed if isinstance(listed, list) else [listed]:
        if isinstance(entry, Mapping):
            yield entry


def _keywords(call: Call, whole: Entry) -> dict[str, str]:
    wanted, all_of_them = call.json.get("kidList"), list(whole.keywords.items())
    if not isinstance(wanted, list) or not KEYWORDS_MIN <= len(wanted) <= KEYWORDS_MAX:
        raise WeChatError(200020)
    if not all(isinstance(place, int) and 1 <= place <= len(all_of_them) for place in wanted):
        raise WeChatError(200020)
    return dict(all_of_them[place - 1] for place in wanted)


def _query_number(call: Call, name: str, wrong: int) -> int:
    value = row_id(call.query.get(name))
    if value < 0:
        raise WeChatError(wrong)
    return value
