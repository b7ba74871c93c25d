"""WeChat's server push, by the official vectors and by what the sandbox pushes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outreach.channels.credentials import WeChatCredentials, open_credentials
from outreach.channels.protocol import Accepted, NeedsOperator, Published, Refused
from outreach.channels.push_protocol import PushSent, PushStopped, Reach, Reprint
from outreach.channels.wechat.callback import (
    PublishFinished,
    PushFinished,
    decrypt,
    read_message,
    verify_url,
)
from outreach.channels.wechat.messages import FollowerMessage
from outreach.channels.wechat.pushed_xml import BadCallback
from outreach.foundation import clock

from .office import Delivery, Office, SandboxServer

VECTORS = Path(__file__).parent / "vectors"
CRYPTO: dict[str, Any] = json.loads((VECTORS / "crypto_vectors.json").read_text(encoding="utf-8"))
DECRYPT = {vector["id"]: vector for vector in CRYPTO["decrypt"]}
PLAIN = WeChatCredentials(appid="wx1", secret="s", token="a-token")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def _at_now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def signed(credentials: WeChatCredentials, *parts: str, at: datetime = NOW, name: str = "signature") -> dict:
    timestamp, nonce = str(int(at.timestamp())), "n0nce"
    text = "".join(sorted([credentials.token, timestamp, nonce, *parts]))
    return {name: hashlib.sha1(text.encode()).hexdigest(), "timestamp": timestamp, "nonce": nonce}


def read_plain(body: str | bytes) -> Any:
    body = body if isinstance(body, bytes) else body.encode()
    return read_message(PLAIN, signed(PLAIN), body)


def credentials_of(vector: dict[str, Any], **changes: Any) -> WeChatCredentials:
    values = {
        "appid": vector.get("appid") or vector["receive_id"],
        "secret": "s",
        "token": vector.get("token", "a-token"),
        "encoding_aes_key": vector["encoding_aes_key"],
    }
    return WeChatCredentials(**values).model_copy(update=changes)


def query_of(vector: dict[str, Any]) -> dict[str, str]:
    return {name: vector[name] for name in ("timestamp", "nonce", "msg_signature")}


@pytest.mark.parametrize("vector", [v for v in CRYPTO["signature"] if "token" in v], ids=lambda v: v["id"])
def test_signatures_of_address_checks(vector: dict[str, Any]) -> None:
    credentials = WeChatCredentials(appid="wx1", secret="s", token=vector["token"])
    query = {name: vector[name] for name in ("timestamp", "nonce", "signature")} | {"echostr": "4375"}
    with clock.at(datetime.fromtimestamp(int(vector["timestamp"]), UTC)):
        if vector.get("valid", True):
            assert verify_url(credentials, query) == "4375"
        else:
            with pytest.raises(BadCallback):
                verify_url(credentials, query)


@pytest.mark.parametrize("vector", DECRYPT.values(), ids=DECRYPT.keys())
def test_messages_are_decrypted(vector: dict[str, Any]) -> None:
    plain = decrypt(credentials_of(vector), query_of(vector), vector["encrypt"])
    assert plain.decode() == vector["plaintext"]


@pytest.mark.parametrize("vector", CRYPTO["encrypt"], ids=lambda v: v["id"])
def test_what_others_encrypted_is_decrypted(vector: dict[str, Any]) -> None:
    credentials = credentials_of(vector)
    query = signed(credentials, vector["encrypt"], name="msg_signature")
    if "msg_signature" in vector:
        query = query_of(vector)
    assert decrypt(credentials, query, vector["encrypt"]).decode() == vector["plaintext"]


@pytest.mark.parametrize("vector", DECRYPT.values(), ids=DECRYPT.keys())
def test_a_message_for_another_account_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(BadCallback):
        decrypt(credentials_of(vector, appid="wx0"), query_of(vector), vector["encrypt"])


@pytest.mark.parametrize("vector", DECRYPT.values(), ids=DECRYPT.keys())
def test_a_wrong_msg_signature_is_refused(vector: dict[str, Any]) -> None:
    for wrong in ("", "0" * 40, "签名", vector["msg_signature"][:-1]):
        with pytest.raises(BadCallback):
            decrypt(credentials_of(vector), query_of(vector) | {"msg_signature": wrong}, vector["encrypt"])


@pytest.mark.parametrize(
    "garbled", ["", "!", "AAAA", "不是密文", "A" * 24, "A" * 43 + "=", "A" * 64, "A" * 88]
)
def test_garbled_ciphertext_is_refused_though_it_is_signed(garbled: str) -> None:
    credentials = credentials_of(DECRYPT["official-demo-xml"])
    with pytest.raises(BadCallback):
        decrypt(credentials, signed(credentials, garbled, name="msg_signature"), garbled)


def test_a_key_that_is_none_is_refused() -> None:
    credentials = credentials_of(DECRYPT["official-demo-xml"], encoding_aes_key="short")
    with pytest.raises(BadCallback):
        decrypt(credentials, signed(credentials, "AAAA", name="msg_signature"), "AAAA")


def test_an_encrypted_message_is_read_whole() -> None:
    vector = DECRYPT["official-demo-xml"]
    body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{vector['encrypt']}]]></Encrypt></xml>"
    with clock.at(datetime.fromtimestamp(int(vector["timestamp"]), UTC)):
        message = read_message(credentials_of(vector), query_of(vector), body.encode())

    assert isinstance(message, FollowerMessage)
    assert message.kind == "text"
    assert message.at == datetime.fromtimestamp(1409659813, UTC)


@pytest.mark.usefixtures("_at_now")
def test_an_account_with_a_key_takes_no_plain_message() -> None:
    credentials = credentials_of(DECRYPT["official-demo-xml"])
    body = (VECTORS / "publishjobfinish_ok.xml").read_bytes()
    with pytest.raises(BadCallback):
        read_message(credentials, signed(credentials), body)


@pytest.mark.usefixtures("_at_now")
@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24])
def test_an_old_or_future_request_is_refused(minutes: int) -> None:
    query = signed(PLAIN, at=NOW + timedelta(minutes=minutes)) | {"echostr": "1"}
    with pytest.raises(BadCallback, match="过时"):
        verify_url(PLAIN, query)


@pytest.mark.usefixtures("_at_now")
@pytest.mark.parametrize("timestamp", ["", "x", "-1", "9" * 30, "1e9"])
def test_a_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(BadCallback):
        verify_url(PLAIN, signed(PLAIN) | {"timestamp": timestamp, "echostr": "1"})


@pytest.mark.usefixtures("_at_now")
def test_an_account_without_a_token_takes_nothing() -> None:
    tokenless = PLAIN.model_copy(update={"token": ""})
    with pytest.raises(BadCallback):
        verify_url(tokenless, signed(tokenless) | {"echostr": "1"})


@pytest.mark.usefixtures("_at_now")
def test_a_finished_job_is_read() -> None:
    message = read_plain((VECTORS / "publishjobfinish_ok.xml").read_bytes())

    assert message == PublishFinished(
        publish_id="2247503051",
        status=0,
        article_id="b5O2OUs25HBxRceL7hfReg-U9QGeq9zQjiDvyWP4Hq4",
        url="ARTICLE_URL",
        failed_articles=(),
        at=datetime.fromtimestamp(1481013459, UTC),
        dedupe_key=message.dedupe_key,
    )
    assert message.result() == Published(message.article_id, "ARTICLE_URL", message.at)


@pytest.mark.usefixtures("_at_now")
def test_a_failed_job_names_its_articles() -> None:
    message = read_plain((VECTORS / "publishjobfinish_original_fail.xml").read_bytes())

    assert (message.status, message.failed_articles, message.article_id) == (2, (1, 2), None)
    with pytest.raises(Refused, match="第 1、2 篇"):
        message.result()


@pytest.mark.usefixtures("_at_now")
def test_several_articles_are_read_as_one_is() -> None:
    message = read_plain((VECTORS / "publishjobfinish_two_items.xml").read_bytes())
    assert (message.status, message.url) == (0, "ARTICLE_URL")


@pytest.mark.usefixtures("_at_now")
def test_a_status_that_nobody_documented_needs_an_operator() -> None:
    body = (VECTORS / "publishjobfinish_ok.xml").read_text(encoding="utf-8")
    message = read_plain(body.replace("<publish_status>0<", "<publish_status>9<"))
    with pytest.raises(NeedsOperator):
        message.result()


@pytest.mark.usefixtures("_at_now")
def test_a_push_that_was_stopped_names_the_originals() -> None:
    message = read_plain((VECTORS / "masssendjobfinish_two_reprints.xml").read_bytes())
    assert isinstance(message, PushFinished)
    assert (message.msg_id, message.at) == ("1000001625", datetime.fromtimestamp(1481013459, UTC))
    reprints = (Reprint(1, "Url_1", can_be_sent=True), Reprint(2, "Url_2", can_be_sent=True))
    stopped = message.result()
    assert isinstance(stopped, PushStopped)
    assert (stopped.code, stopped.reprints) == ("mass-err-30003", reprints)
    assert "转载" in stopped.message


@pytest.mark.usefixtures("_at_now")
@pytest.mark.parametrize("articles", [1, 3])
def test_a_push_that_went_out_tells_whom_it_reached_and_where_its_articles_are(articles: int) -> None:
    links = "".join(
        f"<item><ArticleIdx>{number}</ArticleIdx><ArticleUrl><![CDATA[u{number}]]></ArticleUrl></item>"
        for number in range(1, articles + 1)
    )
    message = read_plain(
        "<xml><FromUserName>o1</FromUserName><CreateTime>1481013459</CreateTime><MsgType>event</MsgType>"
        "<Event>MASSSENDJOBFINISH</Event><MsgID>3147483651</MsgID><Status>send success</Status>"
        "<TotalCount>5</TotalCount><FilterCount>4</FilterCount><SentCount>3</SentCount><ErrorCount>1</ErrorCount>"
        f"<ArticleUrlResult><ResultList>{links}</ResultList></ArticleUrlResult></xml>"
    )
    assert message.result() == PushSent(
        at=message.at,
        urls={number: f"u{number}" for number in range(1, articles + 1)},
        reach=Reach(5, 4, 3, 1),
    )


@pytest.mark.usefixtures("_at_now")
def test_jobs_that_end_in_one_second_are_told_apart() -> None:
    body = (VECTORS / "publishjobfinish_ok.xml").read_text(encoding="utf-8")
    other = body.replace("2247503051", "2247503052")

    assert read_plain(body).dedupe_key == read_plain(body).dedupe_key
    assert read_plain(body).dedupe_key != read_plain(other).dedupe_key


@pytest.mark.usefixtures("_at_now")
def test_messages_are_told_apart_by_their_id() -> None:
    text = "<xml><FromUserName>o1</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><MsgId>{}</MsgId></xml>"
    assert read_plain(text.format(7)).dedupe_key != read_plain(text.format(8)).dedupe_key


@pytest.mark.usefixtures("_at_now")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<xml>",
        b"\xff\xfe\x00",
        b"<xml></xml>",
        b"<xml><MsgType>event</MsgType><CreateTime>1</CreateTime></xml>",
        b"<xml><MsgType>text</MsgType><CreateTime>soon</CreateTime></xml>",
        b"<xml><MsgType>text</MsgType><CreateTime>99999999999999</CreateTime></xml>",
        b"<xml><MsgType>event</MsgType><Event>PUBLISHJOBFINISH</Event><CreateTime>1</CreateTime></xml>",
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><MsgType>text</MsgType></xml>',
        b'<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType><CreateTime>1</CreateTime></xml>',
        b'<?xml version="1.0" encoding="nonsense"?><xml/>',
    ],
)
def test_what_can_not_be_read_is_one_kind_of_problem(body: bytes) -> None:
    with pytest.raises(BadCallback):
        read_plain(body)


@pytest.mark.parametrize("mode", ["encrypted", "plain"])
async def test_what_the_platform_pushes_at_the_end_of_a_job_is_understood(
    office: Office, sandbox: SandboxServer, mode: str
) -> None:
    account = await office.wechat()
    sealed = office.sealer.open(account.sealed_credentials)
    if mode == "plain":
        sealed["encoding_aes_key"] = None
        account.sealed_credentials = office.sealer.seal(sealed)
    await sandbox.post(
        "accounts",
        appid=sealed["appid"],
        id=account.id,
        encoding_aes_key=sealed["encoding_aes_key"] or "",
    )
    receipt = await (await office.channels.of(account)).publish(await office.article(), Delivery())
    async with asyncio.timeout(10):
        query, body = await sandbox.pushed.get()

    message = read_message(open_credentials(office.sealer, account, WeChatCredentials), query, body)

    assert isinstance(message, PublishFinished)
    assert receipt == Accepted(message.publish_id)
    (article,) = await sandbox.get("wechat/articles")
    assert message.result() == Published(article["id"], article["url"], message.at)
