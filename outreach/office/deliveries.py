"""The posts that a process has under way: as soon as some have ended the next are claimed, so that no slow post holds
up another one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from outreach.foundation.side_by_side import run_all
from outreach.office.context import Office
from outreach.office.deliver_posts import claim, deliver

BATCH: Final = 50
MOST_UNDER_WAY: Final = 200
_PATIENCE_S: Final = 0.1
_LONGEST_S: Final = 300.0


class Deliveries:
    """Claims what is due for `worker`, about `BATCH` posts at once, until about `MOST_UNDER_WAY` are under way.

    What has ended makes room for the next claim once it is half of what was under way, or some moments after the first
    of it: posts that are claimed together share their transactions from there on.
    """

    def __init__(self, office: Office, worker: str) -> None:
        self._office = office
        self._worker = worker
        self._look = asyncio.Event()
        self._under_way = 0
        self._enough = 0
        self._hurry: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None

    async def work(self, stop: asyncio.Event) -> None:
        """Delivers posts until none is due, or nothing new is to be begun because `stop` is set, something went wrong
        or it took some minutes already. Where that goes on, it is told to look again. It also goes on where whoever
        called is cut off: a delivery in the middle would leave a question.

        Raises ExceptionGroup with what went wrong when all that was begun has ended.
        """
        self._look.set()
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(stop))
            await asyncio.shield(self._working)

    async def close(self) -> None:
        """Cuts off what is under way: another process settles it."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _work(self, stop: asyncio.Event) -> None:
        clock = asyncio.get_running_loop()
        until = clock.time() + _LONGEST_S
        batches: set[asyncio.Task[None]] = set()
        self._under_way = 0
        try:
            while not stop.is_set() and clock.time() < until and not _failed(batches):
                self._be_patient()
                if not await self._begin(batches) and not self._look.is_set():
                    if not self._under_way:
                        return
                    await self._look.wait()
        except asyncio.CancelledError:
            for one in batches:
                one.cancel()
            raise
        finally:
            await run_all(batches)

    async def _begin(self, batches: set[asyncio.Task[None]]) -> bool:
        """Whether there was room for more posts, and any were due."""
        room = min(BATCH, MOST_UNDER_WAY - self._under_way)
        posts = await claim(self._office, worker=self._worker, limit=room) if room > 0 else []
        if posts:
            self._under_way += len(posts)
            batches -= {one for one in batches if one.done()}
            batches.add(asyncio.create_task(deliver(self._office, posts, self._end_one)))
        self._enough = self._under_way // 2
        return bool(posts)

    def _be_patient(self) -> None:
        """Nothing calls for a look yet."""
        self._look.clear()
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _end_one(self) -> None:
        self._under_way -= 1
        if self._under_way <= self._enough:
            self._look.set()
        elif self._hurry is None:
            self._hurry = asyncio.get_running_loop().call_later(_PATIENCE_S, self._look.set)


def _failed(batches: Collection[asyncio.Task[None]]) -> bool:
    return any(one.done() and one.exception() is not None for one in batches)
