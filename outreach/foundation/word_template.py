"""Word files made from a template that the office may change in Word (docxtpl): names in double braces are filled in.

The templates that ship lie in `templates/`. A copy of the same name in `HOME/templates/` stands for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from outreach.foundation import clock
from outreach.foundation.dates import day, moment
from outreach.foundation.problems import NotPossible
from outreach.foundation.templates import templates_folder

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class WordTemplate:
    """The template `name` of `folder` below `templates/`, or the one of `home` that stands for it; `title` is what
    people call what is made from it."""

    def __init__(self, home: Path, folder: str, name: str, title: str) -> None:
        own = home / "templates" / name
        self._path = own if own.is_file() else templates_folder() / folder / name
        self._title = title
        self._words = _Words(autoescape=True, undefined=StrictUndefined, finalize=_as_xml_takes_it)
        self._words.filters["day"] = lambda value: day(value, clock.SHANGHAI)
        self._words.filters["moment"] = lambda value: moment(value, clock.SHANGHAI)

    def filled(self, values: Mapping[str, Any]) -> bytes:
        """The Word file. To be called off the event loop. Raises NotPossible where the office's own template can't be
        read, or names something that there is not."""
        target = BytesIO()
        try:
            document = DocxTemplate(self._path)
            document.render(dict(values), self._words)
            document.save(target)
        except (TemplateError, PackageNotFoundError) as error:
            raise NotPossible(
                f"{self._title}的模板 {self._path} 有误，不能生成：{error}。请改正，或移走以使用自带的模板。"
            ) from error
        return target.getvalue()


def _as_xml_takes_it(value: Any) -> Any:
    """A text pasted from Word may bear its soft line breaks (vertical tabs), which no XML can hold."""
    return _NOT_IN_XML.sub("\n", value) if isinstance(value, str) else value


class _Words(SandboxedEnvironment):
    """Compiles a template's parts once: many files are made from the same."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._compiled: dict[str, Template] = {}

    def from_string(self, source: Any, *others: Any, **options: Any) -> Template:
        """The template of that text."""
        if source not in self._compiled:
            self._compiled[source] = super().from_string(source, *others, **options)
        return self._compiled[source]
