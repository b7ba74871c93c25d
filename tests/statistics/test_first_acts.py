"""What was published and decided before acts were counted is counted when the database comes forward."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection

from outreach import migrations
from outreach.foundation.clock import SHANGHAI
from outreach.foundation.database import Database
from outreach.statistics.model import Measure
from outreach.statistics.queries.recount import differences, kept_counts
from tests.review.test_first_records import ITEM, LAW, decide, insert

NEW_YEARS_EVE = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai


def before_acts_were_counted(connection: Connection) -> None:
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0003")
    when = datetime(2025, 12, 1, tzinfo=UTC)
    insert(connection, "section", id="s1", name="一科")
    insert(
        connection, "person", id="p1", name="某某", password_hash="", must_change_password=False,
        disabled=False, all_sections=True, failed_logins=0, created_at=when,
    )  # fmt: skip
    insert(
        connection, "account", id="a1", number=1, channel="wechat", name="公众号", type="service",
        verified=True, active=True, sealed_credentials="", created_at=when,
    )  # fmt: skip
    for id_, state in (("i1", "refused"), ("i2", "published")):
        insert(
            connection, "item", id=id_, public_id=id_, title=id_, section_id="s1", state=state,
            first_post_id="x1" if id_ == "i2" else None, **ITEM,
        )  # fmt: skip
        snapshot = {"title": id_, "kind": "event", "section": "一科"}
        insert(
            connection, "revision", item_id=id_, number=1, content_hash="h", snapshot=snapshot,
            submitted_by="p1", submitted_at=when,
        )  # fmt: skip
    decide(connection, "i1", "section", "refuse", NEW_YEARS_EVE, LAW)
    decide(connection, "i2", "section", "approve", datetime(2025, 12, 30, tzinfo=UTC))
    insert(
        connection, "post", id="x1", item_id="i2", revision=1, account_id="a1", kind="event", section_id="s1",
        origin="original", is_correction=False, state="published", rendition={}, due_at=when, tries=1,
        planned_by="p1", planned_at=when, published_at=NEW_YEARS_EVE, updated_at=when, after_withdrawing=False,
    )  # fmt: skip
    insert(
        connection, "tally", month="2026-01", account_id="a1", kind="event", section_id="s1",
        origin="original", posts=1, withdrawn=0,
    )  # fmt: skip
    insert(
        connection, "content_tally", month="2026-01", kind="event", section_id="s1", origin="original",
        contents=1,
    )  # fmt: skip


async def test_the_acts_there_were_are_counted(empty_database_url: str) -> None:
    db = Database(empty_database_url, audit_key=b"")
    async with db.engine.execution_options(outreach_writes=True).begin() as connection:
        await connection.run_sync(before_acts_were_counted)
    await migrations.upgrade(db)
    async with db.snapshot() as session:
        kept = await kept_counts(session)
        wrong = await differences(session, SHANGHAI)
    acts = {(cell.measure, cell.month, cell.detail): number for cell, number in kept.items()}
    assert wrong == []
    assert acts[Measure.REFUSALS, "2026-01", "16"] == 1
    assert acts[Measure.REVIEWS, "2026-01", "section:refuse"] == 1
    assert acts[Measure.REVIEWS, "2025-12", "section:approve"] == 1
    assert acts[Measure.CONTENTS, "2026-01", ""] == 1
    await db.close()
