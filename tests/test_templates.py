from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, StrictUndefined, meta

from outreach.foundation.templates import templates_folder
from outreach.publishing.renditions.environment import environment as environment_of_renditions
from outreach.web.rendering import environment as environment_of_pages
from outreach.web.static import Assets

FOLDER = templates_folder()
NAMES = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*")
    if path.suffix in {".html", ".j2"} and "static" not in path.parts
)
# The preview of an article that was sanitised when it was rendered.
UNESCAPED = {"pages/posts/article.html"}


def environment_of(name: str) -> Environment:
    if name.endswith(".html"):
        return environment_of_pages(ZoneInfo("Asia/Shanghai"), Assets())
    return environment_of_renditions()


def test_all_kinds_of_templates_are_found() -> None:
    assert {name.split("/")[0] for name in NAMES} >= {"pages", "public", "articles", "statuses", "cards"}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_whole_and_strict(name: str) -> None:
    templates = environment_of(name)
    assert templates.undefined is StrictUndefined
    source = (FOLDER / name).read_text(encoding="utf-8")
    templates.compile(source, name, name)
    root = FOLDER / "bodies" if name.startswith("bodies/") else FOLDER
    for used in meta.find_referenced_templates(templates.parse(source)):
        assert used is None or (root / used).is_file()


@pytest.mark.parametrize("name", [name for name in NAMES if re.search(r"\.html|\.svg", name)])
def test_what_a_browser_reads_is_escaped(name: str) -> None:
    autoescape = environment_of(name).autoescape
    assert autoescape(name) if callable(autoescape) else autoescape
    source = (FOLDER / name).read_text(encoding="utf-8")
    unescaped = re.search(r"\|\s*safe\b|autoescape\s+false|Markup", source)
    assert bool(unescaped) == (name in UNESCAPED)
