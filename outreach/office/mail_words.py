"""The words of e-mails, from `templates/mails`: the first line is the subject."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from outreach.foundation.templates import templates_folder


def mail_words(name: str, **context: Any) -> tuple[str, str]:
    """Subject and text of the mail `name`."""
    subject, _, text = _environment().get_template(f"{name}.txt.j2").render(context).partition("\n")
    return subject, text.strip() + "\n"


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder() / "mails"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
