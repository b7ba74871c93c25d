"""Forms that were typed into and could not be taken, since the session had ended or another one had begun:
they go along through the login and are sent again with one press. Nothing of them is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from outreach.web import csrf, sessions
from outreach.web.forms import Form
from outreach.web.rendering import is_partial

PREFIX: Final = "kept."
PATH: Final = "kept_path"


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that waits to be sent again: its address, and its fields as they were typed."""

    path: str
    fields: tuple[tuple[str, str], ...]


def may_be_kept(request: web.Request) -> bool:
    """Whether the browser says that the request comes from a form of this service's own: what another site
    typed is never put before a user to be sent with their name."""
    return request.method == "POST" and not is_partial(request) and csrf.says_own_origin(request)


def kept_of(request: web.Request, form: Form) -> Kept:
    """The form that the request brings, without the token of its session."""
    return Kept(request.path_qs, tuple(pair for pair in form.pairs() if pair[0] != csrf.FIELD))


def kept_in(form: Form) -> Kept | None:
    """The form that goes along in the form of the login, if there is one."""
    path = form.text(PATH)
    if not path or sessions.local_path(path) != path:
        return None
    fields = ((name.removeprefix(PREFIX), value) for name, value in form.pairs() if name.startswith(PREFIX))
    return Kept(path, tuple(fields))
