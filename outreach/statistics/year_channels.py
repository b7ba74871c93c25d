"""The channels of a year, in the order in which they are shown."""

from __future__ import annotations

from outreach.channels.rules import CHANNEL_LABELS
from outreach.statistics.model import NONE
from outreach.statistics.queries import YearFigures


def channels_of(figures: YearFigures) -> list[tuple[str, str]]:
    """The channels of the year and what they are called; last, with an empty key, what was imported without one."""
    found = {*figures.by_channel, *(key for one in figures.months for key in one.by_channel)}
    labels = {str(channel): label for channel, label in CHANNEL_LABELS.items()}
    named = [(key, labels[key]) for key in sorted(found - {NONE})]
    return [*named, (NONE, "不分渠道")] if NONE in found else named
