"""One e-mail to one server, told apart by what is known when it fails.

CarryError
├── Deferred     nothing was handed over: try again later (no way there, server busy, login refused)
├── Rejected     the server refused it for good: the address, the sender or the content has to be mended
└── AnswerLost   it was handed over (DATA) and no answer came: it may have arrived, nobody can know
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import parseaddr
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP

from outreach.settings import Settings

TIMEOUT_S: Final = 30
"""For each command; the whole of a mail takes a few of them."""

_SHOWN: Final = 200


class CarryError(Exception):
    """A mail was not seen to arrive. `message` is Chinese, and bears no password."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Deferred(CarryError):
    """Nothing was handed over; it may be tried again."""


class Rejected(CarryError):
    """The server refused it for good."""


class AnswerLost(CarryError):
    """It was handed over, and no answer came."""


def is_configured(settings: Settings) -> bool:
    """Whether there is a server to hand mails to."""
    return settings.smtp_host is not None


def sender_of(settings: Settings) -> str:
    """The bare address that mails come from."""
    return parseaddr(settings.smtp_from or "")[1]


async def carry(
    settings: Settings, message: EmailMessage, to: str, before_handover: Callable[[], Awaitable[None]]
) -> None:
    """Hands `message` to the server for the address `to`. `before_handover` is awaited right before the first byte of
    it leaves: what fails earlier was certainly not sent. Raises CarryError."""
    client = _client(settings)
    try:
        await _greet(client)
        await _announce(client, sender_of(settings), to)
        await before_handover()
        await _hand_over(client, message.as_bytes(policy=WIRE))
        await _take_leave(client)
    finally:
        client.close()


async def check(settings: Settings) -> None:
    """Connects and logs in, and sends nothing. Raises Deferred."""
    client = _client(settings)
    try:
        await _greet(client)
        await _take_leave(client)
    finally:
        client.close()


def _client(settings: Settings) -> SMTP:
    return SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=TIMEOUT_S,
    )


async def _greet(client: SMTP) -> None:
    try:
        await client.connect()
    except aiosmtplib.SMTPAuthenticationError as error:
        raise Deferred(f"邮件服务器不接受用户名或密码（{error.code}）。") from error
    except aiosmtplib.SMTPResponseException as error:
        raise Deferred(f"邮件服务器暂不接待：{_said(error)}。") from error
    except aiosmtplib.SMTPNotSupported as error:
        raise Deferred("邮件服务器不支持所设的加密或登录方式，请核对 OUTREACH_SMTP_TLS。") from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise Deferred(f"连不上邮件服务器（{type(error).__name__}）。") from error


async def _announce(client: SMTP, sender: str, to: str) -> None:
    try:
        await client.mail(sender)
        await client.rcpt(to)
    except aiosmtplib.SMTPResponseException as error:
        raise _refusal(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Deferred(f"邮件服务器中途断开（{type(error).__name__}）。") from error


async def _hand_over(client: SMTP, content: bytes) -> None:
    try:
        await client.data(content)
    except aiosmtplib.SMTPDataError as error:
        raise _refusal(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise AnswerLost("邮件已交给服务器，但没有收到回答，不知道是否送达。") from error


async def _take_leave(client: SMTP) -> None:
    """The mail is the server's by now, however the farewell goes."""
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        return


def _refusal(error: aiosmtplib.SMTPResponseException) -> CarryError:
    """RFC 5321, 4.2.1: 4yz may be tried again, 5yz may not."""
    if 400 <= error.code < 500:
        return Deferred(f"邮件服务器请稍后再试：{_said(error)}。")
    return Rejected(f"邮件服务器拒收：{_said(error)}。")


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {' '.join(str(error.message).split())}"[:_SHOWN]
