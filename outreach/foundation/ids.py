"""Identifiers: sortable ones for rows, unguessable ones for what the public may see."""

from __future__ import annotations

import secrets

from ulid import ULID


def new_id() -> str:
    """A 26-character ULID: unique, and sorted by the time at which it was made."""
    return str(ULID())


def new_public_id() -> str:
    """22 URL-safe characters (128 random bits) that can't be guessed."""
    return secrets.token_urlsafe(16)
