"""What holds for every channel, whatever its platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.channels.protocol import (
    Accepted,
    AcceptingChannel,
    Channel,
    NeedsOperator,
    NotSent,
    NotThere,
    OutcomeUnknown,
    Published,
    QuotaSpent,
    Refused,
    Rendition,
    StillUnderWay,
    Trace,
)
from outreach.channels.rights import RightState, problem_of
from outreach.foundation import clock

from .office import Delivery, Office, SandboxServer, closed_port_url, eventually

DRAFT = "/cgi-bin/draft/add"


@dataclass(frozen=True)
class Platform:
    """What one platform has of its own: accounts, content, the call that publishes, and some codes."""

    account: Callable[..., Awaitable[Account]]
    rendition: Callable[..., Awaitable[Rendition]]
    publishing_call: str
    list_call: str
    wrong_credentials: dict[str, str]
    refusals: tuple[int, ...]
    operators: tuple[int, ...]
    rates: tuple[int, ...]
    busy: int


@pytest.fixture(params=["wechat", "weibo"])
def platform(request: pytest.FixtureRequest, office: Office) -> Platform:
    if request.param == "wechat":
        return Platform(
            account=office.wechat,
            rendition=office.article,
            publishing_call="/cgi-bin/freepublish/submit",
            list_call="wechat/articles",
            wrong_credentials={"secret": "0" * 32},
            refusals=(53503, 87014),
            operators=(53500, 48004, 40164, 99999),
            rates=(45009, 45011, 53501),
            busy=-1,
        )
    return Platform(
        account=office.weibo,
        rendition=office.status,
        publishing_call="/2/statuses/share.json",
        list_call="weibo/statuses",
        wrong_credentials={"access_token": "2.00wrong"},
        refusals=(20018, 20020, 20021, 20012),
        operators=(10014, 20031, 21315, 21327, 99999),
        rates=(10022, 10023, 10024, 20016),
        busy=10001,
    )


@pytest.fixture
async def channel(platform: Platform, office: Office) -> Channel:
    return await office.channels.of(await platform.account())


async def published(channel: Channel, rendition: Rendition, delivery: Delivery) -> Published:
    """Publishes and waits for the platform's result."""
    receipt: Any = await channel.publish(rendition, delivery)
    if isinstance(receipt, Accepted):
        receipt = await eventually(lambda: result_of(channel, receipt.publish_id))
    assert isinstance(receipt, Published)
    return receipt


async def result_of(channel: Channel, publish_id: str) -> Any:
    assert isinstance(channel, AcceptingChannel)
    result = await channel.result(publish_id)
    return None if isinstance(result, StillUnderWay) else result


async def there(sandbox: SandboxServer, platform: Platform) -> list[dict[str, Any]]:
    """What a reader sees, as soon as there is something (WeChat takes a moment)."""
    return await eventually(lambda: sandbox.get(platform.list_call))


async def test_a_rendition_is_published_once_and_its_address_is_told(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    receipt = await published(channel, await platform.rendition(), Delivery())

    assert len(await there(sandbox, platform)) == 1
    assert receipt.platform_id
    assert receipt.url.startswith("http")


async def test_the_release_is_remembered_with_its_draft_before_the_call_that_publishes(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    async def nothing_was_submitted() -> None:
        assert await sandbox.calls(platform.publishing_call) == []

    delivery = Delivery(on_release=nothing_was_submitted)
    await channel.publish(await platform.rendition(), delivery)

    assert delivery.steps == ["release"]
    assert bool(delivery.media_id) == (await sandbox.calls(DRAFT) != [])
    assert len(await sandbox.calls(platform.publishing_call)) == 1


@pytest.mark.parametrize("action", ["drop_after", "drop_before"])
async def test_a_lost_answer_of_the_publishing_call_leaves_the_outcome_unknown(
    channel: Channel, platform: Platform, sandbox: SandboxServer, action: str
) -> None:
    await sandbox.fault(platform.publishing_call, action)

    with pytest.raises(OutcomeUnknown):
        await channel.publish(await platform.rendition(), Delivery())

    assert len(await sandbox.calls(platform.publishing_call)) == 1


async def test_an_outage_during_the_publishing_call_leaves_the_outcome_unknown(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    await sandbox.fault(platform.publishing_call, "http", 502)
    with pytest.raises(OutcomeUnknown):
        await channel.publish(await platform.rendition(), Delivery())


async def test_busy_during_the_publishing_call_leaves_the_outcome_unknown(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    await sandbox.fault(platform.publishing_call, "errcode", platform.busy)
    with pytest.raises(OutcomeUnknown):
        await channel.publish(await platform.rendition(), Delivery())


async def test_what_got_through_in_spite_of_a_lost_answer_is_found(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    rendition, since = await platform.rendition(), clock.now()
    await sandbox.fault(platform.publishing_call, "drop_after")
    with pytest.raises(OutcomeUnknown):
        await channel.publish(rendition, Delivery())
    await there(sandbox, platform)

    found = await channel.look(rendition, Trace(since))

    assert isinstance(found, Published) and found.at is not None
    assert abs(found.at - clock.now()) < timedelta(minutes=1)
    assert found.platform_id == (await sandbox.get(platform.list_call))[0]["id"]


async def test_what_never_arrived_is_not_found(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    rendition, since = await platform.rendition(), clock.now()
    await published(channel, await platform.rendition("【执法】另一条信息。"), Delivery())
    await there(sandbox, platform)

    assert await channel.look(rendition, Trace(since)) == NotThere()


async def test_what_was_published_long_before_is_not_taken_for_it(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    rendition = await platform.rendition()
    earlier = await published(channel, rendition, Delivery())
    await there(sandbox, platform)

    long_after = Trace(clock.now() + timedelta(hours=1), others=frozenset({earlier.platform_id}))
    assert await channel.look(rendition, long_after) == NotThere()


async def test_what_belongs_to_another_post_is_not_taken_for_it(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    rendition, since = await platform.rendition(), clock.now()
    other = await published(channel, rendition, Delivery())
    await there(sandbox, platform)

    assert await channel.look(rendition, Trace(since, others=frozenset({other.platform_id}))) == NotThere()


async def test_without_a_connection_nothing_was_sent(platform: Platform, office: Office) -> None:
    account = await platform.account()
    cut_off = await office.at_another_desk(base_url=closed_port_url()).channels.of(account)
    with pytest.raises(NotSent):
        await cut_off.publish(await platform.rendition(), Delivery())


async def test_a_publishing_call_that_finds_no_connection_was_not_sent(
    platform: Platform, office: Office
) -> None:
    """Token and pictures are there already, so that it is the publishing call itself that fails."""
    account = await platform.account()
    first = Delivery()
    await (await office.channels.of(account)).publish(await platform.rendition("【公示】第一条。"), first)

    cut_off = await office.at_another_desk(base_url=closed_port_url()).channels.of(account)
    delivery = Delivery(media_id=first.media_id)
    with pytest.raises(NotSent):
        await cut_off.publish(await platform.rendition(), delivery)

    assert delivery.steps == ["release"]


async def test_refused_content_is_told_to_the_editor(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    for code in platform.refusals:
        await sandbox.fault(platform.publishing_call, "errcode", code)
        with pytest.raises(Refused) as refusal:
            await channel.publish(await platform.rendition(), Delivery())
        assert refusal.value.code == str(code)


async def test_wrong_credentials_need_an_operator(platform: Platform, office: Office) -> None:
    channel = await office.channels.of(await platform.account(**platform.wrong_credentials))
    with pytest.raises(NeedsOperator):
        await channel.publish(await platform.rendition(), Delivery())


async def test_wrong_credentials_fail_the_check_and_right_ones_pass(
    platform: Platform, office: Office, sandbox: SandboxServer
) -> None:
    found = await office.channels.rights_of(await platform.account(**platform.wrong_credentials))
    first, second, *_ = found.rights
    assert (first.state, second.state) == (RightState.FAILED, RightState.NOT_ASKED)
    found = await office.channels.rights_of(await platform.account())
    assert problem_of(found.rights) is None
    assert await sandbox.calls(DRAFT) == await sandbox.calls(platform.publishing_call) == []


async def test_missing_credentials_are_named(platform: Platform, office: Office) -> None:
    account = await platform.account()
    account.sealed_credentials = office.sealer.seal({})
    with pytest.raises(NeedsOperator, match="凭据不完整"):
        await office.channels.of(account)


async def test_what_concerns_the_account_needs_an_operator(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    for code in platform.operators:
        await sandbox.fault(platform.publishing_call, "errcode", code)
        with pytest.raises(NeedsOperator) as problem:
            await channel.publish(await platform.rendition(), Delivery())
        assert problem.value.code == str(code)


async def test_a_spent_quota_tells_when_to_try_again(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    for code in platform.rates:
        await sandbox.fault(platform.publishing_call, "errcode", code)
        with pytest.raises(QuotaSpent) as spent:
            await channel.publish(await platform.rendition(), Delivery())
        assert spent.value.retry_after_s is not None
        assert 0 < spent.value.retry_after_s <= 86_400


async def test_no_message_bears_a_secret(platform: Platform, office: Office, sandbox: SandboxServer) -> None:
    account = await platform.account()
    secrets = office.sealer.open(account.sealed_credentials)
    channel = await office.channels.of(account)
    for action, value in (("drop_after", None), ("http", 502), ("errcode", 99999)):
        await sandbox.fault(platform.publishing_call, action, value)
        with pytest.raises(Exception) as problem:
            await channel.publish(await platform.rendition(f"【公示】{action}"), Delivery())
        told = f"{problem.value!r} {problem.value.__cause__!r}"
        assert not any(str(secrets[name]) in told for name in secrets if "token" in name or "secret" in name)


async def test_a_rendition_of_another_platform_is_a_mistake_of_the_program(
    channel: Channel, platform: Platform, office: Office
) -> None:
    other = await (office.status() if platform.list_call.startswith("wechat") else office.article())
    with pytest.raises(TypeError):
        await channel.publish(other, Delivery())


async def test_a_rendition_without_pictures_is_published_as_well(
    channel: Channel, platform: Platform, sandbox: SandboxServer
) -> None:
    rendition: Any = await platform.rendition()
    bare = (
        replace(rendition, html="<p>正文</p>", pictures=())
        if hasattr(rendition, "html")
        else replace(rendition, picture=None)
    )
    await published(channel, bare, Delivery())
    assert len(await there(sandbox, platform)) == 1
