from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .platform import Platform, Service, image, mp4, opened, platform

SENDALL = "/cgi-bin/message/mass/sendall"
SEND = "/cgi-bin/message/mass/send"


def _text(words: str = "通知", **fields: Any) -> dict[str, Any]:
    return {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": words}, **fields}


async def _edition(sandbox: Platform, *titles: str, **fields: Any) -> dict[str, Any]:
    articles = [await sandbox.article(title=title) for title in titles or ("公示",)]
    media_id = await sandbox.draft(*articles)
    return {
        "filter": {"is_to_all": True},
        "msgtype": "mpnews",
        "mpnews": {"media_id": media_id},
        **fields,
    }


async def test_articles_reach_the_followers_and_leave_the_draft_box(
    sandbox: Platform, service: Service
) -> None:
    await sandbox.followers(3)
    body = await _edition(sandbox, "甲", "乙", clientmsgid="edition-1")
    answer = await sandbox.post(SENDALL, body)
    assert answer == {
        "errcode": 0,
        "errmsg": "send job submission success",
        "msg_id": answer["msg_id"],
        "msg_data_id": answer["msg_data_id"],
    }
    assert await sandbox.code("/cgi-bin/draft/get", body["mpnews"]) == 40007

    event = opened(sandbox.wechat, await service.pushes.get())
    assert (event["Event"], event["MsgID"], event["Status"]) == (
        "MASSSENDJOBFINISH",
        str(answer["msg_id"]),
        "send success",
    )
    counts = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
    assert [event[name] for name in counts] == ["3", "3", "3", "0"]
    assert event["CopyrightCheckResult"] == {"Count": "0", "ResultList": None, "CheckState": "1"}
    links = event["ArticleUrlResult"]["ResultList"]["item"]
    assert [link["ArticleIdx"] for link in links] == ["1", "2"]
    async with sandbox.http.get(links[1]["ArticleUrl"]) as response:
        assert "乙" in await response.text()

    (push,) = await sandbox.control("wechat/pushes")
    assert (push["id"], push["client_msg_id"], push["status"]) == (
        answer["msg_id"],
        "edition-1",
        "SEND_SUCCESS",
    )
    assert [article["title"] for article in push["articles"]] == ["甲", "乙"]
    assert await sandbox.control("wechat/articles") == []


async def test_the_same_id_is_taken_once_in_a_day(sandbox: Platform) -> None:
    body = await _edition(sandbox, clientmsgid="edition-1")
    msg_id = (await sandbox.post(SENDALL, body))["msg_id"]
    sandbox.clock.forward(58)
    assert await sandbox.code(SENDALL, body) == 45066
    sandbox.clock.forward(3)
    answer = await sandbox.post(SENDALL, body)
    assert (answer["errcode"], answer["msg_id"]) == (45065, msg_id)
    assert answer["errmsg"].startswith("clientmsgid exist")
    assert len(await sandbox.control("wechat/pushes")) == 1
    await sandbox.forward(24 * 3600)
    assert await sandbox.code(SENDALL, _text(clientmsgid="edition-1")) == 0


async def test_without_an_id_the_server_makes_one_of_target_and_content(sandbox: Platform) -> None:
    openids = await sandbox.followers(3)
    assert await sandbox.code(SENDALL, _text("通知")) == 0
    assert await sandbox.code(SENDALL, _text("通知")) == 45066
    assert await sandbox.code(SENDALL, _text("另一通知")) == 0
    few = {"touser": openids[:2], "msgtype": "text", "text": {"content": "通知"}}
    assert await sandbox.code(SEND, few) == 0
    assert await sandbox.code(SEND, {**few, "touser": openids}) == 0
    assert await sandbox.code(SEND, few) == 45066


async def test_each_follower_of_a_service_account_is_reached_four_times_a_month(
    sandbox: Platform, service: Service
) -> None:
    openids = await sandbox.followers(3)
    for number in range(4):
        body = {"touser": openids[:2], "msgtype": "text", "text": {"content": str(number)}}
        await sandbox.ended((await sandbox.post(SEND, body))["msg_id"])
    assert await sandbox.code(SEND, {**body, "text": {"content": "5"}}) == 45028

    last = await sandbox.post(SENDALL, _text())
    await sandbox.ended(last["msg_id"])
    push = (await sandbox.control("wechat/pushes"))[-1]
    assert (push["total"], push["sent"]) == (3, 1)
    await sandbox.forward(31 * 24 * 3600)
    assert await sandbox.code(SEND, body) == 0


async def test_a_refused_message_costs_no_quota_and_its_draft_comes_back(
    sandbox: Platform, service: Service
) -> None:
    await sandbox.act_as(
        type="subscription", token="t", encoding_aes_key="", callback_url=f"{service.url}/callbacks/wechat/x"
    )
    await sandbox.control("settings", {"mass_error": 30002})
    body = await _edition(sandbox)
    answer = await sandbox.post(SENDALL, body)
    event = opened(None, await service.pushes.get())
    assert (event["Status"], event["SentCount"]) == ("err(30002)", "0")
    check = event["CopyrightCheckResult"]
    assert (check["Count"], check["CheckState"], check["ResultList"]["item"]["ArticleIdx"]) == ("1", "3", "1")
    assert "ArticleUrlResult" not in event
    assert await sandbox.ended(answer["msg_id"]) == "SEND_FAIL"
    assert "news_item" in await sandbox.post("/cgi-bin/draft/get", body["mpnews"])

    await sandbox.control("settings", {"mass_error": 0})
    assert await sandbox.code(SENDALL, {**body, "clientmsgid": "again"}) == 0
    assert await sandbox.code(SENDALL, _text()) == 45028
    await sandbox.forward(24 * 3600)
    assert await sandbox.code(SENDALL, _text()) == 0


async def test_a_reprint_goes_out_where_the_caller_said_so(sandbox: Platform) -> None:
    await sandbox.control("settings", {"mass_error": 30003})
    refused = await sandbox.post(SENDALL, await _edition(sandbox))
    assert await sandbox.ended(refused["msg_id"]) == "SEND_FAIL"
    sent = await sandbox.post(SENDALL, await _edition(sandbox, send_ignore_reprint=1))
    assert await sandbox.ended(sent["msg_id"]) == "SEND_SUCCESS"


async def test_a_protected_message_waits_for_an_administrator_and_its_id_is_taken(
    sandbox: Platform, service: Service
) -> None:
    await sandbox.control("settings", {"mass_protection": 1})
    body = await _edition(sandbox, clientmsgid="edition-1")
    answer = await sandbox.post(SENDALL, body)
    assert (answer["errcode"], "msg_id" in answer) == (89504, False)
    event = opened(sandbox.wechat, await service.pushes.get())
    assert event["Status"] == "send success"
    sandbox.clock.forward(61)
    again = await sandbox.post(SENDALL, body)
    assert (again["errcode"], str(again["msg_id"])) == (45065, event["MsgID"])


async def test_the_copyright_check_names_one_article_where_it_is_told_to(
    sandbox: Platform, service: Service
) -> None:
    await sandbox.control("settings", {"mass_error": 30002, "mass_reprint": 2})
    await sandbox.post(SENDALL, await _edition(sandbox, "甲", "乙", "丙"))
    check = opened(sandbox.wechat, await service.pushes.get())["CopyrightCheckResult"]
    assert (check["Count"], check["ResultList"]["item"]["ArticleIdx"]) == ("1", "2")


async def test_a_tag_is_reached_and_nobody_else(sandbox: Platform) -> None:
    openids = await sandbox.followers(3)
    tag = (await sandbox.post("/cgi-bin/tags/create", {"tag": {"name": "集宁"}}))["tag"]["id"]
    await sandbox.post("/cgi-bin/tags/members/batchtagging", {"openid_list": openids[:2], "tagid": tag})
    await sandbox.post("/cgi-bin/tags/members/batchblacklist", {"openid_list": openids[:1]})
    answer = await sandbox.post(SENDALL, _text(filter={"is_to_all": False, "tag_id": tag}))
    await sandbox.ended(answer["msg_id"])
    (push,) = await sandbox.control("wechat/pushes")
    assert (push["target"], push["total"], push["sent"]) == ({"tag_id": tag}, 2, 1)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"msgtype": None}, 40008),
        ({"msgtype": "music"}, 40008),
        ({"msgtype": "wxcard", "wxcard": {"card_id": "x"}}, 48008),
        ({"text": {"content": ""}}, 44004),
        ({"text": "通知"}, 44004),
        ({"msgtype": "mpnews", "mpnews": {"media_id": "x"}}, 40007),
        ({"msgtype": "mpnews"}, 40007),
        ({"msgtype": "voice", "voice": {"media_id": "x"}}, 40007),
        ({"msgtype": "image", "images": {"media_ids": []}}, 40007),
        ({"msgtype": "mpvideo", "mpvideo": {"media_id": "x"}}, 40007),
        ({"filter": {"is_to_all": False, "tag_id": 101}}, 40152),
        ({"filter": None}, 40152),
        ({"clientmsgid": "c" * 33}, 45067),
        ({"send_ignore_reprint": 2}, 40035),
    ],
)
async def test_what_is_wrong_with_a_mass_message_has_a_code(
    sandbox: Platform, fields: dict[str, Any], code: int
) -> None:
    assert await sandbox.code(SENDALL, {**_text(), **fields}) == code
    assert await sandbox.control("wechat/pushes") == []


async def test_a_list_of_followers_is_for_service_accounts_and_names_followers(sandbox: Platform) -> None:
    openids = await sandbox.followers(2)
    said = {"msgtype": "text", "text": {"content": "通知"}}
    assert await sandbox.code(SEND, {"touser": "o" * 28, **said}) == 40031
    assert await sandbox.code(SEND, {"touser": [openids[0], "o" * 28], **said}) == 40130
    assert await sandbox.code(SEND, {"touser": [openids[0], openids[0]], **said}) == 40130
    await sandbox.act_as(type="subscription")
    assert await sandbox.code(SEND, {"touser": openids, **said}) == 48001


async def test_pictures_come_as_a_list(sandbox: Platform) -> None:
    ids = [await sandbox.cover(), await sandbox.cover()]
    body = {
        "filter": {"is_to_all": True},
        "msgtype": "image",
        "images": {"media_ids": ids, "recommend": "现场"},
    }
    assert await sandbox.code(SENDALL, body) == 0
    (push,) = await sandbox.control("wechat/pushes")
    assert push["content"] == {"media_ids": ids, "recommend": "现场"}


async def test_a_preview_reaches_one_person(sandbox: Platform) -> None:
    (openid,) = await sandbox.followers(1)
    path, body = "/cgi-bin/message/mass/preview", await _edition(sandbox)
    answer = await sandbox.post(path, {**body, "touser": openid})
    assert (answer["errcode"], answer["errmsg"]) == (0, "preview success")
    assert await sandbox.code(path, {**body, "touser": openid, "towxname": "reader_01"}) == 0
    assert await sandbox.code(path, {**body, "touser": "o" * 28}) == 40003
    assert await sandbox.code(path, {**body, "towxname": "名字"}) == 40132
    first, second = await sandbox.control("wechat/messages")
    assert (first["kind"], first["openid"], second["openid"] == openid) == ("preview", openid, False)
    assert "news_item" in await sandbox.post("/cgi-bin/draft/get", body["mpnews"])


async def test_sent_articles_can_be_deleted_one_by_one_or_by_their_address(sandbox: Platform) -> None:
    path = "/cgi-bin/message/mass/delete"
    sent = await sandbox.post(SENDALL, await _edition(sandbox, "甲", "乙", "丙"))
    msg_id = sent["msg_id"]
    await sandbox.ended(msg_id)
    (push,) = await sandbox.control("wechat/pushes")
    assert await sandbox.code(path, {"msg_id": msg_id, "article_idx": 4}) == 40060
    assert await sandbox.code(path, {"msg_id": msg_id, "article_idx": 1}) == 0
    assert await sandbox.code(path, {"url": push["articles"][1]["url"]}) == 0
    assert await sandbox.ended(msg_id) == "SEND_SUCCESS"
    async with sandbox.http.get(push["articles"][1]["url"]) as response:
        assert "该内容已被发布者删除" in await response.text()
    assert await sandbox.code(path, {"msg_id": msg_id}) == 0
    assert await sandbox.ended(msg_id) == "DELETE"


async def test_what_was_never_sent_or_is_no_article_cannot_be_deleted(sandbox: Platform) -> None:
    path = "/cgi-bin/message/mass/delete"
    assert await sandbox.code(path, {"msg_id": 1}) == 40059
    assert await sandbox.code(path, {"article_idx": 0}) == 40059
    assert await sandbox.code(path, {"url": "https://example.com/s/x"}) == 40065
    assert await sandbox.code("/cgi-bin/message/mass/get", {"msg_id": "1"}) == 40059
    text = await sandbox.post(SENDALL, _text())
    await sandbox.ended(text["msg_id"])
    assert await sandbox.code(path, {"msg_id": text["msg_id"]}) == 40008
    film = (await sandbox.upload("/cgi-bin/media/upload", mp4(), "a.mp4", type="video"))["media_id"]
    body = {"filter": {"is_to_all": True}, "msgtype": "mpvideo", "mpvideo": {"media_id": film}}
    video = await sandbox.post(SENDALL, body)
    await sandbox.ended(video["msg_id"])
    assert await sandbox.code(path, {"msg_id": video["msg_id"]}) == 0
    assert await sandbox.ended(video["msg_id"]) == "DELETE"


async def test_a_job_goes_on_after_a_restart_and_counts_once(service: Service, tmp_path: Path) -> None:
    state = tmp_path / "sandbox.sqlite"
    async with platform(service.url, state) as first:
        await first.control("settings", {"publish_delay_s": 0.5})
        await first.followers(2)
        msg_id = (await first.post(SENDALL, _text()))["msg_id"]
    assert service.pushes.empty()
    async with platform(service.url, state) as second:
        event = opened(second.wechat, await service.pushes.get())
        assert (event["MsgID"], event["SentCount"]) == (str(msg_id), "2")
        assert await second.ended(msg_id) == "SEND_SUCCESS"


async def test_the_result_can_be_told_again(sandbox: Platform, service: Service) -> None:
    msg_id = (await sandbox.post(SENDALL, _text()))["msg_id"]
    first = opened(sandbox.wechat, await service.pushes.get())
    await sandbox.control("events", {"type": "MASSSENDJOBFINISH", "msg_id": msg_id})
    assert opened(sandbox.wechat, await service.pushes.get()) == first


async def test_what_was_pushed_stands_on_the_phone(sandbox: Platform) -> None:
    sent = await sandbox.post(SENDALL, await _edition(sandbox, "推送甲"))
    text = await sandbox.post(SENDALL, _text("文字通知"))
    for answer in (sent, text):
        await sandbox.ended(answer["msg_id"])
    async with sandbox.http.get(f"{sandbox.url}/") as response:
        page = await response.text()
    assert "推送甲" in page
    assert "文字通知" in page


async def test_a_picture_post_is_shown_with_its_pictures(sandbox: Platform) -> None:
    media_id = await sandbox.cover()
    article = {
        "article_type": "newspic",
        "title": "开放日",
        "content": "<b>现场</b> &lt;照片&gt;",
        "image_info": {"image_list": [{"image_media_id": media_id}]},
    }
    done = await sandbox.finished(await sandbox.submit(article))
    async with sandbox.http.get(done["article_detail"]["item"][0]["article_url"]) as response:
        page = await response.text()
    assert f'<img src="/mmbiz/{media_id}/0" alt="">' in page
    assert "<p>现场 &lt;照片&gt;</p>" in page
    assert (await sandbox.upload("/cgi-bin/media/uploadimg", image()))["url"]
