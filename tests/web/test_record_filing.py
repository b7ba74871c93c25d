"""备案: what goes to the archive is whole, can be checked, and is remembered."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from outreach.foundation import clock
from outreach.foundation.audit import AuditEvent
from outreach.items.model import Revision
from outreach.office import file_records as filing
from outreach.people.model import Role
from outreach.review.model import ReviewRecord
from tests.builders import OfficeStory
from tests.web.conftest import Browser
from tests.web.record_story import FILE, TITLE, at, reviewed_with_everything, seal
from tests.web.test_record_page import lines_of


@pytest.fixture
async def auditor(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.AUDITOR)
    await browser.sign_in("auditor")
    return browser


async def packed(browser: Browser, query: str = "") -> zipfile.ZipFile:
    """The package that the page offers when it has grown to its end."""
    assert "打包备案" in (await browser.get(f"/records/filing?{query}")).text
    page = await browser.post(f"/records/filing?{query}")
    link = re.search(r'href="(/records/filing/\w+\.zip)"', page.text)
    assert link is not None, page.text
    response = await browser.client.get(link[1])
    assert response.content_type == "application/zip"
    return zipfile.ZipFile(BytesIO(await response.read()))


async def test_the_package_has_everything_and_the_hash_of_each_file(
    story: OfficeStory, auditor: Browser
) -> None:
    item = await reviewed_with_everything(story)
    with clock.at(at(20, 9)):
        await story.item("event", title="开放日").submitted().approved_by(Role.SECTION_HEAD)

    package = await packed(auditor)
    assert package.namelist() == [
        "审〔2026〕0001号/审查表.docx",
        "审〔2026〕0001号/内容快照.json",
        "审〔2026〕0001号/附件/决定书.pdf",
        "审〔2026〕0002号/审查表.docx",
        "审〔2026〕0002号/内容快照.json",
        "目录.xlsx",
        "SHA256SUMS",
    ]
    sums = dict(reversed(line.split("  ")) for line in package.read("SHA256SUMS").decode().splitlines())
    assert list(sums) == package.namelist()[:-1]
    assert all(hashlib.sha256(package.read(name)).hexdigest() == digest for name, digest in sums.items())

    assert package.read("审〔2026〕0001号/附件/决定书.pdf") == FILE
    assert f"标题 | {TITLE}" in lines_of(package.read("审〔2026〕0001号/审查表.docx"))
    async with story.office.db.read() as session:
        revision = await session.get_one(Revision, (item.id, 1))
    assert json.loads(package.read("审〔2026〕0001号/内容快照.json")) == revision.snapshot
    assert sums["审〔2026〕0001号/内容快照.json"] == revision.content_hash
    sheet = openpyxl.load_workbook(BytesIO(package.read("目录.xlsx")))["审查台账"]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == [TITLE, "开放日"]


async def test_each_record_remembers_when_it_was_filed_and_by_whom(
    story: OfficeStory, auditor: Browser
) -> None:
    await story.item("event", title="备案的").submitted().approved_by(Role.SECTION_HEAD)
    await story.item("penalty", title="没有备案的").submitted().approved_by(Role.SECTION_HEAD)
    with clock.at(at(20, 9)):
        await packed(auditor, "kind=event")

    async with story.office.db.read() as session:
        filed = [
            (one.title, one.filed_by_name, one.filed_at)
            for one in await session.scalars(select(ReviewRecord).order_by(ReviewRecord.number))
        ]
        event = await session.scalar(select(AuditEvent).where(AuditEvent.act == "record.file"))
    assert filed == [("备案的", "auditor", at(20, 9)), ("没有备案的", None, None)]
    assert event is not None
    assert event.detail["count"] == 1
    assert "2026年3月20日，auditor" in (await auditor.get("/records?filed=yes")).text
    assert "没有备案的" not in (await auditor.get("/records?filed=yes")).text


async def test_the_page_tells_how_far_it_is(story: OfficeStory, auditor: Browser) -> None:
    await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    await auditor.get("/records/filing")
    page = (await auditor.post("/records/filing")).text
    steps = re.findall(r"(\d+)／(\d+) 份", page)
    assert steps == [("0", "1"), ("1", "1")]


async def test_a_file_that_was_changed_or_is_gone_stops_the_filing(
    story: OfficeStory, auditor: Browser
) -> None:
    await reviewed_with_everything(story)
    path = story.office.media.path(hashlib.sha256(FILE).hexdigest())
    path.write_bytes(b"something else")
    await auditor.get("/records/filing")
    assert "与审查时的指纹不符" in (await auditor.post("/records/filing")).text
    path.unlink()
    page = (await auditor.post("/records/filing")).text
    assert ("不在媒体库中" in page, "下载备案包" in page) == (True, False)
    async with story.office.db.read() as session:
        assert (await session.scalars(select(ReviewRecord.filed_at))).all() == [None]


async def test_a_sealed_item_is_listed_and_nothing_of_it_goes_out(
    story: OfficeStory, auditor: Browser
) -> None:
    sealed = await story.item("event", title="不该看见的").submitted().approved_by(Role.SECTION_HEAD)
    await story.item("event", title="开放日").submitted().approved_by(Role.SECTION_HEAD)
    await seal(story, sealed)
    package = await packed(auditor)
    assert [name for name in package.namelist() if "0001号" in name] == []
    sheet = openpyxl.load_workbook(BytesIO(package.read("目录.xlsx")))["审查台账"]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["（已封存）", "开放日"]
    async with story.office.db.read() as session:
        filed = (
            await session.scalars(select(ReviewRecord.filed_by_name).order_by(ReviewRecord.number))
        ).all()
    assert filed == [None, "auditor"]


async def test_only_whoever_sees_every_record_files(story: OfficeStory, browser: Browser) -> None:
    await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    await browser.sign_in("section_head")
    assert (await browser.get("/records/filing")).status == 403
    assert (await browser.post("/records/filing")).status == 403


async def test_there_is_something_to_file_and_not_too_much(
    story: OfficeStory, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await auditor.get("/records/filing")
    assert (page.status, "没有可以备案的内容" in page.text) == (404, True)
    for _ in range(2):
        await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    monkeypatch.setattr(filing, "MOST_RECORDS", 1)
    page = await auditor.get("/records/filing")
    assert (page.status, "一次最多备案 1 份" in page.text) == (422, True)
    assert (await auditor.post("/records/filing")).status == 422


async def test_a_package_is_its_makers_and_goes_after_a_day(
    story: OfficeStory, auditor: Browser, new_browser: Callable[[], Browser]
) -> None:
    await story.item("event").submitted().approved_by(Role.SECTION_HEAD)
    await packed(auditor)
    [kept] = (story.office.settings.home / "tmp").glob("filing-*.zip")
    name = kept.name.rpartition("-")[2]
    await story.person(Role.CONFIDENTIALITY_REVIEWER)
    other = new_browser()
    await other.sign_in("confidentiality_reviewer")
    assert (await other.get(f"/records/filing/{name}")).status == 404
    assert (await auditor.client.get("/records/filing/..%2Fx.zip")).status == 404

    two_days_ago = clock.now().timestamp() - 2 * 24 * 3600
    os.utime(kept, (two_days_ago, two_days_ago))
    await packed(auditor)
    assert not kept.exists()
