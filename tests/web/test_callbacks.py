"""WeChat's server push over HTTP: what is true is committed before it is acknowledged, the rest is refused."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import REGISTRY
from sqlalchemy import text
from wechatpy.crypto import WeChatCrypto

from outreach.channels.credentials import WeChatCredentials, open_credentials
from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.office.context import Office, open_office
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import PostAction
from outreach.settings import Settings
from outreach.statistics.model import Tally
from outreach.statistics.queries import month_figures
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
    item = await story.item().planned(account)
    await claim(story.office, (await story.post(item)).id)
    async with story.office.db.begin() as session:
        post = await session.get_one(Post, (await story.post(item)).id)
        return await publishing.move(
            session, post, PostAction.ACCEPT, publish_id=PUBLISH_ID, accepted_at=clock.now()
        )


def finished(status: int = 0, publish_id: str = PUBLISH_ID) -> str:
    url = "<article_detail><item><idx>1</idx><article_url>http://mp.weixin.qq.com/s/1</article_url></item></article_detail>"
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


async def test_the_address_is_checked_with_the_bare_echo(wechat: WeChat) -> None:
    assert await wechat.check() == (200, "4375120948345356249")
    for changes in ({"signature": "0" * 40}, {"signature": "签名"}, {"timestamp": "1"}, {"echostr": ""}):
        assert (await wechat.check(**changes))[0] == 400


async def test_a_finished_job_publishes_its_post(wechat: WeChat, story: OfficeStory, accepted: Post) -> None:
    assert await wechat.push(finished()) == (200, "success")
    post = await stands(story, accepted)
    assert (post.state, post.url) == (PostState.PUBLISHED, "http://mp.weixin.qq.com/s/1")
    assert await counted(story.office) == 1


async def test_the_same_event_again_counts_once(wechat: WeChat, story: OfficeStory, accepted: Post) -> None:
    answers = await asyncio.gather(*(wechat.push(finished()) for _ in range(5)))
    # Two at once: the later one may be told to come again.
    assert {status for status, _ in answers} <= {200, 409}
    assert await wechat.push(finished()) == (200, "success")
    assert await counted(story.office) == 1


async def test_a_refusal_by_the_platform_fails_the_post(
    wechat: WeChat, story: OfficeStory, accepted: Post
) -> None:
    assert await wechat.push(finished(status=4)) == (200, "success")
    assert (await stands(story, accepted)).state is PostState.FAILED
    assert await counted(story.office) == 0


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
