"""The way to the workers: arq on Redis. What is in it can be lost: the database is the queue of record."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from redis.exceptions import RedisError

from outreach.foundation import clock
from outreach.foundation.ids import new_id
from outreach.foundation.outages import RedisAway, connection_reason
from outreach.foundation.problems import Problem
from outreach.foundation.redis_server import socket_path
from outreach.settings import Settings

log = structlog.get_logger(__name__)

PUBLISH: Final = "publish"
NOTIFY: Final = "notify"
PERIODIC: Final = "periodic"
CONVERSATIONS: Final = "conversations"
QUEUES: Final = (PUBLISH, NOTIFY, CONVERSATIONS, PERIODIC)
DELIVER: Final = "deliver_due"
WITHDRAW: Final = "withdraw_due"
CONVERSE: Final = "converse"
SYNC: Final = "sync_followers"
FIGURES: Final = "fetch_figures"
NOTIFY_FOLLOWERS: Final = "notify_followers"
SEND_MAIL: Final = "send_mail"
_CONVERSE_EVERY: Final = timedelta(milliseconds=50)


class WrongRedisUrl(Problem):
    """OUTREACH_REDIS_URL is no address of a Redis."""

    code, title = "wrong-redis-url", "Redis 地址不对"


def queue_name(queue: str) -> str:
    """The queue's key in Redis."""
    return f"outreach:{queue}"


def heartbeat_key(queue: str) -> str:
    """The key under which the workers of a queue say that they are alive; it lapses by itself."""
    return f"{queue_name(queue)}:heartbeat"


def redis_settings(settings: Settings) -> RedisSettings:
    """The Redis of REDIS_URL, or the embedded one of HOME.

    Raises WrongRedisUrl, whose sentence never shows what was given: a password may stand in it.
    """
    if not settings.redis_url:
        return RedisSettings(unix_socket_path=str(socket_path(settings.home)))
    try:
        return RedisSettings.from_dsn(settings.redis_url)
    except (RuntimeError, ValueError):
        raise WrongRedisUrl(
            "OUTREACH_REDIS_URL 不对：应形如 redis://:密码@主机:6379/0 或 unix:///路径/redis.sock?db=0。"
        ) from None


def to_bytes(job: dict[str, Any]) -> bytes:
    """A job as JSON: arq's default is pickle, by which whoever can write to Redis runs code here."""
    return json.dumps(job).encode()


def from_bytes(job: bytes) -> dict[str, Any]:
    """The job that `to_bytes` was given."""
    read: dict[str, Any] = json.loads(job)
    return read


class Queue:
    """Wakes workers and tells whether they live. Connects at the first use, and again after a loss."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings
        self._pool: ArqRedis | None = None
        self._connecting = asyncio.Lock()
        self._conversed_at: datetime | None = None

    async def wake(self) -> None:
        """Tells the publishers that something is due now. Where Redis is away, the sweep finds it later."""
        await self.deliver_at(None, f"deliver:{new_id()}")

    async def deliver_at(self, moment: datetime | None, job_id: str) -> None:
        """Has a batch delivered at `moment` (None: now); a second call with the id of a waiting job is none."""
        await self._enqueue(PUBLISH, DELIVER, moment, job_id)

    async def withdraw_now(self, job_id: str) -> None:
        """Has posts taken down that are to be withdrawn."""
        await self._enqueue(PUBLISH, WITHDRAW, None, job_id)

    async def converse(self) -> None:
        """Has messages handled that were kept. However many come, one job is begun in each twentieth of a second, at
        its end: what was kept before that it finds."""
        slots = math.floor(clock.now().timestamp() / _CONVERSE_EVERY.total_seconds()) + 1
        moment = datetime.fromtimestamp(slots * _CONVERSE_EVERY.total_seconds(), UTC)
        if moment != self._conversed_at:
            self._conversed_at = moment
            await self._enqueue(CONVERSATIONS, CONVERSE, moment, f"converse:{slots}")

    async def sync_followers(self, job_id: str) -> None:
        """Has followers fetched; a second call with the id of a waiting job is none."""
        await self._enqueue(CONVERSATIONS, SYNC, None, job_id)

    async def fetch_figures(self, job_id: str) -> None:
        """Has figures fetched; a second call with the id of a waiting job is none."""
        await self._enqueue(CONVERSATIONS, FIGURES, None, job_id)

    async def notify_now(self, job_id: str) -> None:
        """Has notices started and sent that are due."""
        await self._enqueue(NOTIFY, NOTIFY_FOLLOWERS, None, job_id)

    async def send_mail(self, job_id: str) -> None:
        """Has e-mails sent that are due; a second call with the id of a job that waits or runs is none."""
        await self._enqueue(PERIODIC, SEND_MAIL, None, job_id)

    async def require(self) -> None:
        """Raises RedisAway where Redis doesn't answer, or doesn't let us in."""
        try:
            pool = await self._connected()
            await pool.ping()
        except (RedisError, OSError) as error:
            raise RedisAway(
                f"连不上 Redis {self._place()}：{connection_reason(error)}。"
                "请检查 Redis 是否在运行、OUTREACH_REDIS_URL 是否正确。"
            ) from error

    async def ping(self) -> bool:
        """Whether Redis answers."""
        try:
            await self.require()
        except RedisAway:
            return False
        return True

    async def heartbeats(self) -> Mapping[str, bool]:
        """For each queue, whether a worker was alive within the last seconds."""
        try:
            pool = await self._connected()
            return {queue: bool(await pool.exists(heartbeat_key(queue))) for queue in QUEUES}
        except (RedisError, OSError):
            return dict.fromkeys(QUEUES, False)

    async def lengths(self) -> Mapping[str, int]:
        """How many jobs wait in each queue, also for a time to come; none is told where Redis is away."""
        try:
            pool = await self._connected()
            return {queue: await pool.zcard(queue_name(queue)) for queue in QUEUES}
        except (RedisError, OSError):
            return {}

    async def redis_info(self) -> Mapping[str, Any]:
        """What Redis tells of itself (redis.io/commands/info). Raises RedisError, OSError."""
        facts: Mapping[str, Any] = await (await self._connected()).info()
        return facts

    async def try_write(self) -> None:
        """Writes something that lapses at once. Raises RedisError where Redis takes nothing: a replica, no memory
        left, or persistence on a disk that is full; OSError."""
        await (await self._connected()).set(queue_name("probe"), b"", px=1)

    async def close(self) -> None:
        """Gives the connections back."""
        if self._pool is not None:
            await self._pool.aclose()

    def _place(self) -> str:
        settings = self._settings
        return settings.unix_socket_path or f"{settings.host}:{settings.port}"

    async def _enqueue(self, queue: str, job: str, moment: datetime | None, job_id: str) -> None:
        try:
            pool = await self._connected()
            await pool.enqueue_job(job, _queue_name=queue_name(queue), _job_id=job_id, _defer_until=moment)
        except (RedisError, OSError) as error:
            log.warning("redis_away", error=str(error))

    async def _connected(self) -> ArqRedis:
        async with self._connecting:  # two pools at the first use, and nobody would close one of them
            if self._pool is None:
                settings = self._settings
                settings.conn_retries = 0
                self._pool = await create_pool(settings, job_serializer=to_bytes, job_deserializer=from_bytes)
            return self._pool
