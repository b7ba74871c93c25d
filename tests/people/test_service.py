"""People, sections and tokens."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from outreach.foundation import audit
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.database import Database
from outreach.foundation.problems import Forbidden, InvalidContent, NotFound, StaleState
from outreach.people import queries, service, sign_in
from outreach.people.model import ApiToken, Person, Role, WebSession
from outreach.people.sign_in import Login

from .conftest import QUICK

PASSWORD = "correct-horse-battery"


async def test_who_is_added_without_a_password_gets_a_one_time_one(db: Database) -> None:
    async with db.begin() as session:
        person, one_time = await service.add_person(
            session, COMMAND_LINE, " 王芳 ", [Role.EDITOR], [], passwords=QUICK
        )
    assert one_time is not None
    assert len(one_time) == 19
    assert person.name == "王芳"
    assert person.must_change_password
    assert person.section_ids is None
    assert await QUICK.matches(person.password_hash, one_time)


async def test_who_is_added_to_sections_sees_these_alone(db: Database) -> None:
    async with db.begin() as session:
        water = await service.add_section(session, COMMAND_LINE, "水科")
        await service.add_section(session, COMMAND_LINE, "大气科")
    person = await _add(db, "王芳", sections=["水科"])
    assert person.section_ids == {water.id}


@pytest.mark.parametrize(
    ("name", "roles", "sections", "field"),
    [
        ("王芳", [Role.EDITOR], [], "name"),
        ("  ", [Role.EDITOR], [], "name"),
        ("长" * 65, [Role.EDITOR], [], "name"),
        ("李\u200b四", [Role.EDITOR], [], "name"),
        ("李四", [], [], "roles"),
        ("李四", [Role.EDITOR], ["没有的科"], "sections"),
    ],
)
async def test_what_cannot_be_added_names_its_field(
    db: Database, name: str, roles: list[Role], sections: list[str], field: str
) -> None:
    await _add(db, "王芳")
    with pytest.raises(InvalidContent) as told:
        async with db.begin() as session:
            await service.add_person(session, COMMAND_LINE, name, roles, sections, PASSWORD, passwords=QUICK)
    assert [error.field for error in told.value.errors] == [field]


async def test_a_section_is_added_once(db: Database) -> None:
    async with db.begin() as session:
        await service.add_section(session, COMMAND_LINE, "水科")
    with pytest.raises(InvalidContent, match="已经存在"):
        async with db.begin() as session:
            await service.add_section(session, COMMAND_LINE, "水科")
    async with db.read() as session:
        assert [section.name for section in await queries.sections(session)] == ["水科"]


async def test_roles_and_sections_are_changed_together(db: Database) -> None:
    async with db.begin() as session:
        water = await service.add_section(session, COMMAND_LINE, "水科")
    person = await _add(db, "王芳", Role.EDITOR, Role.PUBLISHER)
    await _change(db, person, roles=[Role.PUBLISHER, Role.SIGNATORY], sections=["水科"])
    async with db.read() as session:
        changed = await queries.person_named(session, "王芳")
    assert changed.roles == {Role.PUBLISHER, Role.SIGNATORY}
    assert changed.section_ids == {water.id}


async def test_who_is_disabled_is_out_at_once(db: Database) -> None:
    person = await _add(db, "王芳")
    cookie, token = await _sign_in(db, person), await _token(db, person)
    await _change(db, person, disabled=True)
    async with db.read() as session:
        assert await sign_in.visits_of(session, [cookie]) == [None]
        assert await service.people_of_tokens(session, [token]) == [None]
        assert (await session.scalars(select(WebSession))).all() == []
        assert (await session.scalars(select(ApiToken))).all() == []
    async with db.begin() as session:
        login = await sign_in.find_login(session, "王芳")
        assert await sign_in.record_login(session, login, matches=True, idle_minutes=60) is None


async def test_nobody_shuts_themselves_out(db: Database) -> None:
    admin = await _add(db, "管理", Role.ADMIN)
    for roles, disabled in (([Role.ADMIN], True), ([Role.EDITOR], False)):
        with pytest.raises(Forbidden):
            async with db.begin() as session:
                person = await queries.person(session, admin.id)
                await service.change_person(
                    session, admin, person, roles=roles, section_names=[], disabled=disabled
                )


async def test_a_reset_password_ends_sessions_tokens_and_a_pause(db: Database) -> None:
    person = await _add(db, "王芳")
    cookie, token = await _sign_in(db, person), await _token(db, person)
    login = Login(person.id, person.password_hash)
    async with db.begin() as session:
        for _ in range(5):
            await sign_in.record_login(session, login, matches=False, idle_minutes=60)
    async with db.begin() as session:
        one_time = await service.reset_password(
            session, COMMAND_LINE, await queries.person(session, person.id), passwords=QUICK
        )
    async with db.read() as session:
        assert await sign_in.visits_of(session, [cookie]) == [None]
        assert await service.people_of_tokens(session, [token]) == [None]
        renewed = await sign_in.find_login(session, "王芳")
    assert await QUICK.matches(renewed.password_hash, one_time)
    async with db.begin() as session:
        assert await sign_in.record_login(session, renewed, matches=True, idle_minutes=60)


async def test_a_password_changed_meanwhile_is_not_overwritten(db: Database) -> None:
    person = await _add(db, "王芳")
    async with db.begin() as session:
        await service.change_password(session, person, await QUICK.hash("first-new-password"))
    with pytest.raises(StaleState):
        async with db.begin() as session:
            await service.change_password(session, person, await QUICK.hash("second-new-password"))


async def test_a_login_with_a_password_changed_meanwhile_is_refused(db: Database) -> None:
    person = await _add(db, "王芳")
    checked = Login(person.id, person.password_hash)
    async with db.begin() as session:
        await service.change_password(session, person, await QUICK.hash("first-new-password"))
    async with db.begin() as session:
        assert await sign_in.record_login(session, checked, matches=True, idle_minutes=60) is None


async def test_wrong_logins_at_the_same_time_are_all_counted(db: Database) -> None:
    person = await _add(db, "王芳")
    login = Login(person.id, person.password_hash)

    async def guess() -> None:
        async with db.begin() as session:
            await sign_in.record_login(session, login, matches=False, idle_minutes=60)

    await asyncio.gather(*(guess() for _ in range(4)))
    async with db.read() as session:
        assert (await session.get_one(Person, person.id)).failed_logins == 4
    await guess()
    async with db.begin() as session:
        assert await sign_in.record_login(session, login, matches=True, idle_minutes=60) is None


async def test_a_token_acts_as_its_person_until_it_is_revoked(db: Database) -> None:
    person = await _add(db, "王芳")
    token = await _token(db, person)
    async with db.read() as session:
        of_it, of_another = await service.people_of_tokens(session, [token, token + "x"])
        assert of_it is not None and of_it.id == person.id and of_another is None
        assert (await session.scalars(select(ApiToken.token_hash))).one() != token
    async with db.begin() as session:
        await service.revoke_tokens(session, person, person)
    async with db.read() as session:
        assert await service.people_of_tokens(session, [token]) == [None]


async def test_the_audit_log_tells_each_act_and_no_secret(db: Database) -> None:
    person = await _add(db, "王芳")
    token = await _token(db, person)
    async with db.begin() as session:
        one_time = await service.reset_password(
            session, COMMAND_LINE, await queries.person(session, person.id), passwords=QUICK
        )
    async with db.read() as session:
        events = [event async for event in audit.events(session)]
        assert await audit.verify(session) == []
    assert [event.act for event in events] == ["person.add", "token.issue", "person.reset_password"]
    written = " ".join(str(event.detail) for event in events)
    assert not any(secret in written for secret in (PASSWORD, token, one_time, "argon2"))


async def test_whom_nobody_knows_is_not_found(db: Database) -> None:
    async with db.read() as session:
        for search in (
            queries.person(session, "x"),
            queries.person_named(session, "李四"),
            queries.section_named(session, "水科"),
        ):
            with pytest.raises(NotFound):
                await search


async def test_nobody_has_no_password_that_matches() -> None:
    assert not await QUICK.matches(None, "")
    assert not await QUICK.matches("not a hash", "x")


async def _add(db: Database, name: str, *roles: Role, sections: list[str] | None = None) -> Person:
    async with db.begin() as session:
        person, _ = await service.add_person(
            session,
            COMMAND_LINE,
            name,
            roles or [Role.EDITOR],
            sections or [],
            PASSWORD,
            must_change=False,
            passwords=QUICK,
        )
    return person


async def _change(
    db: Database,
    person: Person,
    *,
    roles: list[Role] | None = None,
    sections: list[str] | None = None,
    disabled: bool = False,
) -> None:
    async with db.begin() as session:
        await service.change_person(
            session,
            COMMAND_LINE,
            await queries.person(session, person.id),
            roles=roles or [Role.EDITOR],
            section_names=sections or [],
            disabled=disabled,
        )


async def _sign_in(db: Database, person: Person) -> str:
    async with db.begin() as session:
        login = Login(person.id, person.password_hash)
        signed_in = await sign_in.record_login(session, login, matches=True, idle_minutes=60)
    assert signed_in
    return signed_in.cookie


async def _token(db: Database, person: Person) -> str:
    async with db.begin() as session:
        return await service.issue_token(session, COMMAND_LINE, person)
