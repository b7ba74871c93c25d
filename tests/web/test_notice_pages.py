"""The pages of notices: how far one has come, what a publisher may do about it, and the templates in use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from outreach.foundation import clock
from outreach.office.start_notices import start_due
from outreach.people.model import Role
from outreach.settings import Settings
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform
from tests.web.conftest import Browser, hire
from tests.web.test_metrics import of, scrape
from tests.workers.subscribers import TEMPLATE, Subscribers

pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:9") as running:
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url)


@pytest.fixture
async def subscribers(story: OfficeStory, sandbox: Platform) -> Subscribers:
    made = Subscribers(story, sandbox, (await story.accounts())[0])
    await made.settings(notices_quiet_from="", notices_quiet_until="")
    return made


async def test_a_notice_is_followed_paused_let_go_on_and_cancelled(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers, browser: Browser
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    openids = await subscribers.join(3, topic)
    await hire(story.office, "发布员甲", Role.PUBLISHER)
    await browser.get("/login")
    await browser.sign_in("发布员甲")
    await story.item(title="一条行政处罚公开").published(subscribers.account)
    listed = await browser.get("/notices")
    assert "一条行政处罚公开" in listed.text
    assert "待发送" in listed.text
    await start_due(story.office)
    (notice,) = await subscribers.notices()
    paused = await browser.post(f"/notices/{notice.id}/pause")
    assert "已暂停" in paused.text
    assert "发布员甲操作" in paused.text
    await subscribers.work()
    assert await subscribers.told() == []
    waiting = await browser.get("/needs-attention")
    assert f'<a href="/notices/{notice.id}">一条行政处罚公开</a>' in waiting.text
    await browser.post(f"/notices/{notice.id}/resume")
    assert "没有需要处理的事" in (await browser.get("/needs-attention")).text
    await sandbox.control("faults", {"path": TEMPLATE, "action": "errcode", "value": 43101, "times": 1})
    await subscribers.work()
    shown = await browser.get(f"/notices/{notice.id}/state")
    assert "3 / 3 人" in shown.text
    assert "模板消息 3 人" in shown.text
    assert "<td>43101</td><td>1</td>" in shown.text
    for page in (shown, await browser.get(f"/notices/{notice.id}"), listed):
        assert not any(openid in page.text for openid in openids)
    late = await browser.post(f"/notices/{notice.id}/cancel")
    assert (late.status, "不能取消" in late.text) == (409, True)


async def test_whoever_watches_sees_how_notices_stand(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers
) -> None:
    topic = await subscribers.topic()
    await subscribers.template()
    await subscribers.join(3, topic)
    await story.item().published(subscribers.account)
    with clock.at(clock.now() + timedelta(seconds=90)):
        waiting = await scrape(story.office)
    assert of(waiting, "notices", state="planned") == 1
    assert 90 <= of(waiting, "oldest_due_notice_seconds") < 120
    await start_due(story.office)
    begun = await scrape(story.office)
    assert (of(begun, "notices", state="planned"), of(begun, "notices", state="running")) == (0, 1)
    assert of(begun, "notice_recipients", state="queued") == 3
    assert of(begun, "oldest_due_notice_seconds") == 0
    await subscribers.work()
    ended = await scrape(story.office)
    assert of(ended, "notices", state="running") == of(ended, "notice_recipients", state="sent") == 0


async def test_only_a_publisher_acts_on_a_notice(
    story: OfficeStory, subscribers: Subscribers, browser: Browser
) -> None:
    await subscribers.topic()
    await story.item().published(subscribers.account)
    (notice,) = await subscribers.notices()
    await hire(story.office, "编辑甲", Role.EDITOR)
    await browser.get("/login")
    await browser.sign_in("编辑甲")
    page = await browser.get(f"/notices/{notice.id}")
    assert "取消通知" not in page.text
    assert (await browser.post(f"/notices/{notice.id}/cancel")).status == 403
    assert (await browser.get("/notices/none")).status == 404


async def test_an_administrator_chooses_templates_and_what_stands_in_them(
    story: OfficeStory, sandbox: Platform, subscribers: Subscribers, browser: Browser
) -> None:
    body = {"template_id_short": "43216", "keyword_name_list": ["事项名称", "公开时间", "公开单位"]}
    template_id = (await sandbox.post("/cgi-bin/template/api_add_template", body))["template_id"]
    await hire(story.office, "管理员甲", Role.ADMIN)
    await browser.get("/login")
    await browser.sign_in("管理员甲")
    page = await browser.get("/notices/templates")
    assert "模板消息 · 环境信息公开通知（事项名称、公开时间、公开单位）" in page.text
    account = {"account": subscribers.account.id, "use": "penalty", "template": template_id}
    page = await browser.post("/notices/templates", account)
    assert "行政处罚 · 环境信息公开通知" in page.text
    await browser.post("/notices/templates", account, **{"field.thing1": "unit", "field.thing3": "tip"})
    topic = await subscribers.topic()
    await subscribers.join(1, topic)
    await story.item().published(subscribers.account)
    await subscribers.work()
    data = (await subscribers.told())[0]["content"]["data"]
    assert (data["thing1"]["value"], data["thing3"]["value"]) == ("乌兰察布市生态环境局", "点击查看处罚信息")
    wrong = await browser.post("/notices/templates", {**account, "template": "none"})
    assert (wrong.status, "请选择模板。" in wrong.text) == (422, True)
    await browser.post("/notices/templates/drop", {**account, "call": "template"})
    assert "还没有选用模板" in (await browser.get("/notices/templates")).text
