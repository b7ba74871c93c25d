"""nginx with the site of deploy/ in front of the application, and clients that come in by its two doors."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outreach.office.context import Office
from outreach.settings import Settings
from outreach.web.app import create_app
from tests.builders import QUICK
from tests.conftest import settings_for
from tests.processes import free_ports
from tests.servers import Sqlite
from tests.tools import tool
from tests.waiting import eventually

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME = "sthjj.example.cn"
# A worker of root's nginx would be nobody, who can't look into a test's folder.
_USER = "user root;" if os.geteuid() == 0 else ""
_MAIN = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/upstream.conf;
    include {folder}/outreach.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx: its two doors, each on a port of its own, and where its log is."""

    outside: str
    inside: str
    log: Path


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What is tried here is the same on any database."""
    return sqlite


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, database_url, OUTREACH_PUBLIC_URL=f"https://{NAME}")


@pytest.fixture
async def application(office: Office) -> AsyncIterator[TestServer]:
    async with TestServer(create_app(office, passwords=QUICK)) as running:
        yield running


@pytest.fixture
async def nginx(tmp_path: Path, application: TestServer) -> AsyncIterator[Nginx]:
    async with nginx_before(tmp_path, application.port or 0) as running:
        yield running


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that finds the bureau's name on this machine and trusts its certificate. Keeps cookies."""
    make_certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
    connector = aiohttp.TCPConnector(resolver=_ThisMachine(), ssl=trust)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


def write_configuration(folder: Path, upstream: Path, upstream_port: int, ports: list[int]) -> Path:
    """The site of deploy/ on other ports, with its certificate, log and application elsewhere."""
    make_certificate(folder)
    site = (DEPLOY / "nginx" / "outreach.conf").read_text()
    for given, port in zip((80, 443, 8443), ports, strict=True):
        site = re.sub(rf"listen {given}\b", f"listen 127.0.0.1:{port}", site)
    site = site.replace("/etc/outreach/tls", str(folder)).replace("/var/log/nginx", str(folder))
    (folder / "outreach.conf").write_text(site)
    text = re.sub(r"server [\w.]+:8080;", f"server 127.0.0.1:{upstream_port};", upstream.read_text())
    (folder / "upstream.conf").write_text(text)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=_USER))
    return folder / "nginx.conf"


def make_certificate(folder: Path) -> None:
    """A certificate of the bureau's name, signed by itself."""
    if (folder / "fullchain.pem").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@asynccontextmanager
async def nginx_before(folder: Path, upstream_port: int) -> AsyncIterator[Nginx]:
    """nginx in front of whatever listens on that port."""
    ports = free_ports(3)
    main = write_configuration(folder, DEPLOY / "nginx" / "outreach-upstream.conf", upstream_port, ports)
    process = await asyncio.create_subprocess_exec(
        *(tool("nginx", "nginx-light"), "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(main))
    )
    try:
        await eventually(lambda: _listens(process, ports[2]))
        yield Nginx(f"https://{NAME}:{ports[1]}", f"https://{NAME}:{ports[2]}", folder / "access.log")
    finally:
        process.terminate()
        await process.wait()


async def _listens(process: asyncio.subprocess.Process, port: int) -> bool:
    assert process.returncode is None
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _ThisMachine(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """There is nothing to close."""
