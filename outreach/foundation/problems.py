"""What can go wrong, told to the user: a stable code, a Chinese sentence, and the field it belongs to.

Problem
├── Unauthenticated      401  nobody is signed in, or the token is unknown
├── NotFound             404
├── Forbidden            403  not this role
│   └── DutiesNotSeparate     wrote the text, or decided at another stage of it
├── NotPossible          409  not in this state
│   └── StaleState            somebody else was faster
├── StaleVersion         412  edited since it was read
├── VersionRequired      428  no If-Match
├── TooLarge             413
├── UnsupportedType      415
└── InvalidContent       422  what was typed can't be taken
    └── ClassificationMarkFound   it bears a classification mark: refused at the door, not stored

Pages, API (RFC 9457) and commands render the same object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `field` is its dotted name (`fields.amount_yuan`), `message` Chinese."""

    field: str
    message: str


class Problem(Exception):
    """Something the user should know. `detail` is a Chinese sentence that says what to mend."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "系统内部错误"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is not known."""

    status, code, title = 401, "unauthenticated", "未登录"


class NotFound(Problem):
    """There is no such thing, or it is not for this person's eyes."""

    status, code, title = 404, "not-found", "找不到"


class Forbidden(Problem):
    """The person's roles do not allow the act."""

    status, code, title = 403, "forbidden", "没有权限"


class DutiesNotSeparate(Forbidden):
    """The person wrote or submitted this revision, or decided at another stage of it."""

    code, title = "duties-not-separate", "职责未分离"


class NotPossible(Problem):
    """Not in the present state."""

    status, code, title = 409, "not-possible", "当前状态下不能这样做"


class StaleState(NotPossible):
    """The row was changed between reading and writing: somebody else was faster."""

    code, title = "stale-state", "内容已被他人更改"


class StaleVersion(Problem):
    """The version that the caller read is not the present one; nothing was overwritten."""

    status, code, title = 412, "stale-version", "内容已被他人更改"


class VersionRequired(Problem):
    """A change was asked for without saying which version it is based on."""

    status, code, title = 428, "version-required", "缺少版本号"


class TooLarge(Problem):
    """More bytes than are taken."""

    status, code, title = 413, "too-large", "内容过大"


class UnsupportedType(Problem):
    """A media type that is not taken."""

    status, code, title = 415, "unsupported-type", "不支持的类型"


class InvalidContent(Problem):
    """What was typed can't be taken; `errors` names the fields."""

    status, code, title = 422, "invalid-content", "内容有误"


class ClassificationMarkFound(InvalidContent):
    """The text bears a classification mark. It is refused at the door and not stored
    (保守国家秘密法 art. 34; 实施条例 art. 41: systems that are not secret must not hold secrets)."""

    code, title = "classification-mark", "含有密级标志"


def invalid(field: str, message: str) -> InvalidContent:
    """One wrong field as a problem of its own."""
    return InvalidContent(message, errors=[FieldError(field, message)])
