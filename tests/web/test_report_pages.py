"""/statistics/reports: figures are typed where they stand, the words are the bureau's, and a version is signed off."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE, AuditEvent
from outreach.office.context import Office
from outreach.people.deputies import Absence, name_deputy
from outreach.people.model import Role
from outreach.statistics.report.store import import_figures
from tests.builders import OfficeStory, publish
from tests.statistics.report_files import docx_text
from tests.web.conftest import Browser, Page

DATA = Path(__file__).parents[1] / "statistics" / "data"
FIGURES = (DATA / "annual_figures.json").read_text("utf-8")
YEAR = "/statistics/reports/annual/2020"
on_sqlite = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
async def writer(office: Office, story: OfficeStory, browser: Browser) -> Browser:
    """The statistician, with the figures of 2020 imported."""
    async with office.db.begin() as session:
        await import_figures(session, COMMAND_LINE, 2020, "annual_figures.json", FIGURES)
    await story.person(Role.STATISTICIAN)
    await browser.sign_in("statistician")
    return browser


def seen(page: Page, part: str) -> str:
    found = re.search(
        rf'name="part" value="{part}"><input type="hidden" name="seen" value="([^"]*)"', page.text
    )
    assert found
    return found[1]


async def report(browser: Browser, path: str = YEAR) -> dict[str, Any]:
    got = await browser.client.get(f"{path}.json")
    told: dict[str, Any] = json.loads(await got.text())
    return told


async def typed(browser: Browser, part: str, **figures: str) -> Page:
    page = await browser.get(YEAR)
    form = {
        "part": part,
        "seen": seen(page, part),
        **{key.replace("__", "."): one for key, one in figures.items()},
    }
    return await browser.post(f"{YEAR}/figures", form)


@on_sqlite
async def test_a_figure_typed_by_hand_wins_and_the_other_is_told_beside_it(writer: Browser) -> None:
    page = await typed(writer, "chapter1", media__adopted="３００余", fee__yuan="12.50")
    assert "数字已保存" in page.text
    told = await report(writer)
    figure = told["figures"]["media.adopted"]
    assert (figure["value"], figure["text"], figure["origin"], figure["by"]) == (
        300,
        "300余",
        "手填",
        "statistician",
    )
    assert "导入 280" in figure["beside"][0]
    assert told["figures"]["fee.yuan"]["text"] == "12.50"
    assert [one["cells"] for one in told["checks"] if one["id"] == "C1-3"] == [
        ["fee.yuan"],
        ["media.adopted"],
    ]
    source = await writer.get(figure["link"])
    assert "statistician" in source.text
    assert "annual_figures.json" in source.text
    await typed(writer, "chapter1", media__adopted="", fee__yuan="12.50")
    assert (await report(writer))["figures"]["media.adopted"]["value"] == 280


@on_sqlite
async def test_what_is_no_figure_is_told_at_its_cell_and_nothing_typed_is_lost(writer: Browser) -> None:
    cells = {"requests__new__total": "-3", "requests__granted__total": "/", "requests__partial__total": "5"}
    page = await typed(writer, "table3", **cells)
    assert page.status == 422
    for key, told in (("requests.new.total", "不能是负数"), ("requests.granted.total", "没有发生的请填 0")):
        error = re.search(rf'id="error-{re.escape(key)}">([^<]*)<', page.text)
        assert error
        assert told in error[1]
    assert 'name="requests.partial.total" value="5"' in page.text
    assert 'name="requests.new.total" value="-3"' in page.text
    assert (await report(writer))["figures"]["requests.partial.total"]["value"] == 0


@on_sqlite
async def test_the_cell_that_a_check_names_is_marked_where_it_stands(writer: Browser) -> None:
    await typed(writer, "table3", requests__carried_in__org_research="4")
    page = await writer.get(YEAR)
    marked = re.findall(r'class="figure-cell is-failing[^"]*" id="cell-([^"]+)"', page.text)
    assert {
        "requests.carried_in.org_research",
        "requests.new.org_research",
        "requests.np_repeat.total",
    } <= set(marked)
    assert "requests.new.natural_person" not in marked
    (failed,) = [
        one for one in (await report(writer))["checks"] if (one["id"], one["state"]) == ("T3-1", "failed")
    ]
    assert "科研机构" in failed["message"]
    assert "相差 4" in failed["message"]
    assert html.escape(failed["message"]) in page.text or failed["message"] in html.unescape(page.text)


@on_sqlite
async def test_two_who_type_at_once_do_not_overwrite_each_other(writer: Browser) -> None:
    await typed(writer, "chapter1", media__adopted="281")
    page = await writer.get(YEAR)
    stale = {"part": "chapter1", "seen": seen(page, "chapter1")}
    await typed(writer, "chapter1", media__adopted="282")
    refused = await writer.post(f"{YEAR}/figures", {**stale, "media.adopted": "283"})
    assert refused.status == 409
    assert 'name="media.adopted" value="283"' in refused.text
    assert (await report(writer))["figures"]["media.adopted"]["value"] == 282


@on_sqlite
async def test_the_words_are_the_bureau_s_and_their_numbers_the_figures(
    writer: Browser, office: Office
) -> None:
    page = await writer.get(f"{YEAR}/texts")
    marks = dict(
        re.findall(r'texts/(\w+)">\s*<input[^>]*><input type="hidden" name="seen" value="(\w+)"', page.text)
    )
    text = "（一）采纳\n共采纳【媒体采纳】条，刊发【媒体刊发】篇。另有【工作人员】人。受处罚单位有甲<乙公司。"
    unknown = await writer.post(f"{YEAR}/texts/1", text=text + "【没有的数】", seen=marks["1"])
    assert unknown.status == 422
    assert "没有这些数字：【没有的数】" in unknown.text
    assert "甲&lt;乙公司" in unknown.text
    secret = await writer.post(f"{YEAR}/texts/1", text="机密★5年\n" + text, seen=marks["1"])
    assert secret.status == 422
    assert "密级标志" in secret.text
    await writer.post(f"{YEAR}/texts/1", text=text, seen=marks["1"])
    late = await writer.post(f"{YEAR}/texts/1", text="别的", seen=marks["1"])
    assert late.status == 409
    assert "别的" in late.text
    told = await report(writer)
    lines = ["".join(piece["text"] for piece in line["pieces"]) for line in told["chapters"][0]["lines"]]
    assert lines == ["（一）采纳", "共采纳280条。受处罚单位有甲<乙公司。"]
    assert {"媒体刊发", "工作人员"} <= set(told["to_fill"])
    word = await (await writer.client.get(f"{YEAR}.docx")).read()
    assert "受处罚单位有甲<乙公司。" in docx_text(word)
    await writer.get("/statistics/reports/annual/2021/texts")
    taken = await writer.post("/statistics/reports/annual/2021/take-over")
    assert "受处罚单位有甲&lt;乙公司" in taken.text


async def test_a_version_is_frozen_and_signed_off_by_others(
    writer: Browser, new_browser: Callable[[], Browser], story: OfficeStory, office: Office
) -> None:
    async def enter(name: str, *roles: Role) -> Browser:
        await story.person(*roles, name=name)
        browser = new_browser()
        await browser.sign_in(name)
        return browser

    async def decide(browser: Browser, number: int, decision: str, opinion: str = "") -> Page:
        page = await browser.get(f"{YEAR}/versions/{number}")
        content_hash = re.search(r'name="content_hash" value="(\w+)"', page.text)
        given = {
            "decision": decision,
            "opinion": opinion,
            "content_hash": content_hash[1] if content_hash else "",
        }
        return await browser.post(f"{YEAR}/versions/{number}/decide", given)

    reviewer = await enter("confidentiality_reviewer", Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY)
    signatory = await enter("signatory", Role.SIGNATORY)
    await writer.get(YEAR)
    await writer.post(f"{YEAR}/submit")
    assert "第 1 版还在审查中" in (await writer.post(f"{YEAR}/submit")).text
    for page in ("/queue", "/statistics/reports"):
        assert f"{YEAR}/versions/1" in (await reviewer.get(page)).text.partition("<table")[0]
    assert (await decide(writer, 1, "approve")).status == 403
    assert (await decide(signatory, 1, "approve")).status == 403
    assert "退回时请填写意见" in (await decide(reviewer, 1, "return")).text
    await decide(reviewer, 1, "return", "第三表有空格。")

    await typed(writer, "table3", requests__np_repeat__total="0")
    await writer.post(f"{YEAR}/submit")
    await decide(reviewer, 2, "approve")
    assert (await decide(reviewer, 2, "approve")).status == 403  # nobody decides at two stages
    frozen = await report(writer, f"{YEAR}/versions/2")
    await typed(writer, "chapter1", media__adopted="999")
    with clock.at(datetime(2021, 1, 28, 17, tzinfo=UTC), running=True):  # the 29th in Shanghai
        final = await decide(signatory, 2, "approve", "同意")
    assert "已定稿" in final.text
    assert await report(writer, f"{YEAR}/versions/2") == {**frozen, "signed_on": "2021-01-29"}
    assert frozen["figures"]["media.adopted"]["value"] == 280
    word = await (await writer.client.get(f"{YEAR}/versions/2.docx")).read()
    assert "2021年1月29日" in docx_text(word)
    assert (await decide(signatory, 2, "approve")).status == 409

    await writer.get(YEAR)
    third = await writer.post(f"{YEAR}/submit")
    assert "第 3 版" in third.text
    await writer.post(f"{YEAR}/versions/3/recall")
    async with office.db.read() as session:
        acts = dict(
            (
                await session.execute(
                    select(AuditEvent.act, func.count())
                    .where(AuditEvent.subject_kind == "report")
                    .group_by(AuditEvent.act)
                )
            ).all()
        )
    assert acts == {
        "report.submit": 3,
        "report.confidentiality.return": 1,
        "report.confidentiality.approve": 1,
        "report.sign_off.approve": 1,
        "report.recall": 1,
    }


@on_sqlite
async def test_a_deputy_decides_in_their_own_name(
    writer: Browser, new_browser: Callable[[], Browser], story: OfficeStory, office: Office
) -> None:
    absent = await story.person(Role.CONFIDENTIALITY_REVIEWER, name="张三")
    deputy = await story.person(Role.EDITOR, name="王五")
    today = clock.today(clock.SHANGHAI)
    async with office.db.begin() as session:
        wanted = Absence(Role.CONFIDENTIALITY_REVIEWER, deputy.id, today, today)
        await name_deputy(session, absent, absent, wanted)
    await writer.get(YEAR)
    await writer.post(f"{YEAR}/submit")
    browser = new_browser()
    await browser.sign_in("王五")
    page = await browser.get(f"{YEAR}/versions/1")
    content_hash = re.search(r'name="content_hash" value="(\w+)"', page.text)
    assert content_hash
    form = {"decision": "approve", "content_hash": content_hash[1]}
    decided = await browser.post(f"{YEAR}/versions/1/decide", form)
    assert "王五（代张三）" in decided.text
    assert "待签发" in decided.text


@on_sqlite
async def test_who_only_reads_types_nothing_and_years_without_a_form_are_refused(
    writer: Browser, new_browser: Callable[[], Browser], story: OfficeStory
) -> None:
    await story.person(Role.EDITOR)
    editor = new_browser()
    await editor.sign_in("editor")
    page = await editor.get(YEAR)
    assert "591余" in page.text
    assert 'name="site.items"' not in page.text
    assert (await editor.post(f"{YEAR}/figures", {"part": "chapter1", "media.adopted": "1"})).status == 403
    assert (await editor.post(f"{YEAR}/submit")).status == 403
    for typed_year, told in (("2018", "还没有统一格式"), ("二零", "不是年份")):
        refused = await writer.get(f"/statistics/reports?year={typed_year}")
        assert refused.status == 422
        assert told in refused.text


@on_sqlite
async def test_own_posts_hold_from_the_first_on_and_the_difference_is_told(
    writer: Browser, story: OfficeStory, office: Office
) -> None:
    accounts = await story.accounts()
    item = await story.item().planned(*accounts[:2])
    for post in await story.posts(item):
        await publish(office, post.id, at=datetime(2021, 3, 5, 4, tzinfo=UTC))
    record = {"bureau": "某局", "year": 2021, "social_media": {"local_original_posts": 50}, "wechat": 30}
    async with office.db.begin() as session:
        await import_figures(session, COMMAND_LINE, 2021, "f.json", json.dumps(record))
    told = await report(writer, "/statistics/reports/annual/2021")
    held = {
        key: told["figures"][key]["value"] for key in ("social.original", "social.wechat", "social.weibo")
    }
    assert held == {"social.original": 2, "social.wechat": 1, "social.weibo": 1}
    assert told["figures"]["social.original"]["origin"] == "发布统计"
    said = [one["message"] for one in told["checks"] if one["id"] in {"C1-3", "C1-5"}]
    assert any("导入的是 50，相差 48" in one for one in said)
    assert any("1月至2月" in one for one in said)
    earlier = await report(writer)
    assert earlier["figures"]["social.original"]["value"] == 983
    assert earlier["figures"]["social.original"]["origin"] == "导入"
