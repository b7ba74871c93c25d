"""What a channel can do that has a menu under its conversations: WeChat's 自定义菜单.

It raises the same ChannelErrors as any channel (`channels.protocol`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Press:
    """The platform tells the service that it was pressed, with these words."""

    key: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page is opened."""

    url: str


@dataclass(frozen=True, slots=True)
class OtherDeed:
    """What somebody else put there, on the platform's site perhaps: its type by the platform's name."""

    type: str


Deed = Press | Link | OtherDeed


@dataclass(frozen=True, slots=True)
class Button:
    """A button: either it does something, or it opens the ones below it."""

    name: str
    deed: Deed | None = None
    below: tuple[Button, ...] = ()


class MenuChannel(Protocol):
    """One account with a menu. No method is called inside a database transaction."""

    async def menu(self) -> tuple[Button, ...] | None:
        """The menu that the platform has; None where there is none. Raises ChannelError."""

    async def replace_menu(self, buttons: Sequence[Button]) -> None:
        """Puts this menu in the place of the one before. Safe to repeat. Raises ChannelError."""
