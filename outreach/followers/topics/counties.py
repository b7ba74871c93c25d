"""The banners and counties (旗县市区) that topics are told apart by: the office's own list, found in words and texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BETWEEN: Final = re.compile(r"[、，,；;\n]+")


@dataclass(frozen=True, slots=True)
class County:
    """A county. `aliases` are what else people call it."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def in_texts(self) -> tuple[str, ...]:
        """The names by which a text means this county. A bare end of its own name is none of them: 前旗 alone is
        察右前旗 in a follower's message, and in an item perhaps 鄂托克前旗."""
        return (self.name, *(alias for alias in self.aliases if not self.name.endswith(alias)))


@dataclass(frozen=True, slots=True)
class Region:
    """The city and its counties, in the office's order."""

    city: str
    counties: tuple[County, ...]

    @property
    def city_names(self) -> tuple[str, ...]:
        """What means all counties in a message."""
        return ("全市", self.city, self.city.removesuffix("市"))

    def begins(self, word: str) -> tuple[str, County] | None:
        """The longest name of a county that a word of a message begins with, as it stands there: 集宁, 集宁区, 前旗."""
        names = ((name, one) for one in self.counties for name in (one.name, *one.aliases))
        found = [(name, one) for name, one in names if word.startswith(name)]
        return max(found, key=lambda pair: len(pair[0]), default=None)

    def counties_in(self, text: str) -> list[County]:
        """The counties that a text names, in the office's order."""
        return [one for one in self.counties if any(name in text for name in one.in_texts)]

    def city_in(self, text: str) -> bool:
        """Whether a text names the city."""
        return self.city.removesuffix("市") in text


def read_region(city: str, listed: str) -> Region:
    """The region as the office's settings have it: counties parted by 、, each with its aliases after it, parted by
    `/`."""
    parts = [part.strip() for part in _BETWEEN.split(listed)]
    return Region(city, tuple(_county(part.split("/")) for part in parts if part))


def _county(names: Sequence[str]) -> County:
    name, *aliases = (one.strip() for one in names)
    return County(name, tuple(alias for alias in aliases if alias))
