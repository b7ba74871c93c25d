"""Items to try things on, made from the samples."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from outreach.foundation.problems import InvalidContent
from outreach.items.content import read_content

SAMPLES = [
    json.loads(line)
    for line in (files("outreach.demo") / "items.jsonl").read_text(encoding="utf-8").splitlines()
]


def item(kind: str, /, **changes: Any) -> dict[str, Any]:
    """A sample of that kind with other values at the top level; `fields` are merged, `...` strikes a name."""
    sample = next(one for one in SAMPLES if one["kind"] == kind and not one["fields"].get("forecast"))
    fields = {**sample["fields"], **changes.pop("fields", {})}
    return {
        **sample,
        **changes,
        "fields": {name: value for name, value in fields.items() if value is not ...},
    }


def errors_of(raw: Any, **options: Any) -> dict[str, str]:
    """What is told about `raw`, by field. Every message is Chinese."""
    with pytest.raises(InvalidContent) as caught:
        read_content(raw, **options)
    assert all(re.search(r"[一-鿿]", error.message) for error in caught.value.errors)
    return {error.field: error.message for error in caught.value.errors}


def without_nulls(value: Any) -> Any:
    """The value without what is not known: a table can't tell `null` from a name left out."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value
