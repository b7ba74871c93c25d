"""The public page: what goes out and nothing else, to anybody, without a trace of the back office."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from outreach.channels.model import Account
from outreach.foundation import office_settings
from outreach.items import service as items
from outreach.items.model import Item, Revision
from outreach.items.rules import ItemAction, content_hash
from outreach.office.confirm_post import remove_post
from outreach.office.context import Office
from outreach.office.plan_posts import plan_posts
from outreach.office.resolve_post import cancel_post
from outreach.office.write_item import attach_file
from outreach.people.model import Role
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from tests.builders import ItemStory, OfficeStory, claim, publish
from tests.screening.documents import pdf
from tests.web.conftest import Browser

PDF = pdf()
BODY = "公开的正文。\n\n| 项目 | 金额 |\n|---|--:|\n| 罚款 | 1 |\n\n<script>alert(1)</script>"


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


def address(item: Item) -> str:
    return f"/p/{item.public_id}"


def png(colour: str = "green") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(content, "PNG")
    return content.getvalue()


def with_files(story: OfficeStory, told: ItemStory, files: dict[str, bytes]) -> ItemStory:
    """The item's story with these files uploaded before it goes on."""

    async def step(item: Item) -> Item:
        editor = await story.person(Role.EDITOR)
        for name, content in files.items():
            await attach_file(story.office, item.id, editor, name=name, content=content)
        return await story.fresh(item)

    return told._then(step)


async def taken_down(office: Office, story: OfficeStory, item: Item, reason: str) -> None:
    async with office.db.begin() as session:
        post = await session.get_one(Post, (await story.post(item)).id)
        await remove_post(session, post, reason, office.settings.zone)


async def test_it_opens_when_the_first_post_is_claimed(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty").planned()
    page = await browser.get(address(item))
    assert page.status == 404
    assert item.title not in page.text
    await claim(office, (await story.post(item)).id)
    page = await browser.get(address(item))
    assert page.status == 200
    assert f"<h1>{item.title}</h1>" in page.text
    assert page.headers["Cache-Control"] == "public, max-age=60"
    assert 'content="index, follow, noarchive"' in page.text


async def test_it_shows_bureau_section_days_and_the_body_safely(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty", body=BODY, formed_on="2026-03-01").published()
    page = await browser.get(address(item))
    async with office.db.read() as session:
        assert (await office_settings.load(session)).bureau in page.text
    assert f"责任科室：{item.section.name}" in page.text
    assert "形成日期：2026年3月1日" in page.text
    assert "公开的正文。" in page.text
    assert '<td class="align-right">1</td>' in page.text
    assert "style=" not in page.text
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_it_knows_nobody_and_keeps_nothing(story: OfficeStory, browser: Browser) -> None:
    item = await story.item("penalty").published()
    await browser.sign_in("editor")
    for path in (address(item), "/p/unknown"):
        page = await browser.get(path)
        assert "Set-Cookie" not in page.headers
        assert "/queue" not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_unknown_address_is_told_in_the_same_look(browser: Browser) -> None:
    page = await browser.get("/p/unknown")
    assert page.status == 404
    assert "没有这个页面" in page.text
    assert "public.css" in page.text
    assert 'content="noindex"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert (await browser.get("/p/unknown/files/a.pdf")).status == 404


async def test_a_withdrawn_item_is_gone_with_the_reason(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    told = with_files(story, story.item("penalty"), {"决定书.pdf": PDF})
    item = await told.published()
    await taken_down(office, story, item, "处罚决定已依法变更。")
    for path in (address(item), f"{address(item)}/files/{quote('决定书.pdf')}"):
        page = await browser.get(path)
        assert page.status == 410
        assert "原因：处罚决定已依法变更。" in page.text
        assert item.title not in page.text


async def test_a_sealed_item_tells_nothing_of_itself(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty").published()
    draft = await story.item("penalty", title="尚未公开的信息")
    async with office.db.begin() as session:
        for one in (item, draft):
            await items.move(session, await session.get_one(Item, one.id), ItemAction.SEAL)
    page = await browser.get(address(item))
    assert page.status == 410
    assert item.title not in page.text
    assert (await browser.get(address(draft))).status == 404


async def test_one_of_two_posts_keeps_it_open(
    office: Office, story: OfficeStory, browser: Browser, accounts: list[Account]
) -> None:
    item = await story.item("penalty").published(accounts[0], accounts[1])
    first, _ = await story.posts(item)
    async with office.db.begin() as session:
        await remove_post(session, await session.get_one(Post, first.id), "平台删除。", office.settings.zone)
    assert (await browser.get(address(item))).status == 200


async def failed_and_cancelled(office: Office, story: OfficeStory, item: Item) -> None:
    post = await claim(office, (await story.post(item)).id)
    async with office.db.begin() as session:
        await publishing.move(session, await session.get_one(Post, post.id), PostAction.FAIL)
        await cancel_post(session, post.id, await story.person(Role.PUBLISHER))


async def test_an_edit_is_seen_only_when_its_own_post_is_claimed(
    office: Office, story: OfficeStory, browser: Browser, accounts: list[Account]
) -> None:
    async def step(item: Item) -> Item:
        await failed_and_cancelled(office, story, item)
        return await story.fresh(item)

    first = "第一版的正文。"
    item = (
        await story.item("penalty", body=first).planned()._then(step).edited(body="第二版的正文。").approved()
    )
    assert (await browser.get(address(item))).status == 404
    publisher = await story.person(Role.PUBLISHER)
    ((post,), _) = await plan_posts(office, item.id, publisher, [accounts[0].id], None)
    assert (await browser.get(address(item))).status == 404
    await publish(office, post.id)
    page = await browser.get(address(item))
    assert "第二版的正文。" in page.text
    assert first not in page.text


async def test_what_was_written_behind_the_revision_is_not_shown(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty").published()
    async with office.db.begin() as session:
        stored = await session.get_one(Item, item.id)
        stored.title, stored.body, stored.fields = "改过的标题", "改过的正文", {"extra": {"备注": "改过的"}}
    page = await browser.get(address(item))
    assert item.title in page.text
    assert "改过的" not in page.text


async def test_without_a_body_the_fields_stand_in_a_table(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await story.item("penalty", body="有正文。").published()
    assert 'scope="row"' not in (await browser.get(address(item))).text
    async with office.db.begin() as session:
        revision = await session.get_one(Revision, (item.id, item.revision))
        revision.snapshot = {**revision.snapshot, "body": ""}
        revision.content_hash = content_hash(revision.snapshot)
    assert 'scope="row"' in (await browser.get(address(item))).text


async def test_files_of_the_revision_are_served_as_what_they_are(
    story: OfficeStory, browser: Browser
) -> None:
    files = {"决定书.pdf": PDF, "现场.png": png(), "另一张.png": png("blue")}
    told = with_files(story, story.item("penalty", body="正文。\n\n![现场](现场.png)"), files)
    item = await told.published()
    page = await browser.get(address(item))
    picture = f"{address(item)}/files/{quote('现场.png')}"
    assert f'<img src="{picture}" alt="现场">' in page.text
    assert f'href="{picture}"' not in page.text
    for name, media_type, how in (
        ("决定书.pdf", "application/pdf", "attachment"),
        ("现场.png", "image/png", "inline"),
        ("另一张.png", "image/png", "inline"),
    ):
        async with browser.client.get(f"{address(item)}/files/{quote(name)}") as response:
            assert await response.read() == files[name]
            assert response.content_type == media_type
            assert response.headers["Content-Disposition"] == f"{how}; filename*=UTF-8''{quote(name)}"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert f'href="{address(item)}/files/{quote("决定书.pdf")}"' in page.text


async def test_only_files_of_the_revision_are_served(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    item = await with_files(story, story.item("penalty"), {"决定书.pdf": PDF}).published()
    other = await with_files(story, story.item("penalty", title="另一条"), {"内部.pdf": PDF + b" "})
    for path in ("内部.pdf", "决定书.docx", "../决定书.pdf", quote("../../secret_key", safe="")):
        assert (await browser.get(f"{address(item)}/files/{path}")).status == 404
    assert (await browser.get(f"{address(other)}/files/{quote('内部.pdf')}")).status == 404


async def test_asking_for_the_head_alone_works(story: OfficeStory, browser: Browser) -> None:
    item = await with_files(story, story.item("penalty"), {"决定书.pdf": PDF}).published()
    for path, status in (
        (address(item), 200),
        (f"{address(item)}/files/{quote('决定书.pdf')}", 200),
        ("/p/unknown", 404),
    ):
        async with browser.client.head(path) as response:
            assert response.status == status
            assert await response.read() == b""
            assert int(response.headers["Content-Length"]) > 0


async def test_a_correction_and_what_it_corrects_lead_to_each_other(
    office: Office, story: OfficeStory, browser: Browser
) -> None:
    wrong = await story.item("penalty", title="写错了的处罚信息").published()
    right = await story.item("penalty", title="更正后的处罚信息", corrects=wrong.id).planned()
    assert "更正" not in (await browser.get(address(wrong))).text
    await publish(office, (await story.post(right)).id)
    page = await browser.get(address(wrong))
    assert f'href="{address(right)}">更正后的处罚信息</a>' in page.text
    page = await browser.get(address(right))
    assert f'href="{address(wrong)}">《写错了的处罚信息》</a>' in page.text
    await taken_down(office, story, wrong, "已更正。")
    page = await browser.get(address(right))
    assert "本文更正此前发布的信息" in page.text
    assert "写错了的处罚信息" not in page.text


async def test_a_repost_names_its_source(story: OfficeStory, browser: Browser) -> None:
    told: dict[str, Any] = {
        "origin": "repost",
        "repost_source": "新华社",
        "repost_url": "https://x.example/1",
    }
    item = await story.item("event", **told).published()
    page = await browser.get(address(item))
    assert "来源：新华社" in page.text
    assert 'href="https://x.example/1"' in page.text
