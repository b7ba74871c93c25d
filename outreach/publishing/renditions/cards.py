"""Pictures drawn for an item from SVG templates: WeChat's cover, and the card that goes with a status.

resvg leaves out what it has no font for and says nothing, so that the font ships with the project and
`check_font` looks whether it can be drawn with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import resvg_py
from PIL import ImageFont

from outreach.foundation.problems import Problem
from outreach.foundation.templates import templates_folder
from outreach.items.model import Kind
from outreach.publishing.renditions.environment import render_template
from outreach.publishing.renditions.wrapping import wrap

FONT_FAMILY: Final = "Noto Sans SC"

_TITLE_WIDTH: Final = 1000
_TITLE_SIZES: Final = ((84, 2), (72, 3), (60, 4), (46, 6))
"""Font size in pixels, and how many lines of it the card has room for; the last is taken in any case."""


class FontMissing(Problem):
    """Cards can't be drawn: the font is not there or has no Han characters."""

    code, title = "font-missing", "缺少中文字体"


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """A title set in lines. `size` is the font's in pixels, `leading` from one line to the next."""

    lines: tuple[str, ...]
    size: int

    @property
    def leading(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * 1.42)


@lru_cache(maxsize=64)
def draw_cover(kind: Kind, bureau: str, account_name: str) -> bytes:
    """The cover of a kind's articles on an account: PNG, 900 × 383 (the 2.35:1 that WeChat shows), with all
    words within the middle square that WeChat cuts out for lists."""
    return _draw(kind, "cards/_cover.svg.j2", bureau=bureau, account_name=account_name)


@lru_cache(maxsize=64)
def draw_card(kind: Kind, bureau: str, account_name: str, title: str) -> bytes:
    """The picture of a status: PNG, 960 × 540, with the whole title on it."""
    return _draw(
        kind, "cards/_card.svg.j2", bureau=bureau, account_name=account_name, title=_set_title(title)
    )


def draw_svg(svg: str) -> bytes:
    """The SVG as PNG, its words in the font that ships."""
    return resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[str(_font_file())])


def check_font() -> None:
    """Raises `FontMissing` where Han characters would be missing from what is drawn.

    Two characters are compared with each other and with nothing: without a font both are blank, with one
    that lacks them both are the same box.
    """
    pictures = {draw_svg(_sample(character)) for character in ("", "环", "境")}
    if len(pictures) < 3:
        raise FontMissing(f"字体文件 {_font_file()} 缺失或不含汉字，无法绘制封面和卡片：请重新安装本系统。")


def _draw(kind: Kind, layout: str, **values: object) -> bytes:
    return draw_svg(render_template(f"cards/{kind.value}.svg.j2", layout=layout, font=FONT_FAMILY, **values))


def _sample(character: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        f'<text x="4" y="32" font-size="32" font-family="{FONT_FAMILY}">{character}</text></svg>'
    )


def _set_title(title: str) -> TitleBlock:
    for size, most_lines in _TITLE_SIZES:
        block = TitleBlock(tuple(wrap(title, _TITLE_WIDTH, _measure(size))), size)
        if len(block.lines) <= most_lines:
            return block
    return block


def _measure(size: int) -> Callable[[str], float]:
    return _font(size).getlength


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_font_file(), size, layout_engine=ImageFont.Layout.BASIC)


def _font_file() -> Path:
    return templates_folder() / "cards" / "fonts" / "NotoSansSC-Bold.otf"
