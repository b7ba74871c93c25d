"""The address book: named persons who get e-mail of the house, and what for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import JSON, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation import audit, clock
from outreach.foundation.database import ID, Base, UtcDateTime
from outreach.foundation.ids import new_id
from outreach.foundation.problems import FieldError, InvalidContent, NotFound, invalid
from outreach.people.model import Person
from outreach.people.rules import Act, require_any

KEEPING: Final = (Act.KEEP_FIGURES, Act.ADMINISTER)
"""Whoever may do one of these keeps the address book, and decides on mails that did not go out."""

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?")
_LONGEST: Final = 254


class Purpose(StrEnum):
    """What somebody gets mail for."""

    SELF_CHECK = "self_check"
    BULLETIN = "bulletin"


PURPOSE_LABELS: Final[Mapping[Purpose, str]] = {Purpose.SELF_CHECK: "自查提醒", Purpose.BULLETIN: "统计月报"}


class Contact(Base):
    """An entry of the address book. `purposes` are values of `Purpose`."""

    __tablename__ = "contact"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(254), unique=True)
    purposes: Mapped[list[str]] = mapped_column(JSON)
    entered_by_name: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def contacts(session: AsyncSession) -> Sequence[Contact]:
    """Everybody in the address book, by name."""
    return (await session.scalars(select(Contact).order_by(Contact.name, Contact.address))).all()


async def contacts_for(session: AsyncSession, purpose: Purpose) -> list[Contact]:
    """Those who get mail for that."""
    return [one for one in await contacts(session) if purpose in one.purposes]


async def add_contact(
    session: AsyncSession, by: Person, name: str, address: str, purposes: Collection[str]
) -> Contact:
    """Raises Forbidden, InvalidContent."""
    require_any(by, KEEPING)
    chosen = [one.value for one in Purpose if one in purposes]
    errors = []
    if not 0 < len(name) <= 30:
        errors.append(FieldError("name", "请填写姓名，最多 30 个字。"))
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        errors.append(FieldError("address", f"“{address[:60]}”不是邮件地址，应形如 zhangsan@example.cn。"))
    if not chosen:
        errors.append(FieldError("purposes", "请勾选收哪一种邮件。"))
    if errors:
        raise InvalidContent("联系人有内容需要修改，请看各栏下的说明。", errors=errors)
    contact = Contact(
        name=name,
        address=address.lower(),
        purposes=chosen,
        entered_by_name=by.name,
        entered_at=clock.now(),
    )
    try:
        async with session.begin_nested():
            session.add(contact)
    except IntegrityError:
        raise invalid("address", "通讯录里已经有这个地址。要改用途，请先删除原来的一条。") from None
    await audit.record(session, by, "contact.add", "contact", contact.id, purposes=chosen)
    return contact


async def remove_contact(session: AsyncSession, by: Person, contact_id: str) -> None:
    """Nobody writes to them any more; what is on its way still goes. Raises Forbidden, NotFound."""
    require_any(by, KEEPING)
    gone = await session.scalar(delete(Contact).where(Contact.id == contact_id).returning(Contact.id))
    if gone is None:
        raise NotFound("通讯录里没有这个联系人。")
    await audit.record(session, by, "contact.remove", "contact", contact_id)
