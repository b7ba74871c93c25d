"""审查台账: every reviewed revision under its number, narrowed down, counted, taken out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from sqlalchemy import select, update

from outreach.foundation import clock
from outreach.foundation.audit import AuditEvent
from outreach.items.model import Item
from outreach.office.review_item import decide
from outreach.people.model import Role
from outreach.review.model import DecisionKind, Outcome, ReviewRecord
from outreach.review.rules import REFUSAL_BASES
from outreach.review.service import Verdict
from tests.builders import OfficeStory
from tests.waiting import eventually
from tests.web.conftest import Browser
from tests.web.record_story import at, reviewed_with_everything, seal

GOLDEN: Final = Path(__file__).parent / "golden"
APPROVE: Final = Verdict(DecisionKind.APPROVE)
REFUSE: Final = Verdict(DecisionKind.REFUSE, "不宜公开。", REFUSAL_BASES[0])
REMOVE: Final = Verdict(DecisionKind.RETURN, "请删减。", REFUSAL_BASES[3], outcome=Outcome.AFTER_REMOVAL)


@pytest.fixture
async def auditor(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.AUDITOR)
    await browser.sign_in("auditor")
    return browser


async def one_of_each(story: OfficeStory) -> None:
    """One that may be disclosed, one after removal, one that may not, one sent back, one under review, one taken
    back."""
    with clock.at(at(2, 9)):
        await story.item("penalty", title="公开的").approved()
        await story.item("event", title="删减的").submitted().decided(Role.SECTION_HEAD, REMOVE)
        await story.item("event", title="不公开的").submitted().decided(Role.SECTION_HEAD, REFUSE)
    with clock.at(at(20, 9)):
        await story.item("event", title="退回的").submitted().returned_by(Role.SECTION_HEAD)
        await story.item("event", title="在审的").submitted().approved_by(Role.SECTION_HEAD)
        taken = story.item("event", title="收回的").submitted().approved_by(Role.SECTION_HEAD)
        await taken.recalled()


def titles(page: str) -> list[str]:
    """The titles of the register, the newest first."""
    return re.findall(r'<td class="text-break">([^<]*[^<\s])', page)


def figures(page: str, line: str) -> list[int]:
    """The figures of a line of the year's table."""
    row = page.partition(f'<th scope="row">{line}</th>')[2].partition("</tr>")[0]
    return [int(one) for one in re.findall(r'<td class="number">(\d+)</td>', row)]


async def test_a_revision_gets_its_number_with_its_first_decision(
    story: OfficeStory, auditor: Browser
) -> None:
    with clock.at(at(2, 9)):
        item = await story.item("event").submitted()
        assert titles((await auditor.get("/records")).text) == []
        item = await story.item("penalty").approved()
        item = await story.item("event").submitted().returned_by(Role.SECTION_HEAD)
        page = (await auditor.get("/records")).text
    assert re.findall(r"审〔2026〕\d{4}号", page) == ["审〔2026〕0002号", "审〔2026〕0001号"]
    assert f"/items/{item.id}/records/1" in page


async def test_numbers_begin_anew_each_year_of_shanghai(story: OfficeStory, auditor: Browser) -> None:
    for moment in (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)):
        with clock.at(moment):
            await story.item("event", formed_on="2025-12-30").submitted().approved_by(Role.SECTION_HEAD)
    page = (await auditor.get("/records")).text
    assert re.findall(r"审〔\d{4}〕\d{4}号", page) == ["审〔2026〕0001号", "审〔2025〕0001号"]


async def test_many_at_once_get_each_a_number_of_their_own(story: OfficeStory) -> None:
    items = [await story.item("event").submitted() for _ in range(12)]
    head = await story.person(Role.SECTION_HEAD)

    async def approve(item: Item) -> None:
        async with story.office.db.begin() as session:
            await decide(session, item.id, head, APPROVE, revision=1, zone=clock.SHANGHAI)

    await asyncio.gather(*(approve(item) for item in items))
    async with story.office.db.read() as session:
        numbers = (await session.scalars(select(ReviewRecord.number))).all()
    assert sorted(numbers) == list(range(1, 13))


async def test_a_decision_that_is_rolled_back_takes_its_number_back(story: OfficeStory) -> None:
    item = await story.item("event").submitted()
    head = await story.person(Role.SECTION_HEAD)
    with pytest.raises(RuntimeError):
        async with story.office.db.begin() as session:
            await decide(session, item.id, head, APPROVE, revision=1, zone=clock.SHANGHAI)
            raise RuntimeError
    async with story.office.db.begin() as session:
        await decide(session, item.id, head, APPROVE, revision=1, zone=clock.SHANGHAI)
    async with story.office.db.read() as session:
        assert (await session.scalars(select(ReviewRecord.number))).all() == [1]


async def test_an_edit_leaves_the_entry_as_it_was(story: OfficeStory, auditor: Browser) -> None:
    first = story.item("event", title="原来的").submitted().returned_by(Role.SECTION_HEAD)
    await first.edited(title="后来的").submitted().approved_by(Role.SECTION_HEAD)
    page = (await auditor.get("/records")).text
    assert titles(page) == ["后来的", "原来的"]
    assert "第 2 版" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("standing=disclose", ["公开的"]),
        ("standing=after_removal", ["删减的"]),
        ("standing=withhold", ["不公开的"]),
        ("standing=returned", ["退回的"]),
        ("standing=open", ["在审的"]),
        ("standing=ended", ["收回的"]),
        ("kind=penalty", ["公开的"]),
        ("first=2026-03-03", ["收回的", "在审的", "退回的"]),
        ("last=2026-03-02", ["不公开的", "删减的", "公开的"]),
        ("first=2026-03-02&last=2026-03-02&text=删", ["删减的"]),
        ("section=没有的科室", []),
        ("filed=yes", []),
        (
            "first=x&kind=y&standing=z&before=1",
            ["收回的", "在审的", "退回的", "不公开的", "删减的", "公开的"],
        ),
    ],
)
async def test_the_register_is_narrowed_down(
    story: OfficeStory, auditor: Browser, query: str, expected: list[str]
) -> None:
    await one_of_each(story)
    assert titles((await auditor.get(f"/records?{query}")).text) == expected


async def test_the_register_is_narrowed_to_a_reviewer(story: OfficeStory, auditor: Browser) -> None:
    await one_of_each(story)
    signatory = await story.person(Role.SIGNATORY)
    assert titles((await auditor.get(f"/records?reviewer={signatory.id}")).text) == ["公开的"]
    assert titles((await auditor.get("/records?reviewer=x%00y")).text) == []


async def test_a_day_of_the_period_is_one_of_shanghai(story: OfficeStory, auditor: Browser) -> None:
    with clock.at(datetime(2026, 3, 1, 16, 30, tzinfo=UTC)):
        await story.item("event", title="二日零时").submitted().approved_by(Role.SECTION_HEAD)
    assert titles((await auditor.get("/records?first=2026-03-02&last=2026-03-02")).text) == ["二日零时"]
    assert titles((await auditor.get("/records?last=2026-03-01")).text) == []


async def test_what_the_period_came_to_stands_above(story: OfficeStory, auditor: Browser) -> None:
    await one_of_each(story)
    page = (await auditor.get("/records?first=2026-03-01&last=2026-03-31")).text
    told = re.sub(r"<[^>]*>|\s", "", page)
    assert "共6份（筛选范围内）：审查中1，公开1，删减后公开1，不予公开1，退回修改1，未审结1" in told


async def test_the_year_is_counted_by_outcome_and_article(story: OfficeStory, auditor: Browser) -> None:
    await one_of_each(story)
    await reviewed_with_everything(story)
    page = (await auditor.get("/records?last=2026-12-31")).text
    # 审结, 公开, 删减后公开, 不予公开, 退回修改, 报请确定; 第十四条 to 第十七条, 其他依据
    expected = [5, 2, 1, 1, 1, 1, 1, 1, 0, 1, 0]
    assert figures(page, "全年") == figures(page, "3 月") == expected
    assert figures(page, "2 月") == [0] * 11
    assert figures((await auditor.get("/records?last=2025-12-31")).text, "全年") == [0] * 11


async def test_a_year_ends_at_midnight_of_shanghai(story: OfficeStory, auditor: Browser) -> None:
    with clock.at(datetime(2025, 12, 31, 16, tzinfo=UTC)):
        await story.item("event", formed_on="2025-12-30").submitted().returned_by(Role.SECTION_HEAD)
    page = (await auditor.get("/records?last=2026-06-30")).text
    assert (figures(page, "全年")[0], figures(page, "1 月")[0]) == (1, 1)
    assert figures((await auditor.get("/records?last=2025-06-30")).text, "全年")[0] == 0


async def test_everyone_sees_their_sections_and_some_see_all(
    story: OfficeStory, new_browser: Callable[[], Browser]
) -> None:
    await one_of_each(story)
    section = (await story.item("penalty")).section.name
    for name, role, expected in (
        ("一科", Role.EDITOR, 1),
        ("审计", Role.AUDITOR, 6),
        ("保密", Role.CONFIDENTIALITY_REVIEWER, 6),
    ):
        await story.person(role, name=name, sections=[section])
        browser = new_browser()
        await browser.sign_in(name)
        page = (await browser.get("/records?last=2026-12-31")).text
        assert len(titles(page)) == expected
        assert figures(page, "全年")[0] == (1 if expected == 1 else 4)
        assert ("/records/filing?" in page) == (expected == 6)


async def test_a_sealed_item_keeps_its_number_and_not_its_title(story: OfficeStory, auditor: Browser) -> None:
    item = await story.item("event", title="不该看见的").submitted().approved_by(Role.SECTION_HEAD)
    await seal(story, item)
    page = (await auditor.get("/records")).text
    assert ("0001号" in page, "（已封存）" in page, "不该看见的" in page) == (True, True, False)
    assert "没有符合条件" in (await auditor.get("/records?text=不该看见")).text
    response = await auditor.client.get("/records/export.csv")
    assert "不该看见的" not in (await response.read()).decode()


async def test_a_long_register_is_read_page_by_page(story: OfficeStory, auditor: Browser) -> None:
    for number in range(53):
        await story.item("event", title=f"第{number}条").submitted().approved_by(Role.SECTION_HEAD)
    first = (await auditor.get("/records?kind=event")).text
    following = re.search(r'href="(/records\?[^"]*before=[^"]+)"', first)
    assert following is not None
    second = (await auditor.get(following[1].replace("&amp;", "&"))).text
    assert titles(first) + titles(second) == [f"第{number}条" for number in reversed(range(53))]


async def exported(browser: Browser, path: str) -> bytes:
    response = await browser.client.get(path)
    assert response.status == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%AE%A1")
    return await response.read()


async def golden_register(story: OfficeStory) -> None:
    await one_of_each(story)
    await reviewed_with_everything(story)
    with clock.at(at(21, 9)):
        risky = story.item("event", title="=1+1")
        await risky.submitted().decided(Role.SECTION_HEAD, Verdict(DecisionKind.RETURN, "改标题。"))


async def test_the_export_is_what_the_register_shows(story: OfficeStory, auditor: Browser) -> None:
    await golden_register(story)
    expected = (GOLDEN / "审查台账.csv").read_bytes()
    content = await exported(auditor, "/records/export.csv?last=2026-12-31")
    assert content.decode("utf-8-sig").splitlines() == expected.decode("utf-8-sig").splitlines()
    assert content.startswith(b"\xef\xbb\xbf")

    book = openpyxl.load_workbook(
        BytesIO(await exported(auditor, "/records/export.xlsx?last=2026-12-31")), read_only=True
    )
    rows = [[cell or "" for cell in row] for row in book["审查台账"].iter_rows(values_only=True)]
    assert rows == [line.split(",") for line in expected.decode("utf-8-sig").splitlines()]
    assert "'=1+1" in rows[-1]


async def test_the_export_is_narrowed_too_and_recorded(story: OfficeStory, auditor: Browser) -> None:
    await one_of_each(story)
    content = await exported(auditor, "/records/export.csv?standing=withhold")
    assert len(content.decode("utf-8-sig").splitlines()) == 2
    async with story.office.db.read() as session:
        event = await session.scalar(select(AuditEvent).where(AuditEvent.act == "record.export"))
    assert event is not None
    assert (event.actor_name, event.detail) == ("auditor", {"count": 1})
    page = await auditor.get("/records/export.csv?text=没有的标题")
    assert (page.status, "没有符合条件的审查记录" in page.text) == (404, True)


async def test_nothing_is_left_behind_by_an_export(story: OfficeStory, auditor: Browser) -> None:
    await one_of_each(story)
    for format_ in ("csv", "xlsx"):
        await exported(auditor, f"/records/export.{format_}")

    async def is_empty() -> bool:
        return not any((story.office.settings.home / "tmp").iterdir())

    await eventually(is_empty)


async def test_an_export_of_many_is_whole_and_in_order(story: OfficeStory, auditor: Browser) -> None:
    item = await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    async with story.office.db.begin() as session:
        record = (await session.scalars(select(ReviewRecord))).one()
        columns = ReviewRecord.__table__.columns.keys()
        common: Mapping[str, object] = {name: getattr(record, name) for name in columns}
        session.add_all(
            ReviewRecord(**{**common, "number": number, "revision": number}) for number in range(2, 703)
        )
        await session.execute(update(Item).where(Item.id == item.id).values(revision=999))
    lines = (await exported(auditor, "/records/export.csv")).decode("utf-8-sig").splitlines()
    assert [line[7:11] for line in lines[1:]] == [f"{number:04}" for number in range(1, 703)]
