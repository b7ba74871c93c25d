"""A year is the sum of its months; figures from before the start hold until the first own post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from outreach.channels.model import ChannelName
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.problems import InvalidContent
from outreach.items.model import Origin
from outreach.statistics.queries import YearFigures, year_figures
from outreach.statistics.queries.year import Source
from outreach.statistics.service import ImportedRow, import_figures
from tests.builders import OfficeStory

MAY = datetime(2026, 5, 20, 4, tzinfo=UTC)


def row(period: str, posts: int, channel: ChannelName | None = None) -> ImportedRow:
    return ImportedRow(period, channel, None, Origin.ORIGINAL, posts)


async def bring(story: OfficeStory, rows: Sequence[ImportedRow]) -> None:
    async with story.office.db.begin() as session:
        await import_figures(session, COMMAND_LINE, rows, "2020年度报告")


async def year_of(story: OfficeStory, year: int) -> YearFigures:
    async with story.office.db.read() as session:
        return await year_figures(session, year)


async def test_a_years_figure_without_months_holds_where_it_lies_wholly_before(story: OfficeStory) -> None:
    await story.item().published(at=MAY)
    await bring(story, [row("2020", 983), row("2026", 70)])
    before, started = await year_of(story, 2020), await year_of(story, 2026)
    assert (before.original, before.source, before.imported_year) == (983, Source.IMPORTED, True)
    assert before.by_channel == {"": {"original": 983, "repost": 0, "withdrawn": 0}}
    assert before.sources == ["2020年度报告"]
    assert (started.original, started.source, started.imported_year) == (1, Source.OWN, False)
    assert started.differences == ["2026年全年导入的原创件数为 70，各月之和为 1，相差 69。"]


async def test_imported_months_hold_until_the_first_own_post(story: OfficeStory) -> None:
    await story.item().published(at=MAY)
    await bring(story, [row(f"2026-0{number}", 10) for number in range(1, 7)])
    year = await year_of(story, 2026)
    assert year.original == 4 * 10 + 1
    assert year.source is Source.MIXED
    assert [month.source for month in year.months[:6]] == [Source.IMPORTED] * 4 + [Source.OWN] * 2
    assert year.differences == [
        "2026年5月：原创导入 10 件、本系统计 1 件；以本系统的计数为准。",
        "2026年6月：原创导入 10 件、本系统计 0 件；以本系统的计数为准。",
    ]


async def test_twelve_months_have_to_be_their_year(story: OfficeStory) -> None:
    await bring(story, [row(f"2019-{number:02}", 80) for number in range(1, 13)] + [row("2019", 983)])
    year = await year_of(story, 2019)
    assert (year.original, year.imported_year) == (960, False)
    assert year.differences == ["2019年全年导入的原创件数为 983，各月之和为 960，相差 23。"]


async def test_of_some_months_alone_no_year_is_made(story: OfficeStory) -> None:
    await bring(story, [row("2019-03", 80), row("2019", 983)])
    year = await year_of(story, 2019)
    assert (year.original, year.imported_year) == (983, True)
    assert year.differences == ["2019年只导入了 1 个月的数字，全年数以导入的全年数为准。"]


async def test_channels_that_do_not_add_up_are_named(story: OfficeStory) -> None:
    wechat, weibo = ChannelName.WECHAT, ChannelName.WEIBO
    await bring(story, [row("2020", 3862), row("2020", 1468, wechat), row("2020", 1576, weibo)])
    year = await year_of(story, 2020)
    assert year.original == 3862
    assert {channel: one["original"] for channel, one in year.by_channel.items()} == {
        "wechat": 1468,
        "weibo": 1576,
        "": 818,
    }
    assert year.differences == ["2020导入的原创总数为 3862，各渠道之和为 3044。"]


async def test_what_is_no_figure_is_refused_and_nothing_is_kept(story: OfficeStory) -> None:
    rows = [row("2020", 983), row("2020-13", 5), row("2020", 7), row("2020-01", -1)]
    with pytest.raises(InvalidContent) as refused:
        await bring(story, rows)
    assert [one.field for one in refused.value.errors] == ["rows[1]", "rows[3]", "rows[2]"]
    assert (await year_of(story, 2020)).source is None
    await bring(story, [row("2020", 983)])
    await bring(story, [row("2020", 984)])
    assert (await year_of(story, 2020)).original == 984
