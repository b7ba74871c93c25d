"""撤回 and 发更正 on the pages of a post and of an item."""

from __future__ import annotations

import pytest

from outreach.channels.model import Account
from outreach.channels.service import pause_account
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.servers import Sqlite
from tests.web.conftest import Browser

REASON = "处罚决定已被依法撤销。"


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What depends on the database is tried with the workers."""
    return sqlite


@pytest.fixture
async def publisher(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    return browser


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


async def test_one_post_is_withdrawn_on_its_page_and_its_paused_account_is_told(
    office: Office, story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item().published(accounts[0], accounts[1])
    post = next(one for one in await story.posts(item) if one.account_id == accounts[0].id)
    await publisher.get(f"/posts/{post.id}")
    page = await publisher.post(f"/posts/{post.id}/withdraw", reason=" ")
    assert (page.status, "请填写撤回的原因" in page.text) == (422, True)
    async with office.db.begin() as session:
        await pause_account(session, accounts[0].id, "服务器的 IP 不在白名单中。")
    page = await publisher.post(f"/posts/{post.id}/withdraw", reason=REASON)
    assert "已开始撤回" in page.text
    assert "账号已暂停，恢复后才会撤回" in page.text
    assert REASON in page.text
    page = await publisher.get("/needs-attention")
    assert "还没有撤回的发布件" in page.text
    assert "恢复后自动撤回" in page.text
    assert (await publisher.get(f"/p/{item.public_id}")).status == 200


async def test_all_of_an_item_is_withdrawn_on_its_page(
    story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item().published(accounts[1])
    page = await publisher.get(f"/items/{item.id}")
    assert f"须人工删除：{accounts[1].name}（微博）" in page.text
    page = await publisher.post(f"/items/{item.id}/withdraw", withdraw_reason="机密★10年")
    assert (page.status, "密级标志" in page.text) == (422, True)
    page = await publisher.post(f"/items/{item.id}/withdraw", withdraw_reason=REASON)
    assert "正在撤回，公开页已停止公开。" in page.text
    public = await publisher.get(f"/p/{item.public_id}")
    assert (public.status, REASON in public.text) == (410, True)
    post = await story.post(item)
    page = await publisher.get("/needs-attention")
    assert "确认已撤回" in page.text
    assert post.url is not None and f'href="{post.url}"' in page.text
    await publisher.post(f"/posts/{post.id}/resolve", outcome="withdrawn", back="/needs-attention")
    assert (await story.post(item)).state is PostState.WITHDRAWN
    page = await publisher.get(f"/items/{item.id}")
    assert "已撤回" in page.text


async def test_what_is_kept_after_all_is_public_again(
    story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item().published(accounts[1])
    await publisher.get(f"/items/{item.id}")
    await publisher.post(f"/items/{item.id}/withdraw", withdraw_reason=REASON)
    page = await publisher.post(f"/posts/{(await story.post(item)).id}/resolve", outcome="published")
    assert "不再撤回" in page.text
    assert (await publisher.get(f"/p/{item.public_id}")).status == 200


async def test_the_editor_sees_and_sets_the_day(story: OfficeStory, browser: Browser) -> None:
    item = await story.item(fields={"publish_until": "2099-05-01"}).published()
    await browser.sign_in("editor")
    page = await browser.get(f"/items/{item.id}")
    assert "2099年5月1日零时起自动撤回" in page.text
    page = await browser.post(
        f"/items/{item.id}/withdrawal-days", publish_until="2099-05-01", credit_repaired_on="bald"
    )
    assert (page.status, 'value="bald"' in page.text) == (422, True)
    page = await browser.post(
        f"/items/{item.id}/withdrawal-days", publish_until="2099-05-01", credit_repaired_on="2098-02-03"
    )
    assert "2098年2月3日零时起自动撤回" in page.text
    assert "信用修复" in page.text


async def test_a_correction_begins_with_what_it_corrects(story: OfficeStory, browser: Browser) -> None:
    wrong = await story.item(title="写错了的处罚信息").published()
    draft = await story.item()
    await browser.sign_in("editor")
    assert f'href="/items/new?corrects={wrong.id}"' in (await browser.get(f"/items/{wrong.id}")).text
    assert (await browser.get(f"/items/new?corrects={draft.id}")).status == 409
    page = await browser.get(f"/items/new?corrects={wrong.id}")
    for told in ("更正：写错了的处罚信息", f'value="{wrong.id}"', wrong.fields["party"]):
        assert told in page.text
    right = await story.item(title="更正：处罚信息", corrects=wrong.id)
    page = await browser.get(f"/items/{wrong.id}")
    assert f'<dt>被更正</dt><dd><a href="/items/{right.id}">' in page.text
    assert f'href="/items/{wrong.id}">写错了的处罚信息' in (await browser.get(f"/items/{right.id}")).text
