"""An air-quality report that states another index than its concentrations give is handed in with a hint."""

from __future__ import annotations

from typing import Any

from outreach.items.model import Item, Stage
from outreach.screening.model import Finding
from outreach.screening.queries import findings_of
from outreach.screening.rules import Severity
from tests.builders import OfficeStory

FIELDS = {
    "period": "daily", "period_start": "2026-04-11", "period_end": "2026-04-11", "good_days_percent": ...,
    "concentrations": {"SO2_24h": 11, "NO2_24h": 14, "CO_24h": 0.4, "O3_8h": 96, "PM10_24h": 312, "PM2.5_24h": 58},
}  # fmt: skip


async def submitted(story: OfficeStory, **stated: Any) -> tuple[Item, list[Finding]]:
    item = await story.item("air_quality", fields={**FIELDS, "stated": stated}).submitted()
    return item, await findings(story, item)


async def findings(story: OfficeStory, item: Item) -> list[Finding]:
    async with story.office.db.read() as session:
        return list(await findings_of(session, item))


async def test_a_stated_index_that_differs_is_a_hint_on_its_value(story: OfficeStory) -> None:
    _, (finding,) = await submitted(story, aqi=150, level="四级")
    assert (finding.field, finding.start, finding.end) == ("fields.stated.aqi", 0, 3)
    assert (finding.label, finding.severity) == ("stated_index", Severity.HINT)
    assert "为150" in finding.advice
    assert "算得181" in finding.advice
    assert "HJ 633-2026" in finding.basis


async def test_what_agrees_is_no_finding(story: OfficeStory) -> None:
    _, found = await submitted(story, aqi=181, level=4, category="中度污染", primary=["PM10"])
    assert found == []


async def test_everything_that_can_differ_can_be_stored(story: OfficeStory) -> None:
    sub_indices = dict.fromkeys([*FIELDS["concentrations"], "O3_1h", "PM10_1h", "SO2_1h"], 499)
    _, found = await submitted(story, aqi=1, level="NA", category="优" * 500, primary=[], iaqi=sub_indices)
    assert len(found) == 13
    assert all(one.severity is Severity.HINT for one in found)


async def test_a_hint_holds_nothing_and_goes_with_what_caused_it(story: OfficeStory) -> None:
    story_of_item = story.item("air_quality", fields={**FIELDS, "stated": {"aqi": 150}}).submitted()
    item = await story_of_item.approved_by("section_head", "confidentiality_reviewer")
    assert item.stage is Stage.SIGN_OFF

    mended = await (
        story.item("air_quality", fields={**FIELDS, "stated": {"aqi": 150}})
        .submitted()
        .edited(fields={"stated": {"aqi": 181}})
        .submitted()
    )
    assert await findings(story, mended) == []
