"""The article that a WeChat Official Account gets.

Its limits (developers.weixin.qq.com, draft/add and media/uploadimg): title at most 32 characters, author 16,
digest 128 with 120 as the safe limit, content fewer than 20,000 characters and less than 1 MB, pictures only
from uploadimg: JPEG or PNG, less than 1 MB. Fewer than 20,000 characters are at most 80 KB of UTF-8, so that
the second limit on content holds of itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import css_inline
import nh3
from markupsafe import Markup

from outreach.channels.protocol import Picture
from outreach.foundation.problems import FieldError
from outreach.foundation.templates import templates_folder
from outreach.publishing.markdown import TAGS, picture_names, to_html
from outreach.publishing.renditions.environment import render_template
from outreach.publishing.renditions.lead import lead_of, shorten
from outreach.publishing.renditions.pictures import picture_hashes, with_picture_urls
from outreach.publishing.renditions.source import Source

TITLE_LIMIT: Final = 32
AUTHOR_LIMIT: Final = 16
DIGEST_LIMIT: Final = 120
CONTENT_LIMIT: Final = 20_000
PICTURE_LIMIT_BYTES: Final = 1_000_000

_LONGEST_PICTURE_URL: Final = "x" * 256
"""What a picture's address on the platform is taken to be as long as, when the content is counted."""


@dataclass(frozen=True, slots=True)
class ArticleParts:
    """An article before its pictures are in the media store; `pictures` are those that stand in `html`."""

    title: str
    author: str
    digest: str
    html: str
    source_url: str
    pictures: tuple[Picture, ...]


def render_article(source: Source) -> ArticleParts:
    """The article of an item. It may be more than the platform takes: `article_errors` tells."""
    title = _headline(source)
    html = _content(source, title)
    return ArticleParts(
        title=title,
        author=_author(source),
        digest=shorten(lead_of(source), lambda text: len(text) <= DIGEST_LIMIT),
        html=html,
        source_url=source.public_url,
        pictures=_pictures_in(html, source),
    )


def article_errors(source: Source, article: ArticleParts) -> list[FieldError]:
    """What WeChat would refuse about the article of `source`."""
    return [*_title_errors(source, article), *_content_errors(article), *_picture_errors(source)]


def article_length(article: ArticleParts) -> int:
    """The characters of the content as WeChat counts them, each picture's address at its longest."""
    return len(with_picture_urls(article.html, lambda _: _LONGEST_PICTURE_URL))


def _headline(source: Source) -> str:
    if len(source.title) <= TITLE_LIMIT:
        return source.title
    return source.short_title or source.title


def _author(source: Source) -> str:
    """The first name that has room; the field may stay empty, and a name is not cut."""
    names = (source.repost_source or "",) if source.is_repost else (source.bureau, source.account_name)
    return next((name for name in names if len(name) <= AUTHOR_LIMIT), "")


def _content(source: Source, title: str) -> str:
    body = to_html(source.body, source.pictures)
    rendered = render_template(
        f"articles/{source.kind.value}.html.j2",
        source=source,
        full_title=source.title if title != source.title else None,
        body=Markup(body),  # noqa: S704 - to_html has sanitised it
        files=_files_beside(body, source),
        formed_on=f"{source.formed_on.year}年{source.formed_on.month}月{source.formed_on.day}日",
    )
    styled = _INLINER.inline_fragment(rendered, _stylesheet())
    return _LINE_ENDS.sub(">", _CLEANER.clean(styled)).strip()


def _files_beside(body: str, source: Source) -> list[str]:
    """The attachments that the body does not show."""
    shown = set(picture_hashes(body))
    return [*source.files, *(name for name, it in source.pictures.items() if it.sha256 not in shown)]


def _pictures_in(html: str, source: Source) -> tuple[Picture, ...]:
    by_hash = {picture.sha256: picture for picture in source.pictures.values()}
    return tuple(by_hash[sha256] for sha256 in picture_hashes(html))


def _title_errors(source: Source, article: ArticleParts) -> list[FieldError]:
    if len(article.title) <= TITLE_LIMIT:
        return []
    needed = f"标题共{len(source.title)}个字，公众号标题最多{TITLE_LIMIT}个字"
    if source.short_title:
        return [FieldError("short_title", f"短标题共{len(source.short_title)}个字，最多{TITLE_LIMIT}个字。")]
    return [FieldError("short_title", f"{needed}：请填写短标题，系统不会自动截断。")]


def _content_errors(article: ArticleParts) -> list[FieldError]:
    length = article_length(article)
    if length < CONTENT_LIMIT:
        return []
    return [
        FieldError(
            "body",
            f"正文连同排版共{length:,}个字符，公众号要求少于{CONTENT_LIMIT:,}个：请压缩正文或表格，详细内容放入附件。",
        )
    ]


def _picture_errors(source: Source) -> list[FieldError]:
    named = picture_names(source.body)
    wrong_type = [name for name in named if name in source.files]
    too_large = [name for name in named if source.picture_sizes.get(name, 0) >= PICTURE_LIMIT_BYTES]
    return [
        *_told(wrong_type, "不是 JPG 或 PNG 图片，不能放在正文中：请转换格式后重新上传。"),
        *_told(too_large, "达到或超过 1 MB，公众号不接收：请压缩后重新上传。"),
    ]


def _told(names: Sequence[str], what: str) -> list[FieldError]:
    return [FieldError("attachments", f"正文图片“{name}”{what}") for name in names]


@cache
def _stylesheet() -> str:
    return (templates_folder() / "articles" / "article.css").read_text(encoding="utf-8")


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    foreign = (tag, attribute) == ("img", "src") and not value.startswith("media:")
    return None if foreign else value


_LINE_ENDS: Final = re.compile(r">\n\s*")
"""Those between elements; the lines of a code block end in text."""

_INLINER: Final = css_inline.CSSInliner(inline_style_tags=False, load_remote_stylesheets=False)

_STYLE_PROPERTIES: Final = (
    "background-color border border-bottom border-collapse border-left border-radius border-top color display"
    " font-size letter-spacing line-height margin max-width min-width padding text-align vertical-align"
    " white-space width word-break"
)

# WeChat drops style, script, class and id; position and the like it takes out of a style attribute.
_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS | {"section"}),
    attributes={"*": {"style"}, "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto", "media"},
    url_relative="deny",
    link_rel=None,
    filter_style_properties=set(_STYLE_PROPERTIES.split()),
)
