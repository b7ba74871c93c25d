"""The status that Weibo gets (open.weibo.com/wiki/2/statuses/share): at most 140 Han characters, no
`#topic#`, and a link under the app's security domain."""

from __future__ import annotations

import re
from typing import Final

from outreach.channels.weibo.length import LENGTH_LIMIT, weibo_length
from outreach.foundation.problems import FieldError
from outreach.publishing.renditions.environment import render_template
from outreach.publishing.renditions.lead import lead_of, shorten
from outreach.publishing.renditions.source import Source

_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def render_status(source: Source) -> str:
    """The text of an item's status: the title word for word, as much of the lead as there is room for, and
    the link. It may be more than the platform takes: `status_errors` tells."""
    lead = shorten(_lead(source), lambda text: _has_room(_text(source, text)))
    return _text(source, lead)


def status_errors(source: Source) -> list[FieldError]:
    """What Weibo would refuse about the status of `source`."""
    errors: list[FieldError] = []
    if source.title.count("#") > 1:
        errors.append(
            FieldError("title", "标题里有两个以上的“#”，微博会当作话题而拒绝：请改用全角“＃”或“号”字。")
        )
    elif (source.repost_source or "").count("#"):
        errors.append(FieldError("repost_source", "转载来源里有“#”，微博会当作话题：请改用全角“＃”。"))
    shortest = weibo_length(_text(source, ""))
    if shortest > LENGTH_LIMIT:
        errors.append(_too_long(source, shortest))
    return errors


def _too_long(source: Source, length: int) -> FieldError:
    field = "repost_source" if len(source.repost_source or "") > len(source.title) else "title"
    name = "转载来源" if field == "repost_source" else "标题"
    return FieldError(
        field, f"{name}过长：连同链接共{length}个字，微博最多{LENGTH_LIMIT}个字，请缩短{name}。"
    )


def _has_room(text: str) -> bool:
    return weibo_length(text) <= LENGTH_LIMIT


def _lead(source: Source) -> str:
    """Ends before the first address in it, since a status has one link; a `#` can't open a topic."""
    words, *after = _ADDRESS.split(lead_of(source), maxsplit=1)
    return (words.rstrip(" ：:（(") + "…" if after and words else words).replace("#", "＃")


def _text(source: Source, lead: str) -> str:
    return render_template(f"statuses/{source.kind.value}.txt.j2", source=source, lead=lead)
