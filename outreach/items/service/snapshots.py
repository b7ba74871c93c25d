"""What an item says, in the shapes in which it is kept, typed and sent away."""

from __future__ import annotations

from typing import Any

from outreach.items.model import Item


def snapshot_of(item: Item) -> dict[str, Any]:
    """The whole content of an item as JSON, in the shape of the import with the files' hashes."""
    return {
        "source_id": item.source_id,
        "kind": item.kind.value,
        "title": item.title,
        "short_title": item.short_title,
        "section": item.section.name,
        "origin": item.origin.value,
        "repost_source": item.repost_source,
        "repost_url": item.repost_url,
        "corrects": item.corrects_id,
        "formed_on": item.formed_on.isoformat(),
        "body": item.body,
        "fields": item.fields,
        "attachments": [
            {"name": one.name, "sha256": one.sha256, "size": one.size, "media_type": one.media_type}
            for one in item.attachments
        ],
    }


def as_typed(item: Item) -> dict[str, Any]:
    """The item in the shape in which it is typed and imported: attachments by their names."""
    return {**snapshot_of(item), "attachments": [one.name for one in item.attachments]}


def as_numbered(item: Item, corrects: str | None) -> dict[str, Any]:
    """The item as it leaves for another table: an item that has no number of a sender answers to its id, and what it
    corrects is told by the number of that."""
    return {**as_typed(item), "source_id": item.source_id or item.id, "corrects": corrects}
