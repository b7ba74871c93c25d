"""E-mails that wait are handed to the server, one after another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

import structlog

from outreach.foundation import audit, clock, mail, smtp
from outreach.foundation.mail import Hold, Mail, MailAction
from outreach.foundation.problems import StaleState
from outreach.office.context import Office
from outreach.people.contacts import KEEPING
from outreach.people.model import Person
from outreach.people.rules import require_any
from outreach.settings import Settings

log = structlog.get_logger(__name__)

AT_MOST_S: Final = 45.0
"""After so long a job leaves the rest to the next one: the queue that it runs in has other work."""

_ACTS: Final = {
    "send-again": MailAction.SEND_AGAIN,
    "confirm": MailAction.CONFIRM,
    "drop": MailAction.DROP,
}


async def send_due(office: Office, *, worker: str, most_s: float = AT_MOST_S) -> int:
    """Sends mail after mail until none is due; how many were taken. Nothing happens where no server is configured.
    Safe to run twice and at the same time."""
    if not smtp.is_configured(office.settings):
        return 0
    begun, taken = time.monotonic(), 0
    while time.monotonic() - begun < most_s:
        async with office.db.begin() as session:
            hold = await mail.claim(session, worker=worker)
        if hold is None:
            break
        await _send(office, hold)
        taken += 1
    return taken


async def decide_on_mail(office: Office, by: Person, mail_id: str, act: str) -> Mail:
    """A person says what becomes of a mail that does not go on by itself: `send-again`, `confirm` (it arrived) or
    `drop`. Raises Forbidden, NotFound, NotPossible, StaleState, KeyError for any other word."""
    require_any(by, KEEPING)
    async with office.db.begin() as session:
        decided = await mail.decide(session, mail_id, _ACTS[act])
        await audit.record(session, by, f"mail.{act}", "mail", mail_id)
    return decided


async def _send(office: Office, hold: Hold) -> None:
    async def before_handover() -> None:
        async with office.db.begin() as session:
            await mail.note_handover(session, hold)

    try:
        message = await _message(office, hold.mail)
    except FileNotFoundError:
        await _settled(office, hold, smtp.Rejected("附件的文件已经不在，不能发送。"))
        return
    try:
        await smtp.carry(office.settings, message, hold.mail.to_address, before_handover)
    except smtp.CarryError as error:
        await _settled(office, hold, error)
    except StaleState:
        log.info("mail_taken_over", mail=hold.mail.id)
    else:
        await _settled(office, hold, None)


async def _settled(office: Office, hold: Hold, error: smtp.CarryError | None) -> None:
    if error is not None:
        log.warning("mail_not_sent", mail=hold.mail.id, kind=type(error).__name__)
    async with office.db.begin() as session:
        match error:
            case None:
                await mail.accept(session, hold)
            case smtp.Deferred(message=told):
                await mail.defer(session, hold, told)
            case smtp.Rejected(message=told):
                await mail.refuse(session, hold, told)
            case _:
                await mail.lose_answer(session, hold, error.message)


async def _message(office: Office, queued: Mail) -> EmailMessage:
    """The mail as it goes over the wire. Its Message-ID is the row's, so that a reader's server knows a repeated one.
    Raises FileNotFoundError."""
    message = EmailMessage()
    message["From"] = _address(*parseaddr(office.settings.smtp_from or ""))
    message["To"] = _address(queued.to_name, queued.to_address)
    message["Subject"] = queued.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{queued.id}@{_domain(office.settings)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    message.set_content(queued.text, cte="base64")
    for file in queued.attachments:
        main, _, sub = file["media_type"].partition("/")
        content = await office.media.read(file["sha256"])
        message.add_attachment(content, maintype=main, subtype=sub, filename=file["name"])
    return message


def _address(name: str, address: str) -> Sequence[Address]:
    return (Address(display_name=name, addr_spec=address),)


def _domain(settings: Settings) -> str:
    return smtp.sender_of(settings).partition("@")[2]
