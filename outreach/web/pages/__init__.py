"""Handlers of the pages; `templates/pages` mirrors this package."""
