"""信息: the list of items, narrowed down and leafed through."""

from __future__ import annotations

import html
import re

import pytest

from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser


def titles_in(page: str) -> list[str]:
    return re.findall(r'<a class="text-break fw-medium" href="/items/[^"]+">([^<]*)</a>', page)


@pytest.fixture
async def editor(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    return browser


async def test_the_list_tells_of_each_item_what_it_is_and_where_it_stands(
    story: OfficeStory, editor: Browser
) -> None:
    item = await story.item("penalty", formed_on="2025-03-03").submitted()
    page = (await editor.get("/items")).text
    assert f'href="/items/{item.id}"' in page
    for words in (item.title, "行政处罚", item.section.name, "科室审核", "2025年3月3日", "共 1 条"):
        assert words in page
    assert f"{item.deadline.year}年{item.deadline.month}月{item.deadline.day}日" in page


async def test_the_list_narrows_by_text_kind_section_and_state(story: OfficeStory, editor: Browser) -> None:
    penalty = await story.item("penalty", title="某厂行政处罚信息公开", source_id="no-17")
    event = await story.item("event", title="世界环境日活动预告").submitted()
    narrowed = {
        "text=处罚信息": penalty,
        "text=no-17": penalty,
        "kind=event": event,
        f"section={penalty.section.name}&kind=penalty": penalty,
        "state=draft": penalty,
        "state=in_review": event,
    }
    for query, only in narrowed.items():
        page = (await editor.get(f"/items?{query}")).text
        assert titles_in(page) == [only.title], query
        assert "共 1 条符合条件的信息" in page
    page = (await editor.get("/items?state=draft&text=没有")).text
    assert "没有符合条件的信息。" in page
    assert '<option value="draft" selected>' in page
    assert len(titles_in((await editor.get("/items?kind=nonsense&text=%00")).text)) == 2


async def test_a_long_list_goes_on_on_the_next_page_with_the_same_filters(
    story: OfficeStory, editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.web.pages.items_list._ROWS", 2)
    for number in range(3):
        await story.item("penalty", title=f"第{number}件处罚信息公开")
    await story.item("event")
    page = (await editor.get("/items?kind=penalty")).text
    assert [title[:3] for title in titles_in(page)] == ["第2件", "第1件"]
    assert "共 3 条" in page
    after = re.search(r'href="([^"]+)">下一页', page)
    assert after is not None
    page = (await editor.get(html.unescape(after[1]))).text
    assert [title[:3] for title in titles_in(page)] == ["第0件"]
    assert "回到第一页" in page
    assert "下一页" not in page


async def test_many_items_are_counted_only_so_far(
    story: OfficeStory, editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.web.pages.items_list._COUNTED", 2)
    for _ in range(2):
        await story.item("penalty")
    assert "共 2 条" in (await editor.get("/items")).text
    await story.item("penalty")
    assert "超过 2 条" in (await editor.get("/items")).text
    assert (
        "共 1 条符合条件的信息" in (await editor.get(f"/items?text={(await story.item('event')).title}")).text
    )


async def test_only_editors_find_the_ways_to_write(story: OfficeStory, browser: Browser) -> None:
    for role in (Role.EDITOR, Role.AUDITOR):
        person = await story.person(role)
        await browser.sign_in(person.name)
        page = (await browser.get("/items")).text
        for way in ("/items/import", "/items/new?kind=penalty", "/items/new?kind=eia_notice"):
            assert (f'href="{way}"' in page) is (role is Role.EDITOR)


async def test_nobody_sees_another_sections_items(story: OfficeStory, browser: Browser) -> None:
    await story.item("penalty")
    await story.section("水生态环境科")
    await story.person(Role.SECTION_HEAD, sections=["水生态环境科"])
    await browser.sign_in("section_head")
    page = (await browser.get("/items")).text
    assert titles_in(page) == []
    assert "还没有信息。" in page
    assert re.findall(r'<option value="([^"]+科)"', page) == ["水生态环境科"]


async def test_a_title_is_text_and_never_markup(story: OfficeStory, editor: Browser) -> None:
    await story.item("penalty", title="<script>alert(1)</script>处罚信息")
    page = (await editor.get("/items?text=<script>")).text
    assert "<script>alert" not in page
    assert titles_in(page) == ["&lt;script&gt;alert(1)&lt;/script&gt;处罚信息"]
