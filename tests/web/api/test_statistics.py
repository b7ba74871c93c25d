"""The figures as calls answer them."""

from __future__ import annotations

from datetime import UTC, datetime

from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE
from outreach.items.model import Origin
from outreach.statistics.service import ImportedRow, close_month, import_figures
from tests.builders import OfficeStory, claim, publish
from tests.web.api.conftest import As

OCTOBER = datetime(2026, 10, 20, 4, tzinfo=UTC)


async def test_a_closed_month_and_its_year(story: OfficeStory, as_: As) -> None:
    await story.item().published(at=OCTOBER)
    late = await story.item("event").planned()
    post = await claim(story.office, (await story.post(late)).id)
    statistician, zone = await story.person("statistician"), story.office.settings.zone
    with clock.at(datetime(2026, 11, 2, tzinfo=UTC)):
        async with story.office.db.begin() as session:
            await close_month(session, statistician, "2026-10", zone)
    await publish(story.office, post.id, at=OCTOBER)

    reader = await as_("auditor")
    month = (await reader.get("/statistics/monthly", month="2026-10")).body
    year = (await reader.get("/statistics/annual", year="2026")).body
    assert (month["closed"], month["totals"]["original"], month["contents"]["original"]) == (True, 1, 1)
    (row,) = month["rows"]
    assert (row["kind"], row["original"]) == ("penalty", 1)
    changes = [(one["kind"], one["original"], one["contents"], one["reason"]) for one in month["corrections"]]
    assert sorted(changes) == [
        ("event", 0, 1, "结账后才确认发布"),
        ("event", 1, 0, "结账后才确认发布"),
    ]
    assert {one["post"] for one in month["corrections"]} == {post.id}
    assert (year["totals"]["original"], year["contents"]["original"], year["source"]) == (2, 2, "own")
    closed = {one["month"]: (one["closed"], one["original"]) for one in year["months"]}
    assert closed["2026-10"] == (True, 2)
    assert year["corrections"] == month["corrections"]


async def test_a_year_before_the_start_is_told_as_imported(story: OfficeStory, as_: As) -> None:
    async with story.office.db.begin() as session:
        row = ImportedRow("2020", None, None, Origin.ORIGINAL, 983)
        await import_figures(session, COMMAND_LINE, [row], "2020年度报告")
    year = (await (await as_("auditor")).get("/statistics/annual", year="2020")).body
    assert (year["totals"]["original"], year["source"], year["imported_year"]) == (983, "imported", True)
    assert year["totals"]["by_channel"] == {"undivided": {"original": 983, "repost": 0, "withdrawn": 0}}
    assert year["sources"] == ["2020年度报告"]


async def test_what_is_no_year_is_refused_at_its_field(story: OfficeStory, as_: As) -> None:
    reader = await as_("auditor")
    for text in ("26", "abcd", "1999", "２０２０"):
        answer = await reader.get("/statistics/annual", year=text)
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "year")
