"""What all processes of a demo hold at rest."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.service import PROJECT, call, running

SETTLE_S = 15
MIB = 1024**2


def measure() -> dict[str, float]:
    """MiB of each process when the demo's posts are out: its own pages and its share of shared ones (PSS)."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--demo"]
        with running(command, PROJECT, Path(name)) as service:
            time.sleep(SETTLE_S)
            call(f"{service.sandbox_url}/_sandbox/wechat/articles")
            root = psutil.Process(service.process.pid)
            held = {
                _role(process): process.memory_full_info().pss / MIB
                for process in (root, *root.children(recursive=True))
            }
    return {**{f"{role}, MiB": mib for role, mib in held.items()}, "all processes, MiB": sum(held.values())}


def _role(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    if "outreach.sandbox" in line:
        return "sandbox"
    if "valkey" in line:
        return "redis"
    return "workers" if line.endswith(" worker") else "web"
