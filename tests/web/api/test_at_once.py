"""The same asked for at the same moment: it is done once, and whoever came second learns what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable

from outreach.items.model import ItemState
from tests.builders import OfficeStory
from tests.items import builders as samples
from tests.web.api.conftest import PDF, Answer, As

AT_ONCE = 5


async def at_once(*calls: Awaitable[Answer]) -> list[Answer]:
    return list(await asyncio.gather(*calls))


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


async def test_of_changes_to_one_version_one_is_kept(story: OfficeStory, as_: As) -> None:
    item, editor = await story.item(), await as_("editor")
    answers = await at_once(
        *(editor.patch(f"/items/{item.id}", {"title": f"标题{n}"}, item.version) for n in range(AT_ONCE))
    )
    assert statuses(answers) == [200, 412, 412, 412, 412]
    (kept,) = [answer.body["title"] for answer in answers if answer.status == 200]
    assert (await story.fresh(item)).title == kept


async def test_an_item_is_handed_in_once(story: OfficeStory, as_: As) -> None:
    item, editor = await story.item(), await as_("editor")
    answers = await at_once(*(editor.post(f"/items/{item.id}/submit") for _ in range(AT_ONCE)))
    assert statuses(answers) == [200, 409, 409, 409, 409]
    assert (await story.fresh(item)).state is ItemState.IN_REVIEW


async def test_an_account_gets_one_post_and_all_are_told_of_it(story: OfficeStory, as_: As) -> None:
    item, publisher = await story.item().approved(), await as_("publisher")
    accounts = {"accounts": [account.id for account in await story.accounts()]}
    answers = await at_once(*(publisher.post(f"/items/{item.id}/posts", accounts) for _ in range(AT_ONCE)))
    assert statuses(answers) == [200, 200, 200, 200, 201]
    planned = [[post["id"] for post in answer.body["items"]] for answer in answers]
    assert planned == [planned[0]] * AT_ONCE


async def test_files_that_come_together_are_all_kept(story: OfficeStory, as_: As) -> None:
    item, editor = await story.item(), await as_("editor")
    names = [f"附件{number}.pdf" for number in range(AT_ONCE)]
    answers = await at_once(*(editor.upload(f"/items/{item.id}/attachments", (name, PDF)) for name in names))
    assert statuses(answers) == [201] * AT_ONCE
    assert sorted(one.name for one in (await story.fresh(item)).attachments) == names


async def test_an_item_is_discarded_once(story: OfficeStory, as_: As) -> None:
    item, editor = await story.item(), await as_("editor")
    answers = await at_once(*(editor.post(f"/items/{item.id}/discard") for _ in range(AT_ONCE)))
    assert statuses(answers) == [204, 404, 404, 404, 404]


async def test_the_same_rows_in_another_order_come_in_once(story: OfficeStory, as_: As) -> None:
    await story.section(samples.item("penalty")["section"])
    editor = await as_("editor")
    rows = [samples.item("penalty", source_id=f"row-{n}", attachments=[]) for n in range(20)]
    files = [("\n".join(map(json.dumps, some))).encode() for some in (rows, rows[::-1])] * 2
    answers = await at_once(*(editor.upload("/imports", ("items.jsonl", file)) for file in files))
    assert statuses(answers) == [200] * len(files)
    assert sum(answer.body["counts"]["created"] for answer in answers) == len(rows)
