"""代审: who is away names a deputy, who decides in their stead, in their own name, and no further."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import docx
import pytest

from outreach.foundation import clock
from outreach.items.model import Item, Stage
from outreach.people.model import Person, Role
from tests.builders import OfficeStory
from tests.servers import Server
from tests.web.conftest import Browser

NewBrowser = Callable[[], Browser]
SECTION = "法规与标准科"
ELSEWHERE = "水生态环境科"


@pytest.fixture(params=["sqlite"])
def database_server(request: pytest.FixtureRequest) -> Server:
    """One database for most: what the other would do otherwise stands in the queue, which the first test reads."""
    server: Server = request.getfixturevalue(request.param)
    return server


def day(number: int) -> str:
    """So many days from today, in Shanghai."""
    return (clock.today(clock.SHANGHAI) + timedelta(days=number)).isoformat()


@pytest.fixture
async def away(story: OfficeStory) -> Person:
    """The head of the section, who will be away."""
    await story.section(SECTION)
    await story.section(ELSEWHERE)
    return await story.person(Role.SECTION_HEAD, name="张三", sections=[SECTION])


@pytest.fixture
async def deputy(story: OfficeStory, away: Person) -> Person:
    """Somebody of another section, who decides nothing yet."""
    return await story.person(Role.EDITOR, name="王五", sections=[ELSEWHERE])


@pytest.fixture
async def item(story: OfficeStory, away: Person) -> Item:
    return await story.item(section=SECTION, body="联系电话：13800138000。").submitted()


async def signed_in(new_browser: NewBrowser, name: str) -> Browser:
    browser = new_browser()
    await browser.sign_in(name)
    return browser


async def name_deputy(browser: Browser, who: Person, *, page: str = "/account", **typed: str) -> str:
    await browser.get(page)
    form = {"role": "section_head", "deputy": who.id, "first_day": day(0), "last_day": day(1), **typed}
    return (await browser.post(f"{page}/deputies", form)).text


async def approve(browser: Browser, item: Item) -> tuple[int, str]:
    page = await browser.post(f"/items/{item.id}/reviews", decision="approve", revision=str(item.revision))
    return page.status, page.text


@pytest.mark.parametrize("database_server", ["sqlite", "postgresql"], indirect=True)
async def test_the_deputy_sees_what_waits_decides_in_their_own_name_and_it_ends_by_itself(
    story: OfficeStory, new_browser: NewBrowser, away: Person, deputy: Person, item: Item
) -> None:
    other = await story.item(section=SECTION).submitted()
    stands_in = await signed_in(new_browser, "王五")
    assert item.id not in (await stands_in.get("/queue")).text
    assert (await stands_in.get(f"/items/{item.id}")).status == 404

    page = await name_deputy(await signed_in(new_browser, "张三"), deputy)
    assert "已委托代审" in page and "<strong>王五</strong>代我审查" in page
    assert "我代<strong>张三</strong>审查" in (await stands_in.get("/account")).text
    queue = (await stands_in.get("/queue")).text
    assert item.id in queue and other.id in queue and "代审：代张三" in queue
    page = (await stands_in.get(f"/items/{item.id}")).text
    assert "您代张三审查" in page
    assert (await stands_in.post(f"/items/{item.id}/taking", revision="1")).text.count("王五（代张三）") == 1

    assert (await approve(stands_in, item))[0] == 200
    assert (await story.fresh(item)).stage is Stage.CONFIDENTIALITY
    assert (await stands_in.get(f"/items/{item.id}")).status == 404

    auditor = await signed_in(new_browser, (await story.person(Role.AUDITOR)).name)
    assert "王五（代张三）" in (await auditor.get(f"/items/{item.id}")).text
    assert "签字：王五（代张三）" in (await auditor.get(f"/items/{item.id}/records/1")).text
    word = await auditor.client.get(f"/items/{item.id}/records/1.docx")
    cells = [
        cell.text for row in docx.Document(BytesIO(await word.read())).tables[0].rows for cell in row.cells
    ]
    assert any("王五（代张三）" in text for text in cells)
    assert "科室审核：王五（代张三）" in (await auditor.get("/records")).text
    assert "科室审核：王五（代张三）" in (await auditor.get("/records/export.csv")).text
    events = re.sub(r"<[^>]+>|\s", "", (await auditor.get("/audit")).text)
    assert "代：张三" in events and "委托代审" in events

    with clock.at(clock.now() + timedelta(days=2)):
        later = await signed_in(new_browser, "王五")
        assert other.id not in (await later.get("/queue")).text
        assert (await approve(later, other))[0] == 404
        assert "代我审查" not in (await (await signed_in(new_browser, "张三")).get("/account")).text


async def test_only_that_stage_is_lent_and_no_more_of_the_section(
    story: OfficeStory, new_browser: NewBrowser, away: Person, deputy: Person, item: Item
) -> None:
    await name_deputy(await signed_in(new_browser, "张三"), deputy)
    draft = await story.item(section=SECTION)
    further = await story.item(section=SECTION).submitted().approved_by("section_head")
    approved = await story.item(section=SECTION, body="正文。").approved()
    stands_in = await signed_in(new_browser, "王五")
    for hidden in (draft, further, approved):
        assert (await stands_in.get(f"/items/{hidden.id}")).status == 404
        assert (await approve(stands_in, hidden))[0] == 404
    listed = (await stands_in.get("/items")).text
    assert item.id not in listed and draft.id not in listed
    page = (await stands_in.get(f"/items/{item.id}")).text
    assert "您代张三审查" in page and "修改</a>" not in page and "催办</button>" not in page
    # They write items, but not those of the section that they review for somebody else.
    assert (await stands_in.get(f"/items/{item.id}/edit")).status == 404
    assert (await stands_in.post(f"/items/{item.id}/recall")).status == 404
    for path in ("/users", "/word-lists", "/audit"):
        assert (await stands_in.get(path)).status == 403


async def test_duties_stay_separate_for_the_deputy_and_for_whom_they_stand_in(
    story: OfficeStory, new_browser: NewBrowser
) -> None:
    both = await story.person(Role.EDITOR, *(Role.SECTION_HEAD, Role.SIGNATORY), name="张三")
    deputy = await story.person(Role.EDITOR, Role.CONFIDENTIALITY_REVIEWER, name="王五")
    absent = await signed_in(new_browser, "张三")
    await name_deputy(absent, deputy)
    await name_deputy(absent, deputy, role="signatory")
    stands_in = await signed_in(new_browser, "王五")

    own = await story.item(body="正文。").by(deputy).submitted()
    assert own.id not in (await stands_in.get("/queue")).text
    status, told = await approve(stands_in, own)
    assert status == 403 and "您编写或提交过这条信息" in told

    theirs = await story.item(body="正文。").by(both).submitted()
    assert theirs.id not in (await stands_in.get("/queue")).text
    status, told = await approve(stands_in, theirs)
    assert status == 403 and "张三编写或提交过这条信息" in told

    item = await story.item(body="正文。").submitted()
    assert (await approve(stands_in, item))[0] == 200
    status, told = await approve(stands_in, item)  # with a right of their own, but they decided already
    assert status == 403 and "另一环节" in told


async def test_what_was_decided_in_somebodys_stead_is_theirs_too(
    story: OfficeStory, new_browser: NewBrowser
) -> None:
    await story.person(Role.SECTION_HEAD, Role.SIGNATORY, name="张三")
    first = await story.person(Role.EDITOR, name="王五")
    second = await story.person(Role.EDITOR, name="李四")
    absent = await signed_in(new_browser, "张三")
    await name_deputy(absent, first)
    await name_deputy(absent, second, role="signatory")
    item = await story.item(body="正文。").submitted()
    assert (await approve(await signed_in(new_browser, "王五"), item))[0] == 200
    auditor = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    assert (await approve(await signed_in(new_browser, auditor.name), item))[0] == 200
    for name in ("张三", "李四"):
        browser = await signed_in(new_browser, name)
        assert item.id not in (await browser.get("/queue")).text
        assert (await approve(browser, item))[0] == 403
    assert (await approve(await signed_in(new_browser, (await story.person(Role.SIGNATORY)).name), item))[
        0
    ] == 200


async def test_an_administrator_names_and_revokes_for_who_is_away_and_reminders_reach_the_deputy(
    story: OfficeStory, new_browser: NewBrowser, away: Person, deputy: Person, item: Item
) -> None:
    admin = await signed_in(new_browser, (await story.person(Role.ADMIN)).name)
    page = await name_deputy(admin, deputy, page=f"/users/{away.id}")
    assert "<strong>王五</strong>代张三审查" in page
    writer = await signed_in(new_browser, "editor")
    await writer.get(f"/items/{item.id}")
    await writer.post(f"/items/{item.id}/reminders")
    stands_in = await signed_in(new_browser, "王五")
    assert "已催办 1 次" in (await stands_in.get("/queue")).text
    found = re.search(rf"/users/{away.id}/deputies/(\w+)/revoke", page)
    assert found
    assert "代审已撤销" in (await admin.post(found[0])).text
    assert (await admin.post(found[0])).status == 409
    assert item.id not in (await stands_in.get("/queue")).text
    assert (await approve(stands_in, item))[0] == 404
    assert (await writer.post(f"/users/{away.id}/deputies")).status == 403


async def test_what_is_lent_ends_with_the_role_of_who_lends_it(
    story: OfficeStory, new_browser: NewBrowser, away: Person, deputy: Person, item: Item
) -> None:
    await name_deputy(await signed_in(new_browser, "张三"), deputy)
    admin = await signed_in(new_browser, (await story.person(Role.ADMIN)).name)
    await admin.get(f"/users/{away.id}")
    await admin.post(f"/users/{away.id}", roles="section_head", sections=SECTION, disabled="1")
    assert item.id not in (await (await signed_in(new_browser, "王五")).get("/queue")).text


async def test_the_form_says_what_is_wrong(
    story: OfficeStory, new_browser: NewBrowser, away: Person, deputy: Person
) -> None:
    other = await story.person(Role.SECTION_HEAD, name="李四")
    browser = await signed_in(new_browser, "张三")
    for typed, told in (
        ({"deputy": ""}, "请选择代审人"),
        ({"deputy": away.id}, "请选择一位在用的其他用户"),
        ({"role": "signatory"}, "请选择张三担任的审查角色"),
        ({"role": "admin"}, "请选择张三担任的审查角色"),
        ({"first_day": day(-1)}, "不能早于今天"),
        ({"first_day": "昨天"}, "请填写开始日期"),
        ({"last_day": day(-1)}, "不能早于开始日期"),
        ({"last_day": day(400)}, "最长一年"),
    ):
        page = await name_deputy(browser, deputy, **typed)
        assert told in page, typed
        assert f'value="{day(1)}"' in page or "last_day" in typed
    assert "已委托" in await name_deputy(browser, deputy)
    assert "已有代审人" in await name_deputy(browser, other, first_day=day(1), last_day=day(9))
    assert "已委托" in await name_deputy(browser, other, first_day=day(2), last_day=day(9))
    # No chain: who is away stands in for nobody, and who stands in names nobody.
    second = await signed_in(new_browser, "李四")
    assert "正代别人审查" in await name_deputy(second, deputy, first_day=day(9), last_day=day(20))
    assert "这段时间自己也委托了代审人" in await name_deputy(second, away, first_day=day(0), last_day=day(1))


async def test_the_api_decides_by_the_same_right(
    story: OfficeStory, new_browser: NewBrowser, browser: Browser, away: Person, deputy: Person, item: Item
) -> None:
    headers = {"Authorization": f"Bearer {await story.token(deputy)}"}
    url, body = f"/api/v1/items/{item.id}", {"decision": "approve", "revision": 1}
    assert (await browser.client.post(f"{url}/reviews", json=body, headers=headers)).status == 404
    await name_deputy(await signed_in(new_browser, "张三"), deputy)
    assert (await browser.client.get(url, headers=headers)).status == 200
    assert (await browser.client.post(f"{url}/recall", headers=headers)).status == 404
    answer = await browser.client.post(f"{url}/reviews", json=body, headers=headers)
    assert answer.status == 200
    (review,) = (await answer.json())["reviews"]
    assert (review["by"], review["instead_of"]) == ("王五", "张三")


async def test_at_the_confidentiality_stage_findings_and_referrals_are_lent_too(
    story: OfficeStory, new_browser: NewBrowser, deputy: Person
) -> None:
    await story.person(Role.CONFIDENTIALITY_REVIEWER, name="保密员")
    absent = await signed_in(new_browser, "保密员")
    await name_deputy(absent, deputy, role="confidentiality_reviewer")
    item = await story.item(body="联系电话：13800138000。").submitted().approved_by("section_head")
    stands_in = await signed_in(new_browser, "王五")
    page = (await stands_in.get(f"/items/{item.id}")).text
    assert (await stands_in.get(f"/items/{item.id}/records/1")).status == 200
    assert "误报" in page and "记住这个写法" not in page
    found = re.search(rf'action="(/items/{item.id}/findings/\w+)"', page)
    assert found
    judged = {"decision": "false_alarm", "reason": "办公电话", "revision": "1"}
    refused = await stands_in.post(found[1], judged, remembers="1")
    assert refused.status == 403 and "记住写法由保密审查员本人决定" in refused.text
    assert "判定已记录" in (await stands_in.post(found[1], judged)).text
    page = (
        await stands_in.post(
            f"/items/{item.id}/referrals", referred_to="市保密局", referral_reason="是否公开", revision="1"
        )
    ).text
    assert "王五（代保密员）报请" in page
    assert (await stands_in.get("/word-lists")).status == 403
    handed = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    hander = await signed_in(new_browser, handed.name)
    assert "王五（代保密员）</option>" in (await hander.get(f"/items/{item.id}")).text
