"""What a follower writes, what the account may answer at once, and for how long it may answer later."""

from __future__ import annotations

from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto

from .platform import Platform, Service, mp4, opened

SEND = "/cgi-bin/message/custom/send"
TYPING = "/cgi-bin/message/custom/typing"
OPENID = "oReader".ljust(28, "0")


def _text(words: str = "您好") -> dict[str, Any]:
    return {"touser": OPENID, "msgtype": "text", "text": {"content": words}}


async def test_the_window_of_a_message_is_open_for_48_hours(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    await sandbox.forward(48 * 3600 - 2)
    assert await sandbox.code(SEND, _text()) == 0
    await sandbox.forward(4)
    assert await sandbox.code(SEND, _text()) == 45015


@pytest.mark.parametrize("kind", ["CLICK", "subscribe", "SCAN", "click"])
async def test_the_window_of_an_action_is_open_for_a_minute(sandbox: Platform, kind: str) -> None:
    await sandbox.control("events", {"type": kind, "openid": OPENID, "EventKey": "air"})
    sandbox.clock.forward(58)
    assert await sandbox.code(SEND, _text()) == 0
    sandbox.clock.forward(3)
    assert await sandbox.code(SEND, _text()) == 45015


async def test_opening_a_page_opens_no_window(sandbox: Platform, service: Service) -> None:
    await sandbox.control("events", {"type": "view", "openid": OPENID, "EventKey": "https://e.cn"})
    assert opened(sandbox.wechat, await service.pushes.get())["Event"] == "VIEW"
    assert await sandbox.code(SEND, _text()) == 45015


async def test_each_further_message_opens_the_window_anew(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    assert [await sandbox.code(SEND, _text(str(number))) for number in range(6)] == [0] * 5 + [45047]
    await sandbox.text_from(OPENID)
    assert await sandbox.code(SEND, _text()) == 0


async def test_a_message_and_a_click_add_up(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    await sandbox.control("events", {"type": "CLICK", "openid": OPENID})
    assert [await sandbox.code(SEND, _text(str(number))) for number in range(9)] == [0] * 8 + [45047]


async def test_whoever_left_cannot_be_written_to(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    await sandbox.control("events", {"type": "unsubscribe", "openid": OPENID})
    assert await sandbox.code(SEND, _text()) == 45015
    assert await sandbox.code(SEND, {**_text(), "touser": "o" * 28}) == 40003


async def test_whoever_is_blocked_cannot_be_written_to(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    await sandbox.post("/cgi-bin/tags/members/batchblacklist", {"openid_list": [OPENID]})
    assert await sandbox.code(SEND, _text()) == 43019


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"msgtype": "link"}, 40008),
        ({"msgtype": None}, 40008),
        ({"text": None}, 44004),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "image"}, 47001),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
        ({"msgtype": "voice", "voice": {"media_id": "x"}}, 40007),
        ({"msgtype": "music", "music": {"thumb_media_id": "x"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "mpnews", "mpnews": {"media_id": "x"}}, 40007),
        ({"msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": "x"}}, 53600),
        ({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 47001),
        ({"msgtype": "wxcard", "wxcard": {"card_id": "x"}}, 48008),
        ({"msgtype": "miniprogrampage", "miniprogrampage": {"appid": "x"}}, 48008),
        ({"customservice": {"kf_account": "a@gh"}}, 61452),
    ],
)
async def test_what_is_wrong_with_an_answer_has_a_code_and_costs_nothing(
    sandbox: Platform, fields: dict[str, Any], code: int
) -> None:
    await sandbox.text_from(OPENID)
    assert await sandbox.code(SEND, {**_text(), **fields}) == code
    assert [await sandbox.code(SEND, _text(str(number))) for number in range(5)] == [0] * 5


async def test_articles_films_and_menus_can_be_answered_with(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    film = (await sandbox.upload("/cgi-bin/media/upload", mp4(), "a.mp4", type="video"))["media_id"]
    article_id = (await sandbox.finished(await sandbox.submit()))["article_id"]
    for kind, content in (
        ("video", {"media_id": film, "title": "开放日"}),
        ("mpnews", {"media_id": await sandbox.draft()}),
        ("mpnewsarticle", {"article_id": article_id}),
        ("msgmenu", {"head_content": "满意吗？", "list": [{"id": "1", "content": "满意"}]}),
    ):
        assert await sandbox.code(SEND, {"touser": OPENID, "msgtype": kind, kind: content}) == 0, kind
    kinds = [message["content"]["msgtype"] for message in await sandbox.control("wechat/messages")]
    assert kinds == ["video", "mpnews", "mpnewsarticle", "msgmenu"]


async def test_typing_is_shown_for_fifteen_seconds_in_a_fresh_conversation(sandbox: Platform) -> None:
    typing = {"touser": OPENID, "command": "Typing"}
    await sandbox.followers(0)
    assert await sandbox.code(TYPING, typing) == 40003
    await sandbox.text_from(OPENID)
    assert await sandbox.code(TYPING, {**typing, "command": "Sleep"}) == 45072
    assert await sandbox.code(TYPING, typing) == 0
    sandbox.clock.forward(14)
    assert await sandbox.code(TYPING, typing) == 45081
    sandbox.clock.forward(2)
    assert await sandbox.code(TYPING, typing) == 0
    assert await sandbox.code(TYPING, {**typing, "command": "CancelTyping"}) == 0
    assert await sandbox.code(TYPING, typing) == 0
    sandbox.clock.forward(31)
    assert await sandbox.code(TYPING, typing) == 45080
    assert await sandbox.code(SEND, _text()) == 0
    assert await sandbox.code(TYPING, typing) == 0
    await sandbox.forward(48 * 3600)
    assert await sandbox.code(TYPING, typing) == 45015


def _reply(sandbox: Platform, **fields: str) -> str:
    values = {
        "ToUserName": OPENID,
        "FromUserName": sandbox.wechat["original_id"],
        "CreateTime": "1",
        "MsgType": "text",
        "Content": "空气质量良",
        **fields,
    }
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in values.items())}</xml>"


def _sealed(sandbox: Platform, text: str) -> str:
    account = sandbox.wechat
    crypto = WeChatCrypto(account["token"], account["encoding_aes_key"], account["appid"])
    return str(crypto.encrypt_message(text, "nonce", "1700000000"))


async def _asked(sandbox: Platform) -> dict[str, Any]:
    answer = await sandbox.control("events", {"type": "text", "content": "空气", "openid": OPENID})
    return dict(answer)


async def test_a_reply_at_once_reaches_the_follower(sandbox: Platform, service: Service) -> None:
    service.answer = _sealed(sandbox, _reply(sandbox))
    assert (await _asked(sandbox))["delivered"] is True
    (message,) = await sandbox.control("wechat/messages")
    assert (message["kind"], message["openid"]) == ("passive", OPENID)
    assert message["content"] == {"CreateTime": "1", "MsgType": "text", "Content": "空气质量良"}


async def test_in_plain_mode_a_reply_is_plain(sandbox: Platform, service: Service) -> None:
    await sandbox.control("accounts", {"appid": sandbox.wechat["appid"], "encoding_aes_key": ""})
    service.answer = _reply(sandbox)
    assert (await _asked(sandbox))["delivered"] is True
    assert len(await sandbox.control("wechat/messages")) == 1


async def test_a_reply_has_2048_bytes_at_most(sandbox: Platform, service: Service) -> None:
    service.answer = _sealed(sandbox, _reply(sandbox, Content="字" * 682 + "ab"))
    assert (await _asked(sandbox))["delivered"] is True
    service.answer = _sealed(sandbox, _reply(sandbox, Content="字" * 682 + "abc"))
    assert (await _asked(sandbox))["delivered"] is False


async def test_what_is_no_reply_of_the_account_is_a_failure(sandbox: Platform, service: Service) -> None:
    other = WeChatCrypto(sandbox.wechat["token"], sandbox.wechat["encoding_aes_key"], "wx0000000000000000")
    good = _sealed(sandbox, _reply(sandbox))
    for answer in (
        "ok",
        "<xml>",
        "<html/>",
        _reply(sandbox),
        _sealed(sandbox, _reply(sandbox, FromUserName="gh_0")),
        _sealed(sandbox, _reply(sandbox, MsgType="event")),
        _sealed(sandbox, "no XML"),
        other.encrypt_message(_reply(sandbox), "nonce", "1700000000"),
        good.replace("1700000000", "1700000001"),
    ):
        service.answer = answer
        assert (await _asked(sandbox))["delivered"] is False, answer
    assert await sandbox.control("wechat/messages") == []


async def test_a_reply_to_somebody_else_reaches_nobody(sandbox: Platform, service: Service) -> None:
    service.answer = _sealed(sandbox, _reply(sandbox, ToUserName="o" * 28))
    await _asked(sandbox)
    assert await sandbox.control("wechat/messages") == []


async def test_followers_messages_stand_on_the_page(sandbox: Platform) -> None:
    await sandbox.text_from(OPENID)
    await sandbox.post(SEND, _text("您好<甲>"))
    async with sandbox.http.get(f"{sandbox.url}/") as response:
        page = await response.text()
    assert "<p>您好&lt;甲&gt;</p>" in page
    assert f"发给 {OPENID}" in page
