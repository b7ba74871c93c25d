"""Whatever a user reads in Chinese has the punctuation of Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIGNS = r"[\u4e00-\u9fff，。；：（）“”《》]"
HALF_WIDTH = re.compile(rf"{SIGNS}[,:;?!()]|[,:;?!()]{SIGNS}|[,:] {SIGNS}")
HAN = re.compile(r"[\u4e00-\u9fff]")
# A pattern is no sentence, and neither is a name of a column.
PATTERN = re.compile(r"\\|\(\?|\]\{|\[[^\]]*[:：]")
COLUMN = re.compile(r"附加:|\(万?元\)")
ADDRESS = re.compile(r"[a-z+]+://[^\s；，。]+")
MARKUP = re.compile(r"\{[#%{].*?[}%#]\}|<[^>]*>|`[^`\n]*`|\]\([^)\n]*\)", re.S)


def faults_of(text: str) -> Iterator[str]:
    """Each place of the text at which a half-width sign stands beside a Chinese one."""
    text = ADDRESS.sub("…", COLUMN.sub("", text))
    for found in HALF_WIDTH.finditer(text):
        yield text[max(0, found.start() - 12) : found.end() + 12]


def sentences_of(source: str) -> Iterator[str]:
    """The Chinese strings of a Python file that are no docstrings, `…` for what is put into them."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    # Words that are looked for are written as the screening reads texts: its signs are half-width.
    looked_for = {
        id(word)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "words"
        for word in node.args
    }
    pieces = {
        id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if id(node) in docstrings | pieces | looked_for else node.value
        else:
            continue
        if HAN.search(text) and not PATTERN.search(text):
            yield text


def test_sentences_of_the_program_have_chinese_punctuation() -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {fault}"
        for folder in ("outreach", "workers")
        for path in (ROOT / folder).rglob("*.py")
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
