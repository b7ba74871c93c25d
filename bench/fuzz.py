"""Whatever is sent to the callback, for as long as it is told: `python -m bench.fuzz SECONDS` (600).

Bodies are whole messages, messages that were cut, doubled or had bytes changed, XML that Hypothesis makes up, bombs and
noise, in the clear and encrypted and signed as WeChat would. Each is either read or refused as a bad callback; anything
else, and whatever takes longer than a quarter of a second of CPU time, went wrong and is printed. What was read is read
again from what would be stored, and says the same.
"""

from __future__ import annotations

import contextlib
import random
import secrets
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from tests.channels.callback_strategies import CREDENTIALS, bodies, encrypted, read, signed

SLOW_S = 0.25


def main(seconds: float) -> int:
    """How many went wrong."""
    counted: Counter[str] = Counter()
    slowest = 0.0
    began = time.monotonic()

    @settings(
        max_examples=2000,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(bodies(), st.booleans())
    def once(body: bytes, is_encrypted: bool) -> None:
        nonlocal slowest
        query, sent = encrypted(body) if is_encrypted else (signed(), body)
        begun = time.process_time()
        try:
            counted[read(CREDENTIALS[is_encrypted], query, sent)] += 1
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            counted["went wrong"] += 1
            print(f"{type(error).__name__}: {error}: {sent[:2000]!r}", flush=True)
        took = time.process_time() - begun
        if took > SLOW_S:  # the garbage of what made it up may have been collected meanwhile
            begun = time.process_time()
            with contextlib.suppress(Exception):
                read(CREDENTIALS[is_encrypted], query, sent)
            took = time.process_time() - begun
        slowest = max(slowest, took)
        if took > SLOW_S:
            counted["went wrong"] += 1
            print(f"{took:.2f} s: {sent[:2000]!r}", flush=True)

    while time.monotonic() - began < seconds:
        random.seed(secrets.randbelow(10**9))
        once()
    for outcome, number in counted.most_common():
        print(f"{outcome:24} {number:10}")
    print(f"{'slowest, ms':24} {slowest * 1000:10.1f}")
    return counted["went wrong"]


if __name__ == "__main__":
    sys.exit(min(1, main(float(sys.argv[1]) if len(sys.argv) > 1 else 600.0)))
