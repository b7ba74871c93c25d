"""网页授权: as strict as the contract sheet."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .platform import Platform

BACK = "http://127.0.0.1:8080/follow/x/entered"
ASKED = {"redirect_uri": BACK, "response_type": "code", "scope": "snsapi_base", "state": "abc123"}


async def authorised(sandbox: Platform, *, cookie: str = "", **changes: Any) -> tuple[dict[str, str], str]:
    """What comes back to the service, and what the page says where nothing does."""
    query = {"appid": sandbox.wechat["appid"], **ASKED, **changes}
    async with sandbox.http.get(
        f"{sandbox.url}/connect/oauth2/authorize",
        params=query,
        headers={"Cookie": cookie},
        allow_redirects=False,
    ) as response:
        target = urlsplit(response.headers.get("Location", ""))
        assert not target.query or f"{target.scheme}://{target.netloc}{target.path}" == BACK
        return {name: values[0] for name, values in parse_qs(target.query).items()}, await response.text()


async def exchanged(sandbox: Platform, code: str, **changes: str) -> dict[str, Any]:
    own = {name: sandbox.wechat[name] for name in ("appid", "secret")}
    query = {**own, "code": code, "grant_type": "authorization_code", **changes}
    return await sandbox.get("/sns/oauth2/access_token", **query)


async def test_a_code_stands_for_one_person_once_and_for_five_minutes(sandbox: Platform) -> None:
    back, _ = await authorised(sandbox)
    assert back["state"] == "abc123"
    granted = await exchanged(sandbox, back["code"])
    assert (granted["scope"], granted["expires_in"], len(granted["openid"])) == ("snsapi_base", 7200, 28)
    assert (await exchanged(sandbox, back["code"]))["errcode"] == 40163
    late, _ = await authorised(sandbox)
    sandbox.clock.forward(301)
    assert (await exchanged(sandbox, late["code"]))["errcode"] == 40029
    token = {"access_token": granted["access_token"], "openid": granted["openid"]}
    assert (await sandbox.get("/sns/auth", **token))["errcode"] == 0
    again = {"appid": sandbox.wechat["appid"], "grant_type": "refresh_token"}
    sandbox.clock.forward(7200)
    refreshed = await sandbox.get(
        "/sns/oauth2/refresh_token", **again, refresh_token=granted["refresh_token"]
    )
    assert refreshed["openid"] == granted["openid"]
    assert (await sandbox.get("/sns/auth", **token))["errcode"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appid": "wx0"}, 40013),
        ({"secret": "0" * 32}, 40125),
        ({}, 40029),
        ({"grant_type": "client_credential"}, 40002),
    ],
)
async def test_a_wrong_exchange_has_its_code(sandbox: Platform, changes: dict[str, str], code: int) -> None:
    assert (await exchanged(sandbox, "x", **changes))["errcode"] == code


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"appid": "wx0"}, "appid"),
        ({"redirect_uri": "https://elsewhere.example/"}, "域名"),
        ({"response_type": "token"}, "response_type"),
        ({"scope": "all"}, "scope"),
        ({"state": "a-b"}, "state"),
        ({"state": "a" * 129}, "state"),
    ],
)
async def test_what_is_asked_for_wrongly_leads_nowhere(
    sandbox: Platform, changes: dict[str, str], told: str
) -> None:
    back, page = await authorised(sandbox, **changes)
    assert (back, told in page) == ({}, True)
    assert "没有网页授权权限" in (await authorised(sandbox, appid=sandbox.unverified["appid"]))[1]


async def test_whose_phone_it_is_the_browser_says_and_previews_are_nobodys(sandbox: Platform) -> None:
    (person,) = await sandbox.followers(1)
    await sandbox.control("settings", {"snapshot_user": 1})
    back, _ = await authorised(sandbox, cookie=f"phone_{sandbox.wechat['appid']}={person}")
    granted = await exchanged(sandbox, back["code"])
    assert (granted["openid"], granted["is_snapshotuser"]) == (person, 1)
