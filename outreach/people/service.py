"""Who works here: people and sections are added and changed, passwords and tokens given."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.problems import Forbidden, StaleState, invalid
from outreach.foundation.seal import digest
from outreach.people.model import ApiToken, Person, PersonRole, PersonSection, Role, Section, WebSession
from outreach.people.passwords import Passwords, one_time_password
from outreach.people.queries import person_of_row, today, with_duties

_PASSWORDS = Passwords()
_NAME_LENGTH = 64


async def add_person(
    session: AsyncSession,
    by: Actor,
    name: str,
    roles: Collection[Role],
    section_names: Collection[str],
    password: str | None = None,
    *,
    must_change: bool = True,
    passwords: Passwords = _PASSWORDS,
) -> tuple[Person, str | None]:
    """Adds somebody. Without section names they belong to all sections.

    Returns:
        The person, and the one-time password that was made where `password` is None.

    Raises:
        InvalidContent: the name is taken or can't be one, no role, an unknown section, an empty password.
    """
    name = _name(name, "用户名")
    if not roles:
        raise invalid("roles", "请至少选择一个角色。")
    if password == "":
        raise invalid("password", "密码不能为空。")
    chosen = await _sections(session, section_names)
    one_time = one_time_password() if password is None else None

    person = Person(
        name=name,
        password_hash=await passwords.hash(password or one_time or ""),
        must_change_password=must_change,
        disabled=False,
        all_sections=not chosen,
        failed_logins=0,
        created_at=clock.now(),
        role_rows=[PersonRole(role=role) for role in sorted(set(roles))],
        section_rows=[PersonSection(section_id=section.id) for section in chosen],
    )
    await _insert_named(session, person, f"用户名“{name}”已被使用。")
    await audit.record(
        session,
        by,
        "person.add",
        "person",
        person.id,
        name=name,
        roles=_values(roles),
        sections=[section.name for section in chosen],
    )
    return person, one_time


async def change_person(
    session: AsyncSession,
    by: Actor,
    person: Person,
    *,
    roles: Collection[Role],
    section_names: Collection[str],
    disabled: bool,
) -> Person:
    """Sets what somebody may do. Who is disabled is signed out at once and loses their tokens.

    Raises:
        Forbidden: somebody disables themselves or takes the administrator's role from themselves.
        InvalidContent: no role, or an unknown section.
    """
    if not roles:
        raise invalid("roles", "请至少选择一个角色。")
    if by.id == person.id and (disabled or (Role.ADMIN in person.roles and Role.ADMIN not in roles)):
        raise Forbidden("不能停用自己，也不能取消自己的系统管理员角色。请由另一位系统管理员操作。")
    chosen = await _sections(session, section_names)

    await _replace_roles(session, person, roles)
    await _replace_sections(session, person, chosen)
    person.all_sections = not chosen
    person.disabled = disabled
    await session.flush()
    if disabled:
        await end_sessions(session, person.id)
        await session.execute(delete(ApiToken).where(ApiToken.person_id == person.id))
    await audit.record(
        session,
        by,
        "person.change",
        "person",
        person.id,
        name=person.name,
        roles=_values(roles),
        sections=[section.name for section in chosen],
        disabled=disabled,
    )
    return person


async def reset_password(
    session: AsyncSession, by: Actor, person: Person, *, passwords: Passwords = _PASSWORDS
) -> str:
    """Gives somebody a one-time password, signs them out, ends their tokens and a pause. Returns the
    password."""
    one_time = one_time_password()
    person.password_hash = await passwords.hash(one_time)
    person.must_change_password = True
    person.failed_logins, person.paused_until = 0, None
    await session.flush()
    await end_sessions(session, person.id)
    await session.execute(delete(ApiToken).where(ApiToken.person_id == person.id))
    await audit.record(session, by, "person.reset_password", "person", person.id, name=person.name)
    return one_time


async def change_password(
    session: AsyncSession, person: Person, new_hash: str, *, keep: str | None = None
) -> None:
    """Stores the hash of `person`'s new password and ends their other sessions (`keep`: the hash of the
    session that stays). Whoever calls it has checked the old password against `person.password_hash`.

    Raises:
        StaleState: the password was changed since it was checked.
    """
    changed = await session.execute(
        update(Person)
        .where(Person.id == person.id, Person.password_hash == person.password_hash)
        .values(password_hash=new_hash, must_change_password=False)
        .returning(Person.id)
    )
    if changed.first() is None:
        raise StaleState("密码刚刚已被更改，请重新登录。")
    await end_sessions(session, person.id, keep=keep)
    await audit.record(session, person, "person.change_password", "person", person.id)


async def end_sessions(session: AsyncSession, person_id: str, *, keep: str | None = None) -> None:
    """Signs somebody out of every browser, but for the session whose hash is `keep`."""
    ended = delete(WebSession).where(WebSession.person_id == person_id)
    await session.execute(ended if keep is None else ended.where(WebSession.id_hash != keep))


async def add_section(session: AsyncSession, by: Actor, name: str) -> Section:
    """Adds a section. Raises InvalidContent where the name is taken or can't be one."""
    section = Section(name=_name(name, "科室名称"))
    await _insert_named(session, section, f"科室“{section.name}”已经存在。")
    await audit.record(session, by, "section.add", "section", section.id, name=section.name)
    return section


async def issue_token(session: AsyncSession, by: Actor, person: Person) -> str:
    """A new bearer token that acts as `person`; only its hash is kept. Returns its text."""
    token = secrets.token_urlsafe(32)
    row = ApiToken(person_id=person.id, token_hash=digest(token), created_at=clock.now())
    session.add(row)
    await session.flush()
    await audit.record(session, by, "token.issue", "person", person.id, token=row.id)
    return token


async def revoke_tokens(session: AsyncSession, by: Actor, person: Person) -> None:
    """Ends every bearer token of `person`."""
    await session.execute(delete(ApiToken).where(ApiToken.person_id == person.id))
    await audit.record(session, by, "token.revoke", "person", person.id)


async def people_of_tokens(session: AsyncSession, tokens: Sequence[str]) -> list[Person | None]:
    """For each bearer token whom it acts as, all in one read; None where it is unknown or its person is disabled.

    A password that is still to be changed does not hold it up: a program has no password, and whoever issued the
    token knew for whom.
    """
    hashes = [digest(token) for token in tokens]
    found = {
        row.token_hash: row
        for row in await session.execute(_OF_TOKENS, {"hashes": list(set(hashes)), **today()})
    }
    return [person_of_row(found[one]) if one in found else None for one in hashes]


async def _insert_named(session: AsyncSession, row: Person | Section, taken: str) -> None:
    """Inserts a row whose name is unique; of two at the same time one is told that it is `taken`."""
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise invalid("name", taken) from error


async def _sections(session: AsyncSession, names: Iterable[str]) -> list[Section]:
    wanted = {name.strip() for name in names}
    found = list(await session.scalars(select(Section).where(Section.name.in_(wanted)).order_by(Section.id)))
    missing = wanted - {section.name for section in found}
    if missing:
        raise invalid("sections", f"没有这些科室：{'、'.join(sorted(missing))}。")
    return found


async def _replace_roles(session: AsyncSession, person: Person, roles: Collection[Role]) -> None:
    kept = [row for row in person.role_rows if row.role in roles]
    added = sorted(set(roles) - person.roles)
    person.role_rows = [*kept, *(PersonRole(role=role) for role in added)]


async def _replace_sections(session: AsyncSession, person: Person, sections: Iterable[Section]) -> None:
    chosen = {section.id for section in sections}
    kept = [row for row in person.section_rows if row.section_id in chosen]
    added = sorted(chosen - {row.section_id for row in kept})
    person.section_rows = [*kept, *(PersonSection(section_id=section_id) for section_id in added)]


def _name(typed: str, what: str) -> str:
    name = unicodedata.normalize("NFC", typed).strip()
    if not name:
        raise invalid("name", f"请填写{what}。")
    if len(name) > _NAME_LENGTH:
        raise invalid("name", f"{what}最多 {_NAME_LENGTH} 个字。")
    if not name.isprintable():
        raise invalid("name", f"{what}含有不可见的字符，请删去。")
    return name


def _values(roles: Iterable[Role]) -> list[str]:
    return sorted({role.value for role in roles})


_TOKEN: Final = ApiToken.__table__.c
_OF_TOKENS: Final = (
    with_duties(_TOKEN.token_hash)
    .join_from(Person.__table__, ApiToken.__table__, _TOKEN.person_id == Person.__table__.c.id)
    .where(_TOKEN.token_hash.in_(bindparam("hashes", expanding=True)), Person.__table__.c.disabled.is_(False))
)
