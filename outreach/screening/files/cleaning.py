"""Pictures without what they tell besides their image: where and when they were taken, with which camera, by whom.

Nothing is compressed anew where that can be avoided: the segments of a JPEG (ITU-T T.81, annex B) and the chunks of
a PNG (W3C PNG, 4.7) that bear such data are left out, and the image's own bytes stay. Only a JPEG whose data say that
it lies on its side is turned, since nobody would know afterwards.
"""

from __future__ import annotations

import io
import struct
from typing import Final

from PIL import Image, ImageOps

from outreach.screening.files.limits import PIXELS
from outreach.screening.files.package import Unreadable
from outreach.screening.files.passages import DAMAGED
from outreach.screening.files.pictures import TOO_LARGE

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1
_QUALITY: Final = 95

_START_OF_SCAN: Final = 0xDA
_KEPT_SEGMENTS: Final = frozenset({0xE0, 0xEE})
"""APP0 (JFIF) and APP14 (Adobe) tell how the colours are stored."""
_COLOUR_PROFILE: Final = b"ICC_PROFILE\x00"

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS: Final = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"cICP",
        b"bKGD",
    }
    | {b"pHYs", b"hIST"}
)


def cleaned(content: bytes, media_type: str) -> bytes:
    """The picture without its data; a file that is no picture as it is.

    Raises Unreadable where the picture is damaged, or too large to be turned.
    """
    try:
        if media_type == JPEG:
            return _clean_jpeg(_upright(content))
        if media_type == PNG:
            return _clean_png(content)
    except (struct.error, IndexError, OSError, ValueError, SyntaxError):
        raise Unreadable(DAMAGED) from None
    return content


def _upright(content: bytes) -> bytes:
    """The JPEG with its pixels as they are to be seen; the same bytes where they lie so already."""
    with Image.open(io.BytesIO(content)) as picture:
        if picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT:
            return content
        if picture.width * picture.height > PIXELS:
            raise Unreadable(TOO_LARGE)
        turned = io.BytesIO()
        profile = picture.info.get("icc_profile")
        ImageOps.exif_transpose(picture).save(
            turned, "JPEG", quality=_QUALITY, subsampling=0, icc_profile=profile, exif=b""
        )
        return turned.getvalue()


def _clean_jpeg(content: bytes) -> bytes:
    """Leaves out the application segments and remarks before the image data, and all that follows its end."""
    kept = bytearray(content[:2])
    position = 2
    while content[position + 1] != _START_OF_SCAN:
        if content[position] != 0xFF:
            raise ValueError("no marker")
        if content[position + 1] == 0xFF:  # a fill byte
            position += 1
            continue
        (length,) = struct.unpack_from(">H", content, position + 2)
        segment = content[position : position + 2 + length]
        if _is_kept(segment):
            kept += segment
        position += len(segment)
    return bytes(kept) + _scans(content[position:])


def _is_kept(segment: bytes) -> bool:
    marker = segment[1]
    is_profile = marker == 0xE2 and segment[4:].startswith(_COLOUR_PROFILE)
    is_application_data = 0xE0 <= marker <= 0xEF or marker == 0xFE
    return is_profile or marker in _KEPT_SEGMENTS or not is_application_data


def _scans(content: bytes) -> bytes:
    """The image data up to its end. Phones append a second picture, a film or a preview behind it."""
    position = 0
    while True:
        position = content.index(b"\xff", position)
        marker = content[position + 1]
        if marker == 0xD9:
            return content[: position + 2]
        is_data = marker in {0x00, 0xFF} or 0xD0 <= marker <= 0xD7
        position += 1 if marker == 0xFF else 2
        if not is_data:
            (length,) = struct.unpack_from(">H", content, position)
            position += length


def _clean_png(content: bytes) -> bytes:
    """Keeps the chunks that draw the image; texts, times, Exif and whatever else was put in are left out."""
    if not content.startswith(_PNG_SIGNATURE):
        raise ValueError("no PNG")
    kept = bytearray(_PNG_SIGNATURE)
    position = len(_PNG_SIGNATURE)
    name = b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", content, position)
        name = content[position + 4 : position + 8]
        chunk = content[position : position + length + 12]
        if len(chunk) < length + 12:
            raise ValueError("cut off")
        if name in _KEPT_CHUNKS:
            kept += chunk
        position += len(chunk)
    return bytes(kept)
