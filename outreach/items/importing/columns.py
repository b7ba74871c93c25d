"""What the columns of a table mean: a field by its name or its Chinese label, or a row of the office's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from outreach.foundation.problems import FieldError
from outreach.items.content import Content
from outreach.items.kinds import FIELDS
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.messages import printable, unknown_name
from outreach.items.kinds.shape import InputType
from outreach.items.labels import KIND_LABELS, common_form_fields, form_fields, label_of, name_of
from outreach.items.model import Kind

EXTRA: Final = re.compile(r"附加[:：](.+)")
COMMON: Final = frozenset(Content.model_fields) - {"fields"}
_NAMES: Final[Mapping[Kind, frozenset[str]]] = {
    kind: COMMON
    | (frozenset(shape.model_fields) - {"extra", "concentrations"})
    | (frozenset(CONCENTRATION_KEYS) if kind is Kind.AIR_QUALITY else frozenset())
    for kind, shape in FIELDS.items()
}
"""The columns that a row of each kind may fill."""


@lru_cache(maxsize=512)
def meanings(column: str) -> Mapping[Kind, str]:
    """The field that a column means in a row of each kind; empty where no kind knows it."""
    named = {kind: column if column in _NAMES[kind] else name_of(column, kind) for kind in Kind}
    return {kind: name for kind, name in named.items() if name in _NAMES[kind]}


def meaning(column: str, kind: Kind | None) -> str:
    """The field that a column means in a row of that kind (None: of any); empty where it means none."""
    return next((name for one, name in meanings(column).items() if kind in (one, None)), "")


def is_known(column: str) -> bool:
    """Whether the column means anything."""
    return bool(meanings(column)) or EXTRA.fullmatch(column) is not None


@lru_cache(maxsize=512)
def expects(column: str) -> InputType | None:
    """What is typed into the column; None for a row of the office's own. Of one name, kinds expect the same."""
    name = meaning(column, None)
    fields = (*common_form_fields(), *(field for kind in Kind for field in form_fields(kind)))
    return next((field.type for field in fields if field.name == name), None)


def field_of(column: str, kind: Kind | None) -> str:
    """The dotted name of what a column means, for its errors."""
    extra = EXTRA.fullmatch(column)
    if extra:
        return f"fields.extra.{printable(extra[1].strip())}"
    name = meaning(column, kind)
    if name in CONCENTRATION_KEYS:
        return f"fields.concentrations.{name}"
    return name if name in COMMON else f"fields.{name}" if name else printable(column)


def column_error(column: str, kind: Kind | None, cell: str) -> FieldError | None:
    """What is wrong with a row of that kind that has such a column, and `cell` in it."""
    known = meanings(column)
    if EXTRA.fullmatch(column) or (known and (kind is None or kind in known)):
        return None
    if not known:
        told = unknown_name(column, _all_columns(), "请删去这一列，或把列名写成“附加:名称”。")
        return FieldError(printable(column), told)
    if cell.strip() and kind is not None:
        return FieldError(column, f"“{column}”不属于{KIND_LABELS[kind]}，请清空这一格。")
    return None


@cache
def _all_columns() -> Sequence[str]:
    names = sorted(frozenset[str]().union(*_NAMES.values()))
    labels = (label_of(kind, name) for kind, own in _NAMES.items() for name in own - set(CONCENTRATION_KEYS))
    return tuple(dict.fromkeys((*names, *labels)))
