"""What followers write is listed for those whose work it is; reports of pollution are told apart by rule."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aiohttp.test_utils import TestClient, TestServer

from outreach.channels.follower_protocol import TextAnswer
from outreach.followers.conversations import service as conversations
from outreach.followers.conversations.model import Message
from outreach.followers.conversations.reports import is_report
from outreach.people.model import Role
from outreach.web.app import create_app
from tests.builders import OfficeStory
from tests.followers.conftest import Street
from tests.followers.test_conversations import messages
from tests.web.conftest import PASSWORD, QUICK, Browser

REPORTS = (
    "我要举报，某某化工厂晚上偷排废水",
    "楼下烧烤店油烟太大，天天扰民",
    "工地夜里施工噪音影响睡觉，没人管吗",
    "霸王河边有人倒垃圾",
    "小区附近一股刺鼻的味道",
    "有人在地里烧 秸秆",
    "电厂的烟囱半夜冒黑烟",
    "河里漂着死鱼，怎么办",
    "养殖场把粪污直排到沟里",
    "投诉：沙场扬尘严重",
)
NO_REPORTS = (
    "你好",
    "空气质量 集宁",
    "订阅 空气 集宁 100",
    "最近处罚",
    "项目 丰镇 污水处理厂",
    "请问污水处理厂的环评在哪里看",
    "今天空气怎么样",
    "怎么投稿",
    "举报电话是多少",
    "开放日在哪里报名",
    "谢谢",
)


@pytest.mark.parametrize(
    ("words", "expected"), [(one, True) for one in REPORTS] + [(one, False) for one in NO_REPORTS]
)
def test_reports_of_pollution_are_told_by_their_words(words: str, expected: bool) -> None:
    assert is_report(words) is expected


async def page(street: Street, name: str, paths: Sequence[str]) -> list[tuple[int, str]]:
    async with TestClient(TestServer(create_app(street.office, passwords=QUICK))) as client:
        browser = Browser(client)
        await browser.get("/login")
        await browser.sign_in(name, PASSWORD)
        pages = [await browser.get(path) for path in paths]
        return [(one.status, one.text) for one in pages]


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_the_inbox_lists_words_and_answers_and_names_nobody(street: Street, story: OfficeStory) -> None:
    await street.tell("text", content="空气<b>怎么样</b>？", MsgId=1)
    await street.tell("text", content=REPORTS[0], MsgId=2)
    await street.tell("image", MsgType="image", PicUrl="http://127.0.0.1/p", MediaId="m", MsgId=3)
    await street.tell("CLICK", EventKey="k")
    await street.work()
    async with street.office.db.begin() as session:
        first = await session.get_one(Message, (await messages(street))[0].id)
        await conversations.plan_replies(session, first, [TextAnswer("今天优。")])
    await street.work()
    await story.person(Role.EDITOR)
    await story.person(Role.AUDITOR)
    (_, whole), (_, reports) = await page(street, "editor", ["/messages", "/messages?reports=1&cursor=x"])
    assert "空气&lt;b&gt;怎么样" in whole and "今天优。" in whole and "已发送" in whole and "图片" in whole
    assert whole.count("疑似污染举报，应走 12369") == 1
    assert REPORTS[0] in reports and "今天优。" not in reports
    assert [one.openid for one in await street.followers() if one.openid in whole + reports] == []
    assert [status for status, _ in await page(street, "auditor", ["/messages"])] == [403]
