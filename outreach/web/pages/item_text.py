"""An item's text for its readers: as it will be read, and as it was typed with the findings marked in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from outreach.channels.protocol import Picture
from outreach.items.labels import field_label
from outreach.items.model import Item
from outreach.items.rules import texts_of
from outreach.publishing.markdown import to_html
from outreach.publishing.renditions.pictures import with_picture_urls
from outreach.screening.model import Finding
from outreach.screening.rules import Severity

_ALIGNED: Final = re.compile(r'<(t[dh]) style="text-align:\s?(left|center|right);?"')
_GRAVITY: Final = (Severity.HINT, Severity.REDACT, Severity.BLOCK)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. Where findings lie on it, `severity` is the gravest of them; `begins` are the
    numbers of those that begin here."""

    text: str
    severity: Severity | None
    begins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One field's text as it was typed, in pieces."""

    field: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class NumberedFinding:
    """A finding with its number on the page, the label of its field and the words that it is about."""

    number: int
    finding: Finding
    label: str
    words: str


def readable_body(item: Item) -> Markup:
    """The body as HTML, its pictures by the addresses of the item's attachments."""
    pictures = {
        one.name: Picture(one.sha256, one.name, one.media_type or "")
        for one in item.attachments
        if one.sha256 and (one.media_type or "").startswith("image/")
    }
    addresses = {one.sha256: f"/items/{item.id}/attachments/{one.id}" for one in item.attachments}
    html = with_picture_urls(to_html(item.body, pictures), lambda sha256: addresses[sha256])
    # The policy allows no style attributes: a cell's alignment, the only style in a body, becomes a class.
    return Markup(_ALIGNED.sub(r'<\1 class="text-\2"', html))  # noqa: S704 - to_html has sanitised it


def numbered(item: Item, snapshot: Mapping[str, Any], findings: Sequence[Finding]) -> list[NumberedFinding]:
    """The findings in the order of the text, from 1."""
    texts = texts_of(snapshot)
    order = {field: place for place, field in enumerate(texts)}
    by_place = sorted(findings, key=lambda one: (order.get(one.field, len(order)), one.start, one.end))
    return [
        NumberedFinding(
            number, one, field_label(item.kind, one.field), texts.get(one.field, "")[one.start : one.end]
        )
        for number, one in enumerate(by_place, start=1)
    ]


def marked_texts(
    item: Item, snapshot: Mapping[str, Any], findings: Sequence[NumberedFinding]
) -> list[MarkedText]:
    """The fields in which something was found, and always the body where there is one."""
    by_field: dict[str, list[NumberedFinding]] = {}
    for one in findings:
        by_field.setdefault(one.finding.field, []).append(one)
    return [
        MarkedText(field, field_label(item.kind, field), pieces_of(text, by_field.get(field, [])))
        for field, text in texts_of(snapshot).items()
        if field in by_field or field == "body"
    ]


def pieces_of(text: str, findings: Sequence[NumberedFinding]) -> tuple[Piece, ...]:
    """`text` cut wherever a finding begins or ends; findings of several labels may overlap."""
    edges = {0, len(text)}.union(*({one.finding.start, one.finding.end} for one in findings))
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(text))
    return tuple(
        _piece(text[start:end], start, end, findings) for start, end in zip(cuts, cuts[1:], strict=False)
    )


def _piece(text: str, start: int, end: int, findings: Sequence[NumberedFinding]) -> Piece:
    here = [one for one in findings if one.finding.start < end and one.finding.end > start]
    gravest = max((one.finding.severity for one in here), key=_GRAVITY.index, default=None)
    return Piece(text, gravest, tuple(one.number for one in here if one.finding.start == start))
