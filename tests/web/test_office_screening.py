"""What the office tells the screening: its words, its choice, its exceptions; and what was refused at a door."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from outreach.foundation import audit, office_settings
from outreach.foundation.problems import InvalidContent
from outreach.items.model import Item, ItemState
from outreach.office import review_item
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.screening.model import Finding, Judgement, MarkIncident, ReleasedLine, ScreeningReport
from outreach.screening.service import release_line
from tests.builders import OfficeStory

from .conftest import Browser, Page, hire

LIST = {
    "name": "敏感工程",
    "severity": "redact",
    "words": "雷霆工程\n机密",
    "exceptions": "机密封件",
    "note": "先报办公室。",
}

EVENT = {
    "formed_on": "2026-11-01",
    "name": "活动",
    "starts_at": "2026-12-01T09:00",
    "place": "文化馆",
    "organiser": "本局",
}


async def _reviewer(office: Office, browser: Browser) -> Browser:
    await hire(office, "周敏", Role.CONFIDENTIALITY_REVIEWER)
    await browser.sign_in("周敏", next="/word-lists")
    return browser


async def _editor(office: Office, browser: Browser) -> Browser:
    await hire(office, "李文", Role.EDITOR)
    await browser.sign_in("李文")
    return browser


async def _findings(office: Office, item_id: str) -> list[Finding]:
    async with office.db.read() as session:
        found = await session.scalars(
            select(Finding).where(Finding.item_id == item_id).order_by(Finding.start)
        )
        return list(found)


async def test_only_the_confidentiality_reviewer_keeps_the_lists(office: Office, browser: Browser) -> None:
    await hire(office, "管理", Role.ADMIN)
    await browser.sign_in("管理")
    for path in ("/word-lists", "/word-lists/new", "/marks"):
        assert (await browser.get(path)).status == 403
    assert (await browser.post("/marks/released", line="x", reason="y")).status == 403


async def test_a_change_shows_what_it_would_have_done_before_it_is_saved(
    office: Office, browser: Browser, story: OfficeStory
) -> None:
    item = await story.item(body="本局参加雷霆工程，采购机密封件。").submitted()
    await _reviewer(office, browser)
    assert "查看变化" in (await browser.get("/word-lists/new")).text
    shown = await browser.post("/word-lists/new", LIST, seen="0")
    assert shown.status == 200
    assert "1 条的初筛结果会不同" in shown.text
    assert item.title in shown.text
    assert "会提示 “雷霆工程”" in shown.text
    assert "机密封件”" not in shown.text.split("保存后的变化")[1]
    assert "还没有词库" in (await browser.get("/word-lists")).text

    saved = await _saved(browser, "/word-lists/new", LIST, seen="0")
    assert saved.path.startswith("/word-lists")
    assert "第 1 版" in saved.text
    assert await _findings(office, item.id) == []

    other = await story.item(body="雷 霆 工 程\n采购機密封件、机密机床。").submitted()
    found = await _findings(office, other.id)
    assert [one.rule for one in found] == ["word_list:敏感工程"] * 2
    assert {one.advice for one in found} == {"先报办公室。"}


async def test_lists_are_versioned_and_a_stale_change_overwrites_nothing(
    office: Office, browser: Browser
) -> None:
    await _reviewer(office, browser)
    await _saved(browser, "/word-lists/new", LIST, seen="0")
    path = _path_of_list((await browser.get("/word-lists")).text)
    changed = {**LIST, "words": "雷霆工程\n机密\n闪电工程"}
    assert "第 2 版" in (await _saved(browser, path, changed, seen="1")).text
    stale = await _saved(browser, path, {**LIST, "words": "雷霆工程\n机密"}, seen="1")
    assert stale.status == 409
    assert "刚被他人修改" in stale.text
    page = await browser.get(path)
    assert "闪电工程" in page.text
    assert "第 1 版" in page.text
    assert "已停用" in (await browser.post(f"{path}/retire", seen="2")).text


async def test_wrong_lists_are_told_at_their_fields_and_nothing_typed_is_lost(
    office: Office, browser: Browser
) -> None:
    await _reviewer(office, browser)
    wrong = {
        **LIST,
        "name": "",
        "words": "密\n雷霆工程",
        "exceptions": "无关的词",
        "valid_from": "2026-12-01",
        "valid_until": "2026-11-01",
    }
    page = await browser.post("/word-lists/new", wrong, seen="0", confirmed="1")
    assert page.status == 422
    for told in ("请填写名称。", "“密”", "“无关的词”", "截止日期早于开始日期"):
        assert told in page.text
    assert "密\n雷霆工程" in page.text
    assert "没有这个词库" in (await browser.get("/word-lists/01ARZ3NDEKTSV4RRFFQ69G5FAV")).text


async def test_words_come_from_a_workbook_or_a_text_file(office: Office, browser: Browser) -> None:
    await _reviewer(office, browser)
    book = Workbook()
    for row in (["词语"], ["雷霆工程"], ["闪电工程"], [None], ["雷霆工程"]):
        book.active.append(row)  # type: ignore[union-attr]
    workbook = io.BytesIO()
    book.save(workbook)
    shown = await _with_file(browser, "词.xlsx", workbook.getvalue())
    assert "雷霆工程\n闪电工程</textarea>" in shown
    assert "海棠工程\n牡丹工程</textarea>" in await _with_file(
        browser, "词.txt", "海棠工程\r\n牡丹工程".encode("gb18030")
    )
    assert "不是能读的 Excel" in await _with_file(browser, "词.xlsx", b"PK\x03\x04nonsense")
    assert "一行一个词语的文本" in await _with_file(browser, "词.doc", b"\xd0\xcf\x11\xe0\x00\x00\xff\xff")


async def test_what_was_typed_after_its_effect_was_shown_is_shown_again(
    office: Office, browser: Browser
) -> None:
    await _reviewer(office, browser)
    shown = await browser.post("/word-lists/new", LIST, seen="0")
    confirmed = re.search(r'name="confirmed" value="([0-9a-f]{64})"', shown.text)
    assert confirmed
    again = await browser.post(
        "/word-lists/new", {**LIST, "words": "生态\n机密"}, seen="0", confirmed=confirmed[1]
    )
    assert "确认保存" in again.text
    assert "还没有词库" in (await browser.get("/word-lists")).text


async def test_a_line_released_twice_is_revoked_at_once(office: Office, story: OfficeStory) -> None:
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)

    async def release() -> None:
        async with office.db.begin() as session:
            await release_line(session, reviewer, "机 密", "密室活动的名称")

    await asyncio.gather(*(release() for _ in range(5)))
    async with office.db.read() as session:
        assert len((await session.scalars(select(ReleasedLine))).all()) == 1


async def test_a_list_out_of_its_time_finds_nothing(
    office: Office, browser: Browser, story: OfficeStory
) -> None:
    await _reviewer(office, browser)
    await _saved(browser, "/word-lists/new", {**LIST, "valid_until": "2020-01-01"}, seen="0")
    item = await story.item(body="本局参加雷霆工程。").submitted()
    assert await _findings(office, item.id) == []


async def test_a_report_names_rules_lists_and_choice(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    first = await story.item().submitted()
    await _reviewer(office, browser)
    await _saved(browser, "/word-lists/new", LIST, seen="0")
    second = await story.item().submitted()
    async with office.db.read() as session:
        before, after = [
            await session.get_one(ScreeningReport, (item.id, item.revision)) for item in (first, second)
        ]
    assert before.rules == after.rules
    assert before.word_lists != after.word_lists
    assert after.party_names == "undecided"


async def test_the_office_chooses_whether_parties_are_named(
    office: Office, new_browser: Callable[[], Browser], story: OfficeStory
) -> None:
    body = "当事人：任二明，男。举报人柴志敏反映属实。"
    assert [one.rule for one in await _findings(office, (await story.item(body=body).submitted()).id)] == [
        "natural_party",
        "reporter",
    ]
    await hire(office, "管理", Role.ADMIN)
    admin = new_browser()
    await admin.sign_in("管理", next="/settings")
    page = await admin.get("/settings")
    assert "第六十二条" in page.text
    async with office.db.read() as session:
        settings = await office_settings.load(session)
    form = {name: str(value) for name, value in settings.model_dump().items()}
    assert (await admin.post("/settings", {**form, "party_names": "maybe"})).status == 422
    await admin.post("/settings", {**form, "party_names": "published"})
    after = await _findings(office, (await story.item(body=body).submitted()).id)
    assert [one.rule for one in after] == ["reporter"]


async def test_a_refusal_is_remembered_without_its_text(
    office: Office, new_browser: Callable[[], Browser], story: OfficeStory
) -> None:
    section = await story.section("法规科")
    editor = await _editor(office, new_browser())
    await editor.get("/items/new?kind=event")
    form = {
        "kind": "event",
        "title": "演练安排",
        "section": section.name,
        "body": "秘密★3年\n演练脚本",
        **EVENT,
    }
    for _ in range(2):
        page = await editor.post("/items/new", form)
        assert page.status == 422
        assert "“秘密★3年”" in page.text
    async with office.db.read() as session:
        (incident,) = (await session.scalars(select(MarkIncident))).all()
        assert await audit.verify(session) == []
    assert incident.field == "body"
    assert incident.rules == "classification_mark_starred"

    reviewer = await _reviewer(office, new_browser())
    marks = await reviewer.get("/marks")
    assert "李文" in marks.text
    assert "待处置" in marks.text
    assert "演练脚本" not in marks.text
    assert "请写明处置情况" in (await reviewer.post(f"/marks/{incident.id}", outcome=" ")).text
    assert "已办结" in (await reviewer.post(f"/marks/{incident.id}", outcome="11月26日报保密办。")).text
    assert (await reviewer.post(f"/marks/{incident.id}", outcome="再来一次")).status == 409


async def test_a_line_that_is_no_mark_is_released_and_revoked(
    office: Office, new_browser: Callable[[], Browser], story: OfficeStory
) -> None:
    section = await story.section("法规科")
    editor = await _editor(office, new_browser())
    await editor.get("/items/new?kind=event")
    form = {
        "kind": "event",
        "title": "密室活动",
        "section": section.name,
        "body": "活动名称：\n机  密",
        **EVENT,
    }
    assert "机  密" in (await editor.post("/items/new", form)).text

    reviewer = await _reviewer(office, new_browser())
    assert "请写明为什么" in (await reviewer.post("/marks/released", line="机 密", reason="")).text
    released = await reviewer.post("/marks/released", line="机 密", reason="密室逃脱活动的名称")
    assert "密室逃脱活动的名称" in released.text
    async with office.db.read() as session:
        (line,) = (await session.scalars(select(ReleasedLine))).all()
    assert "机" not in line.mac
    assert "含有密级标志" not in (await editor.post("/items/new", form)).text

    await reviewer.post(f"/marks/released/{line.id}/revoke")
    assert (await reviewer.post(f"/marks/released/{line.id}/revoke")).status == 409
    assert "机  密" in (await editor.post("/items/new", {**form, "title": "密室活动二"})).text


async def test_an_accepted_wording_is_judged_already_in_the_same_matter_only(
    office: Office, story: OfficeStory
) -> None:
    body = "站房租金，收款账号6217002238534455058。"
    item = await story.item("event", body=body).submitted().approved_by(Role.SECTION_HEAD)
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    (finding,) = await _findings(office, item.id)
    async with office.db.begin() as session:
        await review_item.judge_finding(
            session,
            item.id,
            finding.id,
            reviewer,
            Judgement.FALSE_ALARM,
            "本单位对公账户",
            revision=1,
            remembers=True,
        )
    (same,) = await _findings(office, (await story.item("event", body=body).submitted()).id)
    assert same.judgement is Judgement.FALSE_ALARM
    assert same.reason == "沿用以前的判定：本单位对公账户"
    (other,) = await _findings(office, (await story.item("penalty", body=body).submitted()).id)
    assert other.judgement is None


async def test_a_minor_is_never_accepted_for_good(office: Office, story: OfficeStory) -> None:
    item = await story.item("event", body="获奖者丁沐宸（8岁）。").submitted().approved_by(Role.SECTION_HEAD)
    reviewer = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    (finding,) = await _findings(office, item.id)
    with pytest.raises(InvalidContent, match="每次都要判定"):
        async with office.db.begin() as session:
            await review_item.judge_finding(
                session,
                item.id,
                finding.id,
                reviewer,
                Judgement.FALSE_ALARM,
                "已同意",
                revision=1,
                remembers=True,
            )
    (finding,) = await _findings(office, item.id)
    assert finding.judgement is None


async def test_a_sealed_item_is_opened_by_the_confidentiality_reviewer_alone(
    office: Office, new_browser: Callable[[], Browser], story: OfficeStory
) -> None:
    item = await story.item("event", title="演练安排")
    async with office.db.begin() as session:
        await session.execute(update(Item).where(Item.id == item.id).values(state=ItemState.SEALED))
    editor, reviewer = await _editor(office, new_browser()), await _reviewer(office, new_browser())
    for path in (f"/items/{item.id}", f"/items/{item.id}/edit", "/items?state=sealed"):
        page = await editor.get(path)
        assert (page.status, "演练安排" in page.text) == (403, False)
    assert "演练安排" not in (await editor.get("/items")).text
    for path in (f"/items/{item.id}", "/items?state=sealed"):
        assert "演练安排" in (await reviewer.get(path)).text


async def _saved(browser: Browser, path: str, form: dict[str, str], *, seen: str) -> Page:
    shown = await browser.post(path, form, seen=seen)
    found = re.search(r'name="confirmed" value="([0-9a-f]{64})"', shown.text)
    assert found
    return await browser.post(path, form, seen=seen, confirmed=found[1])


def _path_of_list(page: str) -> str:
    found = re.search(r'href="(/word-lists/[0-9A-Z]{26})"', page)
    assert found
    return found[1]


async def _with_file(browser: Browser, name: str, content: bytes) -> str:
    from aiohttp import FormData

    form = FormData()
    for field, value in {
        **LIST,
        "words": "",
        "exceptions": "",
        "seen": "0",
        "csrf_token": browser.csrf_token,
    }.items():
        form.add_field(field, value)
    form.add_field("file", content, filename=name)
    response = await browser.client.post("/word-lists/new", data=form)
    return await response.text()
