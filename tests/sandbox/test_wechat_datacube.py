"""The sandbox's figures of readers and followers: as late, as narrow and as correctable as the platform's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.sandbox.clock import CHINA

from .platform import Platform

DAY_S = 86_400


def local(sandbox: Platform) -> datetime:
    return datetime.fromtimestamp(sandbox.clock(), UTC).astimezone(CHINA)


async def forward_to(sandbox: Platform, hour: int) -> None:
    """To the next time that it is so late there."""
    now = local(sandbox)
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    await sandbox.forward(((then - now).total_seconds() - 1) % DAY_S + 1)


def days_ago(sandbox: Platform, number: int) -> str:
    return (local(sandbox) - timedelta(days=number)).date().isoformat()


async def ask(sandbox: Platform, name: str, begin: str, end: str | None = None) -> dict[str, Any]:
    return await sandbox.post(f"/datacube/{name}", {"begin_date": begin, "end_date": end or begin})


async def publish(sandbox: Platform) -> str:
    """An article that came out two days ago, in the afternoon of which it is nine now; its msg_data_id."""
    await sandbox.control("settings", {"publish_delay_s": 0})
    await forward_to(sandbox, 15)
    publish_id = await sandbox.submit()
    async with asyncio.timeout(10):
        await sandbox.finished(publish_id)
    await forward_to(sandbox, 9)
    await sandbox.forward(DAY_S)
    return publish_id


async def test_yesterday_is_not_ready_before_eight(sandbox: Platform) -> None:
    await forward_to(sandbox, 7)
    assert (await ask(sandbox, "getusersummary", days_ago(sandbox, 1)))["errcode"] == 61503
    assert "list" in await ask(sandbox, "getusersummary", days_ago(sandbox, 2))
    await forward_to(sandbox, 8)
    assert "list" in await ask(sandbox, "getusersummary", days_ago(sandbox, 1))


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        ("getarticletotal", 1),
        ("getarticlesummary", 1),
        ("getarticleread", 1),
        ("getarticleshare", 1),
        ("getarticletotaldetail", 1),
        ("getuserread", 3),
        ("getusershare", 7),
        ("getusersummary", 7),
        ("getusercumulate", 7),
        ("getbizsummary", 30),
    ],
)
async def test_no_more_days_than_the_call_allows(sandbox: Platform, name: str, longest: int) -> None:
    await forward_to(sandbox, 9)
    last = days_ago(sandbox, 2)
    assert "list" in await ask(sandbox, name, days_ago(sandbox, longest + 1), last)
    assert (await ask(sandbox, name, days_ago(sandbox, longest + 2), last))["errcode"] == 61501
    assert (await ask(sandbox, name, last, days_ago(sandbox, 3)))["errcode"] == 61501
    assert (await ask(sandbox, name, days_ago(sandbox, 0)))["errcode"] == 61501
    for wrong in ("2026/11/24", "20261124", "2026-02-30", ""):
        assert (await ask(sandbox, name, wrong))["errcode"] == 61500


async def test_an_account_without_the_right_learns_nothing(sandbox: Platform) -> None:
    token = (await sandbox.stable_token(sandbox.unverified))["access_token"]
    body = {"begin_date": "2026-11-01", "end_date": "2026-11-01"}
    for name in ("getusersummary", "getarticletotaldetail"):
        assert await sandbox.code(f"/datacube/{name}", body, token=token) == 48001


async def test_an_article_is_named_by_its_msg_data_id_and_its_number(sandbox: Platform) -> None:
    data_id = await publish(sandbox)
    on, yesterday = days_ago(sandbox, 2), days_ago(sandbox, 1)
    told = {"msgid": f"{data_id}_1", "read_user": 40, "like_user": 3}
    await sandbox.control("wechat/figures", {**told, "date": on})
    await sandbox.control("wechat/figures", {**told, "date": yesterday})
    (row,) = (await ask(sandbox, "getarticletotaldetail", on))["list"]
    assert (row["ref_date"], row["msgid"], row["publish_type"]) == (on, f"{data_id}_1", 1)
    assert [(one["stat_date"], one["read_user"], one["like_user"]) for one in row["detail_list"]] == [
        (on, 40, 3),
        (yesterday, 80, 6),
    ]
    await sandbox.control("wechat/figures", {**told, "date": on, "read_user": 35})
    (row,) = (await ask(sandbox, "getarticletotaldetail", on))["list"]
    assert [one["read_user"] for one in row["detail_list"]] == [35, 75]
    assert (await ask(sandbox, "getarticletotal", on))["list"] == []  # it was no mass message
    (read,) = (await ask(sandbox, "getarticleread", yesterday))["list"]
    assert read["detail"]["read_user"] == 40


async def test_followers_are_counted_by_the_day(sandbox: Platform) -> None:
    await forward_to(sandbox, 9)
    await sandbox.control("followers", {"count": 3})
    await sandbox.forward(DAY_S)
    await sandbox.control("followers", {"count": 2})
    await sandbox.forward(DAY_S)
    begin, end = days_ago(sandbox, 2), days_ago(sandbox, 1)
    came = (await ask(sandbox, "getusersummary", begin, end))["list"]
    assert [(row["ref_date"], row["new_user"]) for row in came] == [(begin, 3), (end, 2)]
    whole = (await ask(sandbox, "getusercumulate", begin, end))["list"]
    assert [row["cumulate_user"] for row in whole] == [3, 5]
