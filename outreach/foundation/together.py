"""What many do at the same moment is committed together: the price of a commit is paid once for all of them."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

import structlog

from outreach.foundation.outages import outage_of

log = structlog.get_logger(__name__)

Deed = TypeVar("Deed")
Outcome = TypeVar("Outcome")

MOST: Final = 50
ENOUGH: Final = 12
"""So many that wait make a group at once."""
_MOMENT_S: Final = 1e-6


class Together(Generic[Deed, Outcome]):
    """Deeds of one kind. One that comes while none is under way begins at once; those that come meanwhile go together
    next, up to `MOST` of them or, where there is a `longest_s`, as many as are done in so many seconds; fewer than `ENOUGH`
    first wait `gather_s` seconds for others. Nobody is told an outcome before `do` has come to its end.

    `do` gives an outcome for each deed, in their order. Where it fails over several they are done one by one,
    so that an error is told to the one alone that it belongs to; an outage is told to all.
    """

    def __init__(
        self,
        do: Callable[[Sequence[Deed]], Awaitable[Sequence[Outcome]]],
        gather_s: float = 0,
        longest_s: float | None = None,
    ) -> None:
        self._do = do
        self._longest_s = longest_s
        self._most = MOST if longest_s is None else ENOUGH
        self._gather_s = gather_s
        self._waiting: list[tuple[Deed, asyncio.Future[Outcome]]] = []
        self._working: asyncio.Task[None] | None = None

    async def add(self, deed: Deed) -> Outcome:
        """What came of `deed`. Raises what `do` raised over it."""
        told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((deed, told))
        if self._working is None or self._working.done():
            # In a context of its own: what is logged meanwhile is not this caller's alone.
            self._working = asyncio.create_task(self._work(), context=contextvars.Context())
        return await told

    def took(self, deeds: int, seconds: float) -> None:
        """So long `do` took for so many: the next group is as large as goes into the longest time, and no smaller than
        `ENOUGH`."""
        if self._longest_s is not None:
            fitting = int(deeds * self._longest_s / max(seconds, _MOMENT_S))
            self._most = min(max(fitting, ENOUGH), MOST)

    async def finish(self) -> None:
        """Waits for what was begun, also where whoever began it waits no longer."""
        if self._working is not None:
            await self._working

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._do_all(group)
            if len(self._waiting) < ENOUGH:
                await asyncio.sleep(self._gather_s)

    async def _do_all(self, group: Sequence[tuple[Deed, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._do([deed for deed, _ in group])
        except Exception as error:  # noqa: BLE001 - told to whoever asked for it
            if len(group) == 1 or outage_of(error):
                _tell_all(group, error)
                return
            log.warning("done_one_by_one", deeds=len(group), reason=type(error).__name__)
            for one in group:
                await self._do_all([one])
        else:
            for (_, told), outcome in zip(group, outcomes, strict=True):
                if not told.done():  # nobody waits for it any more
                    told.set_result(outcome)


def _tell_all(group: Sequence[tuple[Deed, asyncio.Future[Outcome]]], error: Exception) -> None:
    for _, told in group:
        if not told.done():
            told.set_exception(error)
