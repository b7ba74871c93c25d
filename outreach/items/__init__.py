"""Disclosure items: the four kinds, revisions, attachments, import."""
