"""Which messages are reports of pollution, by the words in `report_words.json`. Pure.

A report is no matter of this account: whoever makes one is pointed to the hotline, where it is registered, and their
words are for the editors' eyes alone (环境保护法 art. 57: whoever reports is kept confidential).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class _Words(NamedTuple):
    alone: tuple[str, ...]
    nuisances: tuple[str, ...]
    doings: tuple[str, ...]
    not_when_beginning: tuple[str, ...]


def is_report(words: str) -> bool:
    """Whether `words` tell of pollution: by an expression that stands for itself, or by a nuisance and what it does,
    wherever they stand. A command of the account is none."""
    said, known = "".join(words.split()), _words()
    if said.startswith(known.not_when_beginning):
        return False
    if any(word in said for word in known.alone):
        return True
    return any(word in said for word in known.nuisances) and any(word in said for word in known.doings)


@cache
def _words() -> _Words:
    text = (files(__package__) / "report_words.json").read_text(encoding="utf-8")
    lists = json.loads(text)
    return _Words(**{name: tuple(lists[name]) for name in _Words._fields})
