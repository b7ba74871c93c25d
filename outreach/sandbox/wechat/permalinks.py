"""Articles that are out, by freepublish or by a mass message, and the addresses where they stand.

The rows of both have `article_id`, `articles` and `origin`.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from outreach.sandbox.wechat.articles import Article


def url(row: sqlite3.Row, index: int) -> str:
    """Where the article of that index, from 1, stands."""
    link = f"{row['origin']}/s/{row['article_id']}"
    return link if index == 1 else f"{link}?idx={index}"


def links(row: sqlite3.Row) -> list[dict[str, Any]]:
    """Index and address of each article."""
    return [{"idx": index, "article_url": url(row, index)} for index in range(1, _count(row) + 1)]


def news(row: sqlite3.Row) -> list[Article]:
    """The articles, each with its address and whether it was deleted."""
    return [
        {"is_deleted": False, **article, "url": url(row, index)}
        for index, article in enumerate(json.loads(row["articles"]), start=1)
    ]


def _count(row: sqlite3.Row) -> int:
    return len(json.loads(row["articles"]))
