"""The public client of wechatpy against the sandbox: its base URL and its token's URL turned, nothing else."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import requests
from wechatpy import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException

from .platform import Platform, amr, image, mp4


class Client(WeChatClient):  # type: ignore[misc]
    """wechatpy's client, turned to the sandbox."""

    def __init__(self, url: str, account: dict[str, Any]) -> None:
        super().__init__(account["appid"], account["secret"], auto_retry=False)
        self.url = url
        self.API_BASE_URL = f"{url}/cgi-bin/"
        self.template.API_BASE_URL = f"{url}/"

    def fetch_access_token(self) -> Any:
        return self._fetch_access_token(
            f"{self.url}/cgi-bin/token",
            {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret},
        )


@pytest.fixture
async def client(sandbox: Platform) -> AsyncIterator[Client]:
    client = Client(sandbox.url, sandbox.wechat)
    yield client
    client._http.close()


async def _do(story: Callable[[], Any]) -> Any:
    """The client blocks: it works in a thread of its own."""
    return await asyncio.to_thread(story)


def _file(content: bytes, name: str) -> tuple[str, io.BytesIO, str]:
    return (name, io.BytesIO(content), "application/octet-stream")


def _refused(act: Callable[[], Any]) -> int:
    with pytest.raises(WeChatClientException) as caught:
        act()
    return int(caught.value.errcode)


def _article(client: Client, **fields: Any) -> dict[str, Any]:
    cover = client.material.add("image", _file(image(), "cover.png"))["media_id"]
    return {"title": "环评公示", "content": "<p>正文</p>", "thumb_media_id": cover, **fields}


def _draft(client: Client, **fields: Any) -> str:
    return str(client.draft.add([_article(client, **fields)])["media_id"])


async def test_tokens(sandbox: Platform, client: Client) -> None:
    def _story() -> None:
        answer = client.fetch_access_token()
        assert answer["expires_in"] == 7200
        assert client.access_token == answer["access_token"]
        assert client.misc.get_wechat_ips() == ["127.0.0.1"]
        client.secret = "0" * 32
        assert _refused(client.fetch_access_token) == 40001

    await _do(_story)
    await sandbox.limit(**{"/cgi-bin/token": 1})
    client.secret = sandbox.wechat["secret"]
    assert await _do(lambda: _refused(client.fetch_access_token)) == 45009


async def test_users(sandbox: Platform, client: Client) -> None:
    def _nobody() -> None:
        assert client.user.get_followers() == {"total": 0, "count": 0, "next_openid": ""}
        assert list(client.user.iter_followers()) == []

    await _do(_nobody)
    await sandbox.followers(3)

    def _three() -> None:
        openids = list(client.user.iter_followers())
        assert len(openids) == 3
        assert client.user.get_followers(openids[0])["data"]["openid"] == openids[1:]
        client.user.update_remark(openids[0], "热心居民")
        person = client.user.get(openids[0])
        assert (person["subscribe"], person["remark"]) == (1, "热心居民")
        assert [each["openid"] for each in client.user.get_batch(openids)] == openids
        assert _refused(lambda: client.user.get("o" * 28)) == 40003
        assert _refused(lambda: client.user.get_batch([openids[0]] * 101)) == 40032

    await _do(_three)


async def test_tags(sandbox: Platform, client: Client) -> None:
    first, second, *_ = await sandbox.followers(3)

    def _story() -> None:
        tag = client.tag.create("集宁区")
        assert tag["name"] == "集宁区"
        client.tag.update(tag["id"], "丰镇市")
        client.tag.tag_user(tag["id"], [first, second])
        assert {"id": tag["id"], "name": "丰镇市", "count": 2} in client.tag.get()
        assert client.tag.get_user_tag(first) == [tag["id"]]
        assert list(client.tag.iter_tag_users(tag["id"])) == [first, second]
        client.tag.untag_user(tag["id"], first)
        assert client.tag.get_tag_users(tag["id"])["data"]["openid"] == [second]
        client.tag.delete(tag["id"])
        assert client.tag.get_user_tag(second) == []
        assert _refused(lambda: client.tag.create("丰" * 31)) == 45158
        assert _refused(lambda: client.tag.delete(2)) == 45058
        assert _refused(lambda: client.tag.tag_user(tag["id"], first)) == 45159

        client.tag.batch_black_list([first])
        assert client.tag.get_black_list()["data"]["openid"] == [first]
        client.tag.batch_unblack_list([first])
        assert client.tag.get_black_list()["total"] == 0

    await _do(_story)


async def test_materials(sandbox: Platform, client: Client) -> None:
    def _story() -> None:
        url = client.media.upload_image(_file(image(), "a.png"))
        assert requests.get(url, timeout=10).content == image()
        added = client.material.add("image", _file(image(), "a.png"))
        assert client.material.get(added["media_id"]).content == image()
        thumb = client.material.add("thumb", _file(image("JPEG"), "a.jpg"))
        assert client.material.get_count() == {
            "voice_count": 0, "video_count": 0, "image_count": 1, "news_count": 0,
        }  # fmt: skip
        listed = client.material.batchget("image")
        assert [item["media_id"] for item in listed["item"]] == [added["media_id"]]
        client.material.delete(thumb["media_id"])
        assert _refused(lambda: client.material.get(thumb["media_id"])) == 40007

        voice = client.media.upload("voice", _file(amr(10), "a.amr"))
        assert (voice["type"], client.media.download(voice["media_id"]).content) == ("voice", amr(10))
        assert _refused(lambda: client.media.upload("voice", _file(image(), "a.png"))) == 40005

    await _do(_story)


async def test_a_video_needs_its_description_in_the_form_where_wechatpy_does_not_put_it(
    client: Client,
) -> None:
    def _story() -> int:
        return _refused(lambda: client.material.add("video", _file(mp4(), "a.mp4"), "开放日", "现场"))

    assert await _do(_story) == 41005


async def test_drafts(client: Client) -> None:
    def _story() -> None:
        media_id = _draft(client)
        assert client.draft.count() == {"total_count": 1}
        client.draft.update(media_id, 0, _article(client, title="环评公示（更正）"))
        assert client.draft.get(media_id)["news_item"][0]["title"] == "环评公示（更正）"
        assert client.draft.batchget(no_content=1)["item"][0]["media_id"] == media_id
        assert _refused(lambda: client.draft.update(media_id, 1, _article(client))) == 40114
        client.draft.delete(media_id)
        assert _refused(lambda: client.draft.get(media_id)) == 40007
        assert _refused(lambda: _draft(client, title="题" * 33)) == 45003

    await _do(_story)


async def test_freepublish(sandbox: Platform, client: Client) -> None:
    def _submit() -> str:
        return str(client.freepublish.submit(_draft(client))["publish_id"])

    publish_id = await _do(_submit)
    await sandbox.finished(publish_id)

    def _published() -> None:
        article_id = client.freepublish.get(publish_id)["article_id"]
        assert client.freepublish.getarticle(article_id)["news_item"][0]["title"] == "环评公示"
        assert client.freepublish.batchget(0, 20)["total_count"] == 1
        client.freepublish.delete(article_id, 1)
        assert client.freepublish.get(publish_id)["publish_status"] == 5
        assert _refused(lambda: client.freepublish.get("1")) == 53502

    await _do(_published)


async def test_mass_messages(sandbox: Platform, client: Client) -> None:
    openids = await sandbox.followers(3)

    def _story() -> None:
        tag = client.tag.create("集宁区")["id"]
        client.tag.tag_user(tag, openids[0])
        assert client.message.send_mass_article(_draft(client), openids[0], preview=True)["msg_id"]
        sent = client.message.send_mass_article(_draft(client), is_to_all=True, client_msg_id="edition-1")
        assert sent["errmsg"] == "send job submission success"
        assert client.message.get_mass(sent["msg_id"])["msg_status"] in ("SENDING", "SEND_SUCCESS")
        client.message.send_mass_text("通知", tag, client_msg_id="edition-2")
        picture = client.media.upload("image", _file(image(), "a.png"))["media_id"]
        client.message.send_mass_image(picture, openids)
        voice = client.media.upload("voice", _file(amr(10), "a.amr"))["media_id"]
        client.message.send_mass_voice(voice, openids)
        film = client.media.upload("video", _file(mp4(), "a.mp4"))["media_id"]
        film = client.media.upload_video(film, "开放日", "现场")["media_id"]
        client.message.send_mass_video(film, tag)
        assert (
            _refused(lambda: client.message.send_mass_text("通知", tag, client_msg_id="edition-2")) == 45066
        )
        assert _refused(lambda: client.message.send_mass_text("通知", 999)) == 40152
        assert _refused(lambda: client.message.send_mass_text("通知", openids[:1])) == 40130
        assert _refused(lambda: client.message.send_mass_card("card", is_to_all=True)) == 48008
        assert _refused(lambda: client.message.delete_mass(1)) == 40059

    await _do(_story)
    assert [push["msgtype"] for push in await sandbox.control("wechat/pushes")] == [
        "mpnews", "text", "image", "voice", "mpvideo",
    ]  # fmt: skip


async def test_templates(sandbox: Platform, client: Client) -> None:
    (openid,) = await sandbox.followers(1)

    def _story() -> None:
        client.template.set_industry(21, 1)
        assert client.template.get_industry()["primary_industry"] == {
            "first_class": "政府与公共事业",
            "second_class": "公共事业非盈利机构",
        }
        template_id = client.template.get("OPENTM207498902")
        (template,) = client.template.get_all_private_template()["template_list"]
        assert "{{keyword1.DATA}}" in template["content"]
        data = {"keyword1": {"value": "环评公示"}, "keyword2": {"value": "2026年11月23日"}}
        sent = client.message.send_template(openid, template_id, data, url="https://sthjj.example.cn/p/1")
        assert isinstance(sent["msgid"], int)
        assert _refused(lambda: client.message.send_template(openid, "none", data)) == 40037
        assert _refused(lambda: client.message.send_template("o" * 28, template_id, data)) == 40003
        assert _refused(lambda: client.message.send_template(openid, template_id, {})) == 47003
        client.template.del_private_template(template_id)
        assert client.template.get_all_private_template() == {"template_list": []}

    await _do(_story)


async def test_subscription_notices(sandbox: Platform, client: Client) -> None:
    (openid,) = await sandbox.followers(1)

    def _choose() -> str:
        assert client.template.get_category()[0]["name"] == "环境保护"
        count, titles = client.template.get_subscribe_message_template_titles(0, 2)
        assert (count, len(titles)) == (3, 2)
        _, keywords = client.template.get_subscribe_message_template_keywords("2001")
        assert keywords[0] == {"kid": 1, "name": "项目名称", "example": "项目名称", "rule": "thing"}
        template_id = client.template.add_subscribe_message_template("2001", [1, 2], "环评公示")
        assert client.template.get_subscribe_message_templates()[0]["priTmplId"] == template_id
        return str(template_id)

    template_id = await _do(_choose)
    data = {"thing1": {"value": "某某项目"}, "date2": {"value": "2026年11月23日"}}
    assert (
        await _do(lambda: _refused(lambda: client.message.send_subscribe_message(openid, template_id, data)))
        == 43101
    )
    accepted = {"TemplateId": template_id, "SubscribeStatusString": "accept", "PopupScene": 1}
    await sandbox.control(
        "events",
        {
            "type": "subscribe_msg_popup_event",
            "openid": openid,
            "SubscribeMsgPopupEvent": {"List": [accepted]},
        },
    )

    def _send() -> None:
        client.message.send_subscribe_message(openid, template_id, data)
        client.template.del_subscribe_message_template(template_id)
        assert client.template.get_subscribe_message_templates() == []

    await _do(_send)


async def test_customer_messages(sandbox: Platform, client: Client) -> None:
    (openid,) = await sandbox.followers(1)
    assert await _do(lambda: _refused(lambda: client.message.send_text(openid, "您好"))) == 45015
    await sandbox.text_from(openid)

    def _story() -> None:
        picture = client.media.upload("image", _file(image(), "a.png"))["media_id"]
        client.message.send_text(openid, "您好")
        client.message.send_image(openid, picture)
        article = {"title": "办事指南", "description": "说明", "url": "https://sthjj.example.cn"}
        client.message.send_articles(openid, [article])
        client.message.send_msg_menu(
            openid, {"head_content": "满意吗？", "list": [{"id": "1", "content": "满意"}]}
        )
        assert _refused(lambda: client.message.send_articles(openid, [article] * 2)) == 45008
        assert _refused(lambda: client.message.send_link(openid, article)) == 40008
        assert _refused(lambda: client.message.send_image(openid, "none")) == 40007
        assert _refused(lambda: client.message.send_text(openid, "您好", account="a@gh")) == 61452
        client.message.send_text(openid, "再见")
        assert _refused(lambda: client.message.send_text(openid, "还有")) == 45047

    await _do(_story)


async def test_menus(client: Client) -> None:
    def _story() -> None:
        assert client.menu.get() is None
        below = [{"type": "view", "name": "公示", "url": "https://sthjj.example.cn"}]
        menu = {
            "button": [{"type": "click", "name": "空气", "key": "air"}, {"name": "公开", "sub_button": below}]
        }
        client.menu.create(menu)
        kept = client.menu.get()["menu"]["button"]
        assert kept == [{**menu["button"][0], "sub_button": []}, menu["button"][1]]
        info = client.menu.get_menu_info()
        assert info["is_menu_open"] == 1
        assert info["selfmenu_info"]["button"][1]["sub_button"] == {"list": below}
        assert _refused(lambda: client.menu.create({"menu": menu})) == 40016
        client.menu.delete()
        assert client.menu.get() is None

    await _do(_story)


async def test_an_exhausted_day_is_told_as_wechatpy_expects_it(sandbox: Platform, client: Client) -> None:
    await sandbox.limit(**{"/cgi-bin/draft/count": 0})

    def _story() -> None:
        with pytest.raises(APILimitedException):
            client.draft.count()

    await _do(_story)


async def test_an_account_without_the_right_is_told_so(sandbox: Platform) -> None:
    client = Client(sandbox.url, sandbox.unverified)

    def _story() -> None:
        for act in (
            lambda: client.user.get_followers(),
            lambda: client.tag.get(),
            lambda: client.freepublish.submit("x"),
            lambda: client.message.send_mass_text("通知", is_to_all=True),
            lambda: client.template.get_all_private_template(),
            lambda: client.message.send_template("x", "x", {}),
            lambda: client.message.send_subscribe_message("x", "x", {}),
            lambda: client.message.send_text("x", "您好"),
            lambda: client.menu.get(),
        ):
            assert _refused(act) == 48001
        assert _draft(client)

    await _do(_story)
    client._http.close()
