"""`outreach screen FILE`: what hides in files is found, with its place. Each file is built as it comes in practice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.screening import documents
from tests.screening.documents import ID, PHONE


@pytest.fixture
def outreach(tmp_path: Path) -> Shell:
    """Screening needs no database: this one's folder is not there."""
    return Shell(tmp_path / "home", f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'never.sqlite'}")


async def screened(outreach: Shell, path: Path, content: bytes) -> dict[str, Any]:
    path.write_bytes(content)
    result = await outreach("screen", path, "--json")
    (answer,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert answer["id"] == path.name
    assert {one["attachment"] for one in answer["findings"]} <= {path.name}
    answer["findings"] = {one["place"]: one for one in answer["findings"]}
    return dict(answer)


HIDDEN = [
    (documents.inserted, "docx", "正文第1段"),
    (documents.deleted, "docx", "正文第1段，修订（已删除）"),
    (documents.hidden, "docx", "正文第1段，隐藏文字"),
    (documents.field_code, "docx", "正文第1段，隐藏文字"),
    (documents.text_box, "docx", "文本框"),
    (documents.comment, "docx", "批注2"),
    (documents.header, "docx", "页眉"),
    (documents.footnote, "docx", "脚注1"),
    (documents.watermark, "docx", "页眉的替代文字"),
    (documents.property_of_docx, "docx", "文档属性：经办人"),
    (documents.table_of_docx, "docx", "正文表格1第2行"),
    (documents.embedded_workbook, "docx", "嵌入的文件 Microsoft_Excel_Sheet1.xlsx，隐藏的工作表“底稿”A1"),
    (documents.cell, "xlsx", "工作表“名单”B7"),
    (documents.hidden_sheet, "xlsx", "隐藏的工作表“底稿”A1"),
    (documents.hidden_row, "xlsx", "工作表“名单”B9（隐藏行）"),
    (documents.hidden_column, "xlsx", "工作表“名单”D2（隐藏列）"),
    (documents.comment_on_cell, "xlsx", "工作表“名单”B2的批注"),
    (documents.defined_name, "xlsx", "定义的名称“经办”"),
    (documents.formula, "xlsx", "工作表“名单”C2的公式"),
    (documents.page_header, "xlsx", "工作表“名单”"),
    (documents.property_of_xlsx, "xlsx", "文档属性：备注"),
    (documents.pdf, "pdf", "第1页"),
    (documents.annotation, "pdf", "第1页批注"),
    (documents.form_field, "pdf", "表单字段"),
    (documents.property_of_pdf, "pdf", "文档属性：作者"),
    (documents.embedded_in_pdf, "pdf", "嵌入的文件，正文第1段"),
    (documents.earlier_revision, "pdf", "第1版（较早的修订）第1页"),
]


@pytest.mark.parametrize(("build", "ending", "place"), HIDDEN, ids=[one[0].__name__ for one in HIDDEN])
async def test_what_hides_in_a_file_is_found_at_its_place(
    outreach: Shell, tmp_path: Path, build: Callable[[str], bytes], ending: str, place: str
) -> None:
    answer = await screened(outreach, tmp_path / f"附件.{ending}", build(ID))
    assert answer["verdict"] == "redact"
    (finding,) = answer["findings"].values()
    assert (finding["label"], finding["text"], finding["place"]) == ("resident_id", ID, place)


async def test_a_number_stored_as_a_number_is_found(outreach: Shell, tmp_path: Path) -> None:
    answer = await screened(outreach, tmp_path / "a.xlsx", documents.number_cell(PHONE))
    assert answer["findings"]["工作表“名单”B7"]["label"] == "mobile_phone"


@pytest.mark.parametrize(
    ("build", "ending"),
    [
        (documents.watermark, "docx"),
        (documents.comment, "docx"),
        (documents.cell, "xlsx"),
        (documents.annotation, "pdf"),
    ],
)
@pytest.mark.parametrize("mark", ["机密★10年", "内部资料"])
async def test_a_classification_mark_in_a_file_blocks(
    outreach: Shell, tmp_path: Path, build: Callable[[str], bytes], ending: str, mark: str
) -> None:
    answer = await screened(outreach, tmp_path / f"a.{ending}", build(mark))
    assert answer["verdict"] == "block"


UNREADABLE = [
    ("a.pdf", documents.encrypted_pdf(), "整个文件", "加密"),
    ("a.pdf", documents.scanned_pdf(), "第1页", "没有检查"),
    ("a.pdf", documents.pdf()[:200], "整个文件", "损坏"),
    ("a.docx", documents.cut_docx(), "正文", "损坏"),
    ("a.docx", documents.docx()[:90], "整个文件", "损坏"),
    ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "整个文件", "加密"),
    ("a.docx", documents.picture_in_docx(documents.png()), "图片 image1.png", "没有检查"),
    (
        "a.docx",
        documents.docx(parts={"word/embeddings/oleObject1.bin": b"?"}),
        "嵌入的文件 oleObject1.bin",
        "嵌入",
    ),
    ("a.png", documents.png(), "图片", "没有检查"),
    ("a.png", documents.png()[:90], "图片", "损坏"),
    ("a.png", documents.huge_png(), "图片", "万像素"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "整个文件", "另存为"),
    ("a.ofd", documents.docx(), "整个文件", "另存为"),
]


@pytest.mark.parametrize(
    ("name", "content", "place", "told"), UNREADABLE, ids=[f"{one[0]} {one[3]}" for one in UNREADABLE]
)
async def test_what_can_not_be_read_is_a_finding_and_never_a_pass(
    outreach: Shell, tmp_path: Path, name: str, content: bytes, place: str, told: str
) -> None:
    answer = await screened(outreach, tmp_path / name, content)
    finding = answer["findings"][place]
    assert (answer["verdict"], finding["label"], finding["severity"]) == (
        "redact",
        "unreadable_file",
        "redact",
    )
    assert told in finding["advice"]


@pytest.mark.parametrize(
    ("name", "build"),
    [
        pytest.param("a.xlsx", documents.bomb_xlsx, id="it unpacks to 300 MB"),
        pytest.param("a.docx", documents.greedy_docx, id="it wants more memory than the child has"),
    ],
)
async def test_a_bomb_is_left_in_its_box(
    outreach: Shell, tmp_path: Path, name: str, build: Callable[[], bytes]
) -> None:
    answer = await screened(outreach, tmp_path / name, build())
    (finding,) = answer["findings"].values()
    assert (finding["label"], "过大" in finding["advice"]) == ("unreadable_file", True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", documents.docx()),
        ("a.xlsx", documents.workbook(lambda book: None)),
        ("a.pdf", documents.pdf()),
        ("a.png", documents.plain_png()),
    ],
)
async def test_a_harmless_file_is_clean(outreach: Shell, tmp_path: Path, name: str, content: bytes) -> None:
    answer = await screened(outreach, tmp_path / name, content)
    assert (answer["verdict"], answer["findings"]) == ("clean", {})


@pytest.mark.parametrize(
    ("name", "build", "place"),
    [
        ("a.docx", documents.link_of_docx, "链接"),
        ("a.png", documents.code_png, "图片中的二维码或条码"),
    ],
)
async def test_a_link_to_a_foreign_host_is_a_hint(
    outreach: Shell, tmp_path: Path, name: str, build: Callable[[str], bytes], place: str
) -> None:
    answer = await screened(outreach, tmp_path / name, build("https://pay.example.com/a"))
    finding = answer["findings"][place]
    assert (finding["label"], finding["severity"]) == ("foreign_link", "hint")
    assert finding["text"] == "https://pay.example.com/a"
    own = await screened(outreach, tmp_path / name, build("https://sthjj.wulanchabu.gov.cn/a"))
    assert "foreign_link" not in {one["label"] for one in own["findings"].values()}


async def test_a_person_is_told_the_place(outreach: Shell, tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(documents.hidden_row(ID))
    result = await outreach("screen", path)
    assert result.stdout.splitlines()[0] == "名单.xlsx: redact"
    assert "工作表“名单”B9（隐藏行） 居民身份证号" in result.stdout
