"""应急发布 on the pages: typed in, on top of each queue, planned with one press, owed by the section."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from outreach.foundation import clock
from outreach.items.model import Item, Stage
from outreach.office.review_item import decide
from outreach.office.submit_item import submit_item
from outreach.people.model import Role
from outreach.review.model import DecisionKind
from outreach.review.service import Grounds, Verdict
from tests.builders import OfficeStory, publish
from tests.web.conftest import Browser
from tests.web.test_queue_page import group, links_in

NewBrowser = Callable[[], Browser]
GROUNDS = Grounds("橙色预警已启动。", "乌政办发电〔2026〕12号")
TITLE = "重污染天气橙色预警"


@pytest.fixture
def database_server(sqlite: object) -> object:
    """What is stored is tried by the API, on both databases."""
    return sqlite


async def emergency(story: OfficeStory, *approved_by: Role) -> Item:
    draft = await story.item("event", title=TITLE, body="请减少户外活动。")
    await submit_item(story.office, draft.id, await story.person(Role.EDITOR), emergency=GROUNDS)
    for role in approved_by:
        async with story.office.db.begin() as session:
            by = await story.person(role)
            await decide(
                session, draft.id, by, Verdict(DecisionKind.APPROVE), revision=1, zone=clock.SHANGHAI
            )
    return await story.fresh(draft)


async def at_desk(story: OfficeStory, new_browser: NewBrowser, role: Role) -> Browser:
    await story.person(role)
    browser = new_browser()
    await browser.sign_in(role.value)
    return browser


async def test_the_editor_types_reason_and_document(story: OfficeStory, new_browser: NewBrowser) -> None:
    item = await story.item("event", title=TITLE)
    editor = await at_desk(story, new_browser, Role.EDITOR)
    assert "应急发布…" in (await editor.get(f"/items/{item.id}")).text
    refused = await editor.post(
        f"/items/{item.id}/emergency",
        {"emergency.reason": "橙色预警已启动。", "emergency.authority_document": ""},
    )
    assert (
        refused.status == 422
        and "请填写上级或政府的依据文件" in refused.text
        and "橙色预警已启动。" in refused.text
    )
    taken = await editor.post(
        f"/items/{item.id}/emergency",
        {"emergency.reason": "橙色预警已启动。", "emergency.authority_document": "12号"},
    )
    assert "已提交应急发布" in taken.text and "还剩 23 小时 59 分" in taken.text
    assert (await story.fresh(item)).stage is Stage.CONFIDENTIALITY
    reviewer = await at_desk(story, new_browser, Role.CONFIDENTIALITY_REVIEWER)
    await reviewer.get(f"/items/{item.id}")
    await reviewer.post(f"/items/{item.id}/reviews", decision="return", opinion="请删去住址。", revision="1")
    assert "应急发布…" in (await editor.get(f"/items/{item.id}")).text


async def test_it_stands_on_top_of_the_queues_and_one_press_plans_it_everywhere(
    story: OfficeStory, new_browser: NewBrowser
) -> None:
    await story.accounts()
    with clock.at(clock.now() - timedelta(days=1), running=True):
        await story.item("penalty", title="先到的处罚").submitted().approved_by(Role.SECTION_HEAD)
        await story.item("penalty", title="先签发的处罚").approved()
    item = await emergency(story)
    reviewer = await at_desk(story, new_browser, Role.CONFIDENTIALITY_REVIEWER)
    page = (await reviewer.get("/queue")).text
    assert [title for _, title in links_in(group(page, "review"))] == [TITLE, "先到的处罚"]
    assert "有 1 条应急信息等您处理" in page and "应急</span>" in group(page, "review")
    await reviewer.post(f"/items/{item.id}/reviews", decision="approve", revision="1")
    signatory = await at_desk(story, new_browser, Role.SIGNATORY)
    await signatory.get("/queue")
    await signatory.post(f"/items/{item.id}/reviews", decision="approve", revision="1")

    publisher = await at_desk(story, new_browser, Role.PUBLISHER)
    part = group((await publisher.get("/queue")).text, "approved")
    assert links_in(part)[0][1] == TITLE and "立即发布到全部可用账号" in part
    done = await publisher.post(f"/items/{item.id}/emergency/posts")
    assert "已安排发布" in done.text
    assert [post.account.name for post in await story.posts(item)] == [
        account.name for account in (await story.accounts())[:2]
    ]


async def test_the_section_is_asked_until_it_decided_and_the_form_says_afterwards(
    story: OfficeStory, new_browser: NewBrowser
) -> None:
    item = await emergency(story, Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY)
    head = await at_desk(story, new_browser, Role.SECTION_HEAD)
    part = group((await head.get("/queue")).text, "owed")
    assert TITLE in part and "还剩 23 小时" in part and GROUNDS.authority_document in part
    editor = await at_desk(story, new_browser, Role.EDITOR)
    await editor.get(f"/items/{item.id}")
    assert "已催办" in (await editor.post(f"/items/{item.id}/emergency/reminders")).text
    assert "已催办 1 次" in group((await head.get("/queue")).text, "owed")
    assert TITLE not in (await head.get("/needs-attention")).text
    with clock.at(clock.now() + timedelta(hours=26), running=True):
        await head.sign_in("section_head")
        late = (await head.get("/needs-attention")).text
        assert "科室没有按时补审" in late and "已超时 2 小时" in late
        await head.get(f"/items/{item.id}")
        done = await head.post(f"/items/{item.id}/emergency/decision", decision="approve", revision="1")
        assert "您的决定已记录" in done.text and TITLE not in group(done.text, "owed")
        assert TITLE not in (await head.get("/needs-attention")).text
    form = (await head.get(f"/items/{item.id}/records/1")).text
    assert "科室审核（事后补审）" in form and "应急发布。事由：橙色预警已启动。" in form
    assert "科室审核（事后补审）：section_head" in (await head.get("/records")).text
    auditor = await at_desk(story, new_browser, Role.AUDITOR)
    told = (await auditor.get("/records/export.csv")).text
    assert "科室审核（事后补审）：section_head" in told


async def test_an_objection_is_put_before_the_publisher_until_it_is_answered(
    story: OfficeStory, new_browser: NewBrowser
) -> None:
    item = await emergency(story, Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY)
    await story.accounts()
    publisher = await at_desk(story, new_browser, Role.PUBLISHER)
    await publisher.get("/queue")
    await publisher.post(f"/items/{item.id}/emergency/posts")
    for post in await story.posts(item):
        await publish(story.office, post.id)
    head = await at_desk(story, new_browser, Role.SECTION_HEAD)
    await head.get(f"/items/{item.id}")
    speechless = await head.post(f"/items/{item.id}/emergency/decision", decision="return", revision="1")
    assert speechless.status == 422 and "退回时请填写意见" in speechless.text
    await head.post(
        f"/items/{item.id}/emergency/decision", decision="return", opinion="范围写错了。", revision="1"
    )
    page = (await publisher.get("/needs-attention")).text
    assert "科室建议撤回" in page and "范围写错了。" in page and f"/items/{item.id}#emergency" in page
    assert all(f"/posts/{post.id}" in page for post in await story.posts(item))
    signatory = await at_desk(story, new_browser, Role.SIGNATORY)
    assert "维持公开的理由" in (await signatory.get(f"/items/{item.id}")).text
    await signatory.post(f"/items/{item.id}/emergency/keep", kept_reason="已另发更正。", revision="1")
    assert "科室建议撤回" not in (await publisher.get("/needs-attention")).text
    assert "已另发更正。" in (await publisher.get(f"/items/{item.id}")).text
