"""From `make run` in a fresh clone to a page that answers, and the same again."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from bench.service import PROJECT, running


def measure() -> dict[str, float]:
    """Seconds of the first and the second `make run`, to the login page and to ready, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "outreach"
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(folder)], check=True)
        with running(["make", "run"], folder, folder / "var") as first:
            cold_page, cold_ready = first.seconds_to_page, first.seconds_to_ready
        with running(["make", "run"], folder, folder / "var") as second:
            warm_page, warm_ready = second.seconds_to_page, second.seconds_to_ready
    return {
        "cold make run, seconds to a page": cold_page,
        "cold make run, seconds to ready": cold_ready,
        "second make run, seconds to a page": warm_page,
        "second make run, seconds to ready": warm_ready,
        "second / cold, to a page": warm_page / cold_page,
    }
