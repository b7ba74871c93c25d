"""The engine as the office has set it: the rules that ship, its choices, and the lists of words that are in force."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock, office_settings
from outreach.foundation.office_settings import PartyNames
from outreach.screening.detectors import DETECTORS
from outreach.screening.detectors.base import Detector
from outreach.screening.detectors.persons import natural_party
from outreach.screening.engine import Engine
from outreach.screening.model import WordListEdition
from outreach.screening.word_lists import WordList, detector_of

_KEPT_ENGINES: Final = 4
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Versions:
    """By what is screened. `rules` and `word_lists` are the beginnings of SHA-256 sums."""

    rules: str
    word_lists: str
    party_names: str


@dataclass(frozen=True, slots=True)
class OfficeEngine:
    """An engine and what it was made of."""

    engine: Engine
    versions: Versions


_engines: OrderedDict[Versions, OfficeEngine] = OrderedDict()


async def office_engine(session: AsyncSession) -> OfficeEngine:
    """The engine for now. Engines are kept, since a hundred thousand words take a second to learn."""
    settings = await office_settings.load(session)
    hashes = (await session.scalars(_IN_FORCE_HASHES.where(*in_force(clock.today(clock.SHANGHAI))))).all()
    versions = Versions(RULES_VERSION, _sum_of(hashes), settings.party_names.value)
    if kept := _engines.get(versions):
        _engines.move_to_end(versions)
        return kept
    editions = (
        await session.scalars(select(WordListEdition).where(*in_force(clock.today(clock.SHANGHAI))))
    ).all()
    lists = [word_list_of(edition) for edition in editions]
    engine = await asyncio.to_thread(_build, settings.party_names, lists)
    _engines[versions] = OfficeEngine(engine, versions)
    if len(_engines) > _KEPT_ENGINES:
        _engines.popitem(last=False)
    return OfficeEngine(engine, versions)


def in_force(day: date) -> list[ColumnElement[bool]]:
    """Which editions the engine uses on `day` (Shanghai)."""
    return [
        WordListEdition.is_newest == true(),
        WordListEdition.is_retired == false(),
        or_(WordListEdition.valid_from.is_(None), WordListEdition.valid_from <= day),
        or_(WordListEdition.valid_until.is_(None), WordListEdition.valid_until >= day),
    ]


def word_list_of(edition: WordListEdition) -> WordList:
    """The edition as the engine takes it."""
    return WordList(
        name=edition.name,
        words=edition.words.split("\n"),
        exceptions=edition.exceptions.split("\n"),
        severity=edition.severity,
        note=edition.note,
        basis=edition.basis,
    )


def rules_for(party_names: PartyNames) -> list[Detector]:
    """The rules that ship, by the office's choice. Minors and informants are protected whatever it is."""
    leaves_out = natural_party.NAME if party_names is PartyNames.PUBLISHED else None
    return [detector for detector in DETECTORS if detector.name != leaves_out]


def _build(party_names: PartyNames, lists: Sequence[WordList]) -> Engine:
    return Engine([*rules_for(party_names), *map(detector_of, lists)])


def _sum_of(hashes: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()[:_DIGITS]


def _sum_of_files(folder: Traversable) -> str:
    """Over every file of the package, so that no change of a rule goes without a new version."""
    parts = [f"{path}\n{content}" for path, content in sorted(_files(folder, ""))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]


def _files(folder: Traversable, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for one in folder.iterdir():
        if one.is_dir():
            found += [] if one.name == "__pycache__" else _files(one, f"{path}{one.name}/")
        elif one.name.endswith((".py", ".txt")):
            found.append((f"{path}{one.name}", one.read_text(encoding="utf-8")))
    return found


_IN_FORCE_HASHES: Final = select(WordListEdition.content_hash)
RULES_VERSION: Final = _sum_of_files(files("outreach.screening"))
"""Which rules these are."""
