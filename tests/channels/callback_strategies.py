"""Whatever may be sent to a callback: true messages, what is left of them after an accident, and what never was one."""

from __future__ import annotations

import hashlib
from typing import Final
from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from outreach.channels.credentials import WeChatCredentials
from outreach.channels.wechat.callback import read_message
from outreach.channels.wechat.messages import KNOWN_KINDS, FollowerMessage, read_again
from outreach.channels.wechat.pushed_xml import BadCallback
from outreach.foundation import clock

_KEY: Final = "liGXYVZoaMNqiSP12TrSAY3wj1T3ExnEinCdflPFgEQ"
CREDENTIALS: Final = {
    False: WeChatCredentials(appid="wx1", secret="s", token="a-token"),
    True: WeChatCredentials(appid="wx1", secret="s", token="a-token", encoding_aes_key=_KEY),
}
_BOMB: Final = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
    + b"]><xml><MsgType>&i;</MsgType></xml>"
)
_FILE: Final = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><MsgType>&a;</MsgType></xml>'
_NESTED: Final = b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>"
_WHOLE: Final = (
    "<Content>空气质量 集宁</Content><EventKey>k</EventKey><MsgID>7</MsgID><Status>success</Status><OpenID>o2</OpenID>"
    "<PublishEventInfo><publish_id>1</publish_id><publish_status>0</publish_status></PublishEventInfo>"
)
"""Members that some kinds can't do without."""
_JOBS: Final = ("PUBLISHJOBFINISH", "MASSSENDJOBFINISH")
_NAMES: Final = (
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Event",
    "EventKey",
    "Content",
    "MsgId",
    "MsgID",
    "Status",
    "TotalCount",
    "Encrypt",
    "PublishEventInfo",
    "publish_id",
    "publish_status",
    "fail_idx",
    "List",
    "TemplateId",
    "SubscribeMsgPopupEvent",
    "SubscribeMsgSentEvent",
    "OpenID",
)


def bodies() -> st.SearchStrategy[bytes]:
    """What may come, before it is encrypted."""
    whole = _messages()
    return st.one_of(
        whole,
        st.builds(_cut, whole, st.integers(0, 2000)),
        st.builds(_changed, whole, st.integers(0, 2000), st.binary(min_size=1, max_size=4)),
        st.builds(lambda one, other: one + other, whole, whole),
        st.builds(_encoded, _trees(), st.sampled_from(["utf-8", "utf-16", "gb18030", "latin-1", "big5"])),
        st.sampled_from([_BOMB, _FILE, _NESTED, b"", b"\x00", b"\xff\xfe", b"<xml/>", b"{}"]),
        st.binary(max_size=4000),
        st.builds(lambda byte, size: byte * size, st.binary(min_size=1, max_size=3), st.integers(0, 40_000)),
    )


def signed(*parts: str, name: str = "signature") -> dict[str, str]:
    """The query of a push, signed now."""
    timestamp = str(int(clock.now().timestamp()))
    text = "".join(sorted(["a-token", timestamp, "n0nce", *parts]))
    return {name: hashlib.sha1(text.encode()).hexdigest(), "timestamp": timestamp, "nonce": "n0nce"}


def encrypted(body: bytes) -> tuple[dict[str, str], bytes]:
    """Query and body of an encrypted push of `body`, which need be no message."""
    crypto = WeChatCrypto("a-token", _KEY, "wx1")
    timestamp = str(int(clock.now().timestamp()))
    sealed = fromstring(crypto.encrypt_message(body.decode("latin-1"), "n0nce", timestamp))
    query = {"msg_signature": sealed.findtext("MsgSignature") or "", "timestamp": timestamp, "nonce": "n0nce"}
    return query, f"<xml><Encrypt>{sealed.findtext('Encrypt')}</Encrypt></xml>".encode()


def read(credentials: WeChatCredentials, query: dict[str, str], body: bytes) -> str:
    """How it came out, in a word: the reason of a refusal, or what was understood. A message that is kept says the same
    when it is read again."""
    try:
        message = read_message(credentials, query, body)
    except BadCallback as problem:
        return problem.reason
    if not isinstance(message, FollowerMessage):
        return type(message).__name__
    again, content = read_again(message.xml)
    assert again == message
    assert len(message.kind) <= 64 and len(message.sender) <= 64
    return type(content).__name__


def _messages() -> st.SearchStrategy[bytes]:
    """Messages as they should be, of every kind, with some of the members that a kind has, or of another."""
    kinds = st.sampled_from([*sorted(KNOWN_KINDS), *_JOBS, "made_up"])
    members = st.lists(st.tuples(st.sampled_from(_NAMES), _values()), max_size=8)
    return st.builds(_message, kinds, st.integers(0, 10**10), members, st.sampled_from(["", _WHOLE]))


def _message(kind: str, created: int, members: list[tuple[str, str]], whole: str) -> bytes:
    named = f"<MsgType>event</MsgType><Event>{kind}</Event>" if kind[0].isupper() or "_" in kind else ""
    named = named or f"<MsgType>{kind}</MsgType>"
    rest = "".join(f"<{name}>{value}</{name}>" for name, value in members)
    return f"<xml><FromUserName>o1</FromUserName><CreateTime>{created}</CreateTime>{named}{rest}{whole}</xml>".encode()


def _values() -> st.SearchStrategy[str]:
    words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=40)
    plain = words.map(escape)
    sections = words.map(lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>")
    numbers = st.integers(-1, 10**20).map(str)
    inside = st.tuples(st.sampled_from(_NAMES), numbers).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
    return st.one_of(plain, sections, numbers, inside)


def _trees() -> st.SearchStrategy[str]:
    leaves = st.tuples(st.sampled_from(_NAMES), _values())
    return st.recursive(
        leaves.map(lambda leaf: f"<{leaf[0]}>{leaf[1]}</{leaf[0]}>"),
        lambda inner: st.tuples(st.sampled_from(_NAMES), st.lists(inner, max_size=4)).map(
            lambda node: f"<{node[0]}>{''.join(node[1])}</{node[0]}>"
        ),
        max_leaves=20,
    )


def _encoded(tree: str, encoding: str) -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?><xml>{tree}</xml>'
    return text.encode(encoding, errors="xmlcharrefreplace")


def _cut(body: bytes, at: int) -> bytes:
    return body[: at % (len(body) + 1)]


def _changed(body: bytes, at: int, noise: bytes) -> bytes:
    place = at % (len(body) + 1)
    return body[:place] + noise + body[place + len(noise) :]
