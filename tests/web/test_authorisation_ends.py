"""An authorisation that ends is told to those who can renew it, before nothing can be published any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.channels import service
from outreach.channels.credentials import WeiboCredentials, open_credentials
from outreach.channels.model import Account
from outreach.channels.queries import get_account
from outreach.foundation import clock
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.web.conftest import Browser
from tests.web.test_metrics import of, scrape

pytestmark = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
END = datetime(2026, 12, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
AUTHORISE = "weibo/authorise"


@pytest.fixture
async def weibo(story: OfficeStory, office: Office) -> Account:
    """The bureau's Weibo, authorised until `END`."""
    account = (await story.accounts())[1]
    credentials = open_credentials(office.sealer, account, WeiboCredentials)
    with clock.at(END - timedelta(days=30)):
        async with office.db.begin() as session:
            return await service.authorise_weibo(
                session,
                office.sealer,
                await story.person(Role.ADMIN),
                await get_account(session, account.id),
                uid=credentials.uid or "",
                token="2.00another",
                expires_in_s=30 * 24 * 3600,
            )


async def test_it_is_told_from_seven_days_before_with_the_button(
    office: Office, story: OfficeStory, browser: Browser, weibo: Account
) -> None:
    button = f"/accounts/{weibo.id}/{AUTHORISE}"
    with clock.at(END - timedelta(days=7, minutes=1), running=True):
        await browser.sign_in("admin")
        assert button not in (await browser.get("/needs-attention")).text
        page = await browser.get("/accounts")
        assert "至 2026年12月20日 09:30" in page.text
        assert "请重新授权" not in page.text
    with clock.at(END - timedelta(days=6), running=True):
        await browser.sign_in("admin")
        page = await browser.get("/needs-attention")
        assert "授权到 2026年12月20日 09:30 为止，到期后不能发布。" in page.text
        assert button in page.text
        assert "请重新授权" in (await browser.get("/accounts")).text
        assert of(
            await scrape(office), "account_authorisation_ends_seconds", account=weibo.id, channel="weibo"
        ) == (pytest.approx(6 * 24 * 3600, abs=60))
    await story.person(Role.PUBLISHER)
    with clock.at(END + timedelta(days=1), running=True):
        await browser.sign_in("publisher")
        page = await browser.get("/needs-attention")
        assert "授权已在 2026年12月20日 09:30 到期，不能发布。" in page.text
        assert "请系统管理员点“授权”" in page.text
        assert button not in page.text
