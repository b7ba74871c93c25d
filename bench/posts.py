"""One post after the other, from planned to confirmed."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.service import PROJECT, Service, call, running

POSTS = 100
PUBLISH_DELAY_S = 1.0
ROLES = ("editor", "section_head", "confidentiality_reviewer", "signatory", "publisher")


def measure() -> dict[str, float]:
    """Seconds of a hundred single posts on each platform; WeChat's own delay is part of its figure."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--demo"]
        with running(command, PROJECT, Path(name)) as service:
            _widen_limits(service)
            tokens = {role: _token(service, role) for role in ROLES}
            accounts = {
                one["channel"]: one["id"]
                for one in reversed(
                    call(f"{service.url}/api/v1/accounts", token=tokens["publisher"])["items"]
                )
            }
            items = [_approved(service, tokens, number) for number in range(POSTS)]
            figures: dict[str, float] = {}
            for channel, account in accounts.items():
                seconds = sorted(_post(service, tokens["publisher"], item, account) for item in items)
                figures[f"{channel}, p50 s"] = statistics.median(seconds)
                figures[f"{channel}, p99 s"] = seconds[int(len(seconds) * 0.99) - 1]
                figures[f"{channel}, p99 / p50"] = figures[f"{channel}, p99 s"] / figures[f"{channel}, p50 s"]
            figures["wechat, p50 without the platform's delay, s"] = (
                figures["wechat, p50 s"] - PUBLISH_DELAY_S
            )
    return figures


def _post(service: Service, token: str, item: str, account: str) -> float:
    """Plans one post and waits until it is confirmed; the service's own times tell how long it took."""
    planned = call(f"{service.url}/api/v1/items/{item}/posts", {"accounts": [account]}, token)["items"][0]
    while True:
        post = call(f"{service.url}/api/v1/posts/{planned['id']}", token=token)
        if post["state"] == "published":
            return (_time(post["confirmed_at"]) - _time(post["planned_at"])).total_seconds()
        if post["state"] in {"failed", "needs_person"}:
            raise RuntimeError(f"post {post['id']}: {post['problem']}")
        time.sleep(0.02)


def _approved(service: Service, tokens: dict[str, str], number: int) -> str:
    sections = call(f"{service.url}/api/v1/sections", token=tokens["editor"])["items"]
    raw: dict[str, Any] = {
        "kind": "event",
        "title": f"环保设施开放日第{number + 1}场",
        "section": sections[0]["name"],
        "body": f"第{number + 1}场开放日欢迎市民参加。",
        "fields": {
            "name": f"开放日第{number + 1}场",
            "starts_at": "2030-06-05T09:00",
            "place": "集宁区污水处理厂",
            "organiser": "乌兰察布市生态环境局",
        },
    }
    item = call(f"{service.url}/api/v1/items", raw, tokens["editor"])
    address = f"{service.url}/api/v1/items/{item['id']}"
    call(f"{address}/submit", {}, tokens["editor"])
    for role in ROLES[1:4]:
        call(f"{address}/reviews", {"decision": "approve", "opinion": "同意", "revision": 1}, tokens[role])
    return str(item["id"])


def _widen_limits(service: Service) -> None:
    for account in call(f"{service.sandbox_url}/_sandbox/accounts"):
        wide = dict.fromkeys(account["limits"], 1_000_000)
        known = {"appid": account["appid"]} if account["channel"] == "wechat" else {"uid": account["uid"]}
        call(
            f"{service.sandbox_url}/_sandbox/accounts",
            {"channel": account["channel"], **known, "limits": wide},
        )


def _token(service: Service, role: str) -> str:
    command = [sys.executable, "-m", "outreach", "token", role]
    done = subprocess.run(command, env=service.environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
