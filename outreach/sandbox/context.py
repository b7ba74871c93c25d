"""What every part of the running sandbox reaches for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from aiohttp import web

from outreach.sandbox.accounts import Accounts
from outreach.sandbox.clock import Clock
from outreach.sandbox.store import Store

SETTINGS: Final[Mapping[str, float]] = {
    "publish_delay_s": 1,  # how long the asynchronous result of a later submit takes
    "publish_status": 0,  # what a later submit comes to: 0 published, 2 not original, 3 failed, 4 rejected
    "callback_timeout_s": 5,  # how long a push waits for its answer before the next of its three tries
}
_HIGHEST: Final = 86_400  # of any setting
_PUSHES_AT_ONCE: Final = 32


class SettingInvalidError(Exception):
    """A posted setting is unknown or has no usable value."""


@dataclass(slots=True)
class Sandbox:
    """The state of one running sandbox. `http` lives from start-up to clean-up."""

    store: Store
    accounts: Accounts
    clock: Clock
    http: aiohttp.ClientSession | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    pushes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PUSHES_AT_ONCE))

    def settings(self) -> dict[str, float]:
        """Every setting with its present value."""
        rows = self.store.rows("SELECT name, value FROM setting")
        return {**SETTINGS, **{row["name"]: json.loads(row["value"]) for row in rows}}

    def change_settings(self, values: Mapping[str, Any]) -> None:
        """Sets what `values` name. Raises SettingInvalidError."""
        for name, value in values.items():
            if name not in SETTINGS or not isinstance(value, int | float) or isinstance(value, bool):
                raise SettingInvalidError(f"{name}: {value!r}")
            if not 0 <= value <= _HIGHEST:
                raise SettingInvalidError(f"{name}: {value!r}")
        if values.get("publish_status", 0) not in (0, 2, 3, 4):
            raise SettingInvalidError("publish_status is 0, 2, 3 or 4")
        for name, value in values.items():
            self.store.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` beside the requests; it is cancelled when the sandbox stops."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def cancel_tasks(self) -> None:
        """Ends whatever `spawn` began."""
        for task in self.tasks:
            task.cancel()


SANDBOX: Final = web.AppKey("sandbox", Sandbox)
