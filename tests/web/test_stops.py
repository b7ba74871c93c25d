"""停发 and 恢复: the buttons, who may press them, and what every page says meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from outreach.channels import breaker, budgets
from outreach.channels.breaker import Answers
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.model import Account
from outreach.channels.protocol import NotSent
from outreach.foundation import clock
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser

REASON = "舆情处置，暂缓发布"


@pytest.fixture
async def accounts(story: OfficeStory) -> list[Account]:
    return await story.accounts()


@pytest.fixture
async def publisher(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    return browser


async def test_an_account_is_stopped_and_goes_on(publisher: Browser, accounts: list[Account]) -> None:
    address = f"/accounts/{accounts[1].id}"
    await publisher.get(address)
    page = await publisher.post(f"{address}/stop", reason="  ")
    assert (page.status, "请写明停发的原因" in page.text) == (422, True)
    page = await publisher.post(f"{address}/stop", reason=REASON)
    assert (page.status, page.path) == (200, address)
    for path in (address, "/accounts", "/posts", "/needs-attention"):
        text = (await publisher.get(path)).text
        assert f"停发：{REASON}" in text
        assert "stop-banner" not in text
    page = await publisher.post(f"{address}/stop", reason="再停一次")
    assert (page.status, "已经停发" in page.text) == (409, True)
    page = await publisher.post(f"{address}/go-on", back="/needs-attention")
    assert (page.path, "已恢复发布" in page.text, REASON in page.text) == ("/needs-attention", True, False)
    assert (await publisher.post(f"{address}/go-on")).status == 409


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_while_all_is_stopped_every_page_says_so(
    story: OfficeStory,
    publisher: Browser,
    accounts: list[Account],
    new_browser: Callable[[], Browser],
) -> None:
    await publisher.get("/accounts")
    page = await publisher.post("/publishing/stop", reason="")
    assert (page.status, "请写明停发的原因" in page.text) == (422, True)
    page = await publisher.post("/publishing/stop", reason=REASON)
    assert "已全部暂停" in page.text
    await story.person(Role.EDITOR)
    editor = new_browser()
    await editor.sign_in("editor")
    for path in ("/queue", "/items", "/posts", "/statistics", "/accounts", f"/accounts/{accounts[0].id}"):
        text = (await editor.get(path)).text
        assert "全部暂停中，什么也不会发布" in text
        assert f"停发：{REASON}" in text
        assert "全部恢复" not in text
    assert (await editor.post("/publishing/go-on")).status == 403
    assert (await editor.post(f"/accounts/{accounts[0].id}/stop", reason=REASON)).status == 403
    assert "全部恢复" in (await publisher.get("/posts")).text
    page = await publisher.post("/publishing/go-on", back="/posts")
    assert (page.path, "已全部恢复" in page.text, "stop-banner" in page.text) == ("/posts", True, False)


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_the_accounts_page_says_what_is_left_and_that_a_platform_is_silent(
    office: Office, publisher: Browser, accounts: list[Account]
) -> None:
    weibo = accounts[1]
    answers = Answers()
    for _ in range(breaker.FAILURES_TO_OPEN):
        answers.note(NotSent("无法连接到平台。", code="ClientConnectorError"))
    async with office.db.begin() as session:
        await budgets.take(session, [Demand(weibo.id, weibo.channel, Use.RELEASE, 3)])
        await breaker.store(session, weibo.id, answers, jitter=0.5)
    text = (await publisher.get(f"/accounts/{weibo.id}")).text
    assert "27 次" in text
    assert "97 次" in text
    assert "每小时 30 次" in text
    assert "平台没有应答，暂不发送" in text
    assert "还没有检查过" in text
    text = (await publisher.get("/needs-attention")).text
    assert "无法连接到平台。" in text
    metrics = (await publisher.get("/metrics")).text
    named = f'account="{weibo.id}",'
    assert f'outreach_budget_left{{{named}budget="statuses",channel="weibo"}} 27.0' in metrics
    assert f'outreach_account_unanswered{{{named}channel="weibo"}} 1.0' in metrics
    assert f'outreach_account_stopped{{{named}channel="weibo"}} 0.0' in metrics


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_time_that_is_full_is_told_at_its_field_and_stays_typed(
    story: OfficeStory, office: Office, publisher: Browser, accounts: list[Account]
) -> None:
    item, weibo = await story.item().approved(), accounts[1]
    noon = datetime(2036, 11, 26, 12, 5, tzinfo=clock.SHANGHAI)
    async with office.db.begin() as session:
        with clock.at(noon):
            await budgets.take(session, [Demand(weibo.id, weibo.channel, Use.RELEASE, 30)])
    await publisher.get(f"/items/{item.id}")
    with clock.at(noon):
        await publisher.sign_in("publisher")
        page = await publisher.post(f"/items/{item.id}/posts", accounts=weibo.id, at="2036-11-26T12:30")
    assert page.status == 422
    assert "最早可以安排在 2036年11月26日 13:00。" in page.text
    assert 'value="2036-11-26T12:30"' in page.text
