"""What WeChat does to the HTML of an article: scripts go, and images that were not uploaded lose their source."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import Final

_REMOVED: Final = {"script", "iframe", "object", "embed"}
_VOID: Final = {"embed"}
_SOURCES: Final = {"src", "data-src", "srcset"}
_SUMMARY_CHARS: Final = 54


def filtered(content: str, uploaded: Callable[[str], bool]) -> str:
    """The content as the platform keeps it; `uploaded` tells whether a URL is one that uploadimg gave."""
    parser = _Filter(uploaded)
    parser.feed(content)
    parser.close()
    return "".join(parser.kept)


def summary(content: str) -> str:
    """The digest of an article that came without one: the first 54 characters of its text."""
    return " ".join(plain(content).split())[:_SUMMARY_CHARS]


def plain(content: str) -> str:
    """The text alone."""
    parser = _Text()
    parser.feed(content)
    parser.close()
    return "".join(parser.pieces)


class _Filter(HTMLParser):
    def __init__(self, uploaded: Callable[[str], bool]) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self._uploaded = uploaded
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._inside:
            return
        if tag in _REMOVED:
            self._inside = "" if tag in _VOID else tag
            return
        allowed = [(name, value) for name, value in attrs if self._allows(tag, name, value or "")]
        self._keep(self.get_starttag_text() or "" if allowed == attrs else _written(tag, allowed))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _REMOVED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            self._inside = "" if tag == self._inside else self._inside
        elif tag not in _REMOVED:
            self._keep(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if not self._inside:
            self.kept.append(text)

    def _allows(self, tag: str, name: str, value: str) -> bool:
        if name.startswith("on") or value.strip().lower().startswith("javascript:"):
            return False
        return not (tag == "img" and name in _SOURCES) or self._uploaded(value)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def _written(tag: str, attributes: list[tuple[str, str | None]]) -> str:
    shown = "".join(f' {name}="{escape(value or "")}"' for name, value in attributes)
    return f"<{tag}{shown}>"
