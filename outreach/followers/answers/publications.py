"""What is published now, as answers tell it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outreach.followers.topics.counties import Region
from outreach.followers.topics.facts import Facts, place_facts_of
from outreach.followers.topics.wording import Named
from outreach.foundation import clock
from outreach.items.aqi.bulletin import told_index
from outreach.items.kinds.readable import READABLE, day_text, index_text
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Item, ItemState, Kind, Revision
from outreach.items.rows import ITEM
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import outgoing_number

MOST: Final = 5
"""Titles in one answer."""
_LOOKED_THROUGH: Final = 200
"""Of each kind, the newest: what is older is found elsewhere, and not in a conversation."""


@dataclass(frozen=True, slots=True)
class Publication:
    """An item that anybody may read now. `url` is the article on the account that is asked, None where it has none."""

    kind: Kind
    title: str
    public_id: str
    url: str | None
    since: datetime
    facts: Facts
    fields: dict[str, Any]

    @property
    def gist(self) -> str:
        """What it says in a line: the index of a report, the time of an event, else its kind."""
        if (period := self.fields.get("period")) in ("forecast", "warning"):
            return READABLE[period](self.fields[period])
        if self.kind is Kind.AIR_QUALITY and (told := index_text(told_index(self.fields))):
            return told
        if self.kind is Kind.EVENT:
            return f"{day_text(self.fields['starts_at'])}，{self.fields['place']}"
        return KIND_LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class _Content:
    """What a revision says that answers need."""

    title: str
    facts: Facts
    fields: dict[str, Any]


_ARTICLE: Final = aliased(Post)
_NUMBER: Final = outgoing_number(ITEM.id)
_NEWEST: Final = (
    select(Item.id, _NUMBER.label("number"), Item.public_id, Item.public_since, _ARTICLE.url)
    .outerjoin(
        _ARTICLE,
        and_(
            _ARTICLE.item_id == Item.id,
            _ARTICLE.account_id == bindparam("account_id"),
            _ARTICLE.state == PostState.PUBLISHED,
        ),
    )
    .where(Item.kind == bindparam("kind"), Item.state == ItemState.PUBLISHED)
    .where(Item.public_end_reason.is_(None), _NUMBER.is_not(None))
    .order_by(Item.public_since.desc(), Item.id.desc())
    .limit(_LOOKED_THROUGH)
)
"""Made once: each message asks it (ADR 7)."""

_MOST_KEPT: Final = 2000
_read_lately: OrderedDict[tuple[str, int, Region], _Content] = OrderedDict()


async def latest(
    session: AsyncSession, account_id: str, named: Named, region: Region
) -> Sequence[Publication]:
    """The newest publications of what words name, the newest one first: at most `MOST`, of air quality the newest of
    each area, of events those that are not over."""
    found: list[Publication] = []
    for kind in named.kinds or Kind:
        of_kind = await _newest(session, account_id, kind, region)
        found += _told_of(kind, [one for one in of_kind if _is_named(one.facts, named)])
    return sorted(found, key=lambda one: one.since, reverse=True)[:MOST]


async def _newest(session: AsyncSession, account_id: str, kind: Kind, region: Region) -> list[Publication]:
    rows = (await session.execute(_NEWEST, {"account_id": account_id, "kind": kind})).all()
    contents = await _contents(session, [(row.id, row.number) for row in rows], region)
    return [
        Publication(kind, one.title, row.public_id, row.url or None, row.public_since, one.facts, one.fields)
        for row, one in zip(rows, contents, strict=True)
    ]


async def _contents(
    session: AsyncSession, revisions: Sequence[tuple[str, int]], region: Region
) -> list[_Content]:
    """What the revisions say. It never changes, and a press on the menu asks for the same as the one before: what was
    read lately is kept at hand, and whether it may be told is asked anew for each answer."""
    keys = [(*revision, region) for revision in revisions]
    found = {key: _read_lately[key] for key in keys if key in _read_lately}
    unread = [key[:2] for key in keys if key not in found]
    if unread:
        wanted = tuple_(Revision.item_id, Revision.number).in_(unread)
        query = select(Revision.item_id, Revision.number, Revision.snapshot).where(wanted)
        for item_id, number, snapshot in await session.execute(query):
            found[item_id, number, region] = _content(snapshot, region)
    for key in keys:
        _read_lately[key] = found[key]
        _read_lately.move_to_end(key)
    while len(_read_lately) > _MOST_KEPT:
        _read_lately.popitem(last=False)
    return [found[key] for key in keys]


def _content(snapshot: Mapping[str, Any], region: Region) -> _Content:
    title = snapshot["short_title"] or snapshot["title"]
    return _Content(title, place_facts_of(snapshot, region), snapshot["fields"])


def _is_named(facts: Facts, named: Named) -> bool:
    in_county = not named.counties or facts.is_citywide or bool({*facts.counties} & {*named.counties})
    enterprise = named.enterprise.lower()
    return in_county and (not enterprise or any(enterprise in one.lower() for one in facts.enterprises))


def _told_of(kind: Kind, found: Iterable[Publication]) -> list[Publication]:
    if kind is Kind.AIR_QUALITY:
        by_area: dict[str, Publication] = {}
        for one in found:
            by_area.setdefault(one.fields["area"], one)
        return list(by_area.values())
    if kind is Kind.EVENT:
        today = clock.today(clock.SHANGHAI)
        return [one for one in found if _last_day(one.fields) >= today]
    return list(found)


def _last_day(fields: dict[str, Any]) -> date:
    return date.fromisoformat((fields.get("ends_at") or fields["starts_at"])[:10])
