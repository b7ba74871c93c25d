"""Bold type in Chinese.

CommonMark (0.31, 6.2) takes `**` for an end only where it stands as the end of a word does in a text with blanks
between words: `**总体要求：**各单位` would show its stars, since a mark stands before them and a letter behind.
Chinese has no such blanks. Beside a Chinese character or mark `**` therefore begins or ends bold type wherever no
blank is on that side (as the specification for CJK of markdown-cjk-friendly has it). A single `*` stays as
CommonMark has it: it is a sign for notes.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize

_CHINESE: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—·]")
_SHORTEST: Final = 2


def emphasise_chinese(parser: MarkdownIt) -> None:
    """Has `parser` find bold type beside Chinese characters and marks."""
    parser.inline.ruler.at("emphasis", _tokenize)


def _tokenize(state: StateInline, silent: bool) -> bool:
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    before, after = state.src[start - 1 : start] or " ", state.src[state.pos : state.pos + 1] or " "
    is_bold = state.src[start] == "*" and state.pos - start >= _SHORTEST
    if is_bold and (_CHINESE.match(before) or _CHINESE.match(after)):
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.open or not after.isspace()
            delimiter.close = delimiter.close or not before.isspace()
    return True
