"""What the house stands on: database, Redis, clock, folders, disk."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from outreach import migrations
from outreach.channels.http import AnswerLost
from outreach.channels.protocol import NotSent
from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.cli.doctor.complaint import Check, Complaint
from outreach.foundation import clock
from outreach.foundation.durability import server_time, unsafe_settings
from outreach.foundation.media_probe import PROBE, is_shared
from outreach.foundation.queue import Queue, redis_settings
from outreach.foundation.redis_server import answers, socket_path
from outreach.office.context import Office

ENOUGH_DISK_BYTES: Final = 1024**3
MOST_SKEW: Final = timedelta(seconds=5)
"""How far clocks may lie apart. A lease lasts 30 s by its worker's clock and is judged by another's; the Date
header of a platform tells whole seconds, and is some time on its way."""

_HOW_TO_BE_SAFE: Final[Mapping[str, str]] = {
    "journal_mode": "把 OUTREACH_HOME 放在本机磁盘上（不要放在网络共享盘上），再重新启动服务。",
    "synchronous": "更换 Python 自带的 SQLite（它没有接受 synchronous = FULL），再重新启动服务。",
    "foreign_keys": "更换 Python 自带的 SQLite（它编译时去掉了外键），再重新启动服务。",
    "fsync": "在 PostgreSQL 中执行 ALTER SYSTEM SET fsync = on; 再执行 SELECT pg_reload_conf();",
    "full_page_writes": "在 PostgreSQL 中执行 ALTER SYSTEM SET full_page_writes = on; 再执行 SELECT pg_reload_conf();",
    "synchronous_commit": "在 postgresql.conf 以及 ALTER DATABASE、ALTER ROLE 的设置中改为 synchronous_commit = on，再重新启动服务。",
}


async def _tables(office: Office) -> list[Complaint]:
    found = await migrations.differences(office.db)
    return [Complaint(f"表结构与程序不一致：{one}", "请联系维护人员，不要手工改表。") for one in found]


async def _durability(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        unsafe = await unsafe_settings(session)
    return [
        Complaint(f"{name} = {value}：断电时可能丢失已经保存的内容，或损坏数据库。", _HOW_TO_BE_SAFE[name])
        for name, value in unsafe.items()
    ]


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


async def _redis(office: Office) -> list[Complaint]:
    """One that can't be reached is the queue's complaint."""
    queue = Queue(redis_settings(office.settings))
    try:
        return [*await _eviction(queue), *await _refused_writes(queue)] if await queue.ping() else []
    finally:
        await queue.close()


async def _eviction(queue: Queue) -> list[Complaint]:
    try:
        facts = await queue.redis_info()
    except RedisError as error:
        return [Complaint(f"看不到 Redis 的设置：{error}", "允许所用的 Redis 用户执行 INFO（+info）。")]
    policy = facts.get("maxmemory_policy", "noeviction")
    if policy == "noeviction" or not facts.get("maxmemory"):
        return []
    return [
        Complaint(
            f"Redis 内存满时会丢弃数据（maxmemory-policy = {policy}），作业和心跳会不见，发布会延迟。",
            "在 redis.conf 中设置 maxmemory-policy noeviction，再执行 CONFIG SET maxmemory-policy noeviction。",
        )
    ]


async def _refused_writes(queue: Queue) -> list[Complaint]:
    try:
        await queue.try_write()
    except RedisError as error:
        how = "检查 Redis 的内存上限和磁盘空间、所用用户的权限，以及 OUTREACH_REDIS_URL 是否指向主节点；这里不需要持久化，可以用 CONFIG SET save '' 关掉。"
        return [Complaint(f"Redis 不接受写入：{error}", how)]
    return []


async def _clock(office: Office) -> list[Complaint]:
    """A platform that can't be reached is another check's complaint."""
    begun = clock.now()
    async with office.db.read() as session:
        told = await server_time(session)
        accounts = await list_accounts(session, active_only=True)
    skews = {"数据库服务器": told - _middle(begun)} if told else {}
    for platform in dict.fromkeys(account.channel for account in accounts):
        begun = clock.now()
        try:
            told = await office.channels.time_of(platform)
        except (NotSent, AnswerLost):
            continue
        if told:
            skews[f"{CHANNEL_LABELS[platform]}平台"] = told - _middle(begun)
    return [
        Complaint(
            f"本机时钟比{whose}{'慢' if skew > timedelta() else '快'} {abs(skew).total_seconds():.0f} 秒。",
            "在每台机器上开启网络校时（systemctl enable --now chrony 或 systemd-timesyncd），校准后重新启动服务。",
        )
        for whose, skew in skews.items()
        if abs(skew) > MOST_SKEW
    ]


async def _folders(office: Office) -> list[Complaint]:
    home, media = office.settings.home, office.media.folder
    refused = [one for folder in (home, media) for one in await asyncio.to_thread(_try_folder, folder)]
    if refused:
        return refused
    async with office.db.begin() as session:
        if await is_shared(session, media):
            return []
    return [
        Complaint(
            f"附件目录 {media} 不是各台机器共用的那一个：其中没有数据库记下的探针文件 {PROBE}。",
            f"把共用的目录挂载到 {media}；如果是搬了家，请把原目录中的文件（连同 {PROBE}）全部复制过来。",
        )
    ]


def _try_folder(folder: Path) -> list[Complaint]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"probe")
            file.flush()
    except OSError as error:
        how = f"让运行服务的用户拥有它：chown -R 用户 {folder}；并检查磁盘是否已满、是否只读挂载。"
        return [Complaint(f"不能写入目录 {folder}：{error.strerror}。", how)]
    return []


async def _disk(office: Office) -> list[Complaint]:
    free = shutil.disk_usage(office.settings.home).free
    if free < ENOUGH_DISK_BYTES:
        return [Complaint(f"数据目录所在磁盘只剩 {free // 1024**2} MB。", "清理磁盘或扩容。")]
    return []


def _middle(begun: datetime) -> datetime:
    """The moment between question and answer, at which the other clock was read."""
    return begun + (clock.now() - begun) / 2


CHECKS: Final = (
    Check("tables", "数据库", _tables),
    Check("durability", "数据落盘", _durability),
    Check("queue", "队列", _queue),
    Check("redis", "Redis", _redis, "其中没有不能重建的东西：不需要持久化，只是不能丢弃数据"),
    Check("clock", "时钟", _clock),
    Check("folders", "写权限", _folders),
    Check("disk", "磁盘", _disk),
)
