"""The form of each kind: typed, sent twice, mended, changed by two at once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import outreach.demo
from outreach.foundation.audit import COMMAND_LINE
from outreach.items.content import read_content
from outreach.items.importing.table import raw_from_cells
from outreach.items.model import Item, ItemState, Kind, Stage
from outreach.items.queries import find_by_source_id
from outreach.items.service import as_typed
from outreach.items.service import create_item as store
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.people.service import add_section
from outreach.screening.model import MarkIncident

from .conftest import Browser, hire

SAMPLES = [
    json.loads(line)
    for line in (Path(outreach.demo.__path__[0]) / "items.jsonl").read_text("utf-8").splitlines()
]
PENALTY: Mapping[str, str] = {
    "kind": "penalty",
    "title": "示范化工有限公司超标排放案处罚公示",
    "section": "法规与标准科",
    "origin": "original",
    "formed_on": "2026-03-02",
    "party": "示范化工有限公司",
    "party_kind": "企业",
    "violation": "超标排放水污染物",
    "legal_basis": "水污染防治法第八十三条",
    "penalty": "罚款",
    "amount_yuan": "50000",
}


@pytest.fixture
async def editor(office: Office, browser: Browser) -> Browser:
    """A browser in which an editor of all sections is signed in."""
    await _add_sections(office, {"法规与标准科", *(one["section"] for one in SAMPLES)})
    await hire(office, "王芳", Role.EDITOR)
    await browser.sign_in("王芳")
    return browser


async def test_without_a_kind_one_is_chosen(editor: Browser) -> None:
    page = await editor.get("/items/new")
    assert page.status == 200
    for kind in Kind:
        assert f'href="/items/new?kind={kind}"' in page.text


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_input_has_its_label_and_its_button_says_save(editor: Browser, kind: Kind) -> None:
    page = await editor.get(f"/items/new?kind={kind}")
    inputs = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page.text))
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', page.text))
    assert inputs == labels
    assert re.search(r"<button[^>]*>保存</button>", page.text)
    assert "style=" not in page.text


@pytest.mark.parametrize("kind", list(Kind))
async def test_what_is_imported_can_be_typed(office: Office, editor: Browser, kind: Kind) -> None:
    for sample in (one for one in SAMPLES if one["kind"] == kind):
        page = await editor.get(f"/items/new?kind={kind}")
        form = {**_hidden(page.text), **_as_typed(sample)}
        saved = await editor.post("/items/new", form, follow=False)
        assert saved.status == 303, saved.text

        typed = await _content(office, sample["source_id"])
        imported = read_content(sample).as_json()
        if not imported["body"]:
            imported["body"] = typed["body"]
        assert _known({**typed, "attachments": []}) == _known({**imported, "attachments": []})


@pytest.mark.parametrize("kind", list(Kind))
async def test_saving_the_edit_form_untouched_changes_nothing(
    office: Office, editor: Browser, kind: Kind
) -> None:
    for sample in (one for one in SAMPLES if one["kind"] == kind):
        item_id = await _stored(office, sample)
        before = await _content(office, sample["source_id"])
        page = await editor.get(f"/items/{item_id}/edit")
        saved = await editor.post(f"/items/{item_id}/edit", _all_inputs(page.text), follow=False)
        assert saved.headers.get("Location") == f"/items/{item_id}", saved.text
        assert _known(await _content(office, sample["source_id"])) == _known(before)


async def test_bad_input_comes_back_as_it_was_typed(office: Office, editor: Browser) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form: dict[str, Any] = {
        **_hidden(page.text),
        **PENALTY,
        "title": "长" * 65,
        "amount_yuan": "五万",
        "decided_on": "2026-02-30",
        "party": " ",
        "violation": "<b>超标</b>",
        "extra_label": ["", "案由"],
        "extra_value": ["有内容没有名称", "水"],
    }
    page = await editor.post("/items/new", form)
    assert page.status == 422
    for typed in ("长" * 65, "五万", "2026-02-30", "&lt;b&gt;超标", "有内容没有名称", "案由"):
        assert typed in page.text
    for name in ("title", "amount_yuan", "decided_on", "party", "extra-1"):
        assert f'href="#field-{name}"' in page.text
        assert re.search(rf'aria-describedby="error-{name}', page.text)
        assert f'id="error-{name}"' in page.text
        assert f'id="field-{name}"' in page.text
    assert 'id="summary" autofocus' in page.text
    assert _hidden(page.text)["form_id"] == form["form_id"]
    assert await _count(office) == 0


async def test_a_forecast_is_typed_line_by_line_and_told_by_its_lines(editor: Browser) -> None:
    page = await editor.get("/items/new?kind=air_quality")
    form = {
        **_hidden(page.text),
        "period": "forecast",
        "forecast": "2026-03-01 城区 良\n3月2日 城区 良\n2026-03-03 城区",
        "CO_24h": "一点二",
    }
    page = await editor.post("/items/new", form)
    assert page.status == 422
    assert "第 2 行的日期：日期应写成 YYYY-MM-DD" in page.text
    assert "第 3 行的类别：必填" in page.text
    assert "2026-03-03 城区</textarea>" in page.text
    assert 'href="#field-title"' in page.text
    assert 'value="一点二"' in page.text


async def test_a_warning_is_told_at_its_inputs(editor: Browser) -> None:
    page = await editor.get("/items/new?kind=air_quality")
    form = {
        **_hidden(page.text),
        "title": "重污染天气黄色预警",
        "section": "法规与标准科",
        "origin": "original",
        "area": "城区",
        "period": "warning",
        "period_start": "2026-11-11",
        "period_end": "2026-11-13",
    }
    page = await editor.post("/items/new", form)
    assert 'id="error-warning.level"' in page.text

    typed = {
        "warning.level": "黄色",
        "warning.starts_at": "2026-11-11T08:00",
        "warning.forecast_aqi": "218～165",
    }
    page = await editor.post("/items/new", form | typed)
    assert 'id="error-warning.authority_document"' in page.text
    assert 'id="error-warning.forecast_aqi"' in page.text
    assert 'value="218～165"' in page.text


@pytest.mark.parametrize("kind", list(Kind))
async def test_nobody_is_asked_for_json(editor: Browser, kind: Kind) -> None:
    assert "JSON" not in (await editor.get(f"/items/new?kind={kind}")).text


async def test_a_report_without_any_concentration_is_told_at_their_group(editor: Browser) -> None:
    page = await editor.get("/items/new?kind=air_quality")
    form = {
        **_hidden(page.text),
        "title": "日报",
        "section": "法规与标准科",
        "origin": "original",
        "area": "城区",
        "period": "daily",
        "period_start": "2026-03-02",
        "period_end": "2026-03-02",
    }
    page = await editor.post("/items/new", form)
    assert page.status == 422
    assert 'href="#field-concentrations"' in page.text
    assert 'id="error-concentrations"' in page.text


async def test_a_classification_mark_is_refused_at_its_field_and_not_stored(
    office: Office, editor: Browser
) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form = {**_hidden(page.text), **PENALTY, "body": "机密★3年\n\n处罚如下。", "violation": "超标"}
    page = await editor.post("/items/new", form)
    assert page.status == 422
    assert "机密★3年" in page.text
    assert 'id="error-body"' in page.text
    assert await _count(office) == 0

    form["body"] = ""
    form |= {"extra_label": "说明", "extra_value": "绝密★启用前"}
    page = await editor.post("/items/new", form)
    assert 'id="error-extra-1"' in page.text
    assert await _count(office) == 0


async def test_a_mark_is_told_before_and_with_what_else_is_wrong_and_is_an_incident(
    office: Office, editor: Browser
) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form = {**_hidden(page.text), **PENALTY, "title": "", "body": "机密★3年\n\n处罚如下。"}
    for wrong in ({}, {"amount_yuan": "绝密★长期"}):  # the second can't even be read as what it is to be
        page = await editor.post("/items/new", {**form, **wrong})
        assert page.status == 422
        assert "含有密级标志" in page.text and "“机密★3年”" in page.text
        assert 'id="error-body"' in page.text and 'id="error-title"' in page.text
        assert ("“绝密★长期”" in page.text) is bool(wrong)
    async with office.db.read() as session:
        incidents = (await session.scalars(select(MarkIncident).order_by(MarkIncident.id))).all()
    assert [one.field for one in incidents] == ["body", "fields.amount_yuan"]
    assert await _count(office) == 0


async def test_a_form_sent_twice_makes_one_item(office: Office, editor: Browser) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form = {**_hidden(page.text), **PENALTY}
    first = await editor.post("/items/new", form, follow=False)
    again = await editor.post("/items/new", form, follow=False)
    assert first.status == again.status == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert await _count(office) == 1
    assert "没有再建一条" in (await editor.get(again.headers["Location"])).text


async def test_a_double_click_makes_one_item(office: Office, editor: Browser) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form = {**_hidden(page.text), **PENALTY}
    clicks = await asyncio.gather(*(editor.post("/items/new", form, follow=False) for _ in range(4)))
    assert {one.status for one in clicks} == {303}
    assert len({one.headers["Location"] for one in clicks}) == 1
    assert await _count(office) == 1


async def test_a_form_id_that_another_writer_used_makes_an_item_of_its_own(
    office: Office, editor: Browser, new_browser: Callable[[], Browser]
) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form = {**_hidden(page.text), **PENALTY}
    first = await editor.post("/items/new", form, follow=False)
    await hire(office, "李雷", Role.EDITOR)
    other = new_browser()
    await other.sign_in("李雷")
    second = await other.post("/items/new", form, follow=False)
    assert second.status == 303
    assert second.headers["Location"] != first.headers["Location"]
    assert await _count(office) == 2


async def test_a_number_that_is_taken_is_told_and_nothing_is_lost(office: Office, editor: Browser) -> None:
    for title in ("先来的", "后来的"):
        page = await editor.get("/items/new?kind=penalty")
        form = {**_hidden(page.text), **PENALTY, "source_id": "P-1", "title": title}
        page = await editor.post("/items/new", form)
    assert page.status == 422
    assert "已有信息使用这个来源编号" in page.text
    assert 'value="后来的"' in page.text
    assert await _count(office) == 1


async def test_what_is_emptied_is_taken_out(office: Office, editor: Browser) -> None:
    page = await editor.get("/items/new?kind=penalty")
    form = {
        **_hidden(page.text),
        **PENALTY,
        "source_id": "P-1",
        "short_title": "短",
        "extra_label": "案由",
        "extra_value": "水",
    }
    saved = await editor.post("/items/new", form, follow=False)
    path = f"{saved.headers['Location']}/edit"
    inputs = _all_inputs((await editor.get(path)).text)
    inputs |= {"amount_yuan": "", "short_title": "", "extra_label": "", "extra_value": "", "body": "改过"}
    assert (await editor.post(path, inputs, follow=False)).status == 303
    content = await _content(office, "P-1")
    assert content["short_title"] is None
    assert content["body"] == "改过"
    assert content["fields"].get("amount_yuan") is None
    assert not content["fields"].get("extra")


async def test_of_two_editors_the_second_keeps_the_text_and_is_told(
    office: Office, editor: Browser, new_browser: Callable[[], Browser]
) -> None:
    item_id = await _stored(office, {**_penalty_sample(), "source_id": "P-1"})
    await hire(office, "李雷", Role.EDITOR)
    other = new_browser()
    await other.sign_in("李雷")
    path = f"/items/{item_id}/edit"
    mine = _all_inputs((await editor.get(path)).text)
    theirs = _all_inputs((await other.get(path)).text)
    await other.post(path, {**theirs, "title": "李雷的标题"})

    page = await editor.post(path, {**mine, "title": "王芳的标题"})
    assert page.status == 412
    assert 'value="王芳的标题"' in page.text
    assert f'href="/items/{item_id}" target="_blank"' in page.text
    assert (await _content(office, "P-1"))["title"] == "李雷的标题"

    merged = {**_all_inputs(page.text), "title": "两人的标题"}
    assert (await editor.post(path, merged, follow=False)).status == 303
    assert (await _content(office, "P-1"))["title"] == "两人的标题"


async def test_a_mistake_in_an_old_version_does_not_make_it_the_present_one(
    office: Office, editor: Browser
) -> None:
    item_id = await _stored(office, {**_penalty_sample(), "source_id": "P-1"})
    path = f"/items/{item_id}/edit"
    old = _all_inputs((await editor.get(path)).text)
    await editor.post(path, {**old, "title": "他人的标题"})
    page = await editor.post(path, old, extra_value=["没有名称", "", ""])
    assert page.status == 422
    assert _all_inputs(page.text)["version"] == old["version"]


async def test_an_item_in_review_says_that_it_starts_anew(office: Office, editor: Browser) -> None:
    item_id = await _stored(office, _penalty_sample())
    async with office.db.begin() as session:
        item = await session.get_one(Item, item_id)
        item.state, item.stage = ItemState.IN_REVIEW, Stage.SECTION
    page = await editor.get(f"/items/{item_id}/edit")
    assert "修改后产生新版本，审核从头开始" in page.text
    assert (await editor.post(f"/items/{item_id}/edit", _all_inputs(page.text), follow=False)).status == 303
    async with office.db.read() as session:
        assert (await session.get_one(Item, item_id)).state is ItemState.DRAFT


async def test_what_can_no_longer_be_changed_says_so_and_keeps_what_was_typed(
    office: Office, editor: Browser
) -> None:
    item_id = await _stored(office, _penalty_sample())
    inputs = _all_inputs((await editor.get(f"/items/{item_id}/edit")).text)
    async with office.db.begin() as session:
        (await session.get_one(Item, item_id)).state = ItemState.PUBLISHED
    page = await editor.post(f"/items/{item_id}/edit", {**inputs, "title": "我的标题"})
    assert page.status == 409
    assert 'value="我的标题"' in page.text
    assert (await editor.get(f"/items/{item_id}/edit")).status == 409


async def test_only_editors_write_and_only_for_their_sections(
    office: Office, editor: Browser, new_browser: Callable[[], Browser]
) -> None:
    item_id = await _stored(office, _penalty_sample())
    await hire(office, "审计", Role.AUDITOR)
    await _add_sections(office, {"海洋科"})
    await hire(office, "小编", Role.EDITOR, sections=["海洋科"])
    auditor, small = new_browser(), new_browser()
    await auditor.sign_in("审计")
    await small.sign_in("小编")
    for path in ("/items/new", f"/items/{item_id}/edit"):
        assert (await auditor.get(path)).status == 403
        assert (await auditor.post(path, PENALTY)).status == 403
    assert (await small.get(f"/items/{item_id}/edit")).status == 404
    page = await small.get("/items/new?kind=penalty")
    assert '<option value="海洋科" selected>' in page.text
    assert "法规与标准科" not in page.text
    page = await small.post("/items/new", {**_hidden(page.text), **PENALTY})
    assert page.status == 422
    assert "您不属于" in page.text


def _penalty_sample() -> dict[str, Any]:
    raw, errors = raw_from_cells(dict(PENALTY))
    assert not errors
    return raw


def _as_typed(sample: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody types to make the sample."""
    form = {name: _text(value) for name, value in sample.items() if name not in ("fields", "attachments")}
    extra: dict[str, str] = {}
    for name, value in sample["fields"].items():
        if name == "concentrations":
            form |= {key: _text(reading) for key, reading in value.items()}
        elif name == "extra":
            extra = value
        elif name in ("starts_at", "ends_at") and value and "T" not in value:
            form |= {name: f"{value}T00:00", f"{name}_whole_day": "1"}
        elif name == "forecast":
            form[name] = "\n".join(f"{row['date']} {row['area']} {row['category']}" for row in value)
        elif name in ("stated", "warning"):
            form |= {f"{name}.{part}": _part(part, inner) for part, inner in value.items()}
        else:
            form[name] = _text(value)
    return {
        "origin": "original",
        **form,
        "extra_label": [*extra, ""],
        "extra_value": [*extra.values(), ""],
    }


def _part(name: str, value: Any) -> str:
    if name == "primary":
        return "、".join(value) or "无"
    return "～".join(map(str, value)) if name == "forecast_aqi" and value else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _hidden(page: str) -> dict[str, str]:
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in hidden if name != "csrf_token"}


def _all_inputs(page: str) -> dict[str, Any]:
    """What a browser would send of the item's form if nothing were touched."""
    form = page[page.index('id="item-form"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or " checked" in tag:
            sent.setdefault(given["name"], []).append(unescape(given["value"]))
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        sent.setdefault(name, []).append(unescape(text))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent.setdefault(name, []).append(unescape(chosen[1]) if chosen else "")
    sent.pop("csrf_token")
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


def _known(value: Any) -> Any:
    """The value without what is not known: `null`, an empty object and a name left out mean the same."""
    if isinstance(value, dict):
        return {
            name: known for name, inner in value.items() if (known := _known(inner)) not in (None, {}, "")
        }
    return value


async def _content(office: Office, source_id: str) -> dict[str, Any]:
    async with office.db.read() as session:
        item = await find_by_source_id(session, source_id)
        assert item is not None
        return as_typed(item)


async def _stored(office: Office, raw: Mapping[str, Any]) -> str:
    async with office.db.begin() as session:
        item, _ = await store(session, COMMAND_LINE, read_content(raw), writer=None)
        return item.id


async def _count(office: Office) -> int:
    async with office.db.read() as session:
        return await session.scalar(select(func.count(Item.id))) or 0


async def _add_sections(office: Office, names: set[str]) -> None:
    async with office.db.begin() as session:
        for name in sorted(names):
            await add_section(session, COMMAND_LINE, name)
