"""The one place that reads the environment (prefix `OUTREACH_`; a secret may come from a file, `…_FILE`)."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

RUN_NOTE = "serve.json"
_SECRETS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEMO_PASSWORD", "SMTP_PASSWORD")


class Settings(BaseSettings):
    """Everything that an installation can set. Times are seconds, paths are folders or files."""

    model_config = SettingsConfigDict(
        env_prefix="OUTREACH_", extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    home: Path = Path("var")
    database_url_given: SecretStr | None = Field(None, validation_alias="OUTREACH_DATABASE_URL")
    redis_url_given: SecretStr | None = Field(None, validation_alias="OUTREACH_REDIS_URL")
    secret_key_given: SecretStr | None = Field(None, validation_alias="OUTREACH_SECRET_KEY")
    demo_password_given: SecretStr | None = Field(None, validation_alias="OUTREACH_DEMO_PASSWORD")
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    sandbox_port: int = Field(9090, ge=1, le=65535)
    public_url_given: str | None = Field(None, validation_alias="OUTREACH_PUBLIC_URL")
    wechat_base_url: str = "https://api.weixin.qq.com"
    wechat_open_url: str = "https://open.weixin.qq.com"
    weibo_base_url: str = "https://api.weibo.com"
    timezone: str = "Asia/Shanghai"
    lookup_after_s: float = Field(90, ge=0)
    log_format: Literal["console", "json"] | None = None
    smtp_host: str | None = None
    smtp_port_given: int | None = Field(None, validation_alias="OUTREACH_SMTP_PORT", ge=1, le=65535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = Field(None, validation_alias="OUTREACH_SMTP_PASSWORD")
    smtp_from: str | None = None
    smtp_tls: Literal["tls", "starttls", "none"] = "tls"

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in _SECRETS:
            path = os.environ.get(f"OUTREACH_{name}_FILE")
            if path and not os.environ.get(f"OUTREACH_{name}"):
                values[f"OUTREACH_{name}"] = _secret_in(Path(path), f"OUTREACH_{name}_FILE")
        return values

    @field_validator("timezone")
    @classmethod
    def _require_known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("没有这个时区") from error
        return name

    @field_validator("smtp_from")
    @classmethod
    def _require_mail_address(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(
            r"[^\r\n<>]*(<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)", given.strip()
        ):
            raise ValueError("应形如 gongkai@example.cn 或 政务公开 <gongkai@example.cn>")
        return given

    @model_validator(mode="after")
    def _require_sender(self) -> Settings:
        if self.smtp_host and not self.smtp_from:
            raise ValueError("设了 OUTREACH_SMTP_HOST，还要用 OUTREACH_SMTP_FROM 写明发件人")
        return self

    @property
    def smtp_port(self) -> int:
        """The port that is set, else the usual one for the kind of encryption."""
        return self.smtp_port_given or {"tls": 465, "starttls": 587, "none": 25}[self.smtp_tls]

    @property
    def public_url(self) -> str:
        """How followers and WeChat reach the service, without a slash at the end."""
        return (self.public_url_given or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def database_url(self) -> str:
        """The SQLAlchemy async URL; a SQLite file in HOME where none is set."""
        if self.database_url_given:
            return self.database_url_given.get_secret_value()
        return f"sqlite+aiosqlite:///{self.home.absolute() / 'outreach.sqlite'}"

    @property
    def redis_url(self) -> str | None:
        """The URL of a Redis that others run; None means the embedded one in HOME."""
        return self.redis_url_given.get_secret_value() if self.redis_url_given else None

    @property
    def media(self) -> Path:
        """The folder in which attachments lie by the hash of their content."""
        return self.home / "media"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The calendar that days and months are counted by."""
        return ZoneInfo(self.timezone)

    @cached_property
    def secret_key(self) -> bytes:
        """Signs sessions, seals credentials, keys the audit chain; made in HOME (0600) at the first run."""
        if self.secret_key_given:
            return self.secret_key_given.get_secret_value().encode()
        return _kept_secret(self.home / "secret_key", lambda: secrets.token_urlsafe(48)).encode()

    @cached_property
    def demo_password(self) -> str:
        """The password of the demo's users; made at random and kept in HOME (0600)."""
        if self.demo_password_given:
            return self.demo_password_given.get_secret_value()
        return _kept_secret(self.home / "demo_password", lambda: secrets.token_urlsafe(9))


def load_settings() -> Settings:
    """The environment's settings. What it leaves open and a `serve` on the same HOME decided for itself (its
    port, a sandbox's addresses) is taken from the note that it keeps there while it runs."""
    given = Settings()
    note = given.home / RUN_NOTE
    if not note.exists():
        return given
    decided = {
        name: value for name, value in json.loads(note.read_text()).items() if name in Settings.model_fields
    }
    left_open = {name: value for name, value in decided.items() if name not in given.model_fields_set}
    return given.model_copy(update=left_open)


def _secret_in(path: Path, variable: str) -> str:
    """An empty file is no secret: without it the service would make a key, or a database, of its own."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"读不到 {variable} 指定的文件 {path}") from error
    if not secret:
        raise ValueError(f"{variable} 指定的文件 {path} 是空的")
    return secret


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
    """What `path` holds; where it is missing it is made whole before it gets its name, so that of two
    that start at once both read the same."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its value is the one that counts
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
