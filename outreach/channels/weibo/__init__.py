"""Weibo: statuses/share, the timeline, and the authorisation."""
