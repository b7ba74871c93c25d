from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import xmltodict

from .platform import Platform, Service, opened


async def _submitted(sandbox: Platform, media_id: str) -> dict[str, Any]:
    return await sandbox.post("/cgi-bin/freepublish/submit", {"media_id": media_id})


async def test_a_submitted_draft_leaves_the_box_and_is_published_later(sandbox: Platform) -> None:
    await sandbox.control("settings", {"publish_delay_s": 0.3})
    media_id = await sandbox.draft()
    answer = await _submitted(sandbox, media_id)
    assert answer.keys() == {"errcode", "errmsg", "publish_id", "msg_data_id"}
    assert isinstance(answer["publish_id"], str)

    assert (await sandbox.post("/cgi-bin/draft/get", {"media_id": media_id}))["errcode"] == 40007
    assert (await _submitted(sandbox, media_id))["errcode"] == 40007
    under_way = await sandbox.post("/cgi-bin/freepublish/get", {"publish_id": answer["publish_id"]})
    assert under_way == {"publish_id": answer["publish_id"], "publish_status": 1, "fail_idx": []}
    assert await sandbox.control("wechat/articles") == []

    done = await sandbox.finished(answer["publish_id"])
    assert done["publish_status"] == 0
    assert done["article_detail"]["count"] == 1
    assert done["article_detail"]["item"][0]["idx"] == 1
    assert done["fail_idx"] == []


async def test_the_event_says_what_the_official_sample_says(sandbox: Platform, service: Service) -> None:
    done = await sandbox.finished(await sandbox.submit())
    push = await service.pushes.get()
    event = opened(sandbox.wechat, push)
    assert event["ToUserName"] == sandbox.wechat["original_id"]
    assert event["FromUserName"] == push[0]["openid"]
    assert len(event["FromUserName"]) == 28
    assert (event["MsgType"], event["Event"]) == ("event", "PUBLISHJOBFINISH")
    assert event["CreateTime"].isdecimal()
    assert event["PublishEventInfo"] == {
        "publish_id": done["publish_id"],
        "publish_status": "0",
        "article_id": done["article_id"],
        "article_detail": {
            "count": "1",
            "item": {"idx": "1", "article_url": done["article_detail"]["item"][0]["article_url"]},
        },
    }


async def test_several_articles_come_as_several_items(sandbox: Platform, service: Service) -> None:
    article = await sandbox.article()
    await sandbox.finished(await sandbox.submit(article, article))
    detail = opened(sandbox.wechat, await service.pushes.get())["PublishEventInfo"]["article_detail"]
    assert [item["idx"] for item in detail["item"]] == ["1", "2"]
    assert len({row["id"] for row in await sandbox.control("wechat/articles")}) == 2


async def test_a_rejected_publication_names_its_articles(sandbox: Platform, service: Service) -> None:
    await sandbox.control("settings", {"publish_status": 2})
    done = await sandbox.finished(await sandbox.submit())
    assert done == {"publish_id": done["publish_id"], "publish_status": 2, "fail_idx": [1]}
    info = opened(sandbox.wechat, await service.pushes.get())["PublishEventInfo"]
    assert info == {"publish_id": done["publish_id"], "publish_status": "2", "fail_idx": "1"}
    assert await sandbox.control("wechat/articles") == []


async def test_a_push_is_tried_three_times(sandbox: Platform, service: Service) -> None:
    service.refusals = 2
    answer = await sandbox.control("events", {"type": "text", "content": "你好"})
    assert (answer["delivered"], answer["tries"]) == (True, 3)
    service.refusals = 3
    answer = await sandbox.control("events", {"type": "text", "content": "你好"})
    assert (answer["delivered"], answer["tries"], answer["status"]) == (False, 3, 502)


async def test_the_address_of_an_article_shows_it(sandbox: Platform) -> None:
    done = await sandbox.finished(
        await sandbox.submit(await sandbox.article(title="公示甲", author="法规科"))
    )
    url = done["article_detail"]["item"][0]["article_url"]
    assert urlsplit(url).path == f"/s/{done['article_id']}"
    async with sandbox.http.get(url) as response:
        page = await response.text()
    assert "公示甲" in page
    assert "<p>正文</p>" in page


async def test_published_articles_are_listed_newest_first(sandbox: Platform) -> None:
    for title in ("甲", "乙"):
        await sandbox.finished(
            await sandbox.submit(await sandbox.article(title=title, content_source_url="http://a.cn"))
        )
    listed = await sandbox.post("/cgi-bin/freepublish/batchget", {"offset": 0, "count": 20, "no_content": 0})
    assert (listed["total_count"], listed["item_count"]) == (2, 2)
    assert [item["content"]["news_item"][0]["title"] for item in listed["item"]] == ["乙", "甲"]
    assert listed["item"][0]["content"]["news_item"][0]["content_source_url"] == "http://a.cn"
    assert (await sandbox.post("/cgi-bin/freepublish/batchget", {"offset": 0, "count": 21}))[
        "errcode"
    ] == 40035
    rows = await sandbox.control("wechat/articles")
    assert [row["title"] for row in rows] == ["甲", "乙"]
    assert rows[0].keys() >= {"id", "account", "title", "content", "url", "published_at"}


async def test_a_deleted_article_is_gone(sandbox: Platform) -> None:
    publish_id = await sandbox.submit()
    article_id = (await sandbox.finished(publish_id))["article_id"]
    named = {"article_id": article_id}
    assert (await sandbox.post("/cgi-bin/freepublish/getarticle", named))["news_item"][0][
        "is_deleted"
    ] is False
    for index in (2, -1, True, "1"):
        wrong = await sandbox.post("/cgi-bin/freepublish/delete", {**named, "index": index})
        assert wrong["errcode"] == 40114
    assert (await sandbox.post("/cgi-bin/freepublish/delete", {**named, "index": 1}))["errcode"] == 0
    assert (await sandbox.post("/cgi-bin/freepublish/delete", named))["errcode"] == 53600
    assert (await sandbox.post("/cgi-bin/freepublish/getarticle", named))["news_item"][0][
        "is_deleted"
    ] is True
    assert (await sandbox.finished(publish_id))["publish_status"] == 5
    assert (await sandbox.post("/cgi-bin/freepublish/batchget", {"offset": 0, "count": 20}))[
        "total_count"
    ] == 0
    assert await sandbox.control("wechat/articles") == []
    async with sandbox.http.get(f"{sandbox.url}/s/{article_id}") as response:
        assert "该内容已被发布者删除" in await response.text()


async def test_one_of_several_articles_can_be_deleted(sandbox: Platform) -> None:
    articles = [await sandbox.article(title="甲"), await sandbox.article(title="乙")]
    done = await sandbox.finished(await sandbox.submit(*articles))
    await sandbox.post("/cgi-bin/freepublish/delete", {"article_id": done["article_id"], "index": 1})
    assert [row["title"] for row in await sandbox.control("wechat/articles")] == ["乙"]
    assert (await sandbox.finished(done["publish_id"]))["publish_status"] == 0


async def test_unknown_ids_are_refused(sandbox: Platform) -> None:
    assert (await sandbox.post("/cgi-bin/freepublish/get", {"publish_id": "1"}))["errcode"] == 53502
    assert (await sandbox.post("/cgi-bin/freepublish/getarticle", {"article_id": "x"}))["errcode"] == 53600
    assert (await sandbox.post("/cgi-bin/freepublish/delete", {"article_id": "x"}))["errcode"] == 53600


async def test_an_unverified_account_saves_drafts_and_publishes_nothing(sandbox: Platform) -> None:
    sandbox.token = (await sandbox.stable_token(sandbox.unverified))["access_token"]
    media_id = await sandbox.draft()
    for call in ("submit", "get", "batchget", "getarticle", "delete"):
        assert (await sandbox.post(f"/cgi-bin/freepublish/{call}", {"media_id": media_id}))[
            "errcode"
        ] == 48001
    assert "news_item" in await sandbox.post("/cgi-bin/draft/get", {"media_id": media_id})


async def test_text_messages_events_and_repeated_results_can_be_pushed(
    sandbox: Platform, service: Service
) -> None:
    await sandbox.control("events", {"type": "text", "content": "查询]]>处罚", "openid": "o" * 28})
    message = opened(sandbox.wechat, await service.pushes.get())
    assert (message["MsgType"], message["Content"], message["FromUserName"]) == (
        "text",
        "查询]]>处罚",
        "o" * 28,
    )
    assert message["MsgId"].isdecimal()

    await sandbox.control("events", {"type": "subscribe", "EventKey": "qrscene_1"})
    message = opened(sandbox.wechat, await service.pushes.get())
    assert (message["Event"], message["EventKey"]) == ("subscribe", "qrscene_1")

    publish_id = await sandbox.submit()
    first = opened(sandbox.wechat, await service.pushes.get())
    answer = await sandbox.control("events", {"type": "PUBLISHJOBFINISH", "publish_id": publish_id})
    assert answer["delivered"] is True
    assert opened(sandbox.wechat, await service.pushes.get()) == first


async def test_an_account_without_a_key_is_pushed_to_in_plain(sandbox: Platform, service: Service) -> None:
    await sandbox.control("accounts", {"appid": sandbox.wechat["appid"], "encoding_aes_key": ""})
    await sandbox.control("events", {"type": "unsubscribe"})
    query, body = await service.pushes.get()
    assert "encrypt_type" not in query
    assert xmltodict.parse(body)["xml"]["Event"] == "unsubscribe"
