from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from outreach.settings import RUN_NOTE, Settings, load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path))
    return tmp_path


def test_without_any_setting_everything_lies_in_home(home: Path) -> None:
    settings = load_settings()
    assert settings.database_url == f"sqlite+aiosqlite:///{home}/outreach.sqlite"
    assert settings.redis_url is None
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.media == home / "media"
    assert settings.zone.key == "Asia/Shanghai"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_PORT", "8123")
    monkeypatch.setenv("OUTREACH_PUBLIC_URL", "https://sthjj.example.cn/")
    monkeypatch.setenv("OUTREACH_LOOKUP_AFTER_S", "1.5")
    monkeypatch.setenv("OUTREACH_REDIS_URL", "redis://127.0.0.1:6379/2")
    settings = load_settings()
    assert (settings.port, settings.lookup_after_s) == (8123, 1.5)
    assert settings.public_url == "https://sthjj.example.cn"
    assert settings.redis_url == "redis://127.0.0.1:6379/2"


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_PORT", "")
    monkeypatch.setenv("OUTREACH_REDIS_URL", "")
    assert load_settings().port == 8080
    assert load_settings().redis_url is None


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("OUTREACH_PORT", port)
    with pytest.raises(ValidationError):
        load_settings()


def test_a_secret_may_come_from_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEMO_PASSWORD"):
        path = home / name.lower()
        path.write_text(f"of-{name}\n")
        monkeypatch.setenv(f"OUTREACH_{name}_FILE", str(path))
    settings = load_settings()
    assert settings.database_url == "of-DATABASE_URL"
    assert settings.redis_url == "of-REDIS_URL"
    assert settings.secret_key == b"of-SECRET_KEY"
    assert settings.demo_password == "of-DEMO_PASSWORD"


def test_the_variable_itself_stands_above_its_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "key").write_text("of the file")
    monkeypatch.setenv("OUTREACH_SECRET_KEY_FILE", str(home / "key"))
    monkeypatch.setenv("OUTREACH_SECRET_KEY", "of the variable")
    assert load_settings().secret_key == b"of the variable"


def test_no_secret_is_shown_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEMO_PASSWORD"):
        monkeypatch.setenv(f"OUTREACH_{name}", "not-to-be-seen")
    assert "not-to-be-seen" not in repr(load_settings()) + str(load_settings())


def test_the_secret_key_is_made_once_and_kept_for_its_owner(home: Path) -> None:
    made = load_settings().secret_key
    assert len(made) >= 32
    assert load_settings().secret_key == made
    assert (home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_several_that_start_at_once_have_one_secret_key(home: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: Settings().secret_key, range(8)))
    assert len(keys) == 1
    assert [path.name for path in home.iterdir()] == ["secret_key"]


def test_a_running_service_tells_what_it_decided(home: Path) -> None:
    decided = {
        "port": 8111,
        "wechat_base_url": "http://127.0.0.1:9111",
        "public_url_given": "http://127.0.0.1:8111",
    }
    (home / RUN_NOTE).write_text(json.dumps({**decided, "of_a_later_version": 1}))
    settings = load_settings()
    assert (settings.port, settings.wechat_base_url) == (8111, "http://127.0.0.1:9111")
    assert settings.public_url == "http://127.0.0.1:8111"


def test_what_is_set_explicitly_stands_above_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / RUN_NOTE).write_text(json.dumps({"port": 8111, "weibo_base_url": "http://127.0.0.1:9111"}))
    monkeypatch.setenv("OUTREACH_PORT", "8222")
    monkeypatch.setenv("OUTREACH_WEIBO_BASE_URL", "https://api.weibo.com")
    assert load_settings().port == 8222
    assert load_settings().weibo_base_url == "https://api.weibo.com"
