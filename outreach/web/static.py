"""Assets: local files under /static/, each with the hash of its content in its address."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from aiohttp import web

from outreach.foundation.problems import NotFound
from outreach.foundation.templates import templates_folder

_SERVED = {".css", ".js", ".svg", ".png", ".ico", ".woff2"}
_A_YEAR = "public, max-age=31536000, immutable"


class Assets:
    """The files of `templates/static`, read once: only these names are served."""

    def __init__(self, folder: Path | None = None) -> None:
        root = folder or templates_folder() / "static"
        self.paths = {
            path.relative_to(root).as_posix(): path
            for path in sorted(root.rglob("*"))
            if path.suffix in _SERVED
        }
        self._versions = {name: _version(path) for name, path in self.paths.items()}

    def version(self, name: str) -> str:
        """What changes whenever the file's content does. Raises KeyError for an unknown name."""
        return self._versions[name]

    def url(self, name: str) -> str:
        """The address of an asset for a template. Raises KeyError for an unknown name."""
        return f"/static/{name}?v={self.version(name)}"


ASSETS = web.AppKey("assets", Assets)


async def serve(request: web.Request) -> web.FileResponse:
    """GET /static/…: kept by browsers for a year where the address names the present version."""
    assets, name = request.app[ASSETS], request.match_info["name"]
    path = assets.paths.get(name)
    if path is None:
        raise NotFound("没有这个文件。")
    is_present = request.query.get("v") == assets.version(name)
    return web.FileResponse(path, headers={"Cache-Control": _A_YEAR if is_present else "no-cache"})


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
