"""A real SMTP server on this machine, which takes, refuses, puts off or goes silent as it is told. It asks for a login."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "right"


@dataclass
class MailServer:
    """What came in, and how the next mails are met: an answer to RCPT, an answer to DATA, or none at all."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_content: str = "250 OK"
    goes_silent: bool = False
    password: str = PASSWORD

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_content.startswith("250"):
            read = message_from_bytes(envelope.content or b"", _class=EmailMessage, policy=default)
            self.mails.append(read)
        if self.goes_silent:
            server.transport.abort()
        return self.to_content

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        told = isinstance(data, LoginPassword) and data.password.decode() == self.password
        return AuthResult(success=told, handled=told)


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """One that takes everything."""
    host = MailServer()

    def serve() -> SMTP:
        return SMTP(host, hostname="localhost", authenticator=host.authenticate, auth_require_tls=False)

    listening = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    host.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield host
