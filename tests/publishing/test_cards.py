"""Covers and cards."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from outreach.foundation.templates import templates_folder
from outreach.items.model import Kind
from outreach.publishing.renditions import cards
from outreach.publishing.renditions.wrapping import wrap

BUREAU = "乌兰察布市生态环境局"
ACCOUNT = "乌兰察布生态环境"
LONG_TITLE = "4×51000kVA全密闭高碳铬铁直流炉及配套设施建设项目环评文件拟审批公示（2026年第3批，共12件）"


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_cover_has_the_ratio_that_wechat_shows(kind: Kind) -> None:
    assert picture(cards.draw_cover(kind, BUREAU, ACCOUNT)).size == (900, 383)


def test_each_kind_and_account_has_a_cover_of_its_own() -> None:
    covers = {cards.draw_cover(kind, BUREAU, account) for kind in Kind for account in (ACCOUNT, "集宁环保")}

    assert len(covers) == 2 * len(Kind)


def test_the_same_cover_comes_out_the_same() -> None:
    first = cards.draw_cover(Kind.EVENT, BUREAU, ACCOUNT)
    cards.draw_cover.cache_clear()

    assert cards.draw_cover(Kind.EVENT, BUREAU, ACCOUNT) == first


@pytest.mark.parametrize("kind", list(Kind))
def test_a_card_is_a_picture_that_weibo_takes(kind: Kind) -> None:
    png = cards.draw_card(kind, BUREAU, ACCOUNT, LONG_TITLE)

    assert picture(png).size == (960, 540)
    assert len(png) < 5_000_000


def test_the_title_stands_on_the_card() -> None:
    first, second = (cards.draw_card(Kind.PENALTY, BUREAU, ACCOUNT, title) for title in ("决定甲", "决定乙"))

    assert first != second


def test_names_with_marks_of_xml_are_drawn_as_they_are() -> None:
    png = cards.draw_card(Kind.EVENT, '<局> & "办"', "</text><rect/>", "]]> <script>&amp;'")

    assert picture(png).size == (960, 540)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=64))
def test_any_title_can_be_drawn(title: str) -> None:
    assert cards.draw_card(Kind.EIA_NOTICE, BUREAU, ACCOUNT, title)


def test_the_font_that_ships_has_han_characters() -> None:
    cards.check_font()


def test_a_missing_font_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "templates_folder", lambda: tmp_path)

    with pytest.raises(cards.FontMissing, match="NotoSansSC-Bold"):
        cards.check_font()


def test_a_font_without_han_characters_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = next(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"), None)
    if latin is None:
        pytest.skip("no Latin font on this machine")
    fonts = tmp_path / "cards" / "fonts"
    fonts.mkdir(parents=True)
    shutil.copy(latin, fonts / "NotoSansSC-Bold.otf")
    monkeypatch.setattr(cards, "templates_folder", lambda: tmp_path)

    with pytest.raises(cards.FontMissing):
        cards.check_font()


def test_the_font_ships_with_its_licence() -> None:
    licence = templates_folder() / "cards" / "fonts" / "OFL.txt"

    assert "SIL OPEN FONT LICENSE Version 1.1" in licence.read_text(encoding="utf-8")


def test_lines_are_even_and_keep_numbers_and_closing_marks_together() -> None:
    lines = wrap("集宁城区空气质量日报（2026年4月11日，沙尘影响）", 560, lambda text: 40 * len(text))

    assert lines == ["集宁城区空气质量日", "报（2026年4月", "11日，沙尘影响）"]


@given(st.text(alphabet="环评公示《》（），。Ab1 2×", max_size=80), st.integers(6, 40))
def test_wrapping_loses_nothing_but_blanks(title: str, width: int) -> None:
    lines = wrap(title, width, len)

    assert "".join("".join(lines).split()) == "".join(title.split())


def test_the_lines_of_a_long_title_differ_little_in_length() -> None:
    lengths = [len(line) for line in wrap("环" * 41, 800, lambda text: 40 * len(text))]

    assert lengths == [14, 14, 13]
