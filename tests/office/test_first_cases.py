"""Items that were sealed before there were cases get one each."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, select

from outreach import migrations
from outreach.foundation.database import Database
from outreach.sealing.model import SealCase
from tests.review.test_first_records import ITEM, insert


def before_the_cases(connection: Connection) -> None:
    """A database as it was, with an item that is sealed, one that was never submitted and is, and one that is not."""
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0007")
    when = datetime(2025, 12, 1, tzinfo=UTC)
    insert(connection, "section", id="s1", name="一科")
    insert(
        connection, "person", id="p1", name="某某", password_hash="", must_change_password=False,
        disabled=False, all_sections=True, failed_logins=0, created_at=when,
    )  # fmt: skip
    for id_, state in (("i1", "sealed"), ("i2", "sealed"), ("i3", "draft")):
        insert(connection, "item", id=id_, public_id=id_, title=id_, section_id="s1", state=state, **ITEM)
    insert(
        connection, "revision", item_id="i1", number=1, content_hash="h", snapshot={},
        submitted_by="p1", submitted_at=when,
    )  # fmt: skip


async def test_what_was_sealed_before_has_a_case(empty_database_url: str) -> None:
    db = Database(empty_database_url, audit_key=b"")
    async with db.engine.execution_options(outreach_writes=True).begin() as connection:
        await connection.run_sync(before_the_cases)
    await migrations.upgrade(db)
    async with db.read() as session:
        cases = (await session.scalars(select(SealCase).order_by(SealCase.id))).all()
    assert [(one.item_id, one.content_hash, one.files, one.left) for one in cases] == [
        ("i1", "h", [], []),
        ("i2", None, [], []),
    ]
    assert {(one.sealed_by_name, one.sealed_at, one.closed_at) for one in cases} == {
        ("系统", datetime(2025, 12, 1, tzinfo=UTC), None)
    }
    await db.close()
