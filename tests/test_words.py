"""Whatever a user reads in Chinese has the punctuation of Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff，。；：（）“”《》][,:;?!()]|[,:;?!()] ?[\u4e00-\u9fff，。；：（）“”《》]"
)
HAN = re.compile(r"[\u4e00-\u9fff]")
# The pieces of these are no sentences: patterns that look for signs of both widths, and names of columns.
NO_SENTENCES = ("outreach/screening/detectors", "outreach/publishing/renditions", "outreach/cli/demo.py")
COLUMN = re.compile(r"附加:|附加\[:|\(万?元\)")
MARKUP = re.compile(r"\{[#%{].*?[}%#]\}|<[^>]*>|`[^`\n]*`|\]\([^)\n]*\)|https?://\S+", re.S)


def faults_of(text: str) -> Iterator[str]:
    """Each place of the text at which a half-width sign stands beside a Chinese one."""
    for found in HALF_WIDTH.finditer(COLUMN.sub("", text)):
        yield text[max(0, found.start() - 12) : found.end() + 12]


def sentences_of(source: str) -> Iterator[str]:
    """The Chinese strings of a Python file that are no docstrings, `…` for what is put into them."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    pieces = {
        id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if id(node) in docstrings | pieces else node.value
        else:
            continue
        if HAN.search(text):
            yield text


def test_sentences_of_the_program_have_chinese_punctuation() -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {fault}"
        for folder in ("outreach", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if not path.relative_to(ROOT).as_posix().startswith(NO_SENTENCES)
        for text in sentences_of(path.read_text("utf-8"))
        for fault in faults_of(text)
    ]
    assert faults == []


def test_templates_and_handbooks_have_chinese_punctuation() -> None:
    files = [
        *(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".j2", ".js"}),
        *(ROOT / "outreach" / "sandbox").glob("*.html"),
        *(ROOT / "docs").glob("*.md"),
        ROOT / "README.zh-CN.md",
    ]
    faults = [
        f"{path.relative_to(ROOT)}: {fault}"
        for path in files
        if "vendor" not in path.parts
        for fault in faults_of(MARKUP.sub("…", path.read_text("utf-8")))
    ]
    assert faults == []
