"""Previews of an edition go to named followers, and their draft serves the push."""

from __future__ import annotations

import pytest

from outreach.foundation.problems import InvalidContent, NotPossible
from outreach.office.compose_edition import (
    compose_edition,
)
from outreach.office.preview_edition import send_previews
from tests.sandbox.platform import Platform
from tests.workers.desk import calls
from tests.workers.edition_desk import DRAFT_ADD, EditionDesk, on_sqlite


@on_sqlite
async def test_a_preview_goes_to_named_followers_and_its_draft_serves_the_push(desk: EditionDesk) -> None:
    (openid, *_) = await desk.sandbox.followers(0)
    await desk.composed("头条公示", "第二条公示")
    by = await desk.story.person("publisher")
    sent = await send_previews(desk.office, desk.id, by, [openid, "reader_01", "o" + "x" * 27])
    assert [one.problem is None for one in sent] == [True, True, False]
    assert "没有关注本公众号" in (sent[2].problem or "")
    shown = await desk.sandbox.control("wechat/messages")
    assert [one["kind"] for one in shown] == ["preview", "preview"]
    draft = (await desk.fresh()).media_id
    await desk.plan()
    await desk.push()
    assert (await desk.fresh()).media_id == draft
    assert await calls(desk.sandbox, DRAFT_ADD) == 1
    with pytest.raises(NotPossible, match="不能再发送预览"):
        await send_previews(desk.office, desk.id, by, [openid])


@on_sqlite
async def test_what_was_changed_after_a_preview_is_what_goes_out_and_no_draft_is_left_behind(
    desk: EditionDesk,
) -> None:
    (openid, *_) = await desk.sandbox.followers(0)
    await desk.composed("头条公示", "第二条公示")
    by = await desk.story.person("publisher")
    await send_previews(desk.office, desk.id, by, [openid])
    first, second = await desk.posts()
    await compose_edition(desk.office, desk.id, by, [second.item_id, first.item_id], version=None)
    await desk.plan()
    await desk.push()
    (push,) = await desk.pushes()
    assert [one["title"] for one in push["articles"]] == ["第二条公示", "头条公示"]
    assert (await desk.sandbox.query("/cgi-bin/draft/count"))["total_count"] == 0


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "told"),
    [([], "请填写"), (["张三"], "既不像微信号"), ([f"reader_{n}" for n in range(11)], "最多发给 10 人")],
)
async def test_a_preview_needs_somebody_to_go_to(desk: EditionDesk, typed: list[str], told: str) -> None:
    await desk.composed("头条公示")
    with pytest.raises(InvalidContent, match=told):
        await send_previews(desk.office, desk.id, await desk.story.person("publisher"), typed)


async def _ended(sandbox: Platform, msg_id: str) -> bool:
    return await sandbox.ended(int(msg_id)) == "SEND_SUCCESS"


async def _struck(sandbox: Platform) -> bool:
    return all(fault["left"] == 0 for fault in await sandbox.control("faults"))


async def _called(sandbox: Platform, path: str) -> bool:
    return await calls(sandbox, path) > 0
