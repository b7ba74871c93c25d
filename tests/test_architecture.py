"""The house as it was drawn: who imports whom, and tables of states without dead ends."""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import Enum, String, inspect
from sqlalchemy.engine import Connection

from outreach.foundation.database import Base, Database
from outreach.items import rules as items
from outreach.items.model import ItemState, Stage
from outreach.migrations.tables import METADATA
from outreach.people.model import Role
from outreach.people.rules import ALLOWED, ROLE_LABELS, Act
from outreach.publishing import rules as posts
from outreach.publishing.model import PostState
from outreach.review import emergency_rules as emergencies
from outreach.review.acting import ACT_OF_STAGE
from outreach.review.model import SectionReview
from outreach.review.rules import DECISION_LABELS
from tests.conftest import NotThisMachine
from tests.waiting import eventually

ROOT = Path(__file__).parents[1]
ENUM_COLUMNS = [
    (table.name, column.name, column.type)
    for table in METADATA.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum)
]


def test_imports_only_point_to_what_is_listed_above() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_an_item_can_come_to_every_state_and_stage() -> None:
    reached = {items.DRAFT, *items.TRANSITIONS.values()}
    assert {state for state, _ in reached} == set(ItemState)
    assert {stage for _, stage in reached} - {None} == set(Stage)
    assert {place for place, _ in items.TRANSITIONS} <= reached


def test_an_item_has_a_stage_exactly_while_it_is_in_review() -> None:
    for state, stage in items.TRANSITIONS.values():
        assert (state is ItemState.IN_REVIEW) == (stage is not None)


def test_a_post_can_come_to_every_state() -> None:
    reached, before = {PostState.PLANNED}, set[PostState]()
    while reached != before:
        before = set(reached)
        reached |= {after for (state, _), after in posts.TRANSITIONS.items() if state in before}
    assert reached == set(PostState)


def test_every_action_of_a_machine_is_in_its_table() -> None:
    assert {action for _, action in items.TRANSITIONS} == set(items.ItemAction)
    assert {action for _, action in posts.TRANSITIONS} == set(posts.PostAction)
    assert {action for _, action in emergencies.SECTION_TRANSITIONS} == set(emergencies.SectionAction)


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        (ItemState, items.STATE_LABELS),
        (Stage, items.STAGE_LABELS),
        (PostState, posts.STATE_LABELS),
        (Role, ROLE_LABELS),
        (SectionReview, emergencies.SECTION_LABELS),
        (Stage, ACT_OF_STAGE),
        (Act, ALLOWED),
    ],
)
def test_every_value_has_its_word(kind: type[StrEnum], labels: dict[StrEnum, object]) -> None:
    assert set(labels) == set(kind)
    assert len(DECISION_LABELS) == 3


@pytest.mark.parametrize(("table", "column", "type_"), ENUM_COLUMNS, ids=lambda value: str(value)[:20])
def test_a_column_of_states_holds_exactly_the_values_of_its_enum(
    table: str, column: str, type_: Enum
) -> None:
    kind = type_.enum_class
    assert kind is not None
    assert type_.enums == [member.value for member in kind]
    assert max(len(member.value) for member in kind) <= (type_.length or 0)


async def test_the_database_has_room_for_every_value_of_an_enum(db: Database) -> None:
    def lengths(connection: Connection) -> dict[tuple[str, str], int | None]:
        found: dict[tuple[str, str], int | None] = {}
        for table, column, _ in ENUM_COLUMNS:
            (type_,) = [
                one["type"] for one in inspect(connection).get_columns(table) if one["name"] == column
            ]
            assert isinstance(type_, String)
            found[table, column] = type_.length
        return found

    async with db.engine.connect() as connection:
        stored = await connection.run_sync(lengths)
    assert stored == {(table, column): type_.length for table, column, type_ in ENUM_COLUMNS}


def test_the_migrations_know_every_table() -> None:
    assert METADATA is Base.metadata
    assert len(METADATA.tables) > 15


async def test_tests_reach_no_other_machine() -> None:
    from outreach.channels.http import Transport

    transport = Transport()
    with pytest.raises(NotThisMachine):
        await transport.get("http://203.0.113.7/", {})
    await transport.close()


async def test_what_never_comes_true_is_told() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(TimeoutError):
        await eventually(never, within_s=0.05)
