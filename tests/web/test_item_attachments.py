"""Files are given to an item on its form and fetched from it."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import quote

import pytest
from aiohttp import FormData
from PIL import Image

from outreach.foundation.audit import COMMAND_LINE
from outreach.items.content import read_content
from outreach.items.model import Attachment, Item
from outreach.items.service import create_item
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.people.service import add_section
from tests.screening.documents import pdf

from .conftest import Browser, Page, hire

PDF = pdf()
EVENT = {
    "kind": "event",
    "title": "环保设施开放日",
    "section": "宣教科",
    "attachments": ["日程.pdf"],
    "fields": {"name": "开放日", "starts_at": "2026-06-05", "place": "污水处理厂", "organiser": "市局"},
}


@pytest.fixture
async def editor(office: Office, browser: Browser) -> Browser:
    """A browser in which an editor is signed in; there is a section."""
    async with office.db.begin() as session:
        await add_section(session, COMMAND_LINE, "宣教科")
    await hire(office, "王芳", Role.EDITOR)
    await browser.sign_in("王芳")
    return browser


@pytest.fixture
async def item_id(office: Office, editor: Browser) -> str:
    """An item that waits for its file 日程.pdf."""
    async with office.db.begin() as session:
        item, _ = await create_item(session, COMMAND_LINE, read_content(EVENT), writer=None)
        return item.id


async def test_a_file_that_is_waited_for_is_filled(office: Office, editor: Browser, item_id: str) -> None:
    assert "待上传" in (await editor.get(f"/items/{item_id}/edit")).text
    page = await _upload(editor, item_id, ("日程.pdf", PDF))
    assert (page.status, page.path) == (200, f"/items/{item_id}/edit")
    assert "附件已上传" in page.text
    assert "待上传" not in page.text
    assert [one.name for one in await _attachments(office, item_id)] == ["日程.pdf"]


async def test_the_good_files_are_kept_and_of_the_others_it_is_told_why(
    office: Office, editor: Browser, item_id: str
) -> None:
    page = await _upload(
        editor,
        item_id,
        ("海报.png", _png()),
        ("假的.pdf", _png()),
        ("程序.exe", b"MZ"),
        ("空的.docx", b""),
        ("C:\\文件\\海报2.png", _png()),
    )
    assert page.status == 422
    assert 'id="upload-errors"' in page.text
    for name in ("假的.pdf", "程序.exe", "空的.docx"):
        assert f"“{name}”" in page.text
    names = [one.name for one in await _attachments(office, item_id)]
    assert names == ["日程.pdf", "海报.png", "海报2.png"]


async def test_sending_no_file_says_so(editor: Browser, item_id: str) -> None:
    page = await _upload(editor, item_id)
    assert page.status == 422
    assert "请先选择要上传的文件" in page.text


async def test_a_name_with_a_classification_mark_is_refused(
    office: Office, editor: Browser, item_id: str
) -> None:
    page = await _upload(editor, item_id, ("机密★5年.pdf", PDF))
    assert page.status == 422
    assert [one.name for one in await _attachments(office, item_id)] == ["日程.pdf"]


async def test_a_file_is_fetched_under_its_name_and_never_shown_by_the_browser(
    office: Office, editor: Browser, item_id: str
) -> None:
    await _upload(editor, item_id, ("日程.pdf", PDF))
    (file,) = await _attachments(office, item_id)
    path = f"/items/{item_id}/attachments/{file.id}"
    assert f'href="{path}"' in (await editor.get(f"/items/{item_id}/edit")).text
    response = await editor.client.get(path)
    assert await response.read() == PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote('日程.pdf')}"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_is_not_for_everyones_eyes(
    office: Office, editor: Browser, item_id: str, new_browser: Callable[[], Browser]
) -> None:
    (missing,) = await _attachments(office, item_id)
    assert (await editor.get(f"/items/{item_id}/attachments/{missing.id}")).status == 404
    await _upload(editor, item_id, ("日程.pdf", PDF))
    (file,) = await _attachments(office, item_id)
    path = f"/items/{item_id}/attachments/{file.id}"
    async with office.db.begin() as session:
        await add_section(session, COMMAND_LINE, "海洋科")
    await hire(office, "外人", Role.EDITOR, sections=["海洋科"])
    await hire(office, "审计", Role.AUDITOR)
    stranger, auditor = new_browser(), new_browser()
    assert (await stranger.get(path, follow=False)).status == 303
    await stranger.sign_in("外人")
    await auditor.sign_in("审计")
    assert (await stranger.get(path)).status == 404
    assert (await auditor.client.get(path)).status == 200
    assert (await _upload(auditor, item_id, ("日程.pdf", PDF))).status == 403
    assert (await _upload(stranger, item_id, ("日程.pdf", PDF))).status == 404


async def test_a_struck_file_goes_when_the_form_is_saved(
    office: Office, editor: Browser, item_id: str
) -> None:
    await _upload(editor, item_id, ("日程.pdf", PDF), ("海报.png", _png()))
    async with office.db.read() as session:
        version = (await session.get_one(Item, item_id)).version
    form = {
        "version": str(version),
        "title": "环保设施开放日",
        "section": "宣教科",
        "origin": "original",
        "name": "开放日",
        "starts_at": "2026-06-05T00:00",
        "starts_at_whole_day": "1",
        "place": "污水处理厂",
        "organiser": "市局",
        "strike": "日程.pdf",
    }
    page = await editor.post(f"/items/{item_id}/edit", {**form, "place": ""})
    assert page.status == 422
    assert 'value="日程.pdf" checked' in page.text
    assert (await editor.post(f"/items/{item_id}/edit", form, follow=False)).status == 303
    assert [one.name for one in await _attachments(office, item_id)] == ["海报.png"]


async def _upload(browser: Browser, item_id: str, *files: tuple[str, bytes]) -> Page:
    form = FormData(quote_fields=False)
    form.add_field("csrf_token", browser.csrf_token)
    for name, content in files:
        form.add_field("files", content, filename=name)
    if not files:
        form.add_field("files", b"", filename="")
    return await browser._page(await browser.client.post(f"/items/{item_id}/attachments", data=form))


async def _attachments(office: Office, item_id: str) -> list[Attachment]:
    async with office.db.read() as session:
        return list((await session.get_one(Item, item_id)).attachments)


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "green").save(out, "PNG")
    return out.getvalue()
