from __future__ import annotations

import asyncio
from typing import Any

import pytest

from .platform import Platform, Service, opened


async def _tag(sandbox: Platform, name: str = "集宁") -> int:
    return int((await sandbox.post("/cgi-bin/tags/create", {"tag": {"name": name}}))["tag"]["id"])


async def test_followers_come_ten_thousand_a_page(sandbox: Platform) -> None:
    assert await sandbox.control("followers", {"count": 10_001}) == {
        "account": sandbox.wechat["appid"],
        "count": 10_001,
    }
    first = await sandbox.query("/cgi-bin/user/get")
    assert (first["total"], first["count"]) == (10_001, 10_000)
    assert first["next_openid"] == first["data"]["openid"][-1]
    second = await sandbox.query("/cgi-bin/user/get", next_openid=first["next_openid"])
    assert (second["total"], second["count"]) == (10_001, 1)
    assert len({*first["data"]["openid"], *second["data"]["openid"]}) == 10_001
    last = await sandbox.query("/cgi-bin/user/get", next_openid=second["next_openid"])
    assert last == {"total": 10_001, "count": 0, "next_openid": ""}


async def test_followers_made_at_the_same_time_are_all_there(sandbox: Platform) -> None:
    await asyncio.gather(*(sandbox.control("followers", {"count": 15_000}) for _ in range(2)))
    assert (await sandbox.control("followers"))["count"] == 30_000


async def test_an_account_without_followers_has_no_data(sandbox: Platform) -> None:
    assert await sandbox.query("/cgi-bin/user/get") == {"total": 0, "count": 0, "next_openid": ""}


async def test_followers_are_an_accounts_own(sandbox: Platform) -> None:
    other = sandbox.unverified["appid"]
    await sandbox.control("followers", {"count": 2})
    assert (await sandbox.control("followers", {"count": 3, "account": other}))["count"] == 3
    assert (await sandbox.control("followers"))["count"] == 2
    assert (await sandbox.control(f"followers?account={other}"))["count"] == 3
    assert (await sandbox.control("followers", {"count": 2}))["count"] == 4


async def test_a_follower_is_told_as_much_as_the_platform_still_tells(sandbox: Platform) -> None:
    (openid,) = await sandbox.followers(1)
    tag = await _tag(sandbox)
    await sandbox.post("/cgi-bin/tags/members/batchtagging", {"openid_list": [openid], "tagid": tag})
    person = await sandbox.query("/cgi-bin/user/info", openid=openid, lang="zh_CN")
    assert person == {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": person["subscribe_time"],
        "remark": "",
        "groupid": tag,
        "tagid_list": [tag],
        "subscribe_scene": "ADD_SCENE_SEARCH",
        "qr_scene": 0,
        "qr_scene_str": "",
    }
    batch = await sandbox.post("/cgi-bin/user/info/batchget", {"user_list": [{"openid": openid}]})
    assert batch == {"user_info_list": [person]}


async def test_who_leaves_is_known_by_openid_alone_and_loses_the_tags(
    sandbox: Platform, service: Service
) -> None:
    first, second = await sandbox.followers(2)
    tag = await _tag(sandbox)
    await sandbox.post("/cgi-bin/tags/members/batchtagging", {"openid_list": [first], "tagid": tag})
    await sandbox.control("events", {"type": "unsubscribe", "openid": first})
    event = opened(sandbox.wechat, await service.pushes.get())
    assert (event["Event"], event["FromUserName"]) == ("unsubscribe", first)
    assert (await sandbox.query("/cgi-bin/user/get"))["data"]["openid"] == [second]
    assert await sandbox.query("/cgi-bin/user/info", openid=first) == {"subscribe": 0, "openid": first}
    assert await sandbox.post("/cgi-bin/user/tag/get", {"tagid": tag}) == {"count": 0}

    await sandbox.control("events", {"type": "subscribe", "openid": first})
    assert (await sandbox.query("/cgi-bin/user/info", openid=first))["subscribe"] == 1


async def test_who_subscribes_or_writes_is_a_follower(sandbox: Platform) -> None:
    await sandbox.control("events", {"type": "subscribe", "openid": "oNew".ljust(28, "1")})
    await sandbox.text_from("oNew".ljust(28, "2"))
    assert (await sandbox.query("/cgi-bin/user/get"))["total"] == 2


async def test_the_members_of_a_tag_come_in_pages_too(sandbox: Platform) -> None:
    openids = await sandbox.followers(3)
    tag = await _tag(sandbox)
    await sandbox.post("/cgi-bin/tags/members/batchtagging", {"openid_list": openids, "tagid": tag})
    page = await sandbox.post("/cgi-bin/user/tag/get", {"tagid": tag, "next_openid": openids[0]})
    assert page == {"count": 2, "data": {"openid": openids[1:]}, "next_openid": openids[2]}
    tags = (await sandbox.query("/cgi-bin/tags/get"))["tags"]
    assert tags == [
        {"id": 2, "name": "星标组", "count": 0},
        {"id": tag, "name": "集宁", "count": 3},
    ]


async def test_the_blacklist_comes_a_thousand_a_page(sandbox: Platform) -> None:
    openids = (await sandbox.followers(1001))[:1001]
    for start in range(0, 1001, 20):
        body = {"openid_list": openids[start : start + 20]}
        assert await sandbox.code("/cgi-bin/tags/members/batchblacklist", body) == 0
    first = await sandbox.post("/cgi-bin/tags/members/getblacklist", {"begin_openid": ""})
    assert (first["total"], first["count"], first["next_openid"]) == (1001, 1000, openids[999])
    second = await sandbox.post("/cgi-bin/tags/members/getblacklist", {"begin_openid": openids[999]})
    assert second["data"]["openid"] == openids[1000:]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/cgi-bin/user/info/batchget", {"user_list": "x"}, 40031),
        ("/cgi-bin/user/info/batchget", {"user_list": [{"openid": "x"}]}, 40003),
        ("/cgi-bin/user/info/updateremark", {"openid": "x", "remark": ""}, 40003),
        ("/cgi-bin/tags/create", {"tag": {"name": " "}}, 45157),
        ("/cgi-bin/tags/create", {"tag": {"name": "星标组"}}, 45157),
        ("/cgi-bin/tags/create", {"name": "集宁"}, 45157),
        ("/cgi-bin/tags/update", {"tag": {"id": 2, "name": "集宁"}}, 45058),
        ("/cgi-bin/tags/update", {"tag": {"id": 999, "name": "集宁"}}, 45159),
        ("/cgi-bin/tags/delete", {"tag": {"id": 0}}, 45058),
        ("/cgi-bin/tags/delete", {"tag": {"id": "x"}}, 45159),
        ("/cgi-bin/tags/members/batchtagging", {"openid_list": ["x"], "tagid": 2}, 40003),
        ("/cgi-bin/tags/members/batchtagging", {"openid_list": "x", "tagid": 2}, 40031),
        ("/cgi-bin/tags/members/batchuntagging", {"openid_list": ["x"], "tagid": 999}, 45159),
        ("/cgi-bin/tags/getidlist", {"openid": "x"}, 40003),
        ("/cgi-bin/user/tag/get", {"tagid": 999}, 45159),
        ("/cgi-bin/user/tag/get", {"tagid": 2, "next_openid": "x"}, 40003),
        ("/cgi-bin/tags/members/getblacklist", {"begin_openid": "x"}, 40003),
        ("/cgi-bin/tags/members/batchblacklist", {}, 40031),
    ],
)
async def test_what_is_wrong_has_a_code(sandbox: Platform, path: str, body: Any, code: int) -> None:
    assert await sandbox.code(path, body) == code


async def test_openids_of_nobody_are_refused_in_the_address_too(sandbox: Platform) -> None:
    assert (await sandbox.query("/cgi-bin/user/info"))["errcode"] == 41009
    assert (await sandbox.query("/cgi-bin/user/info", openid="x"))["errcode"] == 40003
    assert (await sandbox.query("/cgi-bin/user/get", next_openid="x"))["errcode"] == 40003


async def test_two_tags_of_an_account_have_two_names(sandbox: Platform) -> None:
    first = await _tag(sandbox)
    second = await _tag(sandbox, "丰镇")
    assert await sandbox.code("/cgi-bin/tags/create", {"tag": {"name": "集宁"}}) == 45157
    assert await sandbox.code("/cgi-bin/tags/update", {"tag": {"id": second, "name": "集宁"}}) == 45157
    assert await sandbox.code("/cgi-bin/tags/update", {"tag": {"id": first, "name": "集宁"}}) == 0


@pytest.mark.parametrize("body", [{"count": -1}, {"count": "1"}, {}, {"count": 1, "account": "wx"}])
async def test_followers_that_make_no_sense_are_refused(sandbox: Platform, body: object) -> None:
    async with sandbox.http.post(f"{sandbox.url}/_sandbox/followers", json=body) as response:
        assert response.status == 400
