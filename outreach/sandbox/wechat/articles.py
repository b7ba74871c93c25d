"""What an article of a draft may be (api_draft_add): the limits of its fields, and what is kept of it."""

from __future__ import annotations

import re
from typing import Any, Final

from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.content import filtered, plain, summary
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.materials import is_permanent, is_uploaded, path_of

TITLE_CHARS: Final = 32
AUTHOR_CHARS: Final = 16
DIGEST_CHARS: Final = 128
CONTENT_CHARS: Final = 20_000  # must stay below
CONTENT_BYTES: Final = 1024 * 1024  # must stay below
SOURCE_URL_BYTES: Final = 1024
IMAGES_MAX: Final = 20  # of a picture post (newspic)

_FRACTION: Final = r"(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)"
_CROP: Final = re.compile(rf"{_FRACTION}(?:_{_FRACTION}){{3}}")
_CROPS: Final = ("pic_crop_235_1", "pic_crop_1_1")
_RATIOS: Final = ("1_1", "16_9", "2.35_1")

Article = dict[str, Any]


def accepted(call: Call, article: Any, *, alone: bool) -> Article:
    """The article as it is kept. Raises WeChatError for the first field that is wrong."""
    if not isinstance(article, dict):
        raise WeChatError(47001)
    kind = article.get("article_type", "news")
    if kind not in ("news", "newspic"):
        raise WeChatError(40035)
    words = _words(article)
    body = _news(call, article, words, alone=alone) if kind == "news" else _pictures(call, article)
    open_comment, only_fans = _flag(article, "need_open_comment"), _flag(article, "only_fans_can_comment")
    if (open_comment or only_fans) and not call.account.verified:
        raise WeChatError(88000)
    _check_product(article)
    return {
        "article_type": kind,
        **words,
        **body,
        **_cover(article),
        "thumb_url": call.origin + path_of(body["thumb_media_id"]),
        "show_cover_pic": 0,
        "need_open_comment": open_comment,
        "only_fans_can_comment": only_fans,
    }


def _words(article: Article) -> Article:
    title = _text(article, "title", TITLE_CHARS, 45003)
    if not title.strip():
        raise WeChatError(45003)
    return {
        "title": title,
        "author": _text(article, "author", AUTHOR_CHARS, 45110),
        "digest": _text(article, "digest", DIGEST_CHARS, 45004),
        "content_source_url": _source_url(article),
    }


def _news(call: Call, article: Article, words: Article, *, alone: bool) -> Article:
    """The body of an ordinary article. A digest is for a draft of one article only."""
    content = filtered(_content(article), lambda url: is_uploaded(call, url))
    if not content.strip():
        raise WeChatError(45166)
    thumb = article.get("thumb_media_id")
    if not is_permanent(call, thumb, "image", "thumb"):
        raise WeChatError(40007)
    digest = (words["digest"] or summary(content)) if alone else ""
    return {"digest": digest, "content": content, "thumb_media_id": thumb}


def _pictures(call: Call, article: Article) -> Article:
    """The body of a picture post: plain text, and images of which the first is the cover."""
    info = article.get("image_info")
    images = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(images, list) or not 1 <= len(images) <= IMAGES_MAX:
        raise WeChatError(40035)
    ids = [each.get("image_media_id") if isinstance(each, dict) else None for each in images]
    if not all(is_permanent(call, media_id, "image") for media_id in ids):
        raise WeChatError(40007)
    return {
        "content": plain(_content(article)),
        "image_info": {"image_list": [{"image_media_id": media_id} for media_id in ids]},
        "thumb_media_id": ids[0],
    }


def _content(article: Article) -> str:
    content = article.get("content")
    if not isinstance(content, str) or not content.strip():
        raise WeChatError(44003)
    if len(content) >= CONTENT_CHARS or len(content.encode()) >= CONTENT_BYTES:
        raise WeChatError(45002)
    return content


def _text(article: Article, name: str, longest: int, too_long: int) -> str:
    value = article.get(name, "")
    if not isinstance(value, str):
        raise WeChatError(47001)
    if len(value) > longest:
        raise WeChatError(too_long)
    return value


def _source_url(article: Article) -> str:
    url = article.get("content_source_url", "")
    if not isinstance(url, str) or len(url.encode()) > SOURCE_URL_BYTES:
        raise WeChatError(41039)
    if url and not url.startswith(("http://", "https://")):
        raise WeChatError(41039)
    return url


def _flag(article: Article, name: str) -> int:
    value = article.get(name, 0)
    if value not in (0, 1):
        raise WeChatError(40035)
    return int(value)


def _cover(article: Article) -> Article:
    """How the cover is cut: `X1_Y1_X2_Y2` in fractions of at most six decimals, or a list by ratio."""
    crops = {name: article[name] for name in _CROPS if article.get(name)}
    if not all(isinstance(crop, str) and _CROP.fullmatch(crop) for crop in crops.values()):
        raise WeChatError(40035)
    info = article.get("cover_info")
    if not info:
        return crops
    listed = info.get("crop_percent_list") if isinstance(info, dict) else None
    if not isinstance(listed, list) or not all(_is_crop(each) for each in listed):
        raise WeChatError(40035)
    return {**crops, "cover_info": {"crop_percent_list": listed}}


def _is_crop(crop: Any) -> bool:
    if not isinstance(crop, dict) or crop.get("ratio") not in _RATIOS:
        return False
    return all(re.fullmatch(_FRACTION, str(crop.get(name, ""))) for name in ("x1", "y1", "x2", "y2"))


def _check_product(article: Article) -> None:
    """No account here sells anything: a product card is refused (53406)."""
    if article.get("product_info"):
        raise WeChatError(53406)
