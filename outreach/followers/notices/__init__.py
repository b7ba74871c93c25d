"""Followers are told what they subscribed to: planned, frozen, sent in chunks, followed to each recipient's outcome."""
