"""Every regular expression of the rules, and what can be told of its work by its structure alone."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from outreach import screening

NOT_RULES = ("outreach.screening.files", "outreach.screening.word_files")
"""Readers of files, whose expressions look at the names of a file's parts."""
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)

Node = tuple[Any, Any]


def expressions() -> dict[str, re.Pattern[str]]:
    """The expressions of the rules by module and name."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(screening.__path__, "outreach.screening."):
        if module.name.startswith(NOT_RULES):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            given = value if isinstance(value, list | tuple) else [value]
            for one in given:
                if isinstance(one, re.Pattern) and one not in found.values():
                    found[f"{module.name.removeprefix('outreach.screening.')}.{name}"] = one
    return found


def parsed(expression: re.Pattern[str]) -> list[Node]:
    """The expression as the library reads it."""
    return list(_parser.parse(expression.pattern, expression.flags))


def is_unbounded(node: Node) -> bool:
    """Whether the node repeats something without an end."""
    code, value = node
    return code in _REPEATS and value[1] is op.MAXREPEAT


def inner(node: Node) -> list[list[Node]]:
    """The sequences inside of a node."""
    code, value = node
    if code in _REPEATS:
        return [list(value[2])]
    if code is op.SUBPATTERN:
        return [list(value[3])]
    if code is op.BRANCH:
        return [list(one) for one in value[1]]
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [list(value[1])]
    return [list(value)] if code is op.ATOMIC_GROUP else []


def nodes(tree: Iterable[Node]) -> Iterator[Node]:
    """Every node, from the outside in."""
    for node in tree:
        yield node
        for sequence in inner(node):
            yield from nodes(sequence)


def sequences(tree: list[Node]) -> Iterator[list[Node]]:
    """Every sequence of nodes that follow each other."""
    yield tree
    for node in tree:
        for sequence in inner(node):
            yield from sequences(sequence)


def may_be_empty(node: Node) -> bool:
    """Whether the node can match nothing."""
    code, value = node
    if code in _REPEATS:
        return value[0] == 0 or all(map(may_be_empty, value[2]))
    if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return True
    within = inner(node)
    return bool(within) and any(all(map(may_be_empty, sequence)) for sequence in within)
