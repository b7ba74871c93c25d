"""Whatever is sent to the callback is either understood or refused in one way; what is kept is read again the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.channels.wechat.messages import (
    Arrival,
    AuthorisationRevoked,
    Consent,
    ConsentChanged,
    Consented,
    Content,
    Located,
    MediaMessage,
    MenuPressed,
    NoticeArrived,
    NoticesArrived,
    PageOpened,
    Scanned,
    Subscribed,
    TemplateArrived,
    TextMessage,
    Unknown,
    Unsubscribed,
    read_again,
)
from tests.channels.callback_strategies import CREDENTIALS, bodies, encrypted, read, signed

VECTORS = Path(__file__).parent / "vectors"
HEAD = "<FromUserName>o1</FromUserName><CreateTime>1610969440</CreateTime>"


@settings(max_examples=150)
@given(bodies(), st.booleans())
def test_anything_is_understood_or_refused(body: bytes, is_encrypted: bool) -> None:
    query, sent = encrypted(body) if is_encrypted else (signed(), body)
    assert read(CREDENTIALS[is_encrypted], query, sent)


def event(name: str, rest: str = "") -> str:
    return f"<xml>{HEAD}<MsgType>event</MsgType><Event>{name}</Event>{rest}</xml>"


def message(kind: str, rest: str = "") -> str:
    return f"<xml>{HEAD}<MsgType>{kind}</MsgType>{rest}<MsgId>1</MsgId></xml>"


@pytest.mark.parametrize(
    ("xml", "content"),
    [
        (message("text", "<Content><![CDATA[空气 <集宁>]]></Content>"), TextMessage("空气 <集宁>")),
        (message("image", "<PicUrl>u</PicUrl><MediaId>m</MediaId>"), MediaMessage("image", None)),
        (message("voice", "<Recognition>空气质量</Recognition>"), MediaMessage("voice", "空气质量")),
        (message("location", "<Label>霸王河</Label>"), MediaMessage("location", "霸王河")),
        (message("link", "<Title>标题</Title><Url>u</Url>"), MediaMessage("link", "标题")),
        (event("subscribe"), Subscribed(None)),
        (event("subscribe", "<EventKey>qrscene_12</EventKey><Ticket>t</Ticket>"), Subscribed("12")),
        (event("unsubscribe", "<EventKey></EventKey>"), Unsubscribed()),
        (event("CLICK", "<EventKey>空气质量</EventKey>"), MenuPressed("空气质量")),
        (event("VIEW", "<EventKey>http://127.0.0.1/</EventKey>"), PageOpened("http://127.0.0.1/")),
        (event("SCAN", "<EventKey>12</EventKey>"), Scanned("12")),
        (event("LOCATION", "<Latitude>1</Latitude>"), Located()),
        (
            event("TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>success</Status>"),
            TemplateArrived("7", Arrival.DELIVERED, "success"),
        ),
        (
            event("TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>failed:user block</Status>"),
            TemplateArrived("7", Arrival.BLOCKED, "failed:user block"),
        ),
        (
            event("TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>failed: system failed</Status>"),
            TemplateArrived("7", Arrival.FAILED, "failed: system failed"),
        ),
        (event("user_authorization_revoke", "<OpenID>o2</OpenID>"), AuthorisationRevoked("o2")),
        (event("user_authorization_revoke"), Unknown()),
        (event("made_up"), Unknown()),
    ],
)
def test_each_kind_is_understood(xml: str, content: Content) -> None:
    assert read_again(xml)[1] == content


def test_answers_to_subscription_notices_are_understood_as_others_recorded_them() -> None:
    def recorded(name: str) -> Content:
        return read_again((VECTORS / name).read_text(encoding="utf-8"))[1]

    first, second = (
        "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc",
        "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI",
    )
    assert recorded("subscribe_msg_popup.xml") == Consented(
        (Consent(first, True, "2"), Consent(second, False, "2"))
    )
    assert recorded("subscribe_msg_change.xml") == ConsentChanged((Consent(first, False, None),))
    assert recorded("subscribe_msg_sent.xml") == NoticesArrived(
        (NoticeArrived(first, "1700827132819554304", "0", "success"),)
    )
