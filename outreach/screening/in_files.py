"""What the rules find in files: in what was read, and that something could not be read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Final
from urllib.parse import urlsplit

from outreach.items.content import MAX_BODY
from outreach.screening.engine import Engine
from outreach.screening.file_reader import ReadFile
from outreach.screening.files.passages import READ_OFF, How, Passage, Unread
from outreach.screening.rules import (
    CLASSIFICATION_MARK,
    FOREIGN_LINK,
    LINK_RULE,
    UNREAD_RULE,
    UNREADABLE_FILE,
    WORDING,
    Match,
    Severity,
    classification_marks,
)

MOST_OF_A_LABEL: Final = 100
"""Findings of one label that are told of one file; the last one says how many there are."""

MOST_HINTS_ON_WORDING: Final = 20
"""The same for slips of the pen: of a report of hundreds of pages the office is no proof-reader."""

_LONGEST_PLACE: Final = 200
_MOST_PLACES: Final = 8
_LINK: Final = re.compile(r"(?:https?|ftp)://[^\s<>\"“”'，。；、（）《》|]+", re.IGNORECASE)
_GOVERNMENT: Final = ".gov.cn"


@dataclass(frozen=True, slots=True)
class InFile:
    """A finding in a file. The offsets of `match` count from the beginning of all that was read in it, its passages
    parted by one character. `line` is that of a classification mark."""

    match: Match
    place: str
    line: str | None = None


def found_in(read: ReadFile, engine: Engine, own_hosts: Collection[str]) -> list[InFile]:
    """Everything in a file that must not be disclosed, or that a person has to look at.

    Args:
        engine: what its texts are screened by.
        own_hosts: hosts besides those of the government (gov.cn) to which a link may lead.
    """
    found = [*_distinct(_in_passages(read.passages, engine)), *_foreign_links(read.passages, own_hosts)]
    end = sum(len(one.text) + 1 for one in read.passages)
    return [*_bounded(found), *_unread(read.unread, end)]


def marks_in(read: ReadFile) -> Iterator[tuple[Passage, Match]]:
    """The classification marks in a file, each with the passage in which it stands."""
    for passage in read.passages:
        for match in classification_marks(passage.text):
            yield passage, match


def mark_line(text: str, match: Match) -> str | None:
    """The line in which a classification mark stands, by which it may be released; None of any other finding."""
    if match.label != CLASSIFICATION_MARK:
        return None
    end = text.find("\n", match.end)
    return text[text.rfind("\n", 0, match.start) + 1 : len(text) if end < 0 else end]


def masked(text: str) -> str:
    """The text so far that it can be found in the file, and no further: 152***********1234, 张*."""
    first, last = (3, 4) if len(text) > 10 else (1, 0)
    hidden = max(len(text) - first - last, 0)
    return text[:first] + "*" * hidden + text[len(text) - last :] if last else text[:first] + "*" * hidden


def _in_passages(passages: Sequence[Passage], engine: Engine) -> list[InFile]:
    """What the rules find in the passages, in their order. Rules look beyond a line, as they do in a text: at what
    follows 商业秘密：, for a name that was told before. So passages are screened together, a stretch at a time.

    A classification mark stands for itself, and is looked for in each passage as at the door.
    """
    found = [*_marks(passages), *_in_stretches(passages, engine)]
    return sorted(found, key=lambda one: (one.match.start, one.match.end))


def _marks(passages: Iterable[Passage]) -> Iterator[InFile]:
    offset = 0
    for passage in passages:
        for match in classification_marks(passage.text):
            place = _short(passage.place_at(match.start))
            yield InFile(_moved(match, offset), place, mark_line(passage.text, match))
        offset += len(passage.text) + 1


def _in_stretches(passages: Sequence[Passage], engine: Engine) -> Iterator[InFile]:
    offset = 0
    for stretch in _stretches(passages):
        starts = list(accumulate((len(one.text) + 1 for one in stretch), initial=0))
        for match in engine.screen("\n".join(one.text for one in stretch)):
            number = bisect_right(starts, match.start) - 1
            passage = stretch[number]
            if match.label == CLASSIFICATION_MARK or (match.label == WORDING and not _is_worded(passage)):
                continue
            place = passage.place_at(match.start - starts[number])
            yield InFile(_moved(match, offset), _short(place))
        offset += starts[-1]


def _stretches(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    """Passages that are screened together: as much as the body of an item may hold."""
    stretch: list[Passage] = []
    length = 0
    for passage in passages:
        if stretch and length + len(passage.text) > MAX_BODY:
            yield stretch
            stretch, length = [], 0
        stretch.append(passage)
        length += len(passage.text) + 1
    if stretch:
        yield stretch


def _is_worded(passage: Passage) -> bool:
    """Whether its wording is its author's and still stands there: not what was read off a picture, whose marks are the
    reader's, nor what was struck or does not show."""
    return not any(place.endswith((READ_OFF, How.DELETED, How.HIDDEN)) for _, place in passage.places)


def _moved(match: Match, offset: int) -> Match:
    return replace(match, start=match.start + offset, end=match.end + offset)


def _distinct(found: Iterable[InFile]) -> Iterator[InFile]:
    """Each once, though several readings of one paragraph show it."""
    told: set[tuple[str, str, str]] = set()
    for one in found:
        mark = (one.place, one.match.label, "".join(one.match.text.split()))
        if mark not in told:
            told.add(mark)
            yield one


def _foreign_links(passages: Iterable[Passage], own_hosts: Collection[str]) -> Iterator[InFile]:
    offset, told = 0, set[str]()
    for passage in passages:
        for link in _LINK.finditer(passage.text):
            host = _host(link[0])
            if host and link[0] not in told and not _is_own(host, own_hosts):
                told.add(link[0])
                yield InFile(_link_match(link, offset, host), _short(passage.place_at(link.start())))
        offset += len(passage.text) + 1


def _link_match(link: re.Match[str], offset: int, host: str) -> Match:
    return Match(
        start=link.start() + offset,
        end=link.end() + offset,
        label=FOREIGN_LINK,
        text=link[0],
        severity=Severity.HINT,
        rule=LINK_RULE,
        advice=f"链接指向外部网站 {host}。请核对它的归属和内容，不需要的请删去。",
        basis="",
    )


def _host(link: str) -> str | None:
    try:
        return urlsplit(link).hostname
    except ValueError:
        return None


def _is_own(host: str, own_hosts: Collection[str]) -> bool:
    return host.endswith(_GOVERNMENT) or any(host == one or host.endswith(f".{one}") for one in own_hosts)


def _bounded(found: Iterable[InFile]) -> Iterator[InFile]:
    """No more of one label than a person can judge; a file full of numbers is mended as a whole."""
    by_label: dict[str, list[InFile]] = {}
    for one in found:
        by_label.setdefault(one.match.label, []).append(one)
    for label, of_label in by_label.items():
        most = MOST_HINTS_ON_WORDING if label == WORDING else MOST_OF_A_LABEL
        rest = len(of_label) - most
        kept = of_label[:most]
        if rest > 0:
            kept[-1] = replace(kept[-1], place=_short(f"{kept[-1].place}（同类还有 {rest} 处）"))
        yield from kept


def _unread(unread: Iterable[Unread], end: int) -> Iterator[InFile]:
    """One finding for each reason, naming the places."""
    by_reason = sorted(unread, key=lambda one: one.reason)
    for reason, group in groupby(by_reason, key=lambda one: one.reason):
        places = list(dict.fromkeys(one.place for one in group))
        named = "、".join(places[:_MOST_PLACES])
        place = f"{named}等 {len(places)} 处" if len(places) > _MOST_PLACES else named
        match = Match(
            start=end,
            end=end,
            label=UNREADABLE_FILE,
            text="",
            severity=Severity.REDACT,
            rule=UNREAD_RULE,
            advice=reason,
            basis="《中华人民共和国保守国家秘密法》第三十五条；《政府信息公开条例》第十七条",
        )
        yield InFile(match, _short(place))


def _short(place: str) -> str:
    return place if len(place) <= _LONGEST_PLACE else f"{place[: _LONGEST_PLACE - 1]}…"
