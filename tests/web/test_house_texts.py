"""Words of the house: written, screened, reviewed by somebody else, and only then used."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from outreach.followers.questions.service import open_questions
from outreach.followers.texts.catalogue import CATALOGUE, REPLY_BYTES, filled, places_in, shipped
from outreach.followers.texts.rules import require_right
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.screening.rules import screen
from outreach.settings import Settings
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.followers.builders import conversation
from tests.sandbox.platform import Platform, platform
from tests.servers import Sqlite
from tests.web.conftest import Browser, Page, hire

GUARD = re.compile(r'name="(edition|version)" value="([^"]+)"')
MENU = "空气：回复 空气质量\n公开：\n- 环评公示：回复 项目\n- 我的：我的数据页\n"


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    return sqlite


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:9") as running:
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url)


async def at_desk(new_browser: Callable[[], Browser], office: Office, role: Role) -> Browser:
    await hire(office, role.value, role)
    browser = new_browser()
    await browser.sign_in(role.value)
    return browser


async def send(browser: Browser, key: str, act: str, **fields: str) -> Page:
    """Presses a button of the text's page as it stands now."""
    page = await browser.get(f"/house-texts/{key}")
    guards = dict(GUARD.findall(page.text))
    return await browser.post(f"/house-texts/{key}/{act}", {**guards, **fields})


@pytest.mark.parametrize("key", CATALOGUE)
def test_what_ships_keeps_the_rules_of_the_house(key: str) -> None:
    kind, text = CATALOGUE[key], shipped(key)
    require_right(key, kind, text, [], is_answer=False)
    assert screen(text) == []
    assert places_in(filled(text, **dict.fromkeys(kind.places, ""))) == frozenset()
    assert kind.most_bytes <= REPLY_BYTES or key == "menu"


async def test_a_proposed_answer_is_given_once_another_person_approved_it(
    new_browser: Callable[[], Browser], office: Office, story: OfficeStory
) -> None:
    reader = await conversation(story)
    assert "没有看懂" in await reader.say("你们几点上班")
    editor = await at_desk(new_browser, office, Role.EDITOR)
    asked = await editor.get("/questions")
    (link,) = re.findall(r'href="(/house-texts/new\?question=\w+)"', asked.text)
    form = await editor.get(link)
    assert "你们几点上班</textarea>" in form.text
    question = link.partition("=")[2]
    typed = {"triggers": "你们几点上班\n上班时间", "content": "工作日 8:30 至 17:30。", "question": question}
    wrong = await editor.post("/house-texts/new", {**typed, "content": "密级：机密\n工作日"})
    assert (wrong.status, "密级标志" in wrong.text) == (422, True)
    kept = await editor.post("/house-texts/new", {**typed, "submit": "1"})
    key = kept.path.removeprefix("/house-texts/")
    assert "待保密审查" in kept.text
    assert "没有看懂" in await reader.say("上班时间")
    reviewer = await at_desk(new_browser, office, Role.CONFIDENTIALITY_REVIEWER)
    assert '1 条<a href="/house-texts">对外用语</a>' in (await reviewer.get("/queue")).text
    unsaid = await send(reviewer, key, "return")
    assert (unsaid.status, "请写明要修改什么" in unsaid.text) == (422, True)
    await send(reviewer, key, "return", opinion="请写全节假日。")
    assert "请写全节假日" in (await editor.get(f"/house-texts/{key}")).text
    draft = dict(GUARD.findall((await editor.get(f"/house-texts/{key}")).text))
    await editor.post(f"/house-texts/{key}", {**typed, **draft, "content": "工作日 8:30 至 17:30，节假日休息。", "submit": "1"})  # fmt: skip
    await send(reviewer, key, "approve")
    assert await reader.say("上班時間？") == "工作日 8:30 至 17:30，节假日休息。"
    await send(editor, key, "retire")
    assert "没有看懂" in await reader.say("上班时间")
    async with office.db.read() as session:
        assert [one.words for one in await open_questions(session)] == ["上班时间"]


async def test_nobody_decides_on_their_own_words_nor_on_words_that_changed_meanwhile(
    new_browser: Callable[[], Browser], office: Office
) -> None:
    await hire(office, "both", Role.EDITOR, Role.CONFIDENTIALITY_REVIEWER)
    both = new_browser()
    await both.sign_in("both")
    reviewer = await at_desk(new_browser, office, Role.CONFIDENTIALITY_REVIEWER)
    kept = await both.post("/house-texts/unknown", {"content": "没看懂，请回复“帮助”。", "submit": "1"})
    guards = dict(GUARD.findall((await reviewer.get("/house-texts/unknown")).text))
    assert "同意</button>" not in kept.text
    own = await both.post("/house-texts/unknown/approve", guards)
    assert own.status == 403
    await send(reviewer, "unknown", "return", opinion="请保留热线。")
    late = await reviewer.post("/house-texts/unknown/approve", guards)
    assert (late.status, "刷新页面" in late.text) == (409, True)


@pytest.mark.parametrize(
    ("key", "content", "told"),
    [
        ("subscribed", "已订阅。", "缺少 {topics}"),
        ("unknown", "没看懂 {name}", "不认识 {name}"),
        ("unknown", "没" * 401, "内容过长"),
        ("menu", "空气质量查询：回复 空气质量", "最多 5 个汉字"),
        ("menu", "空气：\n公开：回复 项目", "没有写点了以后做什么"),
        ("menu", "空气：看看", "“空气”后面请写"),
        ("menu", "空气质量", "“名称：内容”的样子"),
        ("unknown", "请联系王建国，手机号13812345678、身份证号11010519491231002X。", None),
    ],
)
async def test_what_can_not_be_said_is_told_at_its_field(
    new_browser: Callable[[], Browser], office: Office, key: str, content: str, told: str | None
) -> None:
    editor = await at_desk(new_browser, office, Role.EDITOR)
    page = await editor.post(f"/house-texts/{key}", {"content": content})
    if told is None:
        assert (page.status, "初筛疑点" in page.text) == (200, True)
        return
    assert (page.status, told in page.text, content.split("：")[0] in page.text) == (422, True, True)


async def test_the_menu_is_compared_with_what_wechat_has_and_published_by_a_publisher(
    new_browser: Callable[[], Browser], office: Office, story: OfficeStory, sandbox: Platform
) -> None:
    account = (await story.accounts())[0]
    editor = await at_desk(new_browser, office, Role.EDITOR)
    assert (await editor.get("/menus")).path == f"/menus/{account.id}"
    seen = await editor.get(f"/menus/{account.id}")
    assert "还没有用接口发布的菜单" in seen.text
    assert "发布菜单</button>" not in seen.text
    publisher = await at_desk(new_browser, office, Role.PUBLISHER)
    page = await publisher.get(f"/menus/{account.id}")
    hash_ = re.findall(r'name="seen" value="(\w+)"', page.text)[0]
    assert "菜单已发布" in (await publisher.post(f"/menus/{account.id}/publish", seen=hash_)).text
    assert "与本系统的一致" in (await publisher.get(f"/menus/{account.id}")).text
    await editor.post("/house-texts/menu", {"content": MENU, "submit": "1"})
    assert "正在保密审查" in (await publisher.get(f"/menus/{account.id}")).text
    reviewer = await at_desk(new_browser, office, Role.CONFIDENTIALITY_REVIEWER)
    await send(reviewer, "menu", "approve")
    stale = await publisher.post(f"/menus/{account.id}/publish", seen=hash_)
    assert (stale.status, "刚刚更新" in stale.text) == (409, True)
    hash_ = re.findall(r'name="seen" value="(\w+)"', stale.text)[0]
    await publisher.post(f"/menus/{account.id}/publish", seen=hash_)
    (air, open_) = (await sandbox.query("/cgi-bin/menu/get"))["menu"]["button"]
    assert (air["type"], air["key"]) == ("click", "空气质量")
    assert open_["sub_button"][1]["url"].endswith(f"/follow/{account.id}/data")
    assert (await editor.post(f"/menus/{account.id}/publish", seen=hash_)).status == 403
    await sandbox.control(
        "faults", {"path": "/cgi-bin/menu/get", "action": "errcode", "value": 48001, "times": 1}
    )
    assert "没有取到微信上的菜单" in (await publisher.get(f"/menus/{account.id}")).text
