"""Ten thousand rows come in: how fast, in how much memory, and what others notice of it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl

from bench.service import PROJECT, Service, call, running
from outreach.items.content import read_content
from outreach.items.exporting import ItemBook
from outreach.items.model import Kind

ROWS = 10_000
FEW = 100
KIB_A_MIB = 1024


def measure() -> dict[str, float]:
    """Rows a second and peak MiB of `outreach import` on SQLite, its start included; reading the same workbook with
    nothing but openpyxl; and the latency of the item list while the service takes the same rows in. Processor time
    is told as well: it does not change with what else the machine does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_json_lines(folder / "many.jsonl", ROWS)
        write_workbook(folder / "many.xlsx", ROWS)
        write_workbook(folder / "few.xlsx", FEW)
        figures: dict[str, float] = {}
        for path in (folder / "many.jsonl", folder / "many.xlsx"):
            run = by_command(path, folder / f"home-{path.suffix[1:]}")
            figures[f"{path.suffix[1:]}, rows a second"] = ROWS / run.seconds
            figures[f"{path.suffix[1:]}, rows a processor second"] = ROWS / run.processor_seconds
            figures[f"{path.suffix[1:]}, peak MiB"] = run.peak_mib
            figures[f"{path.suffix[1:]}, steps shown"] = run.steps
        few = by_command(folder / "few.xlsx", folder / "home-few")
        figures["xlsx of a hundred rows, peak MiB"] = few.peak_mib
        alone = read_alone(folder / "many.xlsx")
        figures["openpyxl alone, rows a processor second"] = ROWS / alone
        figures["xlsx / openpyxl alone, processor time"] = alone / run.processor_seconds
        return {**figures, **by_service(folder / "many.jsonl", folder / "home-service")}


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took. `steps` are its lines of progress."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    steps: int


def by_command(path: Path, home: Path) -> Run:
    """One `outreach import` into an empty HOME."""
    environment = {**os.environ, "OUTREACH_HOME": str(home)}
    for section in dict.fromkeys(one["section"] for one in samples(52)):
        add = [sys.executable, "-m", "outreach", "section", "add", section]
        subprocess.run(add, cwd=PROJECT, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "outreach", "import", str(path)]
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        told = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(told)
    seconds = time.monotonic() - began
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / KIB_A_MIB, told.count("已处理"))


def by_service(path: Path, home: Path) -> dict[str, float]:
    """The item list's latency at rest and while the service takes the file in."""
    command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--demo"]
    with running(command, PROJECT, home) as service:
        done = subprocess.run(
            [sys.executable, "-m", "outreach", "token", "editor"],
            cwd=PROJECT, env=service.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        token = done.stdout.splitlines()[-1]
        rest = [list_seconds(service, token) for _ in range(100)]
        sending = threading.Thread(target=send, args=(service, token, path))
        began = time.monotonic()
        sending.start()
        busy: list[float] = []
        while sending.is_alive():
            busy.append(list_seconds(service, token))
            time.sleep(0.05)
        seconds = time.monotonic() - began
    return {
        "service, rows a second": ROWS / seconds,
        "item list at rest, p50 ms": statistics.median(rest) * 1000,
        "item list while at it, p50 ms": statistics.median(busy) * 1000,
        "item list while at it, p99 ms": sorted(busy)[int(len(busy) * 0.99) - 1] * 1000,
    }


def list_seconds(service: Service, token: str) -> float:
    """How long the service takes to answer with a page of items."""
    began = time.monotonic()
    call(f"{service.url}/api/v1/items?limit=50", token=token)
    return time.monotonic() - began


def send(service: Service, token: str, path: Path) -> None:
    """Posts the file to the API."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    request = urllib.request.Request(f"{service.url}/api/v1/imports", body, headers)
    with urllib.request.urlopen(request, timeout=600) as answer:
        assert json.loads(answer.read())["counts"]["created"] == ROWS


def read_alone(path: Path) -> float:
    """Processor seconds that openpyxl takes to go through every cell, with nothing done to them."""
    began = time.process_time()
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            [cell.value for cell in row]
    return time.process_time() - began


def samples(count: int) -> Iterator[dict[str, Any]]:
    """The demo's items over and over, each time under numbers of their own."""
    lines = (files("outreach.demo") / "items.jsonl").read_text(encoding="utf-8").splitlines()
    for number in range(count):
        item = json.loads(lines[number % len(lines)])
        yield {**item, "source_id": f"bench-{number}", "attachments": []}


def write_json_lines(path: Path, count: int) -> None:
    path.write_text(
        "\n".join(json.dumps(one, ensure_ascii=False) for one in samples(count)), encoding="utf-8"
    )


def write_workbook(path: Path, count: int) -> None:
    typed = [read_content(one).as_json() for one in samples(count)]
    with path.open("wb") as target, closing(ItemBook(target, [])) as book:
        for kind in Kind:
            own = [one["fields"].get("extra") or {} for one in typed if one["kind"] == kind]
            book.add_sheet(kind, list(dict.fromkeys(label for extra in own for label in extra)))
        book.write(typed)
