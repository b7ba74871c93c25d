"""Every documented limit, at it and one past it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import pytest

from outreach.sandbox.limits import WECHAT_LIMITS
from outreach.sandbox.wechat.table import ENDPOINTS

from .platform import Platform, amr, image, mp3, mp4, wav

KIB: Final = 1024
MIB: Final = 1024 * KIB
LOUD: Final = mp3(2000, 320)
ADD_MATERIAL: Final = "/cgi-bin/material/add_material"
UPLOAD: Final = "/cgi-bin/media/upload"

# What the platform's pages say, as an account has it that was made without limits of its own.
DOCUMENTED: Final[Mapping[str, int]] = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "stable_token_per_minute": 10_000,
    "force_refresh_per_day": 20,
    "quota_clears_per_month": 10,
    "path_quota_clears_per_month": 50,
    "permanent_images": 100_000,
    "permanent_voices": 1000,
    "permanent_videos": 1000,
    "permanent_thumbs": 1000,
    "/cgi-bin/media/upload": 5000,
    "/cgi-bin/media/get": 10_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
    "tags": 100,
    "tags_per_follower": 20,
    "followers_of_a_deletable_tag": 100_000,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/message/mass/send": 100,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/message/mass/delete": 10,
    "mass_calls_per_minute": 60,
    "mass_per_day": 1,
    "mass_per_month": 4,
    "/cgi-bin/message/template/send": 100_000,
    "templates": 25,
    "industry_changes_per_month": 1,
    "/cgi-bin/message/custom/send": 500_000,
    "customer_messages_per_message": 5,
    "customer_messages_per_action": 3,
    "/cgi-bin/menu/create": 1000,
}


async def test_an_account_has_the_documented_limits(sandbox: Platform) -> None:
    limits = sandbox.wechat["limits"]
    assert {name: limits[name] for name in DOCUMENTED} == DOCUMENTED


@pytest.mark.parametrize("path", sorted(ENDPOINTS))
async def test_a_call_may_be_made_as_often_a_day_as_its_limit_says(sandbox: Platform, path: str) -> None:
    await sandbox.limit(**{path: 1})

    async def _call() -> int:
        if ENDPOINTS[path].method == "GET":
            async with sandbox.http.get(sandbox.url + path, params={"access_token": sandbox.token}) as answer:
                text = await answer.text()
        else:
            text = str(await sandbox.post(path, {"cgi_path": "/cgi-bin/draft/count", "appid": "wx"}))
        return 45009 if "45009" in text else 0

    assert await _call() == 0
    assert await _call() == 45009
    await sandbox.forward(24 * 3600)
    assert await _call() == 0


def test_each_path_of_the_table_has_a_limit() -> None:
    assert ENDPOINTS.keys() <= WECHAT_LIMITS.keys()


async def _tag(sandbox: Platform, number: int) -> int:
    return await sandbox.code("/cgi-bin/tags/create", {"tag": {"name": f"标签{number}"}})


async def _tag_of_one(sandbox: Platform, number: int) -> int:
    openid = (await sandbox.followers(1 if number == 0 else 0))[0]
    tag = (await sandbox.post("/cgi-bin/tags/create", {"tag": {"name": f"标签{number}"}}))["tag"]["id"]
    return await sandbox.code("/cgi-bin/tags/members/batchtagging", {"openid_list": [openid], "tagid": tag})


async def _mass_call(sandbox: Platform, _: int) -> int:
    """A call that counts and sends nothing."""
    code = await sandbox.code("/cgi-bin/message/mass/sendall", {"filter": {"is_to_all": True}})
    return 0 if code == 40008 else code


async def _push(sandbox: Platform, number: int) -> int:
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": f"通知{number}"}}
    return await sandbox.code("/cgi-bin/message/mass/sendall", body)


async def _push_of_a_subscription_account(sandbox: Platform, number: int) -> int:
    if number == 0:
        await sandbox.act_as(type="subscription")
    return await _push(sandbox, number)


async def _template(sandbox: Platform, number: int) -> int:
    return await sandbox.code(
        "/cgi-bin/template/api_add_template", {"template_id_short": f"TM{10000 + number}"}
    )


async def _industry(sandbox: Platform, number: int) -> int:
    body = {"industry_id1": "21", "industry_id2": str(number + 1)}
    return await sandbox.code("/cgi-bin/template/api_set_industry", body)


async def _customer_message(sandbox: Platform, number: int, cause: str) -> int:
    if number == 0:
        await sandbox.control("events", {"type": cause, "openid": "o" * 28, "content": "你好"})
    body = {"touser": "o" * 28, "msgtype": "text", "text": {"content": str(number)}}
    return await sandbox.code("/cgi-bin/message/custom/send", body)


async def _after_a_message(sandbox: Platform, number: int) -> int:
    return await _customer_message(sandbox, number, "text")


async def _after_a_click(sandbox: Platform, number: int) -> int:
    return await _customer_message(sandbox, number, "CLICK")


async def _clear(sandbox: Platform, _: int) -> int:
    return await sandbox.code("/cgi-bin/clear_quota", {"appid": sandbox.wechat["appid"]})


async def _clear_a_path(sandbox: Platform, _: int) -> int:
    return await sandbox.code("/cgi-bin/openapi/quota/clear", {"cgi_path": "/cgi-bin/draft/count"})


async def _force(sandbox: Platform, _: int) -> int:
    sandbox.clock.forward(31)
    answer = await sandbox.stable_token(force=True)
    return int(answer.get("errcode", 0))


@pytest.mark.parametrize(
    ("limit", "act", "code"),
    [
        ("force_refresh_per_day", _force, 45009),
        ("quota_clears_per_month", _clear, 48006),
        ("path_quota_clears_per_month", _clear_a_path, 48006),
        ("tags", _tag, 45056),
        ("tags_per_follower", _tag_of_one, 45059),
        ("mass_calls_per_minute", _mass_call, 45011),
        ("mass_per_day", _push_of_a_subscription_account, 45028),
        ("mass_per_month", _push, 45028),
        ("templates", _template, 45026),
        ("industry_changes_per_month", _industry, 43100),
        ("customer_messages_per_message", _after_a_message, 45047),
        ("customer_messages_per_action", _after_a_click, 45047),
    ],
)
async def test_something_may_be_done_as_often_as_documented_and_no_oftener(
    sandbox: Platform, limit: str, act: Callable[[Platform, int], Awaitable[int]], code: int
) -> None:
    for number in range(DOCUMENTED[limit]):
        assert await act(sandbox, number) == 0, number
    assert await act(sandbox, DOCUMENTED[limit]) == code


@pytest.mark.parametrize(
    ("limit", "kind", "name", "content"),
    [
        ("permanent_images", "image", "a.png", image()),
        ("permanent_voices", "voice", "a.wav", wav(1)),
        ("permanent_videos", "video", "a.mp4", mp4()),
        ("permanent_thumbs", "thumb", "a.jpg", image("JPEG")),
    ],
)
async def test_the_library_holds_what_its_limit_says(
    sandbox: Platform, limit: str, kind: str, name: str, content: bytes
) -> None:
    await sandbox.limit(**{limit: 1})
    words = '{"title": "开放日", "introduction": "现场"}'
    first = await sandbox.upload(ADD_MATERIAL, content, name, description=words, type=kind)
    second = await sandbox.upload(ADD_MATERIAL, content, name, description=words, type=kind)
    assert "media_id" in first
    assert second["errcode"] == 45001


def _padded(content: bytes, size: int) -> bytes:
    return content + bytes(size - len(content))


@pytest.mark.parametrize(
    ("path", "kind", "name", "largest", "one_more", "code"),
    [
        (
            "/cgi-bin/media/uploadimg", "image", "a.png",
            _padded(image(), MIB - 1), _padded(image(), MIB), 40009,
        ),
        (ADD_MATERIAL, "image", "a.png", _padded(image(), 10 * MIB), _padded(image(), 10 * MIB + 1), 40009),
        (ADD_MATERIAL, "voice", "a.mp3", _padded(LOUD, 2 * MIB), _padded(LOUD, 2 * MIB + 1), 40010),
        (ADD_MATERIAL, "video", "a.mp4", _padded(mp4(), 10 * MIB), _padded(mp4(), 10 * MIB + 1), 40011),
        (
            ADD_MATERIAL, "thumb", "a.jpg",
            _padded(image("JPEG"), 64 * KIB), _padded(image("JPEG"), 64 * KIB + 1), 40012,
        ),
        (UPLOAD, "image", "a.png", _padded(image(), 10 * MIB), _padded(image(), 10 * MIB + 1), 40009),
        (UPLOAD, "voice", "a.mp3", _padded(LOUD, 2 * MIB), _padded(LOUD, 2 * MIB + 1), 40010),
        (UPLOAD, "video", "a.mp4", _padded(mp4(), 10 * MIB), _padded(mp4(), 10 * MIB + 1), 40011),
        (
            UPLOAD, "thumb", "a.jpg",
            _padded(image("JPEG"), 64 * KIB), _padded(image("JPEG"), 64 * KIB + 1), 40012,
        ),
        (ADD_MATERIAL, "voice", "a.wav", wav(60), wav(60.1), 45007),
        (ADD_MATERIAL, "voice", "a.mp3", mp3(2296), mp3(2298), 45007),
        (ADD_MATERIAL, "voice", "a.amr", amr(3000), amr(3001), 45007),
        (UPLOAD, "voice", "a.amr", amr(3000), amr(3001), 45007),
    ],
)  # fmt: skip
async def test_a_file_may_be_as_large_and_a_voice_as_long_as_documented(
    sandbox: Platform, path: str, kind: str, name: str, largest: bytes, one_more: bytes, code: int
) -> None:
    words = '{"title": "开放日", "introduction": ""}'
    taken = await sandbox.upload(path, largest, name, description=words, type=kind)
    assert "errcode" not in taken
    refused = await sandbox.upload(path, one_more, name, description=words, type=kind)
    assert refused["errcode"] == code


async def _openids(sandbox: Platform, count: int) -> list[str]:
    openids = await sandbox.followers(min(count, 3))
    return (openids * count)[:count]


async def _infos(sandbox: Platform, count: int) -> int:
    users = [{"openid": openid} for openid in await _openids(sandbox, count)]
    return await sandbox.code("/cgi-bin/user/info/batchget", {"user_list": users})


async def _tagged(sandbox: Platform, count: int) -> int:
    openids = await _openids(sandbox, count)
    tag = (await sandbox.post("/cgi-bin/tags/create", {"tag": {"name": "集宁"}}))["tag"]["id"]
    return await sandbox.code("/cgi-bin/tags/members/batchtagging", {"openid_list": openids, "tagid": tag})


async def _untagged(sandbox: Platform, count: int) -> int:
    body = {"openid_list": await _openids(sandbox, count), "tagid": 2}
    return await sandbox.code("/cgi-bin/tags/members/batchuntagging", body)


async def _blocked(sandbox: Platform, count: int) -> int:
    body = {"openid_list": await _openids(sandbox, count)}
    return await sandbox.code("/cgi-bin/tags/members/batchblacklist", body)


async def _pushed(sandbox: Platform, count: int) -> int:
    await sandbox.control("followers", {"count": count})
    first = await sandbox.query("/cgi-bin/user/get")
    openids = first["data"]["openid"]
    if count > len(openids):
        openids += (await sandbox.query("/cgi-bin/user/get", next_openid=first["next_openid"]))["data"][
            "openid"
        ]
    body = {"touser": openids, "msgtype": "text", "text": {"content": "通知"}}
    return await sandbox.code("/cgi-bin/message/mass/send", body)


async def _listed(sandbox: Platform, count: int, path: str, **fields: Any) -> int:
    return await sandbox.code(path, {"offset": 0, "count": count, **fields})


async def _listed_drafts(sandbox: Platform, count: int) -> int:
    return await _listed(sandbox, count, "/cgi-bin/draft/batchget")


async def _listed_material(sandbox: Platform, count: int) -> int:
    return await _listed(sandbox, count, "/cgi-bin/material/batchget_material", type="image")


async def _listed_articles(sandbox: Platform, count: int) -> int:
    return await _listed(sandbox, count, "/cgi-bin/freepublish/batchget")


async def _articles(sandbox: Platform, count: int) -> int:
    return await sandbox.code("/cgi-bin/draft/add", {"articles": [await sandbox.article()] * count})


async def _pictures(sandbox: Platform, count: int) -> int:
    images = [{"image_media_id": await sandbox.cover()}] * count
    article = {"article_type": "newspic", "title": "开放日", "content": "现场"}
    return await sandbox.code(
        "/cgi-bin/draft/add", {"articles": [{**article, "image_info": {"image_list": images}}]}
    )


async def _news_to_one(sandbox: Platform, count: int) -> int:
    await sandbox.text_from("o" * 28)
    articles = [{"title": "办事指南", "description": "", "url": "https://e.cn", "picurl": ""}] * count
    body = {"touser": "o" * 28, "msgtype": "news", "news": {"articles": articles}}
    return await sandbox.code("/cgi-bin/message/custom/send", body)


async def _keywords(sandbox: Platform, count: int) -> int:
    body = {"tid": "2002", "kidList": [1, 2, 3, 4, 5, 1][:count], "sceneDesc": "空气质量"}
    return await sandbox.code("/wxaapi/newtmpl/addtemplate", body)


async def _buttons(sandbox: Platform, count: int) -> int:
    button = {"type": "click", "name": "空气", "key": "air"}
    return await sandbox.code("/cgi-bin/menu/create", {"button": [button] * count})


async def _buttons_below(sandbox: Platform, count: int) -> int:
    below = [{"type": "click", "name": "空气", "key": "air"}] * count
    return await sandbox.code("/cgi-bin/menu/create", {"button": [{"name": "公开", "sub_button": below}]})


@pytest.mark.parametrize(
    ("act", "fewest", "too_few", "most", "too_many"),
    [
        (_infos, 1, 40032, 100, 40032),
        (_tagged, 1, 40032, 50, 40032),
        (_untagged, 1, 40032, 50, 40032),
        (_blocked, 1, 40032, 20, 40032),
        (_pushed, 2, 40130, 10_000, 40032),
        (_listed_drafts, 1, 40035, 20, 40035),
        (_listed_material, 1, 40035, 20, 40035),
        (_listed_articles, 1, 40035, 20, 40035),
        (_articles, 1, 44003, 8, 45008),
        (_pictures, 1, 40035, 20, 40035),
        (_news_to_one, 1, 44003, 1, 45008),
        (_keywords, 2, 200020, 5, 200020),
        (_buttons, 1, 40016, 3, 40016),
        (_buttons_below, 1, 40015, 5, 40023),
    ],
)
async def test_a_list_has_a_least_and_a_greatest_length(
    sandbox: Platform,
    act: Callable[[Platform, int], Awaitable[int]],
    fewest: int,
    too_few: int,
    most: int,
    too_many: int,
) -> None:
    async def _anew(count: int) -> int:
        await sandbox.control("reset", {})
        return await act(sandbox, count)

    assert await _anew(fewest) == 0
    if act is not _pushed:  # needs one follower at least to be told
        assert await _anew(fewest - 1) == too_few
    assert await _anew(most) == 0
    assert await _anew(most + 1) == too_many


def _menu(**button: str) -> dict[str, Any]:
    return {"button": [{"type": "click", "name": "空气", "key": "air", **button}]}


def _menu_below(**button: str) -> dict[str, Any]:
    return {"button": [{"name": "公开", "sub_button": _menu(**button)["button"]}]}


@pytest.mark.parametrize(
    ("path", "body", "longest", "code"),
    [
        ("/cgi-bin/tags/create", lambda text: {"tag": {"name": text}}, "集" * 30, 45158),
        ("/cgi-bin/menu/create", lambda text: _menu(name=text), "空" * 5 + "a", 40018),
        ("/cgi-bin/menu/create", lambda text: _menu(key=text), "k" * 128, 40019),
        (
            "/cgi-bin/menu/create", lambda text: _menu(type="view", url=text),
            "https://e.cn/" + "p" * 1011, 40020,
        ),
        ("/cgi-bin/menu/create", lambda text: _menu_below(name=text), "空" * 13 + "a", 40025),
        ("/cgi-bin/menu/create", lambda text: _menu_below(key=text), "k" * 128, 40026),
        (
            "/cgi-bin/menu/create", lambda text: _menu_below(type="view", url=text),
            "https://e.cn/" + "p" * 1011, 40027,
        ),
        (
            "/cgi-bin/message/mass/sendall",
            lambda text: {
                "filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "通知"}, "clientmsgid": text,
            },
            "c" * 32, 45067,
        ),
        (
            "/wxaapi/newtmpl/addtemplate",
            lambda text: {"tid": "2001", "kidList": [1, 2], "sceneDesc": text}, "景" * 15, 200021,
        ),
    ],
)  # fmt: skip
async def test_a_text_may_be_as_long_as_documented_and_no_longer(
    sandbox: Platform, path: str, body: Callable[[str], Any], longest: str, code: int
) -> None:
    assert await sandbox.code(path, body(longest)) == 0
    await sandbox.control("reset", {})
    assert await sandbox.code(path, body(longest + "a")) == code


async def test_a_remark_stays_below_thirty_bytes(sandbox: Platform) -> None:
    (openid,) = await sandbox.followers(1)
    path = "/cgi-bin/user/info/updateremark"
    assert await sandbox.code(path, {"openid": openid, "remark": "热心居民" * 2 + "居aa"}) == 0
    assert await sandbox.code(path, {"openid": openid, "remark": "热心居民" * 2 + "居民"}) == 40092


async def test_a_tag_of_more_than_a_hundred_thousand_followers_stays(sandbox: Platform) -> None:
    await sandbox.limit(followers_of_a_deletable_tag=2)
    openids = await sandbox.followers(3)
    tag = (await sandbox.post("/cgi-bin/tags/create", {"tag": {"name": "集宁"}}))["tag"]["id"]
    await sandbox.post("/cgi-bin/tags/members/batchtagging", {"openid_list": openids, "tagid": tag})
    assert await sandbox.code("/cgi-bin/tags/delete", {"tag": {"id": tag}}) == 45057
    await sandbox.post("/cgi-bin/tags/members/batchuntagging", {"openid_list": openids[:1], "tagid": tag})
    assert await sandbox.code("/cgi-bin/tags/delete", {"tag": {"id": tag}}) == 0


async def test_notice_templates_are_twenty_five(sandbox: Platform) -> None:
    assert sandbox.wechat["limits"]["notice_templates"] == 25
    await sandbox.limit(notice_templates=1)
    body = {"tid": "2001", "kidList": [1, 2], "sceneDesc": "环评公示"}
    assert await sandbox.code("/wxaapi/newtmpl/addtemplate", body) == 0
    assert await sandbox.code("/wxaapi/newtmpl/addtemplate", {**body, "kidList": [1, 3]}) == 200012


async def test_the_stable_token_is_asked_for_as_often_a_minute_as_documented(sandbox: Platform) -> None:
    await sandbox.control("reset", {})
    await sandbox.limit(stable_token_per_minute=2)
    await sandbox.stable_token()
    assert "access_token" in await sandbox.stable_token()
    assert (await sandbox.stable_token())["errcode"] == 45011
    sandbox.clock.forward(60)
    assert "access_token" in await sandbox.stable_token()


@pytest.mark.parametrize(("offset_s", "code"), [(-2, 0), (2, 40007)])
async def test_temporary_material_lives_for_three_days(sandbox: Platform, offset_s: int, code: int) -> None:
    media_id = (await sandbox.upload(UPLOAD, amr(9), "a.amr", type="voice"))["media_id"]
    await sandbox.forward(3 * 24 * 3600 + offset_s)
    query = {"access_token": sandbox.token, "media_id": media_id}
    async with sandbox.http.get(f"{sandbox.url}/cgi-bin/media/get", params=query) as response:
        assert (await response.read() == amr(9)) is (code == 0)
