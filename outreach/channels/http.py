"""The one way out to the platforms: timeouts on every call, no redirects, no cookies, nothing logged.

Addresses bear access tokens. An exception of the HTTP library may quote the address, so none of them is
kept as the cause of what is raised here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
from yarl import URL

from outreach.channels.protocol import NeedsOperator, NotSent, QuotaSpent

CALL_TIMEOUT_S: Final = 15.0
UPLOAD_TIMEOUT_S: Final = 60.0
_CONNECT_TIMEOUT_S: Final = 5.0
# To a platform at least as many as a worker has posts under way: a call that waits too long for a connection
# counts as not sent.
_CONNECTIONS: Final = 400
_CONNECTIONS_PER_HOST: Final = 200
# Shorter than any server's, so that a call is seldom sent into a connection that is just being closed.
_KEEP_ALIVE_S: Final = 10.0
_MINUTE_S: Final = 60.0
_DAY_S: Final = 86_400.0

Payload = bytes | Mapping[str, str] | aiohttp.FormData


# Of many calls the connections are there already: what takes time to watch over them is left out.
_OF_MANY: Final = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S, sock_connect=_CONNECT_TIMEOUT_S)


class AnswerLost(Exception):
    """The call left this machine and no usable answer came back. Whoever called knows what that means."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform answered: an HTTP status below 500, a body, what time it says it is (RFC 9110, 6.6.1;
    whole seconds), and how long to wait (10.2.3)."""

    status: int
    body: bytes
    told_date: str | None = None
    retry_after_s: float | None = None

    @property
    def date(self) -> datetime | None:
        """The platform's time (aware); None where it tells none, or none that can be read."""
        try:
            date = parsedate_to_datetime(self.told_date or "")
        except ValueError:
            return None
        return date if date.tzinfo else None

    def members(self) -> dict[str, Any]:
        """The body as a JSON object, whatever content type it was said to have.

        Raises:
            AnswerLost: it is none, though the call is said to have gone well.
            QuotaSpent, NeedsOperator: it is none, and the status refuses the call.
        """
        try:
            members = json.loads(self.body.decode())
        except ValueError:
            members = None
        if isinstance(members, dict):
            return members
        if self.status == 429:
            wait_s = _MINUTE_S if self.retry_after_s is None else self.retry_after_s
            raise QuotaSpent("平台限制了调用频率，稍后自动重试。", code="http-429", retry_after_s=wait_s)
        if self.status >= 400:
            raise NeedsOperator(
                f"平台拒绝了请求（HTTP {self.status}）。请检查接口地址、代理和防火墙设置。",
                code=f"http-{self.status}",
            )
        raise AnswerLost("no JSON object")


class Transport:
    """One pool of connections a process, opened with the first call."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, query: Mapping[str, str], *, timeout_s: float = CALL_TIMEOUT_S) -> Answer:
        """Asks for `url`. Raises NotSent where nothing left this machine, else AnswerLost."""
        return await self._send("GET", url, query, None, {}, _timeout(timeout_s))

    async def post(
        self,
        url: str,
        payload: Payload,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> Answer:
        """Sends `payload` to `url`. Raises NotSent where nothing left this machine, else AnswerLost."""
        headers = {"Content-Type": content_type} if content_type else {}
        return await self._send("POST", url, query or {}, payload, headers, _timeout(timeout_s))

    async def tell(self, url: URL, payload: bytes, headers: Mapping[str, str]) -> Answer:
        """The same where there are very many calls to one address: what is alike in all of them is made once. Fewer may
        be under way than there are connections."""
        return await self._send("POST", url, None, payload, headers, _OF_MANY)

    async def close(self) -> None:
        """Closes the connections; the next call would open new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send(
        self,
        method: str,
        url: str | URL,
        query: Mapping[str, str] | None,
        payload: Payload | None,
        headers: Mapping[str, str],
        limits: aiohttp.ClientTimeout,
    ) -> Answer:
        request = self._open().request(
            method,
            url,
            params=query,
            data=payload,
            headers=headers,
            timeout=limits,
            allow_redirects=False,
        )
        try:
            async with request as response:
                body = await response.read()
                answer = Answer(response.status, body, response.headers.get("Date"), _retry_after_s(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent(
                "无法连接到平台，这一步没有办成，稍后自动重试。请检查网络。", code=type(error).__name__
            ) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AnswerLost(type(error).__name__) from None
        if answer.status >= 500:
            raise AnswerLost(f"HTTP {answer.status}")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=_CONNECTIONS, limit_per_host=_CONNECTIONS_PER_HOST, keepalive_timeout=_KEEP_ALIVE_S
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _timeout(total_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total_s, connect=_CONNECT_TIMEOUT_S)


def _retry_after_s(response: aiohttp.ClientResponse) -> float | None:
    """Seconds, as the platforms write it; a date is of no use where their clock may differ from ours."""
    told = response.headers.get("Retry-After", "")
    return min(float(told), _DAY_S) if told.isascii() and told.isdigit() else None
