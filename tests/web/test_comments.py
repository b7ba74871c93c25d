"""段落意见: what is said of a passage is told beside the text until a writer has settled it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from outreach.items.model import Item
from outreach.office.write_item import edit_item
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

NewBrowser = Callable[[], Browser]
BODY = "本次活动在市民广场举行，欢迎参加。"


@pytest.fixture
async def item(story: OfficeStory) -> Item:
    return await story.item("event", body=BODY).submitted()


async def at_item(story: OfficeStory, new_browser: NewBrowser, role: Role, item: Item) -> Browser:
    """The usual person of that role with the item's page before them."""
    await story.person(role)
    browser = new_browser()
    await browser.sign_in(role.value)
    await browser.get(f"/items/{item.id}")
    return browser


def comments(page: str) -> str:
    """The part of the page with the comments."""
    return page.partition('id="comments"')[2].partition("对一段文字提意见")[0]


async def say(browser: Browser, item: Item, quote: str, comment: str = "请写全称。") -> tuple[int, str]:
    page = await browser.post(
        f"/items/{item.id}/comments", revision="1", field="body", quote=quote, comment=comment
    )
    return page.status, page.text


async def test_a_reviewer_says_something_of_a_passage_and_the_writer_settles_it(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    reviewer = await at_item(story, new_browser, Role.SECTION_HEAD, item)
    status, page = await say(reviewer, item, "市民广场")
    assert status == 200 and "意见已提出" in page
    writer = await at_item(story, new_browser, Role.EDITOR, item)
    page = (await writer.get(f"/items/{item.id}")).text
    for words in ("<strong>正文</strong>", ">市民广场</blockquote>", "请写全称。", "section_head", "待处理"):
        assert words in comments(page)
    action = re.search(r'action="(/items/[^"]+/settle)"', page)
    assert action
    page = (await writer.post(action[1])).text
    assert "已处理" in comments(page) and "待处理" not in comments(page)
    assert (await writer.post(action[1])).status == 409


async def test_where_the_passage_was_changed_that_is_told(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    await say(await at_item(story, new_browser, Role.SECTION_HEAD, item), item, "市民广场")
    async with story.office.db.begin() as session:
        writer = await story.person(Role.EDITOR)
        await edit_item(session, item.id, writer, {"body": "活动改在集宁区市民广场。"}, version=item.version)
    browser = await at_item(story, new_browser, Role.EDITOR, item)
    page = comments((await browser.get(f"/items/{item.id}")).text)
    assert "所指的文字已经改动" in page and "请写全称。" in page


async def test_what_is_not_in_the_text_or_says_nothing_is_refused(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    reviewer = await at_item(story, new_browser, Role.SECTION_HEAD, item)
    status, page = await say(reviewer, item, "体育场")
    assert status == 422 and "没有这几个字" in page and "体育场" in page
    status, page = await say(reviewer, item, "市民广场", "")
    assert status == 422 and "请填写意见" in page
    status, page = await say(reviewer, item, "市民广场", "密级：机密★10年")
    assert status == 422 and "密级标志" in page


async def test_only_writers_and_reviewers_comment_and_only_while_the_text_can_change(
    story: OfficeStory, new_browser: NewBrowser, item: Item
) -> None:
    publisher = await at_item(story, new_browser, Role.PUBLISHER, item)
    assert (await say(publisher, item, "市民广场"))[0] == 403
    published = await story.item("event", body=BODY).published(*(await story.accounts())[:1])
    writer = await at_item(story, new_browser, Role.EDITOR, published)
    assert (await say(writer, published, "市民广场"))[0] == 409
