from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from outreach.foundation import clock
from outreach.foundation.media import MediaStore
from outreach.foundation.seal import Sealer, WrongKey, digest, same

CREDENTIALS = {"appid": "wx1", "secret": "很长的密钥"}


def test_what_is_sealed_can_be_opened_with_the_same_key() -> None:
    sealed = Sealer(b"key").seal(CREDENTIALS)
    assert Sealer(b"key").open(sealed) == CREDENTIALS
    assert "wx1" not in sealed


def test_another_key_opens_nothing_and_says_what_to_mend() -> None:
    with pytest.raises(WrongKey, match="SECRET_KEY"):
        Sealer(b"another").open(Sealer(b"key").seal(CREDENTIALS))


def test_each_purpose_has_a_key_of_its_own() -> None:
    sealer = Sealer(b"key")
    assert sealer.key_for("audit") != sealer.key_for("sessions")
    assert sealer.key_for("audit") == Sealer(b"key").key_for("audit")


def test_secrets_are_compared_by_their_digest() -> None:
    assert same(digest("token"), hashlib.sha256(b"token").hexdigest())
    assert not same(digest("token"), digest("Token"))


async def test_a_file_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    media = MediaStore(tmp_path / "media")
    name = await media.put(b"content")
    assert name == hashlib.sha256(b"content").hexdigest()
    assert await media.put(b"content") == name
    assert await media.read(name) == b"content"
    assert [path.name for path in (tmp_path / "media").rglob("*") if path.is_file()] == [name]


async def test_a_file_that_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await MediaStore(tmp_path).read("0" * 64)


def test_the_clock_can_be_set_and_goes_back() -> None:
    before = clock.now()
    with clock.at(before.replace(year=2020)):
        assert clock.now().year == 2020
        assert clock.now() == clock.now()
    with clock.at(before.replace(year=2020), running=True):
        assert clock.now() < clock.now() or clock.now().year == 2020
    assert clock.now() >= before
