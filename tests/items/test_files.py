"""What is taken as an attachment."""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from outreach.foundation.problems import InvalidContent, TooLarge, UnsupportedType
from outreach.items.files import DOCX, JPEG, MAX_FILE_BYTES, PDF, PNG, XLSX, check_file

ATTACHMENTS = sorted(
    path for path in Path(str(files("outreach.demo"))).glob("attachments/*/*") if path.is_file()
)


def package(main_type: str, *parts: str) -> bytes:
    """An Office file whose main part is declared last, as some programs write it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("word/document.xml", *parts):
            archive.writestr(part, "<x/>")
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override ContentType="{main_type}.main+xml"/></Types>'
        )
    return content.getvalue()


def picture(form: str) -> bytes:
    """A small picture."""
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, form)
    return content.getvalue()


@pytest.mark.parametrize("path", ATTACHMENTS, ids=lambda path: path.name)
def test_the_samples_files_are_taken(path: Path) -> None:
    assert check_file(path.name, path.read_bytes()) == (PDF if path.suffix == ".pdf" else DOCX)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        pytest.param("a.png", picture("PNG"), PNG, id="png"),
        pytest.param("a.JPG", picture("JPEG"), JPEG, id="JPG"),
        pytest.param("a.jpeg", picture("JPEG"), JPEG, id="jpeg"),
        pytest.param("a.docx", package(DOCX), DOCX, id="docx"),
        pytest.param("a.xlsx", package(XLSX), XLSX, id="xlsx"),
    ],
)
def test_a_file_is_what_its_content_says(name: str, content: bytes, media_type: str) -> None:
    assert check_file(name, content) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.pdf", picture("PNG"), id="a picture called pdf"),
        pytest.param("a.docx", package(XLSX), id="a workbook called docx"),
        pytest.param(
            "a.docx", package("application/vnd.ms-word.document.macroEnabled"), id="its type has macros"
        ),
        pytest.param("a.docx", package(DOCX, "word/vbaProject.bin"), id="it holds macros"),
        pytest.param("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1encrypted", id="encrypted"),
        pytest.param("a.docx", package(DOCX)[:60], id="cut off"),
        pytest.param("a.docx", package("text/plain"), id="a package of something else"),
        pytest.param("a.pdf", b"<html>", id="a page called pdf"),
        pytest.param("a.png", b"GIF89a" + bytes(20), id="a gif called png"),
    ],
)
def test_a_file_that_is_something_else_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(UnsupportedType) as caught:
        check_file(name, content)

    assert f"“{name}”" in caught.value.detail


@pytest.mark.parametrize(
    "name", ["a.docm", "a.exe", "../a.pdf", "a\\b.pdf", "c:a.pdf", "", " ", "长" * 117 + ".pdf"]
)
def test_a_name_that_can_not_be_taken_is_told(name: str) -> None:
    with pytest.raises(InvalidContent):
        check_file(name, b"%PDF-1.7")


def test_a_file_has_its_bounds() -> None:
    with pytest.raises(TooLarge):
        check_file("a.pdf", b"%PDF-1.7" + bytes(MAX_FILE_BYTES))
    with pytest.raises(InvalidContent):
        check_file("a.pdf", b"")
