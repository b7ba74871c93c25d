"""Yearly figures are kept: typed by hand, cell by cell, or imported, a whole record at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.screening.marks import doorkeeper
from outreach.statistics.report.catalogue import CHANNELS, SITE_COLUMNS, spec_of
from outreach.statistics.report.forms import form_of
from outreach.statistics.report.importing.reading import Reading, read_record
from outreach.statistics.report.importing.record import record_in
from outreach.statistics.report.model import Layer, YearlyFigure
from outreach.statistics.report.published import ORIGINAL
from outreach.statistics.report.values import NoFigure, as_stored, typed_value
from outreach.statistics.report.year import WORDS
from outreach.statistics.service import import_year


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: how many figures the record gives, how many rows are new, changed or gone since the import
    before, and sentences on what was not taken or does not agree."""

    bureau: str
    figures: int
    added: int
    changed: int
    removed: int
    told: Sequence[str]

    def with_one(self, was: int | None, now: int | None) -> ImportReport:
        """The same with one figure more that was, or is, kept elsewhere."""
        return replace(
            self,
            added=self.added + (was is None and now is not None),
            changed=self.changed + (was is not None and now is not None and was != now),
            removed=self.removed + (was is not None and now is None),
        )


async def type_figures(
    session: AsyncSession, by: Person, year: int, typed: Mapping[str, str]
) -> dict[str, str]:
    """Keeps the figures that were typed for `year`, by their names; an empty text takes the typed one back, so that
    what was counted or imported holds again. Gives what changed.

    Raises Forbidden; InvalidContent naming each field, and then nothing is kept.
    """
    require(by, Act.KEEP_FIGURES)
    form_of(year)
    named = {key: key for key in typed if _is_named(key)}
    (await doorkeeper(session)).refuse_texts(**named)
    wanted = _understood(typed)
    await audit.hold(session)
    before = {row.key: row for row in await _rows(session, year, Layer.TYPED)}
    changed: dict[str, str] = {}
    for key, value in wanted.items():
        row = before.get(key)
        if _same(row, value):
            continue
        changed[key] = value[0] if value else ""
        if value is None:
            await session.execute(_deletion(year, Layer.TYPED, [key]))
        else:
            given = {"value": value[0], "is_lower_bound": value[1], **_signed(by)}
            await session.merge(YearlyFigure(year=year, key=key, layer=Layer.TYPED, **given))
    if changed:
        await session.flush()
        told = {key: value for key, value in changed.items() if not _is_named(key)}
        await audit.record(
            session, by, "figures.type", "year", str(year), figures=told, named=len(changed) - len(told)
        )
    return changed


async def import_figures(
    session: AsyncSession, by: Actor, year: int, name: str, content: str, bureau: str | None = None
) -> ImportReport:
    """Keeps the figures of a file's record for `year` in place of those that were imported for it before. A value typed
    by hand stays, and holds. The same file again changes nothing.

    Raises InvalidContent, ClassificationMarkFound; then nothing is kept.
    """
    form = form_of(year)
    reading = read_record(record_in(content, year, bureau), form)
    texts = [
        name,
        *filter(_is_named, reading.figures),
        reading.bureau,
        reading.source,
        reading.note,
        *(one for all_ in reading.words.values() for one in all_),
    ]
    (await doorkeeper(session)).refuse_texts(file="\n".join(texts))
    source = "，".join(part for part in (name, reading.bureau, reading.source) if part)
    published = reading.figures.get(ORIGINAL)
    originals = int(published.value) if published else None
    was = await import_year(session, by, year, originals, source[:200])
    wanted = {
        **{
            key: (as_stored(one.value), one.is_lower_bound)
            for key, one in reading.figures.items()
            if key != ORIGINAL
        },
        **{WORDS + key: ("\n".join(words), False) for key, words in reading.words.items() if words},
    }
    await audit.hold(session)
    before = {row.key: row for row in await _rows(session, year, Layer.IMPORTED)}
    fresh = {key: value for key, value in wanted.items() if not _same(before.get(key), value)}
    gone = [key for key in before if key not in wanted]
    await session.execute(_deletion(year, Layer.IMPORTED, gone))
    for key, (value, is_lower_bound) in fresh.items():
        given = {"value": value, "is_lower_bound": is_lower_bound, **_signed(by)}
        row = YearlyFigure(
            year=year, key=key, layer=Layer.IMPORTED, source=source, note=reading.note or None, **given
        )
        await session.merge(row)
    await session.flush()
    report = _report(reading, before, fresh, gone).with_one(was, originals)
    if fresh or gone:
        await audit.record(
            session, by, "figures.import", "year", str(year),
            bureau=reading.bureau, added=report.added, changed=report.changed, removed=report.removed,
        )  # fmt: skip
    return report


def _understood(typed: Mapping[str, str]) -> dict[str, tuple[str, bool] | None]:
    """What is to be kept of each figure; None where it was left empty. Raises InvalidContent naming each field."""
    wanted: dict[str, tuple[str, bool] | None] = {}
    errors: list[FieldError] = []
    for key, text in typed.items():
        spec = spec_of(key)
        if spec is None:
            errors.append(FieldError(key, "没有这一项数字。"))
        elif not text.strip():
            wanted[key] = None
        else:
            try:
                value, is_lower_bound = typed_value(spec, text)
                wanted[key] = as_stored(value), is_lower_bound
            except NoFigure as error:
                errors.append(FieldError(key, f"{spec.label}：{error}"))
    if errors:
        raise InvalidContent("有数字需要修改，请看标出的格子。其他数字都还在，改好后再保存。", errors=errors)
    return wanted


def _report(
    reading: Reading, before: Mapping[str, YearlyFigure], fresh: Mapping[str, Any], gone: Sequence[str]
) -> ImportReport:
    changed = sum(1 for key in fresh if key in before)
    return ImportReport(
        reading.bureau, len(reading.figures), len(fresh) - changed, changed, len(gone), reading.told
    )


def _is_named(key: str) -> bool:
    """Whether somebody named the figure: what was typed there is a text, and stays out of the audit log."""
    return key.startswith((CHANNELS, SITE_COLUMNS))


def _same(row: YearlyFigure | None, value: tuple[str, bool] | None) -> bool:
    return (row and (row.value, row.is_lower_bound)) == value


def _signed(by: Actor) -> dict[str, Any]:
    return {"by_id": by.id, "by_name": by.name, "at": clock.now()}


async def _rows(session: AsyncSession, year: int, layer: Layer) -> Sequence[YearlyFigure]:
    query = select(YearlyFigure).where(YearlyFigure.year == year, YearlyFigure.layer == layer)
    return (await session.scalars(query)).all()


def _deletion(year: int, layer: Layer, keys: Sequence[str]) -> Any:
    return delete(YearlyFigure).where(
        YearlyFigure.year == year, YearlyFigure.layer == layer, YearlyFigure.key.in_(keys)
    )


async def typed_figures(session: AsyncSession, year: int) -> dict[str, str]:
    """The figures that were typed for the year, as somebody would type them again."""
    rows = await _rows(session, year, Layer.TYPED)
    return {row.key: row.value + ("余" if row.is_lower_bound else "") for row in rows}
