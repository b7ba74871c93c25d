"""How a menu is written: a line a button, `名称：` and what it does; below it, after `- `, the buttons that it opens.

空气质量：回复 空气质量
我的：
- 订阅和退订：订阅页
- 我的数据：我的数据页
- 单位网站：网页 https://sthjj.example.cn/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.channels.menu_protocol import Button, Deed, Link, OtherDeed, Press

FIRST_BYTES: Final = 16
SECOND_BYTES: Final = 40
KEY_BYTES: Final = 128
URL_BYTES: Final = 1024
"""Limits of menu/create (contract sheet 1.13), in bytes of UTF-8."""

_FIRST_MOST: Final = 3
_SECOND_MOST: Final = 5
_LINE: Final = re.compile(r"(?P<below>-\s*)?(?P<name>[^：:]+)[：:](?P<deed>.*)")
_WORDS: Final = re.compile(r"回复\s+(\S.*)")
_LINK: Final = re.compile(r"网页\s+(https?://\S+)")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the service, below an account's own address. Where the account's followers can't be known by a page
    (`channels.rules.can_log_in`), the button says `words` instead."""

    path: str
    words: str


PAGES: Final = {"订阅页": Page("", "订阅"), "我的数据页": Page("/data", "我的数据")}
"""The pages that a button can open, by what the text of a menu calls them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A button as it is written. `deed` is None where it opens the ones below."""

    name: str
    deed: Press | Link | Page | None
    below: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenMenu:
    """A menu as it was read. `problems` are Chinese sentences; with one of them it can't be published."""

    entries: tuple[Entry, ...]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place of the menu: what is there and what would be; either is None where there is nothing."""

    before: str | None
    after: str | None

    @property
    def is_change(self) -> bool:
        """Whether publishing changes it."""
        return self.before != self.after


def read_menu(text: str) -> WrittenMenu:
    """The menu that a text writes."""
    problems: list[str] = []
    rows: list[tuple[Entry, list[Entry]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        _read_line(line, rows, problems)
    entries = tuple(Entry(entry.name, entry.deed, tuple(below)) for entry, below in rows)
    return WrittenMenu(entries, [*problems, *_problems_of(entries)])


def buttons_of(entries: Iterable[Entry], own_pages: str | None) -> tuple[Button, ...]:
    """The buttons as the platform takes them; `own_pages` is the address of the account's own pages, None where its
    followers can't be known there."""
    return tuple(
        Button(one.name, _deed_of(one, own_pages), buttons_of(one.below, own_pages)) for one in entries
    )


def differences(before: Sequence[Button] | None, after: Sequence[Button]) -> list[Difference]:
    """Both menus side by side, place by place."""
    lines = [_told(before or ()), _told(after)]
    return [
        Difference(*(line[at] if at < len(line) else None for line in lines))
        for at in range(max(map(len, lines)))
    ]


def _read_line(line: str, rows: list[tuple[Entry, list[Entry]]], problems: list[str]) -> None:
    found = _LINE.fullmatch(line)
    if found is None:
        problems.append(f"“{line}”不是“名称：内容”的样子。")
        return
    name, told = found["name"].strip(), found["deed"].strip()
    deed = _read_deed(told)
    if told and deed is None:
        problems.append(f"“{name}”后面请写“回复 词语”“网页 网址”“订阅页”或“我的数据页”。")
    entry = Entry(name, deed)
    if not found["below"]:
        rows.append((entry, []))
    elif not rows:
        problems.append(f"“{name}”前面没有一级按钮。")
    else:
        rows[-1][1].append(entry)


def _read_deed(told: str) -> Press | Link | Page | None:
    if told in PAGES:
        return PAGES[told]
    if words := _WORDS.fullmatch(told):
        return Press(words[1].strip())
    return Link(link[1]) if (link := _LINK.fullmatch(told)) else None


def _problems_of(entries: Sequence[Entry]) -> list[str]:
    told = []
    if not 1 <= len(entries) <= _FIRST_MOST:
        told.append(f"一级按钮须有 1 至 {_FIRST_MOST} 个，现在是 {len(entries)} 个。")
    for entry in entries:
        told += _problems_of_entry(entry, FIRST_BYTES)
        if len(entry.below) > _SECOND_MOST:
            told.append(f"“{entry.name}”下面最多 {_SECOND_MOST} 个按钮。")
        if entry.below and entry.deed:
            told.append(f"“{entry.name}”下面有按钮，冒号后面请留空。")
        if not entry.below and not entry.deed:
            told.append(f"“{entry.name}”没有写点了以后做什么。")
        for below in entry.below:
            told += _problems_of_entry(below, SECOND_BYTES)
            if below.deed is None:
                told.append(f"“{below.name}”没有写点了以后做什么。")
    return list(dict.fromkeys(told))


def _problems_of_entry(entry: Entry, name_bytes: int) -> list[str]:
    told = []
    if len(entry.name.encode()) > name_bytes:
        told.append(f"“{entry.name}”过长，最多 {name_bytes // 3} 个汉字。")
    match entry.deed:
        case Press(key) if len(key.encode()) > KEY_BYTES:
            told.append(f"“{entry.name}”回复的词语过长，最多 {KEY_BYTES // 3} 个汉字。")
        case Link(url) if len(url.encode()) > URL_BYTES:
            told.append(f"“{entry.name}”的网址过长，最多 {URL_BYTES} 字节。")
    return told


def _deed_of(entry: Entry, own_pages: str | None) -> Deed | None:
    if not isinstance(entry.deed, Page):
        return entry.deed
    return Press(entry.deed.words) if own_pages is None else Link(own_pages + entry.deed.path)


def _told(buttons: Iterable[Button], mark: str = "") -> list[str]:
    lines = []
    for button in buttons:
        lines += [f"{mark}{button.name}：{_told_deed(button.deed)}", *_told(button.below, "— ")]
    return lines


def _told_deed(deed: Deed | None) -> str:
    match deed:
        case None:
            return "展开下列按钮"
        case Press(key):
            return f"回复 {key}"
        case Link(url):
            return f"网页 {url}"
        case OtherDeed(type_):
            return f"其他（{type_}）"
