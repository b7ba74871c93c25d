"""Markdown of an item's body as HTML, the same for article, public page and preview, and as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from outreach.channels.protocol import Picture
from outreach.foundation.addresses import parts_of
from outreach.publishing.emphasis import emphasise_chinese

_LINK_SCHEMES: Final = frozenset({"http", "https", "mailto"})

_TAG_NAMES: Final = (
    "a blockquote br code em h2 h3 h4 h5 h6 hr img li ol p pre strong table tbody td th thead tr ul"
)
TAGS: Final = frozenset(_TAG_NAMES.split())
"""The elements that a body can become."""

_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"style"},
    "th": {"style"},
}


def to_html(markdown: str, pictures: Mapping[str, Picture]) -> str:
    """HTML of CommonMark with tables, safe to show; a single line break is a line break, raw HTML is text.

    `pictures` are the item's own by their file name: `![说明](图.png)` becomes `<img src="media:SHA256">`;
    any other picture is shown as text. Headings begin at the second level, below the title's own.
    """
    return _CLEANER.clean(_PARSER.render(markdown, {"pictures": pictures})).strip()


def opening_words(markdown: str) -> str:
    """The words of a text in one line, without marks and pictures, up to its first table (a table that comes
    first is passed over); items of a list keep their number."""
    parts: list[str] = []
    table_depth = 0
    for token in _PARSER.parse(markdown, {}):
        if token.type in {"table_open", "table_close"}:
            if any(parts):
                break
            table_depth += token.nesting
        elif not table_depth:
            parts.extend(_words(token))
    return _AFTER_PUNCTUATION.sub("", " ".join(" ".join(parts).split()))


def picture_names(markdown: str) -> list[str]:
    """The names and addresses that pictures in the text refer to, each once, in their order."""
    children = (child for token in _PARSER.parse(markdown, {}) for child in token.children or ())
    return list(dict.fromkeys(_picture_name(child) for child in children if child.type == "image"))


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's own name
        """Addresses without a scheme pass: names of the item's pictures are such. `_keep_attribute` takes
        them off links."""
        return _scheme(url) in _LINK_SCHEMES | {""}


def _scheme(url: str) -> str:
    parts = parts_of(url)
    return "invalid" if parts is None else parts.scheme


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("a", "href") and _scheme(value) not in _LINK_SCHEMES:
        return None
    if (tag, attribute) == ("img", "src") and _scheme(value) != "media":
        return None
    return value


def _render_picture(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    alt = renderer.renderInlineAsText(token.children, options, env)
    name = _picture_name(token)
    picture = env["pictures"].get(name)
    if picture is not None:
        return f'<img src="media:{picture.sha256}" alt="{escapeHtml(alt)}">'
    return escapeHtml(f"{alt}（{name}）" if alt else name)


def _picture_name(token: Token) -> str:
    return unquote(str(token.attrs["src"]))


def _words(token: Token) -> list[str]:
    if token.type == "list_item_open" and token.info:
        return [f"{token.info}{token.markup}"]
    if token.type in {"fence", "code_block"}:
        return [token.content]
    return ["".join(_word(child) for child in token.children or ())]


def _word(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "text_special", "code_inline"} else ""


def _lower_headings(parser: MarkdownIt) -> None:
    def lower(state: StateCore) -> None:
        for token in state.tokens:
            if token.tag in _LOWER:
                token.tag = _LOWER[token.tag]

    parser.core.ruler.push("lower_headings", lower)


_AFTER_PUNCTUATION: Final = re.compile(r"(?<=[。！？；：，、）】》”’…]) ")
_LOWER: Final = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6"}
_PARSER: Final = (
    _Parser("commonmark", {"html": False, "breaks": True})
    .enable("table")
    .use(_lower_headings)
    .use(emphasise_chinese)
)
_PARSER.add_render_rule("image", _render_picture)
_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes=_ATTRIBUTES,
    attribute_filter=_keep_attribute,
    url_schemes=set(_LINK_SCHEMES | {"media"}),
    url_relative="deny",
    filter_style_properties={"text-align"},
)
