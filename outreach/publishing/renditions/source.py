"""What renditions are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from outreach.channels.protocol import Picture
from outreach.foundation.problems import FieldError
from outreach.items.model import Kind, Origin


@dataclass(frozen=True, slots=True)
class Source:
    """One revision of an item, and who publishes it.

    `body` is Markdown. `field_rows` are label and value as a reader is shown them. `pictures` are the PNG and
    JPEG attachments by their name, `picture_sizes` their bytes by the same name, `files` the names of all
    other attachments. `corrects_title` is the title of the item that this one corrects. `public_url` is the
    absolute address of its public page, `bureau` the office's name.
    """

    kind: Kind
    title: str
    short_title: str | None
    section: str
    origin: Origin
    repost_source: str | None
    repost_url: str | None
    formed_on: date
    body: str
    field_rows: tuple[tuple[str, str], ...]
    pictures: Mapping[str, Picture]
    picture_sizes: Mapping[str, int]
    files: tuple[str, ...]
    corrects_title: str | None
    public_url: str
    bureau: str
    account_name: str

    @property
    def is_repost(self) -> bool:
        """Whether the text was taken over from somebody else."""
        return self.origin is Origin.REPOST

    @property
    def marker(self) -> str:
        """A few characters that no other item has, for where a platform hides the address: so that what was
        posted can be told from what says the same of another item."""
        name = self.public_url.rpartition("/")[2]
        return "".join(sign for sign in name if sign.isalnum())[:_MARKER_LENGTH]


_MARKER_LENGTH: Final = 6
_CONTROLS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
_UNPRINTABLE: Final = re.compile(f"[{_CONTROLS}]")
_UNPRINTABLE_IN_LINE: Final = re.compile(f"[{_CONTROLS}\t\n\r\x85\u2028\u2029]")


def text_errors(source: Source) -> list[FieldError]:
    """What no platform takes: an empty title, line breaks in a title, characters that can't be shown."""
    if not source.title.strip():
        return [FieldError("title", "请填写标题。")]
    patterns = {
        "title": (_UNPRINTABLE_IN_LINE, source.title),
        "short_title": (_UNPRINTABLE_IN_LINE, source.short_title or ""),
        "body": (_UNPRINTABLE, source.body),
    }
    return [
        FieldError(field, "含有不可显示的字符（标题也不能换行），请删除后重新填写。")
        for field, (pattern, text) in patterns.items()
        if pattern.search(text)
    ]
