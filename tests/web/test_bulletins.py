"""统计月报: the bulletin of a closed month is signed off by others and goes to whoever is to have it, once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outreach.foundation import clock
from outreach.office.send_mail import send_due
from outreach.people.model import Role
from outreach.settings import Settings
from outreach.statistics.service import close_month
from tests.builders import OfficeStory, claim, publish
from tests.conftest import settings_for
from tests.mail_server import PASSWORD, MailServer, mail_server
from tests.statistics.report_files import docx_text
from tests.web.conftest import Browser, Page

VERSIONS = "/statistics/reports/monthly/2026-09/versions"
SUBMIT = "/statistics/reports/monthly/2026-09/submit"
SEPTEMBER = datetime(2026, 9, 20, 4, tzinfo=UTC)
HOLIDAY = datetime(2026, 10, 6, 2, tzinfo=UTC)  # National Day's holidays end on the 7th
EARLY = datetime(2026, 10, 8, 0, 59, tzinfo=UTC)
DUE = datetime(2026, 10, 8, 1, tzinfo=UTC)  # the first working day, 09:00 in Shanghai
on_sqlite = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
async def post_office() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, post_office: MailServer) -> Settings:
    return settings_for(
        tmp_path,
        database_url,
        smtp_host="127.0.0.1",
        OUTREACH_SMTP_PORT=post_office.port,
        smtp_from="gongkai@example.cn",
        smtp_tls="none",
        smtp_username="gongkai",
        OUTREACH_SMTP_PASSWORD=PASSWORD,
    )


@dataclass
class Desk:
    """A month with one post, the statistician, who closes it, and the two who decide."""

    story: OfficeStory
    statistician: Browser
    reviewer: Browser
    signatory: Browser
    late_post: str

    async def close(self) -> None:
        office = self.story.office
        by = await self.story.person(Role.STATISTICIAN)
        async with office.db.begin() as session:
            await close_month(session, by, "2026-09", office.settings.zone)

    async def contact(self, name: str) -> None:
        await self.statistician.get("/statistics/mail")
        await self.statistician.post(
            "/statistics/mail/contacts", name=name, address=f"{name}@example.cn", purposes="bulletin"
        )

    async def submit(self) -> Page:
        await self.statistician.get("/statistics?month=2026-09")
        return await self.statistician.post(SUBMIT)

    async def decide(self, browser: Browser, number: int, decision: str = "approve") -> Page:
        page = await browser.get(f"{VERSIONS}/{number}")
        found = re.search(r'name="content_hash" value="(\w+)"', page.text)
        given = {"decision": decision, "opinion": "同意。", "content_hash": found[1] if found else ""}
        return await browser.post(f"{VERSIONS}/{number}/decide", given)

    async def sign(self, number: int) -> Page:
        await self.decide(self.reviewer, number)
        return await self.decide(self.signatory, number)

    async def come_back(self) -> None:
        """Two days later everybody signs in again."""
        for browser, role in (
            (self.statistician, Role.STATISTICIAN),
            (self.reviewer, Role.CONFIDENTIALITY_REVIEWER),
            (self.signatory, Role.SIGNATORY),
        ):
            await browser.get("/login")
            await browser.sign_in(role.value)

    async def sent(self) -> int:
        return await send_due(self.story.office, worker="a worker")


@pytest.fixture
async def desk(story: OfficeStory, new_browser: Callable[[], Browser]) -> AsyncIterator[Desk]:
    await story.item().published(at=SEPTEMBER)
    late = await story.post(await story.item("event").planned())
    await claim(story.office, late.id)
    browsers = []
    with clock.at(HOLIDAY, running=True):
        for role in (Role.STATISTICIAN, Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY):
            await story.person(role)
            browser = new_browser()
            await browser.sign_in(role.value)
            browsers.append(browser)
        yield Desk(story, *browsers, late_post=late.id)


async def test_the_signed_file_is_the_one_that_goes_out_on_the_first_working_day_and_once(
    desk: Desk, post_office: MailServer
) -> None:
    refused = await desk.submit()
    assert (refused.status, "还没有结账，不能提交月报" in refused.text) == (409, True)
    await desk.close()
    await desk.contact("zhang")
    submitted = await desk.submit()
    assert submitted.path.startswith(f"{VERSIONS}/1")
    assert "签发后在 2026年10月8日 09:00" in submitted.text
    for page in ("/queue", "/statistics/reports"):
        assert f"{VERSIONS}/1" in (await desk.reviewer.get(page)).text.partition("<table")[0]
    assert "发布统计月报" in (await desk.reviewer.get(f"{VERSIONS}/1/preview")).text
    assert (await desk.decide(desk.statistician, 1)).status == 403
    assert (await desk.decide(desk.signatory, 1)).status == 403
    word = await (await desk.reviewer.client.get(f"{VERSIONS}/1.docx")).read()
    assert "共发布 1 件" in docx_text(word)

    await desk.decide(desk.reviewer, 1)
    assert await desk.sent() == 0
    final = await desk.decide(desk.signatory, 1)
    assert ("已定稿" in final.text, "2026年10月8日 09:00起寄送" in final.text) == (True, True)
    with clock.at(EARLY):
        assert await desk.sent() == 0
    with clock.at(DUE):
        assert (await desk.sent(), await desk.sent()) == (1, 0)
    (got,) = post_office.mails
    (file,) = got.iter_attachments()
    assert (str(got["To"]), file.get_content()) == ("zhang <zhang@example.cn>", word)
    assert (await desk.decide(desk.signatory, 1)).status == 409
    with clock.at(DUE, running=True):
        await desk.come_back()
        assert await desk.sent() == 0
        assert "没有签发的月报" not in (await desk.statistician.get("/needs-attention")).text


@on_sqlite
async def test_what_changed_after_the_close_goes_out_as_a_correction_and_what_waits_of_the_first_does_not(
    desk: Desk, post_office: MailServer
) -> None:
    await desk.close()
    await desk.contact("zhang")
    await desk.submit()
    await desk.sign(1)
    same = await desk.submit()
    assert (same.status, "与已定稿的第 1 版完全相同" in same.text) == (409, True)
    await publish(desk.story.office, desk.late_post, at=SEPTEMBER)
    await desk.submit()
    await desk.sign(2)
    first = (await desk.statistician.get(f"{VERSIONS}/1")).text
    assert "不再发送" in first.partition('id="sending"')[2].partition("</section>")[0]
    with clock.at(DUE):
        assert (await desk.sent(), await desk.sent()) == (1, 0)
    (got,) = post_office.mails
    text, (file,) = got.get_body(), got.iter_attachments()
    assert text is not None
    assert "更正版" in got["Subject"]
    assert "代替此前的第 1 版" in text.get_content()
    assert all(one in docx_text(file.get_content()) for one in ("更正版", "结账后变动"))


@on_sqlite
async def test_without_recipients_nothing_goes_out_and_the_page_says_so(
    desk: Desk, post_office: MailServer
) -> None:
    await desk.close()
    assert "签发后不会寄给任何人" in (await desk.submit()).text
    assert "没有寄给任何人" in (await desk.sign(1)).text
    await desk.contact("zhang")
    with clock.at(DUE):
        assert await desk.sent() == 0
    assert post_office.mails == []


@on_sqlite
async def test_the_statistician_is_told_of_a_bulletin_that_is_due_until_it_is_final(desk: Desk) -> None:
    async def told() -> str:
        page = (await desk.statistician.get("/needs-attention")).text
        return page.partition('id="bulletin"')[2].partition("</section>")[0]

    assert await told() == ""
    with clock.at(DUE, running=True):
        await desk.come_back()
        assert "/statistics/close?month=2026-09" in await told()
        assert 'id="bulletin"' not in (await desk.reviewer.get("/needs-attention")).text
        await desk.close()
        assert SUBMIT in await told()
        await desk.statistician.post(SUBMIT)
        assert "保密审查中" in await told()
        await desk.decide(desk.reviewer, 1, "return")
        assert SUBMIT in await told()
        await desk.submit()
        await desk.sign(2)
        assert await told() == ""


@on_sqlite
async def test_whoever_closed_the_month_decides_on_no_bulletin_of_it(
    desk: Desk, new_browser: Callable[[], Browser]
) -> None:
    both = await desk.story.person(Role.STATISTICIAN, Role.CONFIDENTIALITY_REVIEWER, name="both")
    office = desk.story.office
    async with office.db.begin() as session:
        await close_month(session, both, "2026-09", office.settings.zone)
    await desk.submit()
    closer = new_browser()
    await closer.sign_in("both")
    assert (await desk.decide(closer, 1)).status == 403
    assert (await desk.reviewer.post(SUBMIT)).status == 403
    assert (await desk.reviewer.get("/statistics/reports/monthly/2026-08/versions/1")).status == 404
