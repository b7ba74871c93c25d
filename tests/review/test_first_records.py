"""What was reviewed before there was a register gets its entries, in the order of the first decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from alembic import command
from sqlalchemy import Connection, MetaData, Table, select

from outreach import migrations
from outreach.foundation.database import Database
from outreach.review.model import Decision, RecordCount, ReviewRecord

LAW: Final = "《政府信息公开条例》第十六条：内部事务信息"
ITEM: Final = {
    "kind": "event",
    "origin": "original",
    "formed_on": date(2025, 12, 1),
    "body": "",
    "fields": {},
    "revision": 1,
    "version": 1,
    "deadline": date(2025, 12, 29),
    "deadline_is_estimate": False,
    "created_at": datetime(2025, 12, 1, tzinfo=UTC),
    "updated_at": datetime(2025, 12, 1, tzinfo=UTC),
}


def insert(connection: Connection, table: str, **values: Any) -> None:
    connection.execute(Table(table, MetaData(), autoload_with=connection).insert().values(values))


def before_the_register(connection: Connection) -> None:
    """A database as it was, with three items that were decided on."""
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0003")
    when = datetime(2025, 12, 1, tzinfo=UTC)
    insert(connection, "section", id="s1", name="一科")
    insert(
        connection, "person", id="p1", name="某某", password_hash="", must_change_password=False,
        disabled=False, all_sections=True, failed_logins=0, created_at=when,
    )  # fmt: skip
    for id_, title, state in (
        ("i1", "后来的标题", "refused"),
        ("i2", "签发的", "approved"),
        ("i3", "在审的", "in_review"),
    ):
        insert(connection, "item", id=id_, public_id=id_, title=title, section_id="s1", state=state, **ITEM)
        snapshot = {"title": f"当时的{id_}", "kind": "event", "section": "一科"}
        insert(
            connection, "revision", item_id=id_, number=1, content_hash="h", snapshot=snapshot,
            submitted_by="p1", submitted_at=when,
        )  # fmt: skip
    # 23:30 of the year's last day in Shanghai, and 00:30 of the next year's first
    decide(connection, "i2", "section", "approve", datetime(2025, 12, 31, 15, 30, tzinfo=UTC))
    decide(connection, "i1", "section", "refuse", datetime(2025, 12, 31, 16, 30, tzinfo=UTC), LAW)
    decide(connection, "i3", "section", "approve", datetime(2026, 1, 2, tzinfo=UTC))
    decide(connection, "i2", "confidentiality", "approve", datetime(2026, 1, 3, tzinfo=UTC))
    decide(connection, "i2", "sign_off", "approve", datetime(2026, 1, 4, tzinfo=UTC))


def decide(
    connection: Connection, item: str, stage: str, kind: str, at: datetime, basis: str | None = None
) -> None:
    insert(
        connection, "decision", id=f"{item}-{stage}", item_id=item, revision=1, content_hash="h", stage=stage,
        kind=kind, opinion="", basis=basis, form={}, by_id="p1", by_name="某某", at=at,
    )  # fmt: skip


async def test_what_was_reviewed_before_stands_in_the_register(empty_database_url: str) -> None:
    db = Database(empty_database_url, audit_key=b"")
    async with db.engine.execution_options(outreach_writes=True).begin() as connection:
        await connection.run_sync(before_the_register)
    await migrations.upgrade(db)

    async with db.read() as session:
        records = (await session.scalars(select(ReviewRecord).order_by(ReviewRecord.opened_at))).all()
        outcomes = (await session.scalars(select(Decision.outcome).order_by(Decision.id))).all()
        given = dict((await session.execute(select(RecordCount.year, RecordCount.given))).all())
    assert [(one.year, one.number, one.title, one.standing, one.article) for one in records] == [
        (2025, 1, "当时的i2", "disclose", None),
        (2026, 1, "当时的i1", "withhold", 16),
        (2026, 2, "当时的i3", "open", None),
    ]
    assert [one.concluded_at for one in records] == [
        datetime(2026, 1, 4, tzinfo=UTC), datetime(2025, 12, 31, 16, 30, tzinfo=UTC), None,
    ]  # fmt: skip
    assert outcomes == ["withhold", "disclose", "disclose", "disclose", "disclose"]
    assert given == {2025: 1, 2026: 2}
    await db.close()
