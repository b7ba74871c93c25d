"""Editions (推送): one WeChat mass push of 1 to 8 articles, composed, previewed, pushed once and settled."""
