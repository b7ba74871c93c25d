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
    "publish_delay_s": 1,  # how long the result of a later submit, mass message or notice takes
    "publish_status": 0,  # what a later submit comes to: 0 published, 2 not original, 3 failed, 4 rejected
    "mass_error": 0,  # what a later mass message comes to: 0 sent, else the number in its err(…)
    "mass_reprint": 0,  # which article of it the copyright check names, from 1; 0: all of them
    "mass_protection": 0,  # 1: a later one is answered 89504, and goes on as if an administrator had confirmed it
    "notice_outcome": 0,  # what a later notice comes to: 0 arrived, 1 blocked by its reader, 2 failed
    "snapshot_user": 0,  # 1: a later web login stands for a preview's made-up user
    "callback_timeout_s": 5,  # how long a try of a push waits for its answer
    "callback_again_s": 5,  # how long after a try that was not taken the next of the three begins
}
# Status of MASSSENDJOBFINISH: advertising, politics, pornography, …, a reprint that may not be sent, refusals.
_MASS_ERRORS: Final = (
    0, 10001, 20001, 20002, 20004, 20006, 20008, 20013, 21000, 22000, 30001, 30002, 30003, 40001, 40002,
)  # fmt: skip
_CHOICES: Final[Mapping[str, tuple[int, ...]]] = {
    "publish_status": (0, 2, 3, 4),
    "mass_error": _MASS_ERRORS,
    "mass_reprint": tuple(range(9)),
    "mass_protection": (0, 1),
    "snapshot_user": (0, 1),
    "notice_outcome": (0, 1, 2),
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
    teller: asyncio.Task[None] | None = None
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
        for name, possible in _CHOICES.items():
            if values.get(name, 0) not in possible:
                raise SettingInvalidError(f"{name} is one of {possible}")
        for name, value in values.items():
            self.store.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs `work` beside the requests; it is cancelled when the sandbox stops."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def cancel_tasks(self) -> None:
        """Ends whatever `spawn` began."""
        for task in self.tasks:
            task.cancel()
        self.teller = None


SANDBOX: Final = web.AppKey("sandbox", Sandbox)
