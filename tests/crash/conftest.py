"""An installation whose processes are killed, and an office that looks into the same database."""

from __future__ import annotations

from pathlib import Path

import pytest

from outreach.settings import Settings
from tests.conftest import SECRET_KEY, settings_for
from tests.processes import Installation


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def installation(home: Path, database_url: str) -> Installation:
    return Installation(home, {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_SECRET_KEY": SECRET_KEY})


@pytest.fixture
def settings(home: Path, database_url: str, installation: Installation) -> Settings:
    """The same installation's, for whoever works beside its processes."""
    return settings_for(
        home,
        database_url,
        port=installation.port,
        wechat_base_url=installation.sandbox_url,
        weibo_base_url=installation.sandbox_url,
        lookup_after_s=1,
    )


@pytest.fixture
def storm_posts(request: pytest.FixtureRequest) -> int:
    """How many posts go out while processes are killed."""
    return int(request.config.getoption("--storm-posts"))
