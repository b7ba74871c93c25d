"""The Jinja environment that renditions are rendered in."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from outreach.foundation.templates import templates_folder


@cache
def environment() -> Environment:
    """HTML and SVG are escaped, the plain text of a status is not."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(["html.j2", "svg.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_template(name: str, **values: object) -> str:
    """The template of that name under `templates/`, without blanks around it."""
    return environment().get_template(name).render(**values).strip()
