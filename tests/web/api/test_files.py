"""Files given to an item: looked through at the door, screened at the submit, told with their places."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from PIL import Image

from outreach.foundation import office_settings
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.office_settings import OfficeSettings
from outreach.items.files import DOCX, StoredFile
from outreach.items.queries import hold_item
from outreach.items.service import attach_file
from outreach.office.context import Office
from tests.builders import OfficeStory
from tests.screening import documents
from tests.screening.documents import ID
from tests.web.api.conftest import As, Caller
from tests.web.api.test_review_path import approve, written

OF_A_DOCX = {
    "新增.docx": (documents.inserted, "正文第1段"),
    "删除.docx": (documents.deleted, "正文第1段，修订（已删除）"),
    "批注.docx": (documents.comment, "批注2"),
    "隐藏.docx": (documents.hidden, "正文第1段，隐藏文字"),
    "页眉.docx": (documents.header, "页眉"),
    "脚注.docx": (documents.footnote, "脚注1"),
    "文本框.docx": (documents.text_box, "文本框"),
}
OF_AN_XLSX = {
    "工作表.xlsx": (documents.hidden_sheet, "隐藏的工作表“底稿”A1"),
    "行.xlsx": (documents.hidden_row, "工作表“名单”B9（隐藏行）"),
    "列.xlsx": (documents.hidden_column, "工作表“名单”D2（隐藏列）"),
    "批注.xlsx": (documents.comment_on_cell, "工作表“名单”B2的批注"),
    "名称.xlsx": (documents.defined_name, "定义的名称“经办”"),
    "属性.xlsx": (documents.property_of_xlsx, "文档属性：备注"),
}
OF_A_PDF = {
    "修订.pdf": (documents.earlier_revision, "第1版（较早的修订）第1页"),
    "注释.pdf": (documents.annotation, "第1页批注"),
    "表单.pdf": (documents.form_field, "表单字段"),
    "附件.pdf": (documents.embedded_in_pdf, "嵌入的文件，正文第1段"),
}


async def with_files(story: OfficeStory, as_: As, files: dict[str, bytes]) -> dict[str, Any]:
    """A draft with these files."""
    item = await written(story, as_)
    for name, content in files.items():
        answer = await (await as_("editor")).upload(f"/items/{item['id']}/attachments", (name, content))
        assert answer.status == 201, answer.body
        item = answer.body
    return item


async def submitted(story: OfficeStory, as_: As, files: dict[str, bytes]) -> dict[str, Any]:
    """The same handed in."""
    item = await with_files(story, as_, files)
    answer = await (await as_("editor")).post(f"/items/{item['id']}/submit")
    assert (answer.status, answer.body["state"]) == (200, "in_review")
    return dict(answer.body)


@pytest.mark.parametrize("hiding", [OF_A_DOCX, OF_AN_XLSX, OF_A_PDF], ids=["docx", "xlsx", "pdf"])
async def test_what_hides_in_files_is_found_with_file_and_place(
    story: OfficeStory, as_: As, hiding: dict[str, Any]
) -> None:
    item = await submitted(story, as_, {name: build(ID) for name, (build, _) in hiding.items()})
    found = {one["attachment"]: one for one in item["findings"]}
    assert {name: one["place"] for name, one in found.items()} == {
        name: place for name, (_, place) in hiding.items()
    }
    for one in found.values():
        assert (one["label"], one["severity"]) == ("resident_id", "redact")
        assert one["shown"] == "110***********002X"


async def test_what_was_found_in_a_file_is_stored_in_no_table(
    story: OfficeStory, as_: As, office: Office, queries: list[str]
) -> None:
    item = await submitted(story, as_, {"a.docx": documents.comment(ID)})
    answer = await (await as_("editor")).get(f"/items/{item['id']}")
    assert ID not in str(answer.body)


async def test_files_that_can_not_be_read_hold_the_confidentiality_stage(story: OfficeStory, as_: As) -> None:
    files = {
        "加密.pdf": documents.encrypted_pdf(),
        "扫描.pdf": documents.scanned_pdf(),
        "损坏.docx": documents.cut_docx(),
        "炸弹.xlsx": documents.bomb_xlsx(),
        "巨图.png": documents.huge_png(),
    }
    item = await submitted(story, as_, files)
    unread = [one for one in item["findings"] if one["label"] == "unreadable_file"]
    assert {one["attachment"] for one in unread} == set(files)
    assert {one["severity"] for one in unread} == {"redact"}

    item = (await approve(await as_("section_head"), item)).body
    reviewer = await as_("confidentiality_reviewer")
    assert (await approve(reviewer, item)).status == 409
    for one in unread:
        looked = {"decision": "false_alarm", "reason": "已打开逐页查看", "revision": item["revision"]}
        item = (await reviewer.post(f"/items/{item['id']}/findings/{one['id']}", looked)).body
    assert (await approve(reviewer, item)).body["stage"] == "sign_off"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("批复.docx", documents.comment("秘密★1年")),
        ("批复.docx", documents.deleted("机密★10年")),
        ("名单.xlsx", documents.hidden_sheet("机密★长期")),
        ("附件.pdf", documents.annotation("绝密★")),
        ("码.png", documents.code_png("密级：秘密")),
    ],
)
async def test_a_file_that_bears_a_mark_is_refused_and_not_stored(
    story: OfficeStory, as_: As, office: Office, name: str, content: bytes
) -> None:
    item = await written(story, as_)
    answer = await (await as_("editor")).upload(f"/items/{item['id']}/attachments", (name, content))
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (422, "classification-mark")
    assert f"附件“{name}”" in answer.fields["attachments"]
    assert (await (await as_("editor")).get(f"/items/{item['id']}")).body["attachments"] == []
    assert [path for path in office.media.folder.rglob("*") if path.is_file()] == []


async def test_a_photo_is_stored_without_place_and_camera(
    story: OfficeStory, as_: As, office: Office
) -> None:
    given = documents.photo()
    item = await with_files(story, as_, {"现场.jpg": given})
    stored = stored_file(office, item)
    with Image.open(io.BytesIO(stored)) as picture, Image.open(io.BytesIO(given)) as before:
        assert (dict(picture.getexif()), picture.info.get("comment")) == ({}, None)
        assert picture.tobytes() == before.tobytes()
    for trace in (b"Exif", b"Camera", b"13800138000"):
        assert trace not in stored


async def test_a_photo_that_lies_on_its_side_is_turned(story: OfficeStory, as_: As, office: Office) -> None:
    item = await with_files(story, as_, {"现场.jpg": documents.photo(orientation=6)})
    stored = stored_file(office, item)
    assert b"Exif" not in stored
    with Image.open(io.BytesIO(stored)) as picture:
        assert picture.size == (80, 120)
        red, _, blue = picture.convert("RGB").getpixel((40, 20))  # type: ignore[misc]
        assert red > 200 > 60 > blue


async def test_a_drawing_is_stored_without_its_remarks(story: OfficeStory, as_: As, office: Office) -> None:
    item = await with_files(story, as_, {"图.png": documents.png(Comment=f"作者 {ID}")})
    stored = stored_file(office, item)
    assert ID.encode() not in stored
    with Image.open(io.BytesIO(stored)) as picture:
        picture.load()
        assert "Comment" not in picture.info


async def test_a_picture_that_can_not_be_cleaned_is_refused(story: OfficeStory, as_: As) -> None:
    item = await written(story, as_)
    cut = documents.photo()[:200]
    answer = await (await as_("editor")).upload(f"/items/{item['id']}/attachments", ("现场.jpg", cut))
    assert (answer.status, "损坏" in answer.body["detail"]) == (415, True)


async def test_a_code_that_leads_elsewhere_is_a_hint_unless_the_office_trusts_the_host(
    story: OfficeStory, as_: As, office: Office
) -> None:
    link = {"码.png": documents.code_png("https://pay.example.com/a")}
    item = await submitted(story, as_, link)
    hints = [one for one in item["findings"] if one["label"] == "foreign_link"]
    assert [(one["severity"], one["shown"]) for one in hints] == [("hint", "https://pay.example.com/a")]

    async with office.db.begin() as session:
        trusting = OfficeSettings(trusted_hosts="abc.cn，example.com")
        await office_settings.change(session, COMMAND_LINE, trusting)
    item = await submitted(story, as_, link)
    assert {one["label"] for one in item["findings"]} == {"unreadable_file"}


async def test_a_file_exchanged_for_another_is_screened_anew(story: OfficeStory, as_: As) -> None:
    item = await submitted(story, as_, {"a.docx": documents.comment(ID)})
    assert len(item["findings"]) == 1
    editor = await as_("editor")
    await editor.upload(f"/items/{item['id']}/attachments", ("a.docx", documents.docx()))
    assert (await editor.post(f"/items/{item['id']}/submit")).body["findings"] == []


async def test_a_file_that_lay_there_before_it_was_known_to_bear_a_mark_seals_the_item(
    story: OfficeStory, as_: As, office: Office
) -> None:
    item = await written(story, as_)
    content = documents.comment("机密★10年")
    stored = StoredFile(await office.media.put(content), len(content), DOCX)
    editor = await story.person("editor")
    async with office.db.begin() as session:
        await attach_file(
            session, await hold_item(session, item["id"], editor), editor, name="批复.docx", file=stored
        )
    answer = await (await as_("editor")).post(f"/items/{item['id']}/submit")
    assert answer.body["state"] == "sealed"
    assert [one["place"] for one in answer.body["findings"]] == ["批注2"]


async def test_a_file_whose_reading_is_lost_is_read_again(
    story: OfficeStory, as_: As, office: Office
) -> None:
    item = await with_files(story, as_, {"a.docx": documents.comment(ID)})
    for reading in kept_readings(office):
        reading.unlink()
    answer = await (await as_("editor")).post(f"/items/{item['id']}/submit")
    assert [one["label"] for one in answer.body["findings"]] == ["resident_id"]
    assert len(kept_readings(office)) == 1


async def test_the_service_answers_while_a_bomb_is_read(
    story: OfficeStory,
    as_: As,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    item = await written(story, as_)
    editor: Caller = await as_("editor")
    bombs = [
        asyncio.create_task(
            editor.upload(f"/items/{item['id']}/attachments", (f"{n}.xlsx", documents.bomb_xlsx()))
        )
        for n in range(3)
    ]
    answers = 0
    while not all(bomb.done() for bomb in bombs):
        async with client.get("/healthz") as response:
            answers += response.status == 200
    assert answers > 0
    assert {bomb.result().status for bomb in bombs} <= {201, 409}


def stored_file(office: Office, item: dict[str, Any]) -> bytes:
    """The only file of the item as it lies in the media store, under the hash that the API tells."""
    (attachment,) = item["attachments"]
    content = office.media.path(attachment["sha256"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == attachment["sha256"]
    assert len(content) == attachment["size"]
    return content


def kept_readings(office: Office) -> list[Path]:
    """The readings that are kept beside the files."""
    return [path for path in (office.media.folder / "readings").rglob("*") if path.is_file()]
