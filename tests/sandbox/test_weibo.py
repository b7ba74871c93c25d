from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from outreach.sandbox.weibo.text import length

from .platform import LINK, Platform, image

CALLBACK = "http://127.0.0.1:8080/weibo/authorised"


async def test_a_shared_status_has_the_shape_of_the_official_sample(sandbox: Platform) -> None:
    status, answer = await sandbox.share()
    assert status == 200
    assert answer.keys() >= {
        "created_at", "id", "mid", "idstr", "text", "source", "favorited", "truncated", "in_reply_to_status_id",
        "in_reply_to_user_id", "in_reply_to_screen_name", "geo", "user", "reposts_count", "visible",
    }  # fmt: skip
    assert answer["mid"] == answer["idstr"]
    assert len(answer["idstr"]) == 16
    assert answer["id"] == int(answer["idstr"]) // 10_000 * 10_000
    assert answer["text"].startswith("环评公示 http://t.cn/")
    assert LINK not in answer["text"]
    rows = await sandbox.control("weibo/statuses")
    assert [(row["id"], row["account"]) for row in rows] == [(answer["idstr"], sandbox.weibo["uid"])]
    assert (rows[0]["text"], rows[0]["shown"]) == (f"环评公示 {LINK}", answer["text"])


async def test_a_status_may_have_140_characters_and_no_more(sandbox: Platform) -> None:
    text = "字" * 128 + "ab" + f" {LINK}"
    assert await sandbox.share_refusal(status=f"{text} ") == 0
    assert await sandbox.share_refusal(status=f"{text}字 ") == 20012


def test_half_width_characters_count_a_half_and_a_link_ten() -> None:
    assert [length(text) for text in ("", "a", "ab", "abc", "字a", "🌱")] == [0, 1, 1, 2, 2, 2]
    assert length(f"字{LINK}") == 11
    assert length(f"字{LINK}字") == 12


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": None}, 10016),
        ({"status": "  "}, 20008),
        ({"status": f"#环保# {LINK}"}, 10017),
        ({"status": f"一个 # 号 {LINK}#top"}, 0),
        ({"status": "没有链接"}, 10017),
        ({"status": "别处 https://example.com/127.0.0.1"}, 10017),
        ({"status": "别处 https://127.0.0.1.example.com/"}, 10017),
        ({"status": "别的端口 https://127.0.0.1:9999/x"}, 0),
        ({"rip": None}, 10016),
        ({"rip": "localhost"}, 10017),
        ({"pic": b"text"}, 20005),
        ({"pic": image("BMP")}, 20005),
        ({"pic": image(padding=5 * 1024 * 1024 - 1 - len(image()))}, 0),
        ({"pic": image(padding=5 * 1024 * 1024 - len(image()))}, 20006),
        ({"access_token": None}, 10006),
        ({"access_token": "2.00unknown"}, 21332),
    ],
)
async def test_what_is_wrong_with_a_status_has_a_code(
    sandbox: Platform, fields: dict[str, Any], code: int
) -> None:
    assert await sandbox.share_refusal(**fields) == code


async def test_an_error_comes_with_its_request_and_not_as_200(sandbox: Platform) -> None:
    assert await sandbox.share(status="没有链接") == (
        400,
        {"error": "text not find domain!", "error_code": 10017, "request": "/2/statuses/share.json"},
    )


async def test_the_security_domain_is_the_accounts(sandbox: Platform) -> None:
    await sandbox.control("accounts", {"uid": sandbox.weibo["uid"], "security_domains": ["sthjj.example.cn"]})
    assert await sandbox.share_refusal() == 10017
    assert await sandbox.share_refusal(status="公示 https://www.sthjj.example.cn:8443/p/1") == 0
    await sandbox.control("accounts", {"uid": sandbox.weibo["uid"], "security_domains": []})
    _, answer = await sandbox.share()
    assert answer["error"] == "appkey not bind domain!"


async def test_the_same_text_is_not_taken_twice(sandbox: Platform) -> None:
    assert await sandbox.share_refusal() == 0
    assert await sandbox.share_refusal() == 20019
    assert await sandbox.share_refusal(status=f"更正 {LINK}") == 0


async def test_a_user_posts_thirty_times_an_hour(sandbox: Platform) -> None:
    for number in range(30):
        assert await sandbox.share_refusal(status=f"{number} {LINK}") == 0
    status, answer = await sandbox.share(status=f"30 {LINK}")
    assert (status, answer["error_code"]) == (403, 10024)
    sandbox.clock.forward(3600)
    assert await sandbox.share_refusal(status=f"30 {LINK}") == 0


async def test_a_user_calls_a_hundred_times_a_day(sandbox: Platform) -> None:
    for _ in range(100):
        await sandbox.timeline()
    assert await sandbox.share_refusal() == 10023
    sandbox.clock.forward(24 * 3600)
    assert await sandbox.share_refusal() == 0


async def test_an_address_has_a_limit_of_its_own(sandbox: Platform) -> None:
    assert sandbox.weibo["limits"]["calls_per_hour_per_ip"] == 15_000
    await sandbox.control("accounts", {"uid": sandbox.weibo["uid"], "limits": {"calls_per_hour_per_ip": 1}})
    await sandbox.timeline()
    assert await sandbox.share_refusal() == 10022


async def test_the_timeline_shows_the_latest_five(sandbox: Platform) -> None:
    ids = [(await sandbox.share(status=f"{number} {LINK}"))[1]["idstr"] for number in range(6)]
    answer = await sandbox.timeline(base_app="1", count="50")
    assert [row["idstr"] for row in answer["statuses"]] == ids[:0:-1]
    assert answer["total_number"] == 6
    assert all("http://t.cn/" in row["text"] for row in answer["statuses"])
    later = await sandbox.timeline(since_id=ids[4])
    assert [row["idstr"] for row in later["statuses"]] == ids[5:]
    brief = await sandbox.timeline(trim_user="1")
    assert "user" not in brief["statuses"][0]


async def test_only_the_users_own_timeline_is_open(sandbox: Platform) -> None:
    query = {"access_token": sandbox.weibo["access_token"], "uid": "1"}
    async with sandbox.http.get(f"{sandbox.url}/2/statuses/user_timeline.json", params=query) as response:
        assert (response.status, (await response.json())["error_code"]) == (403, 10014)


async def test_unknown_paths_and_wrong_methods_are_refused(sandbox: Platform) -> None:
    async with sandbox.http.post(f"{sandbox.url}/2/statuses/update.json") as response:
        assert (await response.json())["error_code"] == 10020
    async with sandbox.http.get(f"{sandbox.url}/2/statuses/share.json") as response:
        assert (await response.json())["error_code"] == 10021


async def _authorised(sandbox: Platform, redirect_uri: str = CALLBACK, **fields: str) -> dict[str, list[str]]:
    """What the app is told after the user pressed the button."""
    values = {"client_id": sandbox.weibo["app_key"], "redirect_uri": redirect_uri, "state": "s1", **fields}
    url = f"{sandbox.url}/oauth2/authorize"
    async with sandbox.http.get(url, params=values) as response:
        assert "同意授权" in await response.text()
    async with sandbox.http.post(url, data=values, allow_redirects=False) as response:
        assert response.status == 302
        return parse_qs(urlsplit(response.headers["Location"]).query)


async def _redeemed(sandbox: Platform, code: str, **fields: str) -> dict[str, Any]:
    values = {
        "client_id": sandbox.weibo["app_key"],
        "client_secret": sandbox.weibo["app_secret"],
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
        "code": code,
    }
    async with sandbox.http.post(f"{sandbox.url}/oauth2/access_token", data={**values, **fields}) as response:
        return dict(await response.json())


async def test_an_authorised_app_gets_a_token_that_works(sandbox: Platform) -> None:
    told = await _authorised(sandbox)
    assert told["state"] == ["s1"]
    granted = await _redeemed(sandbox, told["code"][0])
    assert granted["uid"] == sandbox.weibo["uid"]
    assert await sandbox.share_refusal(access_token=granted["access_token"]) == 0
    url = f"{sandbox.url}/oauth2/get_token_info"
    async with sandbox.http.post(url, data={"access_token": granted["access_token"]}) as response:
        info = await response.json()
    assert info.keys() == {"uid", "appkey", "scope", "create_at", "expire_in"}
    assert 0 <= granted["expires_in"] - int(info["expire_in"]) < 5


async def test_a_code_works_once_and_for_ten_minutes(sandbox: Platform) -> None:
    code = (await _authorised(sandbox))["code"][0]
    assert "access_token" in await _redeemed(sandbox, code)
    assert (await _redeemed(sandbox, code))["error_code"] == 21325
    code = (await _authorised(sandbox))["code"][0]
    sandbox.clock.forward(601)
    assert (await _redeemed(sandbox, code))["error_code"] == 21325


async def test_a_code_belongs_to_its_app_and_redirect(sandbox: Platform) -> None:
    code = (await _authorised(sandbox))["code"][0]
    assert (await _redeemed(sandbox, code, client_secret="wrong"))["error_code"] == 21324
    assert (await _redeemed(sandbox, code, grant_type="password"))["error_code"] == 21328
    assert (await _redeemed(sandbox, code, redirect_uri=f"{CALLBACK}/2"))["error_code"] == 21322


async def test_a_redirect_elsewhere_is_refused(sandbox: Platform) -> None:
    query = {"client_id": sandbox.weibo["app_key"], "redirect_uri": "https://example.com/"}
    async with sandbox.http.get(f"{sandbox.url}/oauth2/authorize", params=query) as response:
        assert (response.status, (await response.json())["error_code"]) == (400, 21322)


async def test_a_user_may_refuse(sandbox: Platform) -> None:
    told = await _authorised(sandbox, refuse="1")
    assert told["error"] == ["access_denied"]
    assert "code" not in told


async def test_a_token_expires(sandbox: Platform) -> None:
    sandbox.clock.forward(157_680_000)
    assert await sandbox.share_refusal() == 21327


async def test_a_revoked_token_is_told_as_such(sandbox: Platform) -> None:
    token = {"access_token": sandbox.weibo["access_token"]}
    async with sandbox.http.post(f"{sandbox.url}/oauth2/revokeoauth2", data=token) as response:
        assert await response.json() == {"result": "true"}
    assert await sandbox.share_refusal() == 21316
    async with sandbox.http.post(
        f"{sandbox.url}/oauth2/revokeoauth2", data={"access_token": "x"}
    ) as response:
        assert (await response.json())["error_code"] == 21332


async def _read(sandbox: Platform, path: str, **query: str) -> Any:
    query["access_token"] = sandbox.weibo["access_token"]
    async with sandbox.http.get(f"{sandbox.url}/2/statuses/{path}.json", params=query) as response:
        return await response.json()


async def test_a_status_can_be_shown_and_counted(sandbox: Platform) -> None:
    _, shared = await sandbox.share()
    assert (await _read(sandbox, "show", id=shared["idstr"]))["text"] == shared["text"]
    assert (await _read(sandbox, "show", id="1"))["error_code"] == 20101
    assert (await _read(sandbox, "show"))["error_code"] == 20109
    assert await _read(sandbox, "count", ids=f"{shared['idstr']},1") == [
        {"id": shared["idstr"], "comments": 0, "reposts": 0, "attitudes": 0}
    ]
    assert (await _read(sandbox, "count"))["error_code"] == 10016


async def test_a_hundred_statuses_are_counted_at_once(sandbox: Platform) -> None:
    assert await _read(sandbox, "count", ids=",".join(["1"] * 100)) == []
    assert (await _read(sandbox, "count", ids=",".join(["1"] * 101)))["error_code"] == 10008


async def test_a_picture_that_is_no_part_is_refused(sandbox: Platform) -> None:
    assert await sandbox.share_refusal(pic="picture.png") == 20007


async def test_weibo_tells_what_is_left_of_the_calls(sandbox: Platform) -> None:
    await sandbox.share()
    told = await sandbox.get("/2/account/rate_limit_status.json", access_token=sandbox.weibo["access_token"])
    assert (told["user_limit"], told["remaining_user_hits"]) == (100, 98)  # the question is one itself
    (share,) = told["api_rate_limits"]
    assert share == {
        "api": "/statuses/share",
        "limit": 30,
        "limit_time_unit": "HOURS",
        "remaining_hits": 29,
    }
    assert (told["ip_limit"], told["remaining_ip_hits"]) == (15_000, 14_998)
    assert 0 < told["reset_time_in_seconds"] <= 3600
