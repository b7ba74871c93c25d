"""An item as each channel shows it: what is sent is made here, and what a platform would refuse is told
here, before anybody reviews it."""

from outreach.publishing.renditions.article import CONTENT_LIMIT, ArticleParts, article_length, render_article
from outreach.publishing.renditions.cards import check_font, draw_card, draw_cover
from outreach.publishing.renditions.pictures import with_picture_urls
from outreach.publishing.renditions.rendering import check, render
from outreach.publishing.renditions.source import Source
from outreach.publishing.renditions.status import render_status
from outreach.publishing.renditions.stored import from_json, to_json

__all__ = [
    "CONTENT_LIMIT",
    "ArticleParts",
    "Source",
    "article_length",
    "check",
    "check_font",
    "draw_card",
    "draw_cover",
    "from_json",
    "render",
    "render_article",
    "render_status",
    "to_json",
    "with_picture_urls",
]
