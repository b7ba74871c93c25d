from __future__ import annotations

from typing import Any

from .platform import Platform


async def _works(sandbox: Platform, token: str) -> int:
    answer = await sandbox.get("/cgi-bin/getcallbackip", access_token=token)
    return int(answer.get("errcode", 0))


async def _token(sandbox: Platform, **values: str) -> dict[str, Any]:
    query = {
        "grant_type": "client_credential",
        "appid": sandbox.wechat["appid"],
        "secret": sandbox.wechat["secret"],
    }
    return await sandbox.get("/cgi-bin/token", **{**query, **values})


async def test_a_token_comes_without_errcode_and_lives_two_hours(sandbox: Platform) -> None:
    answer = await _token(sandbox)
    assert answer.keys() == {"access_token", "expires_in"}
    assert answer["expires_in"] == 7200
    sandbox.clock.forward(7198)
    assert await _works(sandbox, answer["access_token"]) == 0
    sandbox.clock.forward(3)
    assert await _works(sandbox, answer["access_token"]) == 42001


async def test_a_new_token_leaves_the_old_one_five_minutes(sandbox: Platform) -> None:
    old, new = (await _token(sandbox))["access_token"], (await _token(sandbox))["access_token"]
    assert old != new
    sandbox.clock.forward(298)
    assert await _works(sandbox, old) == 0
    sandbox.clock.forward(3)
    assert await _works(sandbox, old) == 40001
    assert await _works(sandbox, new) == 0


async def test_the_stable_token_stays_the_same_with_what_is_left_of_it(sandbox: Platform) -> None:
    sandbox.clock.forward(100)
    answer = await sandbox.stable_token()
    assert answer["access_token"] == sandbox.token
    assert 7098 <= answer["expires_in"] <= 7100


async def test_the_stable_token_is_renewed_five_minutes_before_its_end(sandbox: Platform) -> None:
    sandbox.clock.forward(6905)
    renewed = (await sandbox.stable_token())["access_token"]
    assert renewed != sandbox.token
    assert await _works(sandbox, sandbox.token) == 0
    sandbox.clock.forward(301)
    assert await _works(sandbox, sandbox.token) == 42001
    assert await _works(sandbox, renewed) == 0


async def test_the_two_families_leave_each_other_alone(sandbox: Platform) -> None:
    await _token(sandbox)
    await _token(sandbox)
    sandbox.clock.forward(400)
    assert await _works(sandbox, sandbox.token) == 0


async def test_a_forced_refresh_kills_the_old_token_at_once(sandbox: Platform) -> None:
    forced = (await sandbox.stable_token(force=True))["access_token"]
    assert await _works(sandbox, sandbox.token) == 40001
    assert await _works(sandbox, forced) == 0
    assert (await sandbox.stable_token())["access_token"] == forced


async def test_forced_refreshes_stand_thirty_seconds_apart(sandbox: Platform) -> None:
    await sandbox.stable_token(force=True)
    sandbox.clock.forward(28)
    assert (await sandbox.stable_token(force=True))["errcode"] == 45011
    sandbox.clock.forward(3)
    assert "access_token" in await sandbox.stable_token(force=True)


async def test_forced_refreshes_are_twenty_a_day(sandbox: Platform) -> None:
    limits = sandbox.wechat["limits"]
    assert limits["force_refresh_per_day"] == 20
    await sandbox.control(
        "accounts", {"appid": sandbox.wechat["appid"], "limits": {"force_refresh_per_day": 1}}
    )
    await sandbox.stable_token(force=True)
    sandbox.clock.forward(31)
    assert (await sandbox.stable_token(force=True))["errcode"] == 45009


async def test_tokens_are_two_thousand_a_day(sandbox: Platform) -> None:
    assert sandbox.wechat["limits"]["/cgi-bin/token"] == 2000
    await sandbox.control("accounts", {"appid": sandbox.wechat["appid"], "limits": {"/cgi-bin/token": 2}})
    await _token(sandbox)
    assert "access_token" in await _token(sandbox)
    assert (await _token(sandbox))["errcode"] == 45009
    sandbox.clock.forward(24 * 3600)
    assert "access_token" in await _token(sandbox)


async def test_what_is_wrong_with_the_credentials_has_a_code_each(sandbox: Platform) -> None:
    assert (await _token(sandbox, grant_type="password"))["errcode"] == 40002
    assert (await _token(sandbox, appid=""))["errcode"] == 41002
    assert (await _token(sandbox, appid="wx0000000000000000"))["errcode"] == 40013
    assert (await _token(sandbox, secret=""))["errcode"] == 41004
    assert (await _token(sandbox, secret="short"))["errcode"] == 40125
    assert (await _token(sandbox, secret="0" * 32))["errcode"] == 40001


async def test_a_caller_outside_the_whitelist_is_told_its_address(sandbox: Platform) -> None:
    await sandbox.control("accounts", {"appid": sandbox.wechat["appid"], "ip_whitelist": ["192.0.2.1"]})
    answer = await sandbox.stable_token()
    assert answer["errcode"] == 40164
    assert "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: " in answer["errmsg"]


async def test_a_missing_and_an_unknown_token_are_refused(sandbox: Platform) -> None:
    assert await _works(sandbox, "") == 41001
    assert await _works(sandbox, "99_unknown") == 40001


async def test_unknown_paths_and_wrong_methods_are_refused(sandbox: Platform) -> None:
    answer = await sandbox.post("/cgi-bin/no/such", {})
    assert answer["errcode"] == 40066
    assert " rid: " in answer["errmsg"]
    assert (await sandbox.get("/datacube/nothing"))["errcode"] == 40066
    assert (await sandbox.get("/cgi-bin/draft/add", access_token=sandbox.token))["errcode"] == 43002
    assert (await sandbox.post("/cgi-bin/getcallbackip", {}))["errcode"] == 43001


async def test_the_quota_of_a_path_is_told(sandbox: Platform) -> None:
    await sandbox.get("/cgi-bin/draft/count", access_token=sandbox.token)
    answer = await sandbox.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/draft/count"})
    assert answer["errcode"] == 0
    assert answer["quota"]["used"] == 1
    assert answer["quota"]["remain"] == answer["quota"]["daily_limit"] - 1
    assert (await sandbox.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/nothing"}))[
        "errcode"
    ] == 76021


async def test_a_path_that_the_account_may_not_call_has_no_quota(sandbox: Platform) -> None:
    sandbox.token = (await sandbox.stable_token(sandbox.unverified))["access_token"]
    path = "/cgi-bin/openapi/quota/get"
    assert await sandbox.code(path, {"cgi_path": "/cgi-bin/freepublish/submit"}) == 76022
    assert await sandbox.code(path, {"cgi_path": "tags"}) == 76021
    mass = await sandbox.post(path, {"cgi_path": "/cgi-bin/draft/add"}, token=sandbox.token)
    assert mass["quota"]["daily_limit"] == 10_000


async def test_a_quota_a_minute_is_told_with_the_quota_a_day(sandbox: Platform) -> None:
    path = "/cgi-bin/message/mass/sendall"
    answer = await sandbox.post("/cgi-bin/openapi/quota/get", {"cgi_path": path})
    assert (answer["quota"]["daily_limit"], answer["rate_limit"]) == (
        100,
        {"call_count": 60, "refresh_second": 60},
    )


async def test_the_calls_of_a_day_can_be_forgotten(sandbox: Platform) -> None:
    await sandbox.limit(**{"/cgi-bin/draft/count": 1, "/cgi-bin/getcallbackip": 1})

    async def _spent(path: str) -> bool:
        return (await sandbox.query(path)).get("errcode") == 45009

    for path in ("/cgi-bin/draft/count", "/cgi-bin/getcallbackip"):
        assert [await _spent(path), await _spent(path)] == [False, True]
    await sandbox.post("/cgi-bin/openapi/quota/clear", {"cgi_path": "/cgi-bin/draft/count"})
    assert not await _spent("/cgi-bin/draft/count")
    assert await _spent("/cgi-bin/getcallbackip")
    await sandbox.post("/cgi-bin/clear_quota", {"appid": sandbox.wechat["appid"]})
    assert not await _spent("/cgi-bin/getcallbackip")
    assert await sandbox.code("/cgi-bin/clear_quota", {"appid": "wx"}) == 40013
    assert await sandbox.code("/cgi-bin/openapi/quota/clear", {"cgi_path": "/cgi-bin/nothing"}) == 76021


async def test_quotas_are_cleared_without_a_token_too_ten_times_a_month_together(sandbox: Platform) -> None:
    path = "/cgi-bin/clear_quota/v2"
    body = {"appid": sandbox.wechat["appid"], "appsecret": sandbox.wechat["secret"]}
    for _ in range(5):
        assert await sandbox.code(path, body, token="") == 0
        assert await sandbox.code("/cgi-bin/clear_quota", body) == 0
    assert await sandbox.code(path, body, token="") == 48006
    assert await sandbox.code(path, {**body, "appid": "wx"}, token="") == 40013
    assert await sandbox.code(path, {**body, "appsecret": "x"}, token="") == 40125
    assert await sandbox.code(path, {**body, "appsecret": ""}, token="") == 41004
    assert (await sandbox.get(path))["errcode"] == 43002
    await sandbox.forward(31 * 24 * 3600)
    assert await sandbox.code(path, body, token="") == 0


async def test_the_addresses_of_the_platform_are_told(sandbox: Platform) -> None:
    assert await sandbox.query("/cgi-bin/getcallbackip") == {"ip_list": ["127.0.0.1"]}
    assert await sandbox.query("/cgi-bin/get_api_domain_ip") == {"ip_list": ["127.0.0.0/8"]}
