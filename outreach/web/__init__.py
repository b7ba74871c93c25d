"""Pages, API and callbacks over HTTP (aiohttp); `routes.py` lists every address."""
