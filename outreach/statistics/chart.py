"""A chart as a picture for documents: stacked bars that also read without colours, by their patterns and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from outreach.channels.rules import CHANNEL_LABELS
from outreach.items.labels import KIND_LABELS, ORIGIN_LABELS
from outreach.publishing.renditions.cards import FONT_FAMILY, draw_svg
from outreach.publishing.renditions.environment import render_template
from outreach.statistics.queries import MonthRow
from outreach.statistics.queries.month import total_of

WIDTH: Final = 1600
HEIGHT: Final = 800
"""Pixels of the picture."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 30, 120, 90
_PATTERNS: Final = 4
_STEPS: Final = (1, 2, 5)
_LINES: Final = 5
_LEAST_LABELLED: Final = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a bar, in pixels from the upper left; `pattern` counts from 0. `number` is empty where it has no
    room."""

    x: float
    y: float
    width: float
    height: float
    pattern: int
    number: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what it is called."""

    at: float
    label: str


def month_chart(rows: Sequence[MonthRow]) -> dict[str, Any]:
    """Bars: a group for each kind (`categories`), in it a bar for each channel (`stack`), in that originals and reposts
    where there are any (`series`, with `values` in the order of the categories)."""
    kinds = list(dict.fromkeys(row.kind for row in rows))
    series = [
        {
            "name": f"{CHANNEL_LABELS[channel]} {label}",
            "stack": CHANNEL_LABELS[channel],
            "values": [
                total_of(row for row in rows if (row.channel, row.kind) == (channel, kind))[origin]
                for kind in kinds
            ],
        }
        for channel in dict.fromkeys(row.channel for row in rows)
        for origin, label in ORIGIN_LABELS.items()
    ]
    return {
        "categories": [KIND_LABELS[kind] for kind in kinds],
        "series": [one for one in series if any(one["values"])],
    }


def draw_chart(chart: Mapping[str, Any]) -> bytes:
    """The bars of `month_chart` as PNG, `WIDTH` × `HEIGHT`."""
    series, categories = chart["series"], chart["categories"]
    stacks = list(dict.fromkeys(one["stack"] for one in series))
    step = _step(max(_heights(series, stacks, len(categories)), default=1))
    top = step * _LINES
    scale = (HEIGHT - _TOP - _BOTTOM) / top
    group = (WIDTH - _LEFT - _RIGHT) / max(1, len(categories))
    bar = min(110.0, group * 0.8 / max(1, len(stacks)))
    bars: list[Bar] = []
    for place in range(len(categories)):
        first = _LEFT + group * (place + 0.5) - bar * len(stacks) / 2
        for number, stack in enumerate(stacks):
            bars += _stacked(series, stack, place, first + bar * number, bar, scale)
    base = HEIGHT - _BOTTOM
    svg = render_template(
        "charts/bars.svg.j2",
        font=FONT_FAMILY,
        size=(WIDTH, HEIGHT),
        frame=(_LEFT, WIDTH - _RIGHT, base),
        lines=[Tick(base - step * number * scale, str(step * number)) for number in range(_LINES + 1)],
        names=[Tick(_LEFT + group * (place + 0.5), category) for place, category in enumerate(categories)],
        legend=[
            Tick(_LEFT + place * (WIDTH - _LEFT) / max(1, len(series)), one["name"])
            for place, one in enumerate(series)
        ],
        bars=bars,
    )
    return draw_svg(svg)


def _stacked(
    series: Sequence[Mapping[str, Any]], stack: str, place: int, x: float, width: float, scale: float
) -> list[Bar]:
    pieces, base = [], float(HEIGHT - _BOTTOM)
    for pattern, one in enumerate(series):
        number = one["values"][place]
        if one["stack"] != stack or not number:
            continue
        height = number * scale
        base -= height
        told = str(number) if height >= _LEAST_LABELLED else ""
        pieces.append(Bar(x + 3, base, width - 6, height, pattern % _PATTERNS, told))
    return pieces


def _heights(series: Sequence[Mapping[str, Any]], stacks: Sequence[str], number: int) -> list[int]:
    return [
        sum(one["values"][place] for one in series if one["stack"] == stack)
        for stack in stacks
        for place in range(number)
    ]


def _step(highest: int) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that five of them reach above the highest bar."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * _LINES >= highest:
                return step * power
        power *= 10
