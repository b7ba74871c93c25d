"""Hints on an air-quality report that states another index than its concentrations give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outreach.items.aqi.bulletin import bulletin_of
from outreach.items.aqi.differences import Difference, differences_of
from outreach.screening.rules import INDEX_RULE, STATED_INDEX, Match, Severity


def stated_index_matches(snapshot: Mapping[str, Any]) -> list[tuple[str, Match]]:
    """A hint on each differing value of the item, with the dotted name of its field. It spans the whole value
    as a text: a number's digits, several pollutants parted by 、, nothing where none is stated."""
    bulletin = bulletin_of(snapshot["fields"])
    return [(one.field, _match(one)) for one in differences_of(bulletin)] if bulletin else []


def _match(one: Difference) -> Match:
    return Match(
        start=0,
        end=len(one.text),
        label=STATED_INDEX,
        text=one.text,
        severity=Severity.HINT,
        rule=INDEX_RULE,
        advice=one.told,
        basis=one.basis,
    )
