"""Template messages and subscription notices: what reaches one person, and the event that tells how it went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .platform import Platform, Service, opened, platform

SEND = "/cgi-bin/message/template/send"
BIZSEND = "/cgi-bin/message/subscribe/bizsend"


async def _template(sandbox: Platform, short_id: str = "OPENTM207498902", *keywords: str) -> str:
    body = {"template_id_short": short_id, "keyword_name_list": list(keywords)}
    return str((await sandbox.post("/cgi-bin/template/api_add_template", body))["template_id"])


async def _notice(sandbox: Platform, **fields: Any) -> dict[str, Any]:
    (openid, *_) = await sandbox.followers(1)
    data = {"keyword1": {"value": "环评公示"}, "keyword2": {"value": "2026年11月23日"}}
    return {"touser": openid, "template_id": await _template(sandbox), "data": data, **fields}


async def _subscribable(sandbox: Platform, tid: str = "2001", *places: int) -> str:
    body = {"tid": tid, "kidList": list(places or (1, 2)), "sceneDesc": "公示"}
    return str((await sandbox.post("/wxaapi/newtmpl/addtemplate", body))["priTmplId"])


async def _answers(
    sandbox: Platform, openid: str, template_id: str, answer: str, kind: str = "popup"
) -> None:
    told = {"TemplateId": template_id, "SubscribeStatusString": answer}
    await sandbox.control(
        "events",
        {
            "type": f"subscribe_msg_{kind}_event",
            "openid": openid,
            f"SubscribeMsg{kind.title()}Event": {"List": told},
        },
    )


async def test_a_sent_template_is_told_to_have_arrived(sandbox: Platform, service: Service) -> None:
    body = await _notice(sandbox, url="https://sthjj.example.cn/p/1")
    answer = await sandbox.post(SEND, body)
    assert answer == {"errcode": 0, "errmsg": "ok", "msgid": answer["msgid"]}
    event = opened(sandbox.wechat, await service.pushes.get())
    assert (event["Event"], event["MsgID"], event["Status"], event["FromUserName"]) == (
        "TEMPLATESENDJOBFINISH",
        str(answer["msgid"]),
        "success",
        body["touser"],
    )
    (message,) = await sandbox.control("wechat/messages")
    assert (message["id"], message["kind"], message["openid"]) == (
        answer["msgid"],
        "template",
        body["touser"],
    )
    assert message["content"] == {"data": body["data"], "url": body["url"]}


@pytest.mark.parametrize(("outcome", "status"), [(1, "failed:user block"), (2, "failed: system failed")])
async def test_a_template_may_fail_to_arrive(
    sandbox: Platform, service: Service, outcome: int, status: str
) -> None:
    await sandbox.control("settings", {"notice_outcome": outcome})
    await sandbox.post(SEND, await _notice(sandbox))
    assert opened(sandbox.wechat, await service.pushes.get())["Status"] == status
    assert (await sandbox.control("wechat/messages"))[0]["status"] == status


async def test_the_same_client_id_is_sent_once_within_ten_minutes(sandbox: Platform) -> None:
    body = await _notice(sandbox, client_msg_id="notice-1")
    first = await sandbox.post(SEND, body)
    sandbox.clock.forward(598)
    assert await sandbox.post(SEND, body) == first
    assert len(await sandbox.control("wechat/messages")) == 1
    sandbox.clock.forward(3)
    assert (await sandbox.post(SEND, body))["msgid"] > first["msgid"]
    assert await sandbox.control("wechat/messages/summary") == {"total": 2, "greatest": 2}


async def test_the_same_content_is_refused_within_a_minute(sandbox: Platform) -> None:
    body = await _notice(sandbox)
    assert await sandbox.code(SEND, body) == 0
    sandbox.clock.forward(58)
    assert await sandbox.code(SEND, body) == 40241
    assert await sandbox.code(SEND, {**body, "url": "https://sthjj.example.cn/p/2"}) == 0
    sandbox.clock.forward(3)
    assert await sandbox.code(SEND, body) == 0


async def test_a_notice_reaches_only_whoever_follows_and_is_not_blocked(sandbox: Platform) -> None:
    body = await _notice(sandbox)
    await sandbox.post("/cgi-bin/tags/members/batchblacklist", {"openid_list": [body["touser"]]})
    assert await sandbox.code(SEND, body) == 43019
    await sandbox.control("events", {"type": "unsubscribe", "openid": body["touser"]})
    assert await sandbox.code(SEND, body) == 43004
    assert await sandbox.code(SEND, {**body, "touser": "o" * 28}) == 40003
    assert await sandbox.control("wechat/messages") == []


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({"template_id": "none"}, 40037, ""),
        ({"template_id": None}, 40037, ""),
        ({"data": {}}, 47003, "data"),
        ({"data": {"keyword1": "环评"}}, 47003, "data.keyword1.value"),
        ({"data": {"keyword1": {"value": ""}}}, 47003, "data.keyword1.value"),
        ({"data": {"keyword1": {"value": 1}}}, 47003, "data.keyword1.value"),
        ({"url": "sthjj.example.cn"}, 40039, ""),
        ({"miniprogram": {"appid": "x"}}, 40013, ""),
    ],
)
async def test_what_is_wrong_with_a_template_message_has_a_code(
    sandbox: Platform, fields: dict[str, Any], code: int, named: str
) -> None:
    answer = await sandbox.post(SEND, {**await _notice(sandbox), **fields})
    assert answer["errcode"] == code
    assert named in answer["errmsg"]


async def test_a_category_template_wants_its_keywords_and_all_its_fields(sandbox: Platform) -> None:
    path = "/cgi-bin/template/api_add_template"
    assert await sandbox.code(path, {"template_id_short": "43216"}) == 40246
    assert await sandbox.code(path, {"template_id_short": "43216", "keyword_name_list": ["别的"]}) == 40246
    assert await sandbox.code(path, {"template_id_short": "1"}) == 40037
    template_id = await _template(sandbox, "43216", "事项名称", "公开时间")
    (listed,) = (await sandbox.query("/cgi-bin/template/get_all_private_template"))["template_list"]
    assert listed["content"] == "事项名称:{{thing1.DATA}}\n公开时间:{{time2.DATA}}"
    body = await _notice(sandbox, template_id=template_id, data={"thing1": {"value": "环评公示"}})
    answer = await sandbox.post(SEND, body)
    assert (answer["errcode"], "data.time2.value" in answer["errmsg"]) == (47003, True)
    body["data"]["time2"] = {"value": "2026年11月23日 10:00"}
    assert await sandbox.code(SEND, body) == 0


@pytest.mark.parametrize(
    ("field", "longest", "too_much"),
    [
        ("thing1", "事" * 20, "事" * 21),
        ("number1", "1" * 32, "1" * 33),
        ("number1", "12.5", "十二"),
        ("letter1", "a" * 32, "a" * 33),
        ("symbol1", "#" * 5, "#" * 6),
        ("character_string1", "A-1" * 10 + "ab", "A-1" * 11),
        ("time1", "2026年11月23日 10:05", "上午"),
        ("time1", "10:05~11:05", "10点"),
        ("date1", "2026-11-23", "11-23"),
        ("amount1", "¥1234567890.12元", "12345678901"),
        ("phone_number1", "0474-12369-123456", "0474-12369-1234567"),
        ("car_number1", "蒙AD12345", "蒙AD123456"),
        ("name1", "名" * 10, "名" * 11),
        ("name1", "a" * 20, "a" * 21),
        ("phrase1", "轻度污染日", "轻度污染天气"),
    ],
)
async def test_a_field_holds_what_its_type_allows(
    sandbox: Platform, field: str, longest: str, too_much: str
) -> None:
    body = await _notice(sandbox)
    assert await sandbox.code(SEND, {**body, "data": {field: {"value": longest}}}) == 0
    answer = await sandbox.post(SEND, {**body, "data": {field: {"value": too_much}}})
    assert (answer["errcode"], f"data.{field}.value" in answer["errmsg"]) == (47003, True)


@pytest.mark.parametrize("pair", [("21", "21"), ("42", "1"), ("21", None), ("x", "1")])
async def test_industries_are_two_of_the_list(sandbox: Platform, pair: tuple[str, str | None]) -> None:
    body = {"industry_id1": pair[0], "industry_id2": pair[1]}
    assert await sandbox.code("/cgi-bin/template/api_set_industry", body) == 40102


async def test_the_industry_changes_again_in_the_next_month(sandbox: Platform) -> None:
    body = {"industry_id1": "21", "industry_id2": "1"}
    assert await sandbox.code("/cgi-bin/template/api_set_industry", body) == 0
    assert await sandbox.code("/cgi-bin/template/api_set_industry", body) == 43100
    await sandbox.forward(31 * 24 * 3600)
    assert await sandbox.code("/cgi-bin/template/api_set_industry", body) == 0


async def test_one_consent_is_one_notice(sandbox: Platform, service: Service) -> None:
    (openid,) = await sandbox.followers(1)
    template_id = await _subscribable(sandbox)
    data = {"thing1": {"value": "某某项目"}, "date2": {"value": "2026年11月23日"}}
    body = {"touser": openid, "template_id": template_id, "data": data}
    assert await sandbox.code(BIZSEND, body) == 43101
    await _answers(sandbox, openid, template_id, "reject")
    assert await sandbox.code(BIZSEND, body) == 43101
    await _answers(sandbox, openid, template_id, "accept")
    await _answers(sandbox, openid, template_id, "accept")
    assert await sandbox.code(BIZSEND, {**body, "data": {**data, "date2": {"value": "明天"}}}) == 47003
    assert [await sandbox.code(BIZSEND, body) for _ in range(3)] == [0, 0, 43101]

    for _ in range(3):
        await service.pushes.get()
    event = opened(sandbox.wechat, await service.pushes.get())
    assert event["Event"] == "subscribe_msg_sent_event"
    sent = event["SubscribeMsgSentEvent"]["List"]
    assert (sent["TemplateId"], sent["ErrorCode"], sent["ErrorStatus"]) == (template_id, "0", "success")


async def test_a_lasting_consent_holds_until_it_is_taken_back(sandbox: Platform) -> None:
    (openid,) = await sandbox.followers(1)
    template_id = await _subscribable(sandbox, "2002", 1, 3)
    await _answers(sandbox, openid, template_id, "accept")
    for index in ("80", "90"):
        data = {"thing1": {"value": "集宁区"}, "number3": {"value": index}}
        assert await sandbox.code(BIZSEND, {"touser": openid, "template_id": template_id, "data": data}) == 0
    await _answers(sandbox, openid, template_id, "reject", "change")
    assert await sandbox.code(BIZSEND, {"touser": openid, "template_id": template_id, "data": data}) == 43101


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"tid": "1"}, 200014),
        ({"kidList": [1]}, 200020),
        ({"kidList": [1, 9]}, 200020),
        ({"kidList": "1,2"}, 200020),
        ({"sceneDesc": ""}, 200021),
    ],
)
async def test_what_is_wrong_with_a_chosen_notice_has_a_code(
    sandbox: Platform, fields: dict[str, Any], code: int
) -> None:
    body = {"tid": "2001", "kidList": [1, 2], "sceneDesc": "公示", **fields}
    assert await sandbox.code("/wxaapi/newtmpl/addtemplate", body) == code


async def test_a_notice_is_chosen_once(sandbox: Platform) -> None:
    template_id = await _subscribable(sandbox)
    body = {"tid": "2001", "kidList": [1, 2], "sceneDesc": "公示"}
    again = await sandbox.post("/wxaapi/newtmpl/addtemplate", body)
    assert (again["errcode"], again["priTmplId"]) == (200022, template_id)


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("getpubtemplatetitles", {"start": "x", "limit": "1"}, 200016),
        ("getpubtemplatetitles", {"start": "0", "limit": "30"}, 0),
        ("getpubtemplatetitles", {"start": "0", "limit": "31"}, 200017),
        ("getpubtemplatekeywords", {"tid": "1"}, 200014),
    ],
)
async def test_the_library_of_notices_is_read_in_pages(
    sandbox: Platform, path: str, query: dict[str, str], code: int
) -> None:
    assert (await sandbox.query(f"/wxaapi/newtmpl/{path}", **query))["errcode"] == code


async def test_messages_are_listed_in_pages(sandbox: Platform) -> None:
    body = await _notice(sandbox)
    ids = [
        (await sandbox.post(SEND, {**body, "url": f"https://e.cn/{number}"}))["msgid"] for number in range(4)
    ]
    page = await sandbox.control(f"wechat/messages?after={ids[0]}&limit=2")
    assert [message["id"] for message in page] == ids[1:3]
    assert await sandbox.control("wechat/messages/summary") == {"total": 4, "greatest": 1}


async def test_an_account_that_is_called_back_nowhere_is_told_nothing(sandbox: Platform) -> None:
    await sandbox.act_as()
    (account,) = (await sandbox.control("accounts"))[3:]
    await sandbox.control("followers", {"count": 1, "account": account["appid"]})
    (openid,) = (await sandbox.query("/cgi-bin/user/get"))["data"]["openid"]
    body = {
        "touser": openid,
        "template_id": await _template(sandbox),
        "data": {"keyword1": {"value": "公示"}},
    }
    assert await sandbox.code(SEND, body) == 0


async def test_what_was_not_told_yet_is_told_after_a_restart(service: Service, tmp_path: Path) -> None:
    state = tmp_path / "sandbox.sqlite"
    async with platform(service.url, state) as first:
        await first.control("settings", {"publish_delay_s": 0.5})
        msg_id = (await first.post(SEND, await _notice(first)))["msgid"]
    assert service.pushes.empty()
    async with platform(service.url, state) as second:
        assert opened(second.wechat, await service.pushes.get())["MsgID"] == str(msg_id)
