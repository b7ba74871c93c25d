"""`python -m tests.crash.telling AHEAD_S`: a worker of the queue `notify` without its queue, whose clock is so far ahead;
until it is killed."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

import uvloop

from outreach.foundation import clock
from outreach.office.context import open_office
from outreach.office.send_notices import send_due
from outreach.office.start_notices import start_due
from outreach.settings import load_settings


async def _tell(ahead_s: float) -> None:
    office = open_office(load_settings())
    with clock.at(clock.now() + timedelta(seconds=ahead_s), running=True):
        while True:
            await start_due(office)
            await send_due(office, worker=f"worker {os.getpid()}", stop=asyncio.Event(), most_s=600)
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    uvloop.run(_tell(float(sys.argv[1])))
