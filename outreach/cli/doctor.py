"""`outreach doctor`: what is missing or wrong in this installation, and how to mend it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import typer

from outreach import migrations
from outreach.channels.queries import list_accounts
from outreach.channels.rules import can_publish
from outreach.cli.common import with_office
from outreach.foundation import audit
from outreach.foundation.problems import Problem
from outreach.foundation.queue import Queue, redis_settings
from outreach.foundation.redis_server import answers, socket_path
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.people.queries import people
from outreach.people.rules import ROLE_LABELS
from outreach.publishing.renditions.cards import check_font
from outreach.statistics.queries import differences

ENOUGH_DISK_BYTES: Final = 1024**3


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is missing or wrong, and how to mend it (Chinese)."""

    what: str
    how: str


def doctor() -> None:
    """检查安装：缺什么、错在哪、怎么改。"""

    async def use(office: Office) -> list[tuple[str, list[Complaint]]]:
        return [(name, await check(office)) for name, check in CHECKS.items()]

    outcomes = with_office(use)
    for name, complaints in outcomes:
        print(f"{'✔' if not complaints else '✘'} {name}")
        for complaint in complaints:
            print(f"    {complaint.what}\n    → {complaint.how}")
    if any(complaints for _, complaints in outcomes):
        raise typer.Exit(1)


async def _database(office: Office) -> list[Complaint]:
    found = await migrations.differences(office.db)
    return [Complaint(f"表结构与程序不一致：{one}", "请联系维护人员，不要手工改表。") for one in found]


async def _queue(office: Office) -> list[Complaint]:
    if not office.settings.redis_url and not answers(socket_path(office.settings.home)):
        return [Complaint("内置 Redis 没有运行。", "运行 outreach serve（它会自己启动 Redis）。")]
    queue = Queue(redis_settings(office.settings))
    try:
        if not await queue.ping():
            return [Complaint("连不上 Redis。", "检查 OUTREACH_REDIS_URL 和 Redis 服务。")]
        idle = [name for name, alive in (await queue.heartbeats()).items() if not alive]
        return [
            Complaint(f"队列 {name} 没有后台任务在运行。", f"运行 outreach worker {name}。") for name in idle
        ]
    finally:
        await queue.close()


async def _people(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        held = {role for person in await people(session) if not person.disabled for role in person.roles}
    return [
        Complaint(f"没有人担任“{ROLE_LABELS[role]}”。", f"outreach user add 姓名 --role {role.value}")
        for role in (
            Role.EDITOR,
            Role.SECTION_HEAD,
            Role.CONFIDENTIALITY_REVIEWER,
            Role.SIGNATORY,
            Role.PUBLISHER,
            Role.ADMIN,
        )
        if role not in held
    ]


async def _accounts(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        accounts = await list_accounts(session, active_only=True)
    if not accounts:
        return [Complaint("还没有平台账号。", "在“账号”页添加，或用 outreach account add。")]
    paused = [
        Complaint(f"账号“{one.name}”已暂停：{one.paused_reason}", "处理后在“账号”页点“恢复”。")
        for one in accounts
        if one.paused_at
    ]
    unable = [
        Complaint(
            f"账号“{one.name}”不能直接发布。",
            "微博请在“账号”页授权；未认证的公众号须由人在公众平台上点“发表”。",
        )
        for one in accounts
        if not can_publish(one) and one.paused_at is None
    ]
    return paused + unable


async def _public_url(office: Office) -> list[Complaint]:
    url = office.settings.public_url
    if url.startswith(("http://127.", "http://localhost")) and office.settings.wechat_base_url.startswith(
        "https://api.weixin"
    ):
        return [
            Complaint(
                f"对外地址是 {url}，微信和关注者都访问不到。", "设置 OUTREACH_PUBLIC_URL 为外网可访问的地址。"
            )
        ]
    return []


async def _secret_key(office: Office) -> list[Complaint]:
    path = office.settings.home / "secret_key"
    if path.exists() and path.stat().st_mode & 0o077:
        return [Complaint(f"{path} 可被其他用户读取。", f"chmod 600 {path}")]
    return []


async def _font(office: Office) -> list[Complaint]:
    try:
        await asyncio.to_thread(check_font)
    except Problem as problem:
        return [Complaint(problem.detail, "重新安装 outreach，或恢复 templates/cards/fonts 目录。")]
    return []


async def _disk(office: Office) -> list[Complaint]:
    free = shutil.disk_usage(office.settings.home).free
    if free < ENOUGH_DISK_BYTES:
        return [Complaint(f"数据目录所在磁盘只剩 {free // 1024**2} MB。", "清理磁盘或扩容。")]
    return []


async def _audit(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        faults = await audit.verify(session)
    return [Complaint(fault.message, "保留现场，向审计员和保密工作机构报告。") for fault in faults]


async def _tallies(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        found = await differences(session, office.settings.zone)
    return [
        Complaint(f"计数不一致 {one.key}：保存 {one.kept}，清点 {one.counted}", "请联系维护人员核对。")
        for one in found
    ]


CHECKS: Final[dict[str, Callable[[Office], Awaitable[list[Complaint]]]]] = {
    "数据库": _database,
    "队列": _queue,
    "用户和角色": _people,
    "平台账号": _accounts,
    "对外地址": _public_url,
    "密钥": _secret_key,
    "字体": _font,
    "磁盘": _disk,
    "审计链": _audit,
    "计数": _tallies,
}
