"""deploy/compose.yaml against the Compose Specification, and against the files and settings that it names."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from outreach.settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_it_is_as_the_specification_has_it() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    errors = [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(COMPOSE)]
    assert errors == []


def test_a_misspelt_key_would_be_noticed() -> None:
    wrong = {**COMPOSE, "services": {"web": {**SERVICES["web"], "dependson": []}}}
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(wrong))


def test_it_has_the_service_two_workers_and_what_they_stand_on() -> None:
    assert set(SERVICES) == {"web", "worker", "postgres", "redis", "nginx"}
    assert SERVICES["web"]["command"] == ["serve", "--no-workers"]
    assert (SERVICES["worker"]["command"], SERVICES["worker"]["deploy"]) == (["worker"], {"replicas": 2})


def test_whatever_it_refers_to_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./compose/tls":
                assert (DEPLOY / source).is_file(), source
            elif not source.startswith("./"):
                assert source in COMPOSE["volumes"]
    assert (DEPLOY / SERVICES["web"]["build"]["context"] / SERVICES["web"]["build"]["dockerfile"]).is_file()


def test_every_setting_is_one_of_the_programs() -> None:
    given = SERVICES["web"]["environment"]
    fields = Settings.model_fields
    known = {f"OUTREACH_{name.removesuffix('_given').upper()}" for name in fields}
    assert {name.removesuffix("_FILE") for name in given} <= known


def test_only_nginx_is_seen_from_outside_and_its_inner_door_on_one_address() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    (inner,) = [port for port in SERVICES["nginx"]["ports"] if "8443" in port]
    assert inner.startswith("${OUTREACH_INSIDE_ADDRESS:?")
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("postgres", "redis"))


def test_no_secret_stands_in_it() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN|DATABASE_URL", name):
                assert (name.endswith("_FILE"), value.startswith("/run/secrets/")) == (True, True)


def test_its_secrets_are_made_once_fit_each_other_and_are_what_the_program_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "make-secrets.sh"
    script.write_bytes((DEPLOY / "compose" / "make-secrets.sh").read_bytes())
    subprocess.run(["sh", script], check=True, env={"PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700

    subprocess.run(["sh", script], check=True, env={"PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made

    for name in ("DATABASE_URL", "SECRET_KEY"):
        monkeypatch.setenv(f"OUTREACH_{name}_FILE", str(tmp_path / "secrets" / name.lower()))
    settings = Settings()
    assert settings.database_url == (
        f"postgresql+asyncpg://outreach:{made['postgres_password'].strip()}@postgres/outreach"
    )
    assert len(settings.secret_key) == 48
