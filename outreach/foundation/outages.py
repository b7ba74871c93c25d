"""What the ground under the program may lack while the program itself is right: disk, database, Redis.

Outage                 503
├── DiskFull           507  what was under way was rolled back
├── HomeNotWritable         OUTREACH_HOME can't be made or written
├── DatabaseAway            PostgreSQL doesn't answer or doesn't let us in; SQLite's file can't be opened
└── RedisAway               the Redis of OUTREACH_REDIS_URL

Each carries one sentence for whoever runs the installation, which may name a host or a path, and another for
whoever happens to use it. The outermost doors (commands, pages, jobs) ask `outage_of` about every error that
nobody foresaw.
"""

from __future__ import annotations

import errno
import socket
from typing import ClassVar, Final

from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy.exc import DBAPIError

from outreach.foundation.problems import Problem

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_FILE_REASONS: Final = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "文件系统是只读的",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "那是一个文件夹",
    errno.ENOENT: "不存在",
    errno.EEXIST: "那里已有同名文件",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
}
# The second: no room for the index of the write-ahead log (https://sqlite.org/rescode.html).
_SQLITE_FULL: Final = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})
# PostgreSQL's SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html
_DISK_FULL: Final = "53100"
_LOGIN_REASONS: Final = {
    "28P01": "用户名或密码不对",
    "28000": "用户名不对，或者服务器不允许从这里登录",
    "3D000": "没有这个数据库",
    "42501": "该用户没有连接这个数据库的权限",
    "53300": "连接数已满",
    "57P03": "数据库正在启动或停止",
}
_GONE: Final = ("08", "57P")


class Outage(Problem):
    """The machine or a service that the program stands on; whoever runs the installation can mend it."""

    status, code, title = 503, "outage", "系统暂时不可用"
    for_users: ClassVar[str] = "系统暂时不可用。请稍后再试，或告诉系统管理员。"

    def without_particulars(self) -> Outage:
        """The same for the eyes of users and the public."""
        return type(self)(self.for_users)


class DiskFull(Outage):
    """No room left. What was under way was rolled back; what was stored before stays."""

    status, code, title = 507, "disk-full", "磁盘已满"
    for_users = "磁盘已满，这一步没有保存。请告诉系统管理员。"


class HomeNotWritable(Outage):
    """OUTREACH_HOME can't be made or written."""

    code = "home-not-writable"


class DatabaseAway(Outage):
    """The database can't be reached, or doesn't let us in."""

    code = "database-away"
    for_users = "连不上数据库，这一步没有保存。请稍后再试，或告诉系统管理员。"


class RedisAway(Outage):
    """The Redis of OUTREACH_REDIS_URL can't be reached, or doesn't let us in."""

    code = "redis-away"


def outage_of(error: BaseException) -> Outage | None:
    """The outage behind an error that nobody foresaw; None where the error is the program's own."""
    if isinstance(error, Outage):
        return error
    if isinstance(error, ExceptionGroup):
        found = [outage_of(one) for one in error.exceptions]
        return found[0] if all(found) else None
    if isinstance(error, DBAPIError):
        return _outage_of_database(error)
    if isinstance(error, OSError) and error.errno in _FULL:
        return disk_full(str(error.filename) if error.filename else None)
    return None


def disk_full(where: str | None = None) -> DiskFull:
    """`where`: the path that found no room."""
    place = f"（{where}）" if where else ""
    return DiskFull(f"磁盘已满，这一步没有保存{place}。请清理磁盘或扩容后再试一次。")


def connection_reason(error: BaseException) -> str:
    """Why a server could not be reached, in a few words."""
    state = getattr(error, "sqlstate", None)
    if state in _LOGIN_REASONS:
        return _LOGIN_REASONS[state]
    match error:
        case socket.gaierror():
            return "找不到这台主机"
        case TimeoutError():
            return "没有应答"
        case ConnectionRefusedError() | FileNotFoundError():
            return "那里没有服务在运行"
        case PermissionError():
            return "没有权限"
        case AuthenticationError():
            return "密码不对，或者没有给出密码"
        case RedisError(__context__=OSError() as cause):
            return connection_reason(cause)
        case _:
            return str(error) or type(error).__name__


def file_reason(error: OSError) -> str:
    """Why a file could not be read or written, in a few words."""
    return _FILE_REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def _outage_of_database(error: DBAPIError) -> Outage | None:
    sqlite: str = getattr(error.orig, "sqlite_errorname", "")
    postgresql: str = getattr(error.orig, "sqlstate", None) or ""
    if sqlite in _SQLITE_FULL:
        return disk_full()
    if postgresql == _DISK_FULL:
        return DiskFull("数据库服务器的磁盘已满，这一步没有保存。请清理磁盘或扩容后再试一次。")
    if sqlite.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_NOTADB")):
        return DatabaseAway(
            f"数据库文件打不开或不能写入（{sqlite}）。请检查 OUTREACH_HOME 的权限和磁盘空间。"
        )
    if sqlite.startswith("SQLITE_BUSY"):
        return DatabaseAway("数据库正忙，这一步没有保存。请稍后再试一次。")
    if error.connection_invalidated or postgresql.startswith(_GONE):
        return DatabaseAway("与数据库的连接断开了，这一步没有保存。请检查 PostgreSQL 是否在运行。")
    return None
