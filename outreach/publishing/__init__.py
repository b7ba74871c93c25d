"""Renditions, posts, the outbox, delivery."""
