"""Writing in pictures is read where the extra `ocr` is installed: `make test-ocr`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from outreach.screening.files.limits import PICTURES
from tests.cli.conftest import Shell
from tests.screening import documents
from tests.screening.documents import ID

FONT = Path(__file__).parents[2] / "templates" / "cards" / "fonts" / "NotoSansSC-Bold.otf"


def drawn(text: str, *, size: int = 28, tilt: float = 0, ground: str = "white") -> Image.Image:
    """A picture of a line of writing."""
    picture = Image.new("RGB", (560, 160), ground)
    ImageDraw.Draw(picture).text((30, 50), text, fill="black", font=ImageFont.truetype(FONT, size))
    return picture.rotate(tilt, expand=True, fillcolor=ground) if tilt else picture


def scanned(*texts: str) -> bytes:
    """A PDF of scanned pages."""
    content = io.BytesIO()
    first, *others = map(drawn, texts)
    first.save(content, "PDF", save_all=True, append_images=others)
    return content.getvalue()


@pytest.fixture
def outreach(tmp_path: Path) -> Shell:
    """Screening needs no database: this one's folder is not there."""
    return Shell(tmp_path / "home", f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'never.sqlite'}")


async def findings(outreach: Shell, path: Path, content: bytes) -> list[tuple[Any, ...]]:
    path.write_bytes(content)
    result = await outreach("screen", path, "--json")
    (answer,) = [json.loads(line) for line in result.stdout.splitlines()]
    return [(one["label"], one["text"], one["place"]) for one in answer["findings"]]


@pytest.mark.parametrize(
    ("picture", "label", "text"),
    [
        pytest.param(drawn("秘密★1年"), "classification_mark", "秘密★1年", id="plain"),
        pytest.param(drawn("秘密★1年", tilt=6), "classification_mark", "秘密★1年", id="tilted"),
        pytest.param(
            drawn("机密★会议开始前", ground="#e65050"), "classification_mark", "机密★会议开始前", id="on red"
        ),
        pytest.param(drawn(f"身份证号 {ID}"), "resident_id", ID, id="a number"),
        pytest.param(drawn("联系电话 13800138000", size=16), "mobile_phone", "13800138000", id="small"),
    ],
)
async def test_writing_in_a_picture_is_screened(
    outreach: Shell, tmp_path: Path, picture: Image.Image, label: str, text: str
) -> None:
    found = await findings(outreach, tmp_path / "a.png", documents.png(picture))
    assert found == [(label, text, "图片中的文字")]


async def test_a_picture_in_a_document_is_read_at_its_place(outreach: Shell, tmp_path: Path) -> None:
    content = documents.picture_in_docx(documents.png(drawn(f"身份证号 {ID}")))
    found = await findings(outreach, tmp_path / "a.docx", content)
    assert found == [("resident_id", ID, "图片 image1.png中的文字")]


async def test_scanned_pages_are_read(outreach: Shell, tmp_path: Path) -> None:
    found = await findings(outreach, tmp_path / "a.pdf", scanned("公告", f"身份证号 {ID}"))
    assert found == [("resident_id", ID, "第2页中的文字")]


async def test_more_pages_than_are_looked_at_are_told(outreach: Shell, tmp_path: Path) -> None:
    pages = [f"第 {number} 页" for number in range(PICTURES + 2)]
    found = await findings(outreach, tmp_path / "a.pdf", scanned(*pages))
    assert [(label, text) for label, text, _ in found] == [("unreadable_file", "")]
