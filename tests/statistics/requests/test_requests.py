"""依申请公开: a request from the day it came to its answer, and table three that fills itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from outreach.foundation import clock
from outreach.foundation.audit import AuditEvent
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.statistics.registers.conftest import Keeper, browser, keeper, new_browser, server
from tests.web.conftest import Browser, Page

__all__ = ["browser", "keeper", "new_browser", "server"]

ON_SQLITE = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
HERE = "/statistics/requests"
ASKED = {
    "received_on": "2026-01-06",
    "way": "post",
    "applicant": "natural_person",
    "name": "巴特尔",
    "contact": "乌兰察布市集宁区某街 13800138000",
    "content": "申请公开某厂 2025 年的监督性监测数据。",
}


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    with clock.at(datetime(2026, 3, 20, 10, tzinfo=clock.SHANGHAI), running=True):
        yield


async def register(keeper: Keeper, **changes: str) -> str:
    """A request came; its path."""
    page = await keeper.browser.post(f"{HERE}/new", {**ASKED, **changes})
    assert page.status == 200, page.text
    return page.path


async def step(keeper: Keeper, path: str, act: str, day: str, **typed: str) -> Page:
    """The next step, typed into the page as it stands."""
    shown = await keeper.browser.get(path)
    version = re.search(r'name="version" value="(\d+)"', shown.text)
    assert version
    return await keeper.browser.post(f"{path}/steps/{act}", {"version": version[1], "day": day, **typed})


async def cells(keeper: Keeper, year: int, column: str = "total") -> dict[str, Any]:
    """The cells of a column of table three that are not 0."""
    figures = await keeper.figures(year)
    found = {
        name.split(".")[1]: one.value
        for name, one in figures.items()
        if re.fullmatch(rf"requests\.\w+\.{column}", name)
    }
    return {row: value for row, value in found.items() if value}


async def test_the_whole_life_of_a_request(keeper: Keeper) -> None:
    path = await register(keeper)
    page = html.unescape((await keeper.browser.get(path)).text)
    assert "依申请〔2026〕1号" in page
    assert "2026年2月3日" in page  # twenty working days
    asked = {"until": "2026-01-30", "reason": "请写明企业名称。", "document": "补〔2026〕1号"}
    page = (await step(keeper, path, "ask_correction", "2026-01-08", **asked)).text
    assert "等申请人，至 2026年1月30日" in page
    again = await step(keeper, path, "consult", "2026-01-09")
    assert again.status == 409
    assert "申请现在是“待补正”，不能登记“征求第三方意见”。" in again.text
    assert "2026年2月28日" in (await step(keeper, path, "correct", "2026-01-26")).text
    await step(keeper, path, "consult", "2026-01-28", document="征〔2026〕1号")
    await step(keeper, path, "hear", "2026-02-04", reason="同意公开")
    extended = {"extension_days": "10", "reason": "需要汇总"}
    page = (await step(keeper, path, "extend", "2026-02-05", **extended)).text
    assert "延长 10 个工作日" in page
    assert "2026年3月20日" in page
    twice = await step(keeper, path, "extend", "2026-02-06", **extended)
    assert "“延长答复期限”只能登记一次。" in twice.text
    answered = {"result": "partial", "document": "复〔2026〕1号", "reason": "隐去个人信息"}
    page = (await step(keeper, path, "answer", "2026-03-20", **answered)).text
    assert "（二）部分公开" in page
    assert "期限 2026年3月20日" in page
    assert await cells(keeper, 2026) == {"new": 1, "partial": 1, "total_handled": 1}
    assert await cells(keeper, 2026, "natural_person") == {"new": 1, "partial": 1, "total_handled": 1}
    listed = await keeper.browser.get(f"{HERE}?year=2026&row=partial&column=natural_person")
    assert path in listed.text
    assert "没有在办的申请" in listed.text


@ON_SQLITE
async def test_what_an_applicant_wrote_is_sealed_and_told_nowhere(
    keeper: Keeper, story: OfficeStory, new_browser: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    path = await register(keeper)
    async with keeper.office.db.read() as session:
        rows = (await session.execute(text("SELECT * FROM information_request"))).all()
        events = [(one.act, str(one.detail)) for one in await session.scalars(select(AuditEvent))]
    logged = capfd.readouterr()
    for told in (str(rows), str(events), logged.out, logged.err):
        assert not any(word in told for word in ("巴特尔", "13800138000", "监督性监测"))
    assert ("request.register", "{'number': '2026-1'}") in events
    assert "巴特尔" in (await keeper.browser.get(path)).text
    await story.person(Role.EDITOR)
    reader: Browser = new_browser()
    page = await reader.sign_in("editor", next=path)
    assert page.status == 200
    assert "巴特尔" not in page.text
    assert "监督性监测" not in page.text
    for refused in (f"{path}/change", f"{HERE}/new"):
        assert (await reader.get(refused)).status == 403
    assert (await reader.post(f"{path}/steps/answer", day="2026-01-07", result="granted")).status == 403


@ON_SQLITE
async def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(keeper: Keeper) -> None:
    page = await keeper.browser.post(f"{HERE}/new", {**ASKED, "received_on": "2026-04-01", "contact": "某街"})
    assert page.status == 422
    assert "收到日期不能晚于今天。" in page.text
    assert 'value="某街"' in page.text
    marked = await keeper.browser.post(f"{HERE}/new", {**ASKED, "content": "机密★10年\n监测数据"})
    assert marked.status == 422
    assert "密级标志" in marked.text
    path = await register(keeper)
    early = await step(keeper, path, "answer", "2026-01-05", result="granted")
    assert "不能早于收到申请的日期（2026-01-06）。" in early.text
    late = await step(keeper, path, "extend", "2026-02-04", extension_days="21", reason="忙")
    assert "延长 1 至 20 个工作日" in late.text
    late = await step(keeper, path, "extend", "2026-02-04", extension_days="5", reason="忙")
    assert "答复期限到 2026-02-03 为止，在这以后不能再“延长答复期限”。" in late.text
    wrong = await step(keeper, path, "answer", "2026-02-04", result="una_unclear_after_correction")
    assert "还没有登记“收到补正”" in wrong.text
    wrong = await step(keeper, path, "answer", "2026-02-04", result="oth_fee_unpaid")
    assert "申请现在是“办理中”，结果只能是" in wrong.text
    stale = await keeper.browser.post(f"{path}/steps/answer", version="9", day="2026-02-04", result="granted")
    assert stale.status == 409
    assert "刚刚被他人改过" in stale.text


@ON_SQLITE
async def test_overdue_and_nearly_due_requests_are_shown(keeper: Keeper) -> None:
    await register(keeper)
    await register(keeper, received_on="2026-02-24")
    await register(keeper, received_on="2026-03-19")
    page = html.unescape((await keeper.browser.get(HERE)).text)
    assert "在办 3 件，超期 1 件，三个工作日内到期 1 件" in page
    assert "超期 29 个工作日" in page
    assert "还有 1 个工作日" in page


@ON_SQLITE
async def test_a_fee_is_asked_for_and_counts_in_the_year_in_which_it_is_paid(keeper: Keeper) -> None:
    path = await register(keeper, received_on="2025-12-01", applicant="org_business")
    page = (await step(keeper, path, "ask_fee", "2025-12-10", fee_yuan="700")).text
    assert "等申请人，至 2026年1月8日" in page
    await step(keeper, path, "pay_fee", "2026-01-05")
    unpaid = await register(keeper, received_on="2025-12-01")
    await step(keeper, unpaid, "ask_fee", "2025-12-10", fee_yuan="100")
    await step(keeper, unpaid, "answer", "2026-01-12", result="oth_fee_unpaid")
    fees = [(await keeper.figures(year))["fee.yuan"].value for year in (2025, 2026)]
    assert fees == [0, 700]
    assert await cells(keeper, 2025) == {"new": 2, "carried_out": 2}
    assert await cells(keeper, 2026) == {
        **{"carried_in": 2, "oth_fee_unpaid": 1, "other": 1},
        **{"total_handled": 1, "carried_out": 1},
    }
    page = html.unescape((await keeper.browser.get(f"{HERE}/fees?items=31&pages=1x")).text)
    assert "2200 元" in page
    assert "请填写 0 至 100000 的整数。" in page


@ON_SQLITE
async def test_a_step_entered_by_mistake_is_taken_back_but_not_out_of_a_complete_year(keeper: Keeper) -> None:
    path = await register(keeper, received_on="2025-12-01")
    await step(keeper, path, "answer", "2025-12-20", result="granted")
    await keeper.browser.post(f"{HERE}/complete", year="2025")
    assert (await keeper.figures(2025))["requests.granted.total"].is_complete
    refused = await keeper.browser.post(f"{path}/undo", version="2")
    assert refused.status == 409
    assert "2025 年已标为登记完整" in refused.text
    another = await keeper.browser.post(f"{HERE}/new", {**ASKED, "received_on": "2025-11-01"})
    assert another.status == 409
    assert "巴特尔" in another.text  # nothing typed is lost
    await keeper.browser.post(f"{HERE}/reopen", year="2025")
    page = await keeper.browser.post(f"{path}/undo", version="2")
    assert "已撤销最后一步" in page.text
    assert await cells(keeper, 2025) == {"new": 1, "carried_out": 1}
    await keeper.browser.post(f"{path}/change", {**ASKED, "received_on": "2025-12-02", "version": "3"})
    assert "2025年12月2日" in (await keeper.browser.get(path)).text
    await keeper.browser.post(f"{path}/remove", version="4")
    assert (await keeper.browser.get(path)).status == 404
    assert await cells(keeper, 2025) == {}


@ON_SQLITE
async def test_only_the_settled_answers_may_end_a_waiting_request(keeper: Keeper) -> None:
    path = await register(keeper)
    asked = {"until": "2026-01-20", "reason": "请写明企业名称。"}
    await step(keeper, path, "ask_correction", "2026-01-08", **asked)
    wrong = await step(keeper, path, "answer", "2026-01-21", result="granted")
    assert wrong.status == 422
    assert "申请人无正当理由逾期不补正" in wrong.text
    await step(keeper, path, "answer", "2026-01-21", result="oth_overdue_correction")
    counted = {"new": 1, "oth_overdue_correction": 1, "other": 1, "total_handled": 1}
    assert await cells(keeper, 2026) == counted
