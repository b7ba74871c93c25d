"""The access token that all processes of an office share."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from outreach.channels.model import Account, AccountToken
from outreach.channels.protocol import NeedsOperator, NotSent, QuotaSpent
from outreach.foundation import clock

from .office import Delivery, Office, SandboxServer

TOKEN = "/cgi-bin/stable_token"
DRAFT = "/cgi-bin/draft/add"


@pytest.fixture
async def account(office: Office) -> Account:
    return await office.wechat()


async def publish(office: Office, account: Account, title: str = "公示") -> None:
    await (await office.channels.of(account)).publish(await office.article(title), Delivery())


async def row_of(office: Office, account: Account) -> AccountToken:
    async with office.db.read() as session:
        return (await session.scalars(select(AccountToken).filter_by(account_id=account.id))).one()


async def change(office: Office, account: Account, **values: object) -> None:
    async with office.db.begin() as session:
        await session.execute(update(AccountToken).filter_by(account_id=account.id).values(**values))


async def test_several_processes_at_once_ask_the_platform_once(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    desks = [office.at_another_desk() for _ in range(3)]
    await sandbox.fault(TOKEN, "delay", 0.2)

    await asyncio.gather(
        *(
            publish(desk, account, f"公示 {number}-{one}")
            for number, desk in enumerate(desks)
            for one in range(3)
        )
    )

    assert len(await sandbox.calls(TOKEN)) == 1


async def test_the_token_is_kept_sealed_and_used_by_the_next_process(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await publish(office, account)
    await publish(office.at_another_desk(), account, "公示二")

    row = await row_of(office, account)
    assert len(await sandbox.calls(TOKEN)) == 1
    assert row.lease_until is None
    assert row.sealed_token is not None
    assert office.sealer.open(row.sealed_token)["access_token"] not in row.sealed_token


async def test_a_token_is_renewed_five_minutes_before_its_end(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await publish(office, account)
    await change(office, account, expires_at=clock.now() + timedelta(seconds=299))
    await publish(office, account, "公示二")
    await publish(office, account, "公示三")

    assert len(await sandbox.calls(TOKEN)) == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_that_is_no_longer_taken_is_renewed_once_and_the_call_repeated(
    office: Office, account: Account, sandbox: SandboxServer, code: int
) -> None:
    await publish(office, account)
    await sandbox.fault(DRAFT, "errcode", code)

    await publish(office, account, "公示二")

    asked = [call["body"]["force_refresh"] for call in await sandbox.calls(TOKEN)]
    assert asked == [False, False, True]
    assert len(await sandbox.calls(DRAFT)) == 3


async def test_a_token_that_another_system_renewed_is_fetched_without_force(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await publish(office, account)
    await change(office, account, sealed_token=office.sealer.seal({"access_token": "stale"}))

    await publish(office, account, "公示二")

    assert [call["body"]["force_refresh"] for call in await sandbox.calls(TOKEN)] == [False, False]


async def test_a_token_that_is_refused_after_renewal_is_not_renewed_again(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await sandbox.fault(DRAFT, "errcode", 40001, times=9)

    with pytest.raises(NeedsOperator):
        await publish(office, account)

    assert len(await sandbox.calls(DRAFT)) == 2
    assert sum(call["body"]["force_refresh"] for call in await sandbox.calls(TOKEN)) == 1


async def test_several_that_find_the_token_expired_renew_it_once(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await publish(office, account)
    sandbox.expire_tokens()

    desks = [office.at_another_desk() for _ in range(3)]
    await asyncio.gather(*(publish(desk, account, f"公示 {number}") for number, desk in enumerate(desks)))

    assert [call["body"]["force_refresh"] for call in await sandbox.calls(TOKEN)] == [False, False]


async def test_a_wrong_secret_is_not_tried_twice(office: Office, sandbox: SandboxServer) -> None:
    account = await office.wechat(secret="0" * 32)
    with pytest.raises(NeedsOperator, match="AppSecret 不正确"):
        await publish(office, account)

    assert len(await sandbox.calls(TOKEN)) == 1
    assert (await row_of(office, account)).lease_until is None


async def test_a_spent_quota_of_tokens_is_told_as_such(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await sandbox.fault(TOKEN, "errcode", 45011)
    with pytest.raises(QuotaSpent):
        await publish(office, account)


async def test_an_answer_without_a_token_is_none(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await sandbox.fault(TOKEN, "http", 200)
    with pytest.raises(NotSent):
        await publish(office, account)


async def test_a_lease_that_outlived_its_process_is_taken_over(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await publish(office, account)
    await change(office, account, sealed_token=None, lease_until=clock.now() - timedelta(seconds=1))

    await publish(office, account, "公示二")

    assert len(await sandbox.calls(TOKEN)) == 2


async def test_a_lease_that_another_process_holds_is_waited_for(
    office: Office, account: Account, sandbox: SandboxServer
) -> None:
    await publish(office, account)
    kept = (await row_of(office, account)).sealed_token
    await change(office, account, sealed_token=None, lease_until=clock.now() + timedelta(seconds=20))

    waiting = asyncio.create_task(publish(office, account, "公示二"))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    await change(office, account, sealed_token=kept, lease_until=None)
    await waiting

    assert len(await sandbox.calls(TOKEN)) == 1
