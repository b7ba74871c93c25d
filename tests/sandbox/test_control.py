from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from .platform import LINK, Platform, Service, image, platform

SUBMIT = "/cgi-bin/freepublish/submit"


async def _fault(
    sandbox: Platform, path: str, action: str, value: float | None = None, times: int = 1
) -> None:
    await sandbox.control("faults", {"path": path, "action": action, "value": value, "times": times})


async def test_the_demos_accounts_stand_in_their_order(sandbox: Platform, service: Service) -> None:
    assert [account["channel"] for account in sandbox.accounts] == ["wechat", "weibo", "wechat"]
    assert [account["verified"] for account in sandbox.accounts] == [True, True, False]
    assert sandbox.wechat["callback_url"] == f"{service.url}/callbacks/wechat/{sandbox.wechat['id']}"
    assert sandbox.weibo["security_domains"] == ["127.0.0.1"]
    for account in sandbox.accounts:
        assert account.keys() >= {
            "channel", "appid", "secret", "token", "encoding_aes_key", "callback_url", "security_domains", "limits",
        }  # fmt: skip


async def test_accounts_are_made_with_their_own_limits(sandbox: Platform) -> None:
    accounts = await sandbox.control("accounts", {"channel": "weibo", "limits": {"posts_per_hour": 1}})
    made = accounts[-1]
    assert made["limits"]["posts_per_hour"] == 1
    assert made["limits"]["calls_per_day"] == 100
    token = made["access_token"]
    assert await sandbox.share_refusal(access_token=token) == 0
    assert await sandbox.share_refusal(access_token=token, status=f"二 {LINK}") == 10024

    accounts = await sandbox.control("accounts", {"appid": "wx00000000000000ab", "verified": False})
    assert (accounts[-1]["appid"], accounts[-1]["channel"]) == ("wx00000000000000ab", "wechat")
    assert "access_token" in await sandbox.stable_token(accounts[-1])


async def test_an_account_is_taken_back_as_it_was_told(sandbox: Platform) -> None:
    for account in sandbox.accounts:
        assert await sandbox.control("accounts", account) == sandbox.accounts


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", {"channel": "site"}),
        ("accounts", {"colour": "red"}),
        ("accounts", {"limits": {"title_chars": 64}}),
        ("accounts", {"limits": {"/cgi-bin/token": -1}}),
        ("accounts", {"limits": {"/cgi-bin/token": True}}),
        ("accounts", {"limits": [1]}),
        ("accounts", {"appid": 5}),
        ("accounts", {"appid": ""}),
        ("accounts", {"secret": None}),
        ("accounts", {"encoding_aes_key": "short"}),
        ("accounts", {"type": "private"}),
        ("accounts", {"ip_whitelist": "127.0.0.1"}),
        ("accounts", {"name": "\ud800"}),
        ("accounts", {"channel": "weibo", "uid": "me"}),
        ("accounts", {"channel": "weibo", "app_key": [1]}),
        ("settings", {"publish_delay_s": -1}),
        ("settings", {"colour": 1}),
        ("settings", {"mass_error": 5}),
        ("settings", {"notice_outcome": 3}),
        ("settings", {"\ud800": 1}),
        ("settings", {"publish_delay_s": float("inf")}),
        ("settings", {"publish_delay_s": True}),
        ("faults", {"path": SUBMIT, "action": "explode"}),
        ("faults", {"path": SUBMIT, "action": "http"}),
        ("faults", {"action": "drop_after"}),
        ("faults", {"path": SUBMIT, "action": "drop_after", "times": 10**30}),
        ("faults", {"path": SUBMIT, "action": "drop_after", "times": True}),
        ("faults", {"path": SUBMIT, "action": "delay", "value": float("nan")}),
        ("faults", {"path": SUBMIT, "action": "http", "value": 7}),
        ("faults", {"path": SUBMIT, "action": "errcode", "value": 10**30}),
        ("events", {"type": "text", "account": "wx"}),
        ("followers", {"count": 10**30}),
        ("events", {"type": ""}),
        ("events", {"type": "PUBLISHJOBFINISH", "publish_id": "1"}),
        ("events", {"type": "PUBLISHJOBFINISH", "publish_id": 10**30}),
        ("events", {"type": "MASSSENDJOBFINISH", "msg_id": "x"}),
        ("events", {"type": "MASSSENDJOBFINISH", "msg_id": 10**30}),
        ("events", []),
    ],
)
async def test_what_makes_no_sense_is_refused(sandbox: Platform, path: str, body: object) -> None:
    async with sandbox.http.post(f"{sandbox.url}/_sandbox/{path}", json=body) as response:
        assert response.status == 400
    assert await sandbox.control("accounts") == sandbox.accounts


@pytest.mark.parametrize("path", ["accounts", "settings", "faults", "events"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 10_000, b'{"a":' * 10_000],
    ids=["nothing", "cut off", "no text", "deep list", "deep object"],
)
async def test_what_is_no_json_is_refused(sandbox: Platform, path: str, body: bytes) -> None:
    async with sandbox.http.post(f"{sandbox.url}/_sandbox/{path}", data=body) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", f"after={10**40}", f"after={2**63}", "limit=-5", f"limit={10**40}"]
)
async def test_a_page_of_calls_is_named_by_whole_numbers(sandbox: Platform, query: str) -> None:
    async with sandbox.http.get(f"{sandbox.url}/_sandbox/requests?{query}") as response:
        assert response.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000,
        b'{"articles":' * 10_000,
        b'{"publish_id": "\\ud800"}',
        b'{"publish_id": NaN}',
        b"\xff",
    ],
    ids=["deep list", "deep object", "half a pair", "no number", "no text"],
)
async def test_an_api_call_that_is_no_json_gets_a_code_and_is_written_down(
    sandbox: Platform, body: bytes
) -> None:
    assert (await sandbox.post_raw("/cgi-bin/freepublish/get", body))["errcode"] in {40033, 47001}
    assert (await sandbox.control("requests"))[-1]["path"] == "/cgi-bin/freepublish/get"


async def test_an_address_that_is_none_is_no_link(sandbox: Platform) -> None:
    assert await sandbox.share_refusal(status="环评公示 http://[x") == 10017
    kept = await sandbox.kept(content='<p>图</p><img src="http://[x">')
    assert "http://[x" not in kept["content"]
    assert (await sandbox.post("/cgi-bin/freepublish/get", {"publish_id": "9" * 40}))["errcode"] == 53502


async def test_drop_after_does_the_work_and_tells_nobody(sandbox: Platform) -> None:
    media_id = await sandbox.draft()
    await _fault(sandbox, SUBMIT, "drop_after")
    with pytest.raises(aiohttp.ClientError):
        await sandbox.post(SUBMIT, {"media_id": media_id})
    assert (await sandbox.post("/cgi-bin/draft/get", {"media_id": media_id}))["errcode"] == 40007
    assert (await sandbox.control("faults"))[0]["left"] == 0
    call = next(call for call in await sandbox.control("requests") if call["path"] == SUBMIT)
    assert (call["fault"], call["status"], call["answer"]) == ("drop_after", None, None)


async def test_drop_before_does_nothing(sandbox: Platform) -> None:
    media_id = await sandbox.draft()
    await _fault(sandbox, SUBMIT, "drop_before")
    with pytest.raises(aiohttp.ClientError):
        await sandbox.post(SUBMIT, {"media_id": media_id})
    assert "news_item" in await sandbox.post("/cgi-bin/draft/get", {"media_id": media_id})


async def test_a_delayed_answer_comes_after_the_work(sandbox: Platform) -> None:
    await _fault(sandbox, "/2/statuses/share.json", "delay", 30)
    waiting = asyncio.create_task(sandbox.share())
    while not await sandbox.control("weibo/statuses"):
        assert not waiting.done()
    assert not waiting.done()
    waiting.cancel()


async def test_outages_and_codes_are_answered_in_the_platforms_way(sandbox: Platform) -> None:
    await _fault(sandbox, "/2/statuses/share.json", "http", 502)
    async with sandbox.http.post(f"{sandbox.url}/2/statuses/share.json") as response:
        assert response.status == 502
    await _fault(sandbox, "/2/statuses/share.json", "errcode", 20016)
    status, answer = await sandbox.share()
    assert (status, answer["error_code"]) == (400, 20016)
    await _fault(sandbox, SUBMIT, "errcode", -1)
    assert (await sandbox.post(SUBMIT, {}))["errcode"] == -1
    assert await sandbox.control("weibo/statuses") == []


async def test_published_but_slow_is_published(sandbox: Platform) -> None:
    await _fault(sandbox, "/2/statuses/share.json", "errcode", 20032)
    assert await sandbox.share_refusal() == 20032
    assert len(await sandbox.control("weibo/statuses")) == 1


async def test_faults_strike_oldest_first_and_as_often_as_told(sandbox: Platform) -> None:
    await _fault(sandbox, SUBMIT, "errcode", 45009, times=2)
    await _fault(sandbox, SUBMIT, "errcode", 48001)
    codes = [(await sandbox.post(SUBMIT, {"media_id": "x"}))["errcode"] for _ in range(4)]
    assert codes == [45009, 45009, 48001, 40007]


async def test_times_zero_removes_a_fault(sandbox: Platform) -> None:
    await _fault(sandbox, SUBMIT, "errcode", 45009, times=2)
    assert [(fault["action"], fault["left"]) for fault in await sandbox.control("faults")] == [("errcode", 2)]
    assert await sandbox.control("faults", {"path": SUBMIT, "action": "errcode", "times": 0}) == []
    assert (await sandbox.post(SUBMIT, {"media_id": "x"}))["errcode"] == 40007


async def test_calls_are_written_down_without_secrets(sandbox: Platform) -> None:
    await sandbox.draft()
    await sandbox.share()
    async with sandbox.http.get(f"{sandbox.url}/_sandbox/requests") as response:
        text = await response.text()
    secrets = (sandbox.token, sandbox.wechat["secret"], sandbox.weibo["access_token"])
    assert not any(secret in text for secret in secrets)
    calls = await sandbox.control("requests")
    assert [call["path"] for call in calls] == [
        "/cgi-bin/stable_token", "/cgi-bin/material/add_material", "/cgi-bin/draft/add", "/2/statuses/share.json",
    ]  # fmt: skip
    assert calls[2]["body"]["articles"][0]["title"] == "行政处罚决定"
    assert calls[3]["answer"]["text"].startswith("环评公示")
    some = await sandbox.control(f"requests?after={calls[0]['id']}&limit=2")
    assert [call["id"] for call in some] == [call["id"] for call in calls[1:3]]


async def test_half_characters_are_written_down_as_replaced(sandbox: Platform) -> None:
    raw = json.dumps({"access_token": "x", "articles": "\ud83c"}).encode()
    assert (await sandbox.post_raw("/cgi-bin/draft/add", raw))["errcode"] == 40033
    assert (await sandbox.control("requests"))[-1]["body"] == {"access_token": "***", "articles": "?"}


async def test_an_account_kept_by_an_older_sandbox_gets_the_limits_it_lacks(
    service: Service, tmp_path: Path
) -> None:
    state = tmp_path / "sandbox.sqlite"
    async with platform(service.url, state) as first:
        await first.limit(**{"/cgi-bin/draft/count": 7})
        appid = first.wechat["appid"]
    with contextlib.closing(sqlite3.connect(state)) as database, database:
        database.execute(
            "UPDATE account SET data = json_set(data, '$.limits', json(?)) WHERE key = ?",
            ('{"/cgi-bin/draft/count": 7}', appid),
        )
    async with platform(service.url, state) as second:
        assert second.wechat["limits"]["/cgi-bin/draft/count"] == 7
        assert second.wechat["limits"]["/cgi-bin/user/get"] == 500
        assert (await second.query("/cgi-bin/user/get"))["total"] == 0


async def test_a_reset_empties_all_but_the_accounts(sandbox: Platform, service: Service) -> None:
    first = await sandbox.submit()
    await sandbox.finished(first)
    await sandbox.share()
    await sandbox.followers(2)
    await sandbox.post(
        "/cgi-bin/message/mass/sendall",
        {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "通知"}},
    )
    await sandbox.control("reset", {})
    for path in (
        "wechat/articles",
        "wechat/pushes",
        "wechat/messages",
        "weibo/statuses",
        "requests",
        "faults",
    ):
        assert await sandbox.control(path) == []
    assert (await sandbox.control("followers"))["count"] == 0
    assert await sandbox.control("accounts") == sandbox.accounts
    assert await sandbox.share_refusal() == 0
    assert int(await sandbox.submit()) > int(first)


async def test_the_page_shows_what_is_out(sandbox: Platform) -> None:
    await sandbox.finished(await sandbox.submit(await sandbox.article(title="公示<甲>")))
    await sandbox.share(pic=image())
    async with sandbox.http.get(f"{sandbox.url}/") as response:
        page = await response.text()
    assert "公示&lt;甲&gt;" in page
    assert "环评公示" in page
    assert f'href="{LINK}"' in page
    async with sandbox.http.get(
        sandbox.url + (await sandbox.control("weibo/statuses"))[0]["picture"]
    ) as response:
        assert response.content_type == "image/png"


async def test_all_is_there_after_a_restart(service: Service, tmp_path: Path) -> None:
    state = tmp_path / "sandbox.sqlite"
    async with platform(service.url, state) as first:
        await first.control("settings", {"publish_delay_s": 0.5})
        await _fault(first, SUBMIT, "errcode", 45009, times=0)
        publish_id, media_id = await first.submit(), await first.draft()
        await first.share()
        token = first.token
    assert service.pushes.empty()

    async with platform(service.url, state) as second:
        assert second.token == token
        assert (await second.finished(publish_id))["publish_status"] == 0
        await service.pushes.get()
        assert "news_item" in await second.post("/cgi-bin/draft/get", {"media_id": media_id})
        assert await second.share_refusal() == 20019
        assert (await second.control("settings"))["publish_delay_s"] == 0.5
