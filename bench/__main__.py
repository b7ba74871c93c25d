"""Runs the benchmarks, prints one table, writes bench/results.json."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from bench import (
    callbacks,
    delivery,
    expressions,
    fanout,
    fanout_kills,
    faults,
    importing,
    large_files,
    memory,
    pages,
    pipeline,
    posts,
    screening,
    soak,
    start,
    statistics,
)

BENCHMARKS: dict[str, Callable[[], dict[str, float]]] = {
    "start": start.measure,
    "memory": memory.measure,
    "posts": posts.measure,
    "pipeline": pipeline.measure,
    "pages": pages.measure,
    "callbacks": callbacks.measure,
    "import": importing.measure,
    "screening": screening.measure,
    "expressions": expressions.measure,
    "files": large_files.measure,
    "faults": faults.measure,
    "delivery": delivery.measure,
    "fanout": fanout.measure,
    "fanout-kills": fanout_kills.measure,
    "statistics": statistics.measure,
    "soak": soak.measure,
}
BY_NAME_ALONE = {"faults", "fanout-kills", "soak"}  # they strike for a long time


def main(names: list[str]) -> int:
    """Runs those of `names`, or all that don't strike for a long time. Wrong use where one is unknown."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
        return 2
    results = {
        name: BENCHMARKS[name]()
        for name in names or [name for name in BENCHMARKS if name not in BY_NAME_ALONE]
    }
    for name, figures in results.items():
        for figure, value in figures.items():
            print(f"{name:8} {figure:44} {value:10.2f}")
    machine = {"machine": platform.machine(), "python": platform.python_version()}
    Path(__file__).with_name("results.json").write_text(json.dumps({**machine, **results}, indent=2) + "\n")
    return 0


sys.exit(main(sys.argv[1:]))
