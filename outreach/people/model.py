"""Tables of sections, people, what they may do, and how they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class Role(StrEnum):
    """What somebody may do. One person may hold several roles."""

    EDITOR = "editor"
    SECTION_HEAD = "section_head"
    CONFIDENTIALITY_REVIEWER = "confidentiality_reviewer"
    SIGNATORY = "signatory"
    PUBLISHER = "publisher"
    STATISTICIAN = "statistician"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Lent:
    """What somebody who is away lends their deputy: to decide as that role would, on items of those sections (None:
    of all)."""

    absent_id: str
    absent_name: str
    role: Role
    section_ids: frozenset[str] | None


class Section(Base):
    """A department or county branch that owns items (科室)."""

    __tablename__ = "section"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)


class Person(Base):
    """Somebody who signs in. `all_sections` stands above the list of sections."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    disabled: Mapped[bool] = mapped_column(default=False)
    all_sections: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    role_rows: Mapped[list[PersonRole]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    section_rows: Mapped[list[PersonSection]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds."""
        return frozenset(row.role for row in self.role_rows)

    @property
    def section_ids(self) -> frozenset[str] | None:
        """The sections whose items the person sees; None means all."""
        return None if self.all_sections else frozenset(row.section_id for row in self.section_rows)

    @property
    def lent(self) -> tuple[Lent, ...]:
        """What others lend the person today. It is read with whoever asks by page or API (`people.queries`); somebody
        who was read otherwise is nobody's deputy."""
        rights: tuple[Lent, ...] = self.__dict__.get(_LENT, ())
        return rights

    def lend(self, rights: tuple[Lent, ...]) -> None:
        """Gives the person what was read with them."""
        self.__dict__[_LENT] = rights


_LENT = "_lent"


class PersonRole(Base):
    """A role of a person."""

    __tablename__ = "person_role"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role), primary_key=True)


class PersonSection(Base):
    """A section that a person belongs to."""

    __tablename__ = "person_section"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True)


class Deputy(Base):
    """That `deputy_id` stands in for `person_id` (代审) as that role, from `first_day` to `last_day` (Asia/Shanghai, both
    included) or until it is revoked."""

    __tablename__ = "deputy"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    deputy_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role))
    first_day: Mapped[date]
    last_day: Mapped[date]
    named_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    named_by_name: Mapped[str] = mapped_column(String(64))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    revoked_by_name: Mapped[str | None] = mapped_column(String(64))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebSession(Base):
    """A browser that is signed in. Only the hash of the cookie's value is kept."""

    __tablename__ = "web_session"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A bearer token that acts as its person. Only its hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
