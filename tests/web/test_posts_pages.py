"""发布 and 需要处理: what is seen of posts, and what is done about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.channels.service import pause_account
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import PostAction
from tests.builders import OfficeStory, claim, publish
from tests.web.conftest import Browser

TOLD = "标题里有不允许的文字，请修改后再发。"


async def move(office: Office, post: Post, action: PostAction, **changes: Any) -> Post:
    async with office.db.begin() as session:
        return await publishing.move(session, await session.get_one(Post, post.id), action, **changes)


async def failed(office: Office, story: OfficeStory, item: Item) -> Post:
    post = await claim(office, (await story.post(item)).id)
    async with office.db.begin() as session:
        await publishing.note_attempt(session, post, "a worker", "failed", TOLD, "87014")
    return await move(office, post, PostAction.FAIL, problem_code="87014", problem_message=TOLD)


async def left_to_a_person(office: Office, story: OfficeStory, item: Item) -> Post:
    post = await claim(office, (await story.post(item)).id)
    told = "文章已存入公众号的草稿箱。请登录微信公众平台点“发表”。"
    return await move(
        office, post, PostAction.SAVE_DRAFT_ONLY, problem_code="draft-only", problem_message=told
    )


@pytest.fixture
async def publisher(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    return browser


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


async def test_the_list_names_each_post_with_its_account_state_and_address(
    story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").published(accounts[0])
    page = await publisher.get("/posts")
    post = await story.post(item)
    assert item.title in page.text
    assert f'href="/posts/{post.id}"' in page.text
    assert accounts[0].name in page.text
    assert "已发布</span>" in page.text
    assert f'href="{post.url}" target="_blank" rel="noopener noreferrer"' in page.text


async def test_the_list_narrows_by_state_and_by_account(
    story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").planned(accounts[0], accounts[1])
    first, second = sorted(await story.posts(item), key=lambda post: post.account.number)
    await publish(story.office, first.id)
    page = await publisher.get("/posts?state=published")
    assert f"/posts/{first.id}" in page.text
    assert f"/posts/{second.id}" not in page.text
    page = await publisher.get(f"/posts?account={accounts[1].id}")
    assert f"/posts/{first.id}" not in page.text
    assert f"/posts/{second.id}" in page.text
    assert (await publisher.get("/posts?state=nonsense")).status == 200


async def test_a_long_list_goes_on_on_the_next_page(
    story: OfficeStory, publisher: Browser, accounts: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.web.pages.posts._ROWS", 1)
    for title in ("第一件处罚信息公开", "第二件处罚信息公开"):
        await story.item("penalty", title=title).planned(accounts[0])
    page = await publisher.get("/posts?state=planned")
    assert "第二件" in page.text
    assert "第一件" not in page.text
    after = page.text.partition("下一页")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    page = await publisher.get(after)
    assert "第一件" in page.text
    assert "回到第一页" in page.text
    assert "下一页" not in page.text


async def test_the_page_of_a_post_shows_what_is_sent(
    story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").planned(accounts[0], accounts[1])
    article, status = sorted(await story.posts(item), key=lambda post: post.account.number)
    page = await publisher.get(f"/posts/{article.id}")
    assert f'<iframe class="article-frame" src="/posts/{article.id}/article"' in page.text
    assert 'sandbox=""' in page.text
    frame = await publisher.get(f"/posts/{article.id}/article")
    assert item.title in frame.text
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert status.rendition["text"].split("】")[0] in (await publisher.get(f"/posts/{status.id}")).text
    assert (await publisher.client.get(f"/posts/{status.id}/picture")).content_type == "image/png"
    assert (await publisher.get(f"/posts/{status.id}/article")).status == 404


async def test_a_page_asks_for_its_state_until_it_is_final(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    item = await story.item("penalty").planned()
    post = await story.post(item)
    page = await publisher.get(f"/posts/{post.id}")
    assert 'hx-trigger="every 2s"' in page.text
    asked = page.text.partition('hx-get="')[2].partition('"')[0]
    as_htmx = {"HX-Request": "true"}
    assert (await publisher.get(asked, headers=as_htmx)).status == 204
    await publish(office, post.id)
    answer = await publisher.get(asked, headers=as_htmx)
    assert answer.status == 200
    assert "已发布" in answer.text
    assert "<html" not in answer.text
    assert "every 2s" not in answer.text


async def test_a_post_for_next_week_is_not_asked_for_every_two_seconds(
    story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").planned(accounts[0], at=clock.now() + timedelta(days=7))
    page = await publisher.get(f"/posts/{(await story.post(item)).id}")
    assert "every 2s" not in page.text
    assert "取消发布" in page.text


async def test_a_planned_post_is_cancelled(office: Office, story: OfficeStory, publisher: Browser) -> None:
    post = await story.post(await story.item("penalty").planned())
    await publisher.get(f"/posts/{post.id}")
    page = await publisher.post(f"/posts/{post.id}/cancel")
    assert page.path == f"/posts/{post.id}"
    assert "发布已取消。" in page.text
    assert "已取消</span>" in page.text
    assert "取消发布</button>" not in page.text


async def test_a_failed_post_is_sent_again(office: Office, story: OfficeStory, publisher: Browser) -> None:
    post = await failed(office, story, await story.item("penalty").planned())
    page = await publisher.get(f"/posts/{post.id}")
    assert TOLD in page.text
    assert "代码 87014" in page.text
    page = await publisher.post(f"/posts/{post.id}/retry")
    assert "待发送</span>" in page.text


async def test_what_is_no_longer_possible_is_told_above_the_buttons(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    post = await failed(office, story, await story.item("penalty").planned())
    await publisher.get(f"/posts/{post.id}")
    await move(office, post, PostAction.CANCEL)
    page = await publisher.post(f"/posts/{post.id}/retry")
    assert page.status == 409
    assert "发布件当前为“已取消”，不能重试。" in page.text


async def test_a_person_says_that_a_post_is_out(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    post = await left_to_a_person(office, story, await story.item("penalty").planned())
    page = await publisher.get(f"/posts/{post.id}")
    assert "草稿箱" in page.text
    local = clock.now().astimezone(office.settings.zone)
    page = await publisher.post(
        f"/posts/{post.id}/resolve",
        outcome="published",
        url="https://mp.weixin.qq.com/s/abc",
        published_at=f"{local:%Y-%m-%dT%H:%M}",
    )
    assert "已记录您的确认。" in page.text
    async with office.db.read() as session:
        settled = await session.get_one(Post, post.id)
    assert settled.state is PostState.PUBLISHED
    assert settled.url == "https://mp.weixin.qq.com/s/abc"
    assert settled.published_at == local.replace(second=0, microsecond=0)


async def test_a_person_says_that_a_post_is_not_out(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    post = await left_to_a_person(office, story, await story.item("penalty").planned())
    await publisher.get(f"/posts/{post.id}")
    page = await publisher.post(f"/posts/{post.id}/resolve", outcome="not_published")
    assert "待发送</span>" in page.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"url": "javascript:alert(1)"}, "链接应以 http:// 或 https:// 开头"),
        ({"published_at": "昨天"}, "请填写日期和时间"),
        ({"published_at": "9999-12-31T23:59-12:00"}, "请填写日期和时间"),
        ({"published_at": "2099-01-01T00:00"}, "发布时间不能晚于现在"),
        ({"outcome": "perhaps"}, "请点“确认已发布”或“确认未发布”"),
    ],
)
async def test_what_was_typed_wrong_is_told_and_kept(
    office: Office, story: OfficeStory, publisher: Browser, typed: dict[str, str], told: str
) -> None:
    post = await left_to_a_person(office, story, await story.item("penalty").planned())
    await publisher.get(f"/posts/{post.id}")
    page = await publisher.post(f"/posts/{post.id}/resolve", {"outcome": "published", **typed})
    assert page.status == 422
    assert told in page.text
    assert all(f'value="{value}"' in page.text for name, value in typed.items() if name != "outcome")
    async with office.db.read() as session:
        assert (await session.get_one(Post, post.id)).state is PostState.NEEDS_PERSON


async def test_only_a_publisher_has_buttons(office: Office, story: OfficeStory, browser: Browser) -> None:
    post = await failed(office, story, await story.item("penalty").planned())
    await browser.sign_in("editor")
    for path in (f"/posts/{post.id}", "/needs-attention"):
        page = await browser.get(path)
        assert TOLD in page.text
        assert "重试</button>" not in page.text
    assert (await browser.post(f"/posts/{post.id}/retry")).status == 403


async def test_a_post_of_another_section_is_not_found(
    story: OfficeStory, browser: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").planned()
    post = await story.post(item)
    await story.section("别的科室")
    await story.person(Role.EDITOR, name="外人", sections=["别的科室"])
    await browser.sign_in("外人")
    for path in ("", "/state", "/article", "/picture"):
        assert (await browser.get(f"/posts/{post.id}{path}")).status == 404
    assert item.title not in (await browser.get("/posts")).text


async def test_what_stands_still_is_listed_with_its_reason_and_its_button(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    post = await failed(office, story, await story.item("penalty").planned())
    page = await publisher.get("/needs-attention")
    assert TOLD in page.text
    page = await publisher.post(f"/posts/{post.id}/retry", back="/needs-attention")
    assert page.path == "/needs-attention"
    assert "没有需要处理的事" in page.text


async def test_nobody_is_led_to_another_site(office: Office, story: OfficeStory, publisher: Browser) -> None:
    post = await failed(office, story, await story.item("penalty").planned())
    await publisher.get("/needs-attention")
    page = await publisher.post(f"/posts/{post.id}/retry", back="https://elsewhere.example/", follow=False)
    assert page.headers["Location"] == "/"


async def test_what_needs_a_person_is_settled_where_it_is_listed(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    post = await left_to_a_person(office, story, await story.item("penalty").planned())
    page = await publisher.get("/needs-attention")
    assert "确认已发布</button>" in page.text
    page = await publisher.post(f"/posts/{post.id}/resolve", outcome="published", back="/needs-attention")
    assert page.path == "/needs-attention"


async def test_an_unclear_post_is_explained_and_has_no_button(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    post = await claim(office, (await story.post(await story.item("penalty").planned())).id)
    await move(office, post, PostAction.LOSE_ANSWER, problem_code="x", problem_message="平台没有回答。")
    page = await publisher.get("/needs-attention")
    assert "平台没有回答。" in page.text
    assert "不会重发" in page.text
    assert f'action="/posts/{post.id}/' not in page.text


async def test_a_late_post_is_listed_with_what_holds_it_up(
    office: Office, story: OfficeStory, publisher: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").planned(accounts[0])
    assert item.title not in (await publisher.get("/needs-attention")).text
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert "还没有进程来发送它" in (await publisher.get("/needs-attention")).text
        async with office.db.begin() as session:
            await pause_account(session, accounts[0].id, "AppSecret 不正确。")
        page = await publisher.get("/needs-attention")
    assert item.title in page.text
    assert "账号已暂停：AppSecret 不正确。" in page.text


async def test_a_post_that_waits_for_the_platform_is_late_though_its_next_try_is_to_come(
    office: Office, story: OfficeStory, publisher: Browser
) -> None:
    item = await story.item("penalty").planned()
    post = await claim(office, (await story.post(item)).id)
    told = "无法连接到平台，内容没有发出，稍后自动重试。"
    later = clock.now() + timedelta(minutes=10)
    await move(office, post, PostAction.TRY_LATER, due_at=later, problem_code="x", problem_message=told)
    with clock.at(clock.now() + timedelta(minutes=6)):
        page = await publisher.get("/needs-attention")
    assert item.title in page.text
    assert told in page.text


async def test_a_paused_account_is_resumed_by_an_administrator(
    office: Office, story: OfficeStory, browser: Browser, accounts: list[Account]
) -> None:
    async with office.db.begin() as session:
        await pause_account(session, accounts[0].id, "本机IP不在白名单中。")
    await story.person(Role.ADMIN)
    await browser.sign_in("admin")
    page = await browser.get("/needs-attention")
    assert "本机IP不在白名单中。" in page.text
    page = await browser.post(f"/accounts/{accounts[0].id}/resume", back="/needs-attention")
    assert "没有需要处理的事" in page.text
