"""Pictures looked at: codes are decoded, writing is recognised where the extra `ocr` is installed.

Both work offline. What can't be recognised is told as not read, so that a person looks.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any, Final

import zxingcpp
from PIL import Image, ImageOps, ImageSequence

from outreach.screening.files.limits import PICTURES, PIXELS
from outreach.screening.files.passages import DAMAGED, READ_OFF, Part, Unread, passage
from outreach.screening.files.recognition import can_recognise, recogniser

NO_RECOGNITION: Final = "图片中的文字没有检查：系统没有安装文字识别组件。请打开文件逐一查看。"
TOO_MANY: Final = f"图片超过 {PICTURES} 幅，其余没有检查。请打开文件逐一查看。"
TOO_LARGE: Final = f"图片超过 {PIXELS // 10_000} 万像素，没有检查。请缩小后再上传。"

_LEAST_SIDE: Final = 16
"""Pixels. A Chinese character can't be read in fewer."""

_GPS: Final = 0x8825
_LATITUDE: Final = 2
_LONGITUDE: Final = 4
"""Exif 2.32, 4.6.6: the tag of the GPS data, and two of those in it."""

_PICTURE_ERRORS: Final = (OSError, ValueError, SyntaxError, EOFError, ZeroDivisionError, TypeError)
"""What Pillow raises on damaged pictures."""


def read_picture(content: bytes, depth: int) -> Iterator[Part]:
    """What stands in a picture file."""
    yield from Looker().look(content, "图片")


class Looker:
    """Looks at the pictures of one file: each once, however often it stands there, and no more than a number."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def look(self, content: bytes, place: str) -> Iterator[Part]:
        """What stands in a picture file."""
        if not self._is_new(content):
            return
        if self.is_tired:
            yield Unread(place, TOO_MANY)
            return
        try:
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > PIXELS:
                    yield Unread(place, TOO_LARGE)
                    return
                yield from (passage(text, f"{place}的拍摄信息") for text in _taken(picture))
                for frame in ImageSequence.Iterator(picture):
                    yield from _looked_at(ImageOps.exif_transpose(frame), place)
        except _PICTURE_ERRORS:
            yield Unread(place, DAMAGED)

    def look_at(self, picture: Image.Image, place: str) -> Iterator[Part]:
        """What stands in a picture that was drawn from a page."""
        if not self._is_new(picture.tobytes()):
            return
        if self.is_tired:
            yield Unread(place, TOO_MANY)
            return
        yield from _looked_at(picture, place)

    @property
    def is_tired(self) -> bool:
        """Whether it has seen as many pictures as it looks at."""
        return len(self._seen) > PICTURES

    def _is_new(self, content: bytes) -> bool:
        mark = hashlib.sha256(content).digest()
        if mark in self._seen:
            return False
        self._seen.add(mark)
        return True


def _taken(picture: Image.Image) -> Iterator[str]:
    """Who took the picture, with what and where, as its data tell. A picture that is uploaded by itself is cleaned of
    them; one inside of another file is not."""
    exif = picture.getexif()
    remarks = [value for value in (*exif.values(), *picture.info.values()) if isinstance(value, str)]
    yield from (remark for remark in remarks if remark.strip())
    place = exif.get_ifd(_GPS)
    if _LATITUDE in place and _LONGITUDE in place:
        yield f"拍摄位置坐标：纬度{_degrees(place[_LATITUDE])}，经度{_degrees(place[_LONGITUDE])}"


def _degrees(parts: tuple[float, ...]) -> str:
    """Degrees, minutes and seconds as Exif has them, as decimal degrees."""
    return f"{sum(float(part) / 60**power for power, part in enumerate(parts)):.6f}"


def _looked_at(picture: Image.Image, place: str) -> Iterator[Part]:
    if min(picture.size) < _LEAST_SIDE:
        return
    plain = _on_white(picture)
    if all(low == high for low, high in _extremes(plain)):
        return  # one colour all over
    for code in zxingcpp.read_barcodes(plain.convert("L")):
        yield passage(code.text, f"{place}中的二维码或条码")
    if not can_recognise():
        yield Unread(place, NO_RECOGNITION)
        return
    text = "\n".join(recogniser()(plain))
    if text:
        yield passage(text, f"{place}{READ_OFF}")


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture without transparency, as paper shows it."""
    if picture.mode in {"RGB", "L"}:
        return picture
    with_alpha = picture.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(ground, with_alpha).convert("RGB")


def _extremes(picture: Image.Image) -> list[tuple[Any, Any]]:
    found: Any = picture.getextrema()
    return [found] if picture.mode == "L" else list(found)
