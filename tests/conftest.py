"""The ground of the suite: both databases, a clean environment, no way off this machine."""

from __future__ import annotations

import gc
import logging
import os
import socket
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import CodeType
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import structlog
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine

from outreach.foundation import database
from outreach.foundation.database import Database
from outreach.foundation.seal import Sealer
from outreach.office.context import Office, open_office
from outreach.settings import Settings
from outreach.web import rendering
from outreach.web.static import Assets
from tests import servers
from tests.builders import OfficeStory
from tests.servers import Postgres, Server, Sqlite

SECRET_KEY = "a secret key for tests alone"
DATABASES = ("sqlite", "postgresql")
_HERE = Path(__file__).parent
_BY_TURNS = [_HERE / name for name in ("web", "cli", "crash", "journeys")]
_STORM = "test_storm.py"

# How long an example takes says more of the machine than of the code; what failed is told, not remembered.
hypothesis.settings.register_profile("outreach", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("outreach")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ocr", action="store_true", help="also what needs the extra `ocr`")
    parser.addoption(
        "--each-database", action="store_true", help="pages, commands and installations too on both databases"
    )
    parser.addoption("--storm-posts", default="96", help="how many posts the storm of kills is about")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What needs the extra `ocr` is `make test-ocr`: with it installed, other tests would see other findings."""
    is_ocr = collection_path == _HERE / "ocr"
    return True if is_ocr and not config.getoption("--ocr") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pages, calls, commands and whole installations are tried on one database each, by turns: what they ask of it is
    asked by many tests. Whatever stores, counts or delivers is tried on both, and so is the storm."""
    if config.getoption("--each-database"):
        return
    cases: dict[object, list[pytest.Item]] = {}
    for one in items:
        if any(one.path.is_relative_to(folder) for folder in _BY_TURNS) and one.path.name != _STORM:
            cases.setdefault(_case_of(one), []).append(one)
    others: set[pytest.Item] = set()
    for case, both in cases.items():
        if len(both) > 1:  # what is about one database alone is always tried
            others.update(both)
            others.remove(both[zlib.crc32(repr(case).encode()) % len(both)])
    config.hook.pytest_deselected(items=list(others))
    items[:] = [one for one in items if one not in others]


def pytest_collection_finish() -> None:
    """What was read to know the tests stays: no collection of garbage has to go through it again."""
    gc.collect()
    gc.freeze()


def _case_of(item: pytest.Item) -> tuple[object, ...]:
    """The test and its parameters, whichever database it runs on."""
    case = getattr(item, "callspec", None)
    named = case.id.split("-") if case else []
    if case and case.params.get("database_server") in named:
        named.remove(case.params["database_server"])
    return item.nodeid.partition("[")[0], *named


class NotThisMachine(BaseException):
    """A test reached for another machine. No `except Exception` takes it for an outage."""


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Sockets open to this machine only."""

    def guarded(connect: Any) -> Any:
        def checked(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and not _is_here(str(address[0])):
                raise NotThisMachine(address)
            return connect(self, address)

        return checked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Each test has a database of its own, and its engine the dialect and the compiled statements of the first one
    that was connected: as in a service that runs, each statement is compiled once. That is a quarter of the suite's work."""
    first: dict[str, Engine] = {}
    create = database._create_engine

    def create_like_the_first(url: str, **options: bool) -> AsyncEngine:
        engine = create(url, **options)
        sync, name = engine.sync_engine, engine.dialect.name
        if known := first.get(name):
            sync.dialect = sync.pool._dialect = known.dialect
            sync._compiled_cache = known._compiled_cache
        else:
            event.listen(sync, "begin", lambda connection: first.setdefault(name, sync))
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_create_engine", create_like_the_first)
        yield


class _Compiled(BytecodeCache):
    """What templates were compiled to, by their names and texts."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Each test has an application of its own, and its templates the code that an earlier one made of them."""
    made, compiled = rendering.environment, _Compiled()

    def environment(zone: ZoneInfo, assets: Assets) -> Environment:
        templates = made(zone, assets)
        templates.bytecode_cache = compiled
        return templates

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "environment", environment)
        yield


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from whoever runs the tests, nor from the test before."""
    for name in [name for name in os.environ if name.startswith("OUTREACH_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def loggers_not_kept() -> Iterator[None]:
    """A logger that is kept as it was when it was first used could no longer be listened to by a later test."""
    configure = structlog.configure

    def configure_without_keeping(**given: Any) -> None:
        configure(**{**given, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", configure_without_keeping)
        yield


@pytest.fixture
def logs_restored() -> Iterator[None]:
    """Whoever sets up the logs asks for this: afterwards they go again where they went before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
async def sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sqlite]:
    async with servers.sqlite(tmp_path_factory.mktemp("sqlite")) as server:
        yield server


@pytest.fixture(scope="session")
async def postgresql() -> AsyncIterator[Postgres]:
    async with servers.postgres() as server:
        yield server


@pytest.fixture(params=DATABASES)
def database_server(request: pytest.FixtureRequest) -> Server:
    """Each database in turn: whatever needs one is tried on both."""
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
async def database_url(database_server: Server, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a migrated database that holds nothing yet."""
    async with database_server.migrated(tmp_path) as url:
        yield url


@pytest.fixture
async def empty_database_url(database_server: Server, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database without tables."""
    async with database_server.empty(tmp_path) as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A migrated database that holds nothing yet."""
    opened = Database(database_url, audit_key=Sealer(SECRET_KEY.encode()).key_for("audit"))
    yield opened
    await opened.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation of its own; a folder's tests that need more override this."""
    return settings_for(tmp_path, database_url)


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """The open office, in which nobody works yet."""
    opened = open_office(settings)
    yield opened
    await opened.close()


@pytest.fixture
def story(office: Office) -> OfficeStory:
    """Tells what happened in the office before the test begins."""
    return OfficeStory(office)


def settings_for(home: Path, database_url: str, **others: Any) -> Settings:
    """The settings of an installation in `home` on that database."""
    given = {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_SECRET_KEY": SECRET_KEY}
    return Settings(home=home, **{**given, **others})


def _is_here(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
