"""WeChat's server push over HTTP: what is true is committed before it is acknowledged, the rest is refused."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import REGISTRY
from sqlalchemy import text
from wechatpy.crypto import WeChatCrypto

from outreach.channels.credentials import WeChatCredentials, open_credentials
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Accepted
from outreach.channels.queries import get_account
from outreach.foundation import audit, clock
from outreach.items.model import Item, ItemState
from outreach.office.context import Office, open_office
from outreach.office.store_steps import Releasing, Step, store_step
from outreach.publishing.model import Post, PostState
from outreach.publishing.service import Hold
from outreach.settings import Settings
from outreach.statistics.model import Tally
from outreach.statistics.queries import differences, month_figures
from outreach.statistics.rules import month_of
from outreach.web.app import create_app
from tests.builders import OfficeStory, claim

PUBLISH_ID = "2247503051"
TEXT_MESSAGE = "<MsgType>text</MsgType><Content>你好</Content><MsgId>7</MsgId>"


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    opened = open_office(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def client(office: Office) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(create_app(office))) as running:
        yield running


@pytest.fixture
async def account(story: OfficeStory) -> Account:
    """The bureau's first account."""
    return (await story.accounts())[0]


class WeChat:
    """WeChat's server, as it calls an account's address."""

    def __init__(self, client: TestClient, office: Office, account: Account) -> None:  # type: ignore[type-arg]
        self._client = client
        self._credentials = open_credentials(office.sealer, account, WeChatCredentials)
        self._path = f"/callbacks/wechat/{account.id}"

    async def push(self, message: str, *, late: timedelta = timedelta(0)) -> tuple[int, str]:
        """Status and text of the answer to an encrypted push of these elements."""
        created = int(clock.now().timestamp())
        plain = f"<xml><FromUserName>o1</FromUserName><CreateTime>{created}</CreateTime>{message}</xml>"
        timestamp = str(int((clock.now() - late).timestamp()))
        crypto = WeChatCrypto(
            self._credentials.token, self._credentials.encoding_aes_key, self._credentials.appid
        )
        sealed = fromstring(crypto.encrypt_message(plain, "n0nce", timestamp))
        query = {
            "msg_signature": sealed.findtext("MsgSignature") or "",
            "timestamp": timestamp,
            "nonce": "n0nce",
        }
        return await self.send(query, f"<xml><Encrypt>{sealed.findtext('Encrypt')}</Encrypt></xml>".encode())

    async def send(self, query: Mapping[str, str], body: bytes) -> tuple[int, str]:
        async with self._client.post(self._path, params=query, data=io.BytesIO(body)) as response:
            return response.status, await response.text()

    async def check(self, **changes: str) -> tuple[int, str]:
        """The address is checked, as when it is entered at the platform."""
        timestamp = str(int(clock.now().timestamp()))
        signed = "".join(sorted([self._credentials.token, timestamp, "n0nce"]))
        query = {
            "signature": hashlib.sha1(signed.encode()).hexdigest(),
            "timestamp": timestamp,
            "nonce": "n0nce",
            "echostr": "4375120948345356249",
        }
        async with self._client.get(self._path, params={**query, **changes}) as response:
            return response.status, await response.text()


@pytest.fixture
def wechat(client: TestClient, office: Office, account: Account) -> WeChat:  # type: ignore[type-arg]
    return WeChat(client, office, account)


@pytest.fixture
async def accepted(story: OfficeStory, account: Account) -> Post:
    """A post that WeChat has accepted; its result is to come."""
    return await accept(story, await story.item().planned(account), PUBLISH_ID)


async def accept(story: OfficeStory, item: Item, *publish_ids: str) -> Post:
    """WeChat has accepted the item's posts under these ids. The last of them."""
    for planned, publish_id in zip(await story.posts(item), publish_ids, strict=True):
        held = await release(story, planned)
        await store_step(story.office.db, Step(held, Accepted(publish_id)))
    return (await story.posts(item))[-1]


async def release(story: OfficeStory, planned: Post) -> Hold:
    """A worker is calling WeChat to publish the post."""
    post = await stands(story, planned)
    if post.state is PostState.PLANNED:
        post = await claim(story.office, planned.id)
    held = Hold(post.id, post.item_id, post.lease_holder or "")
    await store_step(story.office.db, Step(held, Releasing()))
    return held


def finished(status: int = 0, publish_id: str = PUBLISH_ID, *, at: str = "s/1") -> str:
    address = f"<article_url>http://mp.weixin.qq.com/{at}</article_url>"
    url = f"<article_detail><item><idx>1</idx>{address}</item></article_detail>"
    return (
        "<MsgType>event</MsgType><Event>PUBLISHJOBFINISH</Event><PublishEventInfo>"
        f"<publish_id>{publish_id}</publish_id><publish_status>{status}</publish_status>"
        f"{'<article_id>a1</article_id>' + url if status == 0 else '<fail_idx>1</fail_idx>'}</PublishEventInfo>"
    )


async def stands(story: OfficeStory, post: Post) -> Post:
    async with story.office.db.read() as session:
        return await session.get_one(Post, post.id)


async def counted(office: Office) -> int:
    async with office.db.read() as session:
        figures = await month_figures(session, month_of(clock.now(), office.settings.zone))
    return figures.total()["original"]


def callbacks(kind: str) -> float:
    return REGISTRY.get_sample_value("outreach_callbacks_total", {"kind": kind}) or 0.0


async def test_the_address_is_checked_with_the_bare_echo_and_that_is_remembered(
    wechat: WeChat, office: Office, account: Account
) -> None:
    for changes in ({"signature": "0" * 40}, {"signature": "签名"}, {"timestamp": "1"}, {"echostr": ""}):
        assert (await wechat.check(**changes))[0] == 400
    async with office.db.read() as session:
        assert (await get_account(session, account.id)).called_back_at is None
    with clock.at(datetime(2026, 11, 26, 10, 30, tzinfo=UTC)):
        assert await wechat.check() == (200, "4375120948345356249")
    async with office.db.read() as session:
        called = (await get_account(session, account.id)).called_back_at
    assert called == datetime(2026, 11, 26, 10, 30, tzinfo=UTC)


async def test_a_finished_job_publishes_its_post(wechat: WeChat, story: OfficeStory, accepted: Post) -> None:
    assert await wechat.push(finished()) == (200, "success")
    post = await stands(story, accepted)
    assert (post.state, post.url) == (PostState.PUBLISHED, "http://mp.weixin.qq.com/s/1")
    assert await counted(story.office) == 1


async def test_the_same_event_again_counts_once(wechat: WeChat, story: OfficeStory, accepted: Post) -> None:
    answers = await asyncio.gather(*(wechat.push(finished()) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert await wechat.push(finished()) == (200, "success")
    assert await counted(story.office) == 1


async def test_a_refusal_by_the_platform_fails_the_post(
    wechat: WeChat, story: OfficeStory, accepted: Post
) -> None:
    assert await wechat.push(finished(status=4)) == (200, "success")
    assert (await stands(story, accepted)).state is PostState.FAILED
    assert await counted(story.office) == 0


async def test_events_of_many_jobs_at_once_settle_each_its_own(
    wechat: WeChat, story: OfficeStory, account: Account
) -> None:
    posts = [
        await accept(story, await story.item(title=f"第{number}号公示").planned(account), f"job {number}")
        for number in range(6)
    ]
    events = [finished(publish_id=f"job {number}") for number in range(5)] + [finished(4, "job 5")]
    nobodys = finished(publish_id="nobody's")
    answers = await asyncio.gather(*(wechat.push(event) for event in (*events, *events, nobodys)))
    assert set(answers) == {(200, "success")}
    out, refused = [PostState.PUBLISHED] * 5, [PostState.FAILED]
    assert [(await stands(story, post)).state for post in posts] == out + refused
    assert await counted(story.office) == 5
    async with story.office.db.read() as session:
        assert await audit.verify(session) == []


async def test_an_event_that_can_not_be_stored_keeps_no_other_from_being_acknowledged(
    wechat: WeChat, story: OfficeStory, account: Account, accepted: Post
) -> None:
    await wechat.push(finished(at="s/1"))
    async with story.office.db.begin() as session:
        await session.execute(text("CREATE UNIQUE INDEX an_address_stands_once ON post (url)"))
    jobs = {"job 0": "s/2", "job 1": "s/1", "job 2": "s/3"}
    posts = [await accept(story, await story.item(title=job).planned(account), job) for job in jobs]
    answers = await asyncio.gather(
        *(wechat.push(finished(publish_id=job, at=address)) for job, address in jobs.items())
    )
    assert [status for status, _ in answers] == [200, 500, 200]
    assert [(await stands(story, post)).state for post in posts] == [
        PostState.PUBLISHED,
        PostState.ACCEPTED,
        PostState.PUBLISHED,
    ]
    assert await counted(story.office) == 3


async def test_posts_of_one_item_that_come_out_at_the_same_moment_are_one_content(
    wechat: WeChat,
    story: OfficeStory,
    office: Office,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    first, _, third = await story.accounts()
    item = await story.item().planned(first, third)
    await accept(story, item, "one", "other")
    pushed = (
        wechat.push(finished(publish_id="one")),
        WeChat(client, office, third).push(finished(publish_id="other")),
    )
    assert set(await asyncio.gather(*pushed)) == {(200, "success")}
    assert (await story.fresh(item)).state is ItemState.PUBLISHED
    async with office.db.read() as session:
        assert await differences(session, office.settings.zone) == []
        figures = await month_figures(session, month_of(clock.now(), office.settings.zone))
    assert (figures.total()["original"], figures.content_original) == (2, 1)


async def test_an_event_that_is_faster_than_the_answer_to_its_call_waits_for_it(
    wechat: WeChat, story: OfficeStory, account: Account
) -> None:
    item = await story.item().planned(account)
    held = await release(story, await story.post(item))
    pushing = asyncio.create_task(wechat.push(finished()))
    await asyncio.sleep(0)
    await store_step(story.office.db, Step(held, Accepted(PUBLISH_ID)))
    assert await pushing == (200, "success")
    assert (await story.post(item)).state is PostState.PUBLISHED


async def test_a_job_that_nobody_waits_for_is_acknowledged(
    wechat: WeChat, story: OfficeStory, accepted: Post
) -> None:
    assert await wechat.push(finished(publish_id="99")) == (200, "success")
    assert (await stands(story, accepted)).state is PostState.ACCEPTED


async def test_what_could_not_be_stored_is_not_acknowledged(
    wechat: WeChat, story: OfficeStory, accepted: Post
) -> None:
    async with story.office.db.begin() as session:
        await session.execute(text("ALTER TABLE tally RENAME TO mislaid"))
    assert (await wechat.push(finished()))[0] == 500
    assert (await stands(story, accepted)).state is PostState.ACCEPTED

    async with story.office.db.begin() as session:
        await session.execute(text(f"ALTER TABLE mislaid RENAME TO {Tally.__tablename__}"))
    assert await wechat.push(finished()) == (200, "success")
    assert (await stands(story, accepted)).state is PostState.PUBLISHED


async def test_a_message_that_could_not_be_kept_is_not_acknowledged(wechat: WeChat, office: Office) -> None:
    async with office.db.begin() as session:
        await session.execute(text("ALTER TABLE message RENAME TO mislaid"))
    assert (await wechat.push(TEXT_MESSAGE))[0] == 500
    async with office.db.begin() as session:
        await session.execute(text("ALTER TABLE mislaid RENAME TO message"))
    assert await wechat.push(TEXT_MESSAGE) == (200, "success")


async def test_other_messages_are_acknowledged_and_counted(wechat: WeChat) -> None:
    before, others = callbacks("text"), callbacks("other")
    assert await wechat.push(TEXT_MESSAGE) == (200, "success")
    assert await wechat.push("<MsgType>made-up</MsgType>") == (200, "success")
    assert (callbacks("text"), callbacks("other")) == (before + 1, others + 1)


async def test_what_is_not_wechats_is_refused_and_counted(
    wechat: WeChat, story: OfficeStory, accepted: Post
) -> None:
    before = callbacks("refused")
    timestamp = str(int(clock.now().timestamp()))
    forged = {"signature": "0" * 40, "msg_signature": "0" * 40, "timestamp": timestamp, "nonce": "n"}
    plain = f"<xml><CreateTime>1</CreateTime>{finished()}</xml>".encode()
    answers = [
        await wechat.send({}, b""),
        await wechat.send(forged, plain),
        await wechat.send(forged, b"<xml><Encrypt>AAAA</Encrypt></xml>"),
        await wechat.send(forged, b'<!DOCTYPE x [<!ENTITY a "a">]><xml><Encrypt>&a;</Encrypt></xml>'),
        await wechat.push(finished(), late=timedelta(minutes=6)),
    ]
    assert [status for status, _ in answers] == [400] * 5
    assert not [told for _, told in answers if "<html" in told]
    assert callbacks("refused") == before + 5
    assert (await stands(story, accepted)).state is PostState.ACCEPTED


async def test_more_than_a_megabyte_is_refused(wechat: WeChat) -> None:
    assert (await wechat.send({}, b" " * (1024 * 1024 + 1)))[0] == 413


async def test_an_unknown_account_has_no_address(
    client: TestClient,  # type: ignore[type-arg]
    story: OfficeStory,
    account: Account,
) -> None:
    weibo = next(one for one in await story.accounts() if one.channel is ChannelName.WEIBO)
    for account_id in ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "x" * 500, "%E7%BC%96", weibo.id):
        async with client.post(f"/callbacks/wechat/{account_id}", data=b"<xml/>") as response:
            assert response.status == 404


async def test_it_needs_neither_session_nor_token_and_sets_no_cookie(
    client: TestClient,  # type: ignore[type-arg]
    wechat: WeChat,
) -> None:
    assert (await wechat.push(TEXT_MESSAGE))[0] == 200
    assert not list(client.session.cookie_jar)
