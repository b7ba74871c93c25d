"""推送: an edition is composed, moved about by buttons alone, planned; what keeps it stands under 需要处理."""

from __future__ import annotations

import re

import pytest

from outreach.channels.model import Account
from outreach.items.model import Item
from outreach.office.compose_edition import create_edition
from outreach.publishing.editions.model import Edition
from outreach.publishing.editions.rules import EditionAction
from outreach.publishing.editions.service import states
from tests.builders import OfficeStory
from tests.web.conftest import Browser, Page

pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
async def publisher(story: OfficeStory, browser: Browser) -> Browser:
    await story.person("publisher")
    await browser.sign_in("publisher")
    return browser


@pytest.fixture
async def wechat(story: OfficeStory) -> Account:
    return (await story.accounts())[0]


@pytest.fixture
async def items(story: OfficeStory) -> list[Item]:
    """Two approved items."""
    return [await story.item(title=title).approved() for title in ("头条公示", "第二条公示")]


def shown(page: Page) -> list[str]:
    """The titles as they stand on the phone."""
    return re.findall(r'class="wechat-(?:head|row)-title">([^<]+)<', page.text)


def hidden(page: Page, name: str) -> list[str]:
    return re.findall(f'type="hidden" name="{name}" value="([^"]+)"', page.text)


async def test_an_edition_is_composed_without_a_script_and_planned(
    story: OfficeStory, publisher: Browser, wechat: Account, items: list[Item]
) -> None:
    page = await publisher.get("/editions")
    assert "还没有推送" in page.text
    page = await publisher.post("/editions", account=wechat.id)
    path = page.path
    assert "还没有文章" in page.text
    version = hidden(page, "version")[0]
    page = await publisher.post(f"{path}/articles", version=version, add=[one.id for one in items])
    assert shown(page) == ["头条公示", "第二条公示"]
    version = hidden(page, "version")[0]
    ids = [one.id for one in items]
    page = await publisher.post(f"{path}/articles", version=version, items=ids, act=f"up:{items[1].id}")
    assert shown(page) == ["第二条公示", "头条公示"]
    stale = await publisher.post(f"{path}/articles", version=version, items=ids)
    assert stale.status == 412
    assert "刚被他人更改" in stale.text
    assert shown(stale) == ["第二条公示", "头条公示"]

    version = hidden(page, "version")[0]
    page = await publisher.post(f"{path}/push", version=version, at="2020-01-01T08:00")
    assert page.status == 422
    assert 'value="2020-01-01T08:00"' in page.text
    assert "发布时间已经过去" in page.text
    page = await publisher.post(f"{path}/preview", to="张三，reader_01")
    assert page.status == 422
    assert "张三，reader_01</textarea>" in page.text
    page = await publisher.post(f"{path}/push", version=version)
    assert "已安排群发。" in page.text
    assert "待群发</span>" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    assert (await publisher.get(re.findall(r'hx-get="([^"]+)"', page.text)[0])).status == 204
    assert "第二条公示" in (await publisher.get("/editions?state=planned")).text
    item_page = await publisher.get(f"/items/{items[0].id}")
    assert f'<a href="{path}">随推送发出</a>' in item_page.text
    assert "已编入推送" in item_page.text
    post = (await story.posts(items[0]))[0]
    page = await publisher.get(f"/posts/{post.id}")
    assert f'<a href="{path}">随推送发出</a>（第 2 篇）' in page.text
    assert "取消发布</button>" not in page.text
    page = await publisher.post(f"{path}/recompose")
    assert "已退回编排。" in page.text
    page = await publisher.post(f"{path}/cancel")
    assert "已作废</span>" in page.text


async def test_what_keeps_an_edition_is_told_with_the_way_out(
    story: OfficeStory, publisher: Browser, wechat: Account, items: list[Item]
) -> None:
    person = await story.person("publisher")
    edition = await create_edition(story.office, person, wechat.id, [one.id for one in items])
    async with story.office.db.begin() as session:
        row = await session.get_one(Edition, edition.id)
        await states.plan(session, row, person, None)
        await states.move(session, row, EditionAction.CLAIM, lease_holder="a worker:1")
        await states.move(session, row, EditionAction.LOSE_ANSWER)
        await states.move(session, row, EditionAction.GIVE_UP_LOOKING, problem_message="微信没有给出结果。")
    page = await publisher.get("/needs-attention")
    assert "停下来的推送" in page.text
    assert "微信没有给出结果。" in page.text
    assert "停下来的发布件" not in page.text
    page = await publisher.post(f"/editions/{edition.id}/resolve", outcome="published", url="nonsense")
    assert page.status == 422
    assert 'value="nonsense"' in page.text
    page = await publisher.post(f"/editions/{edition.id}/resolve", outcome="not_published")
    assert "编排中</span>" in page.text
    assert shown(page) == ["头条公示", "第二条公示"]


async def test_whoever_does_not_publish_reads_and_has_no_buttons(
    story: OfficeStory, browser: Browser, wechat: Account, items: list[Item]
) -> None:
    edition = await create_edition(
        story.office, await story.person("publisher"), wechat.id, [one.id for one in items]
    )
    await browser.sign_in("editor")
    page = await browser.get(f"/editions/{edition.id}")
    assert shown(page) == ["头条公示", "第二条公示"]
    assert "<button" not in page.text.partition('id="edition"')[2]
    assert (await browser.post(f"/editions/{edition.id}/cancel")).status == 403
