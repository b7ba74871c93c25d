"""Recognition of writing in pictures: the extra `ocr`, which works offline with the models inside its wheel."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def can_recognise() -> bool:
    """Whether the extra `ocr` is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@cache
def recogniser() -> Callable[[Image.Image], list[str]]:
    """What gives the lines of writing in a picture. Loading its models takes about a second."""
    from rapidocr import RapidOCR  # only where it is installed: https://github.com/RapidAI/RapidOCR

    engine = RapidOCR()

    def recognise(picture: Image.Image) -> list[str]:
        return list(engine(picture.convert("RGB")).txts or ())

    return recognise
