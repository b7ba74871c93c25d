"""E-mails: written with what causes them, sent once, and left to a person where nobody can know."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from outreach.cli.doctor.mailing import CHECKS
from outreach.foundation import clock, mail
from outreach.foundation.mail import Attachment, Mail, MailState
from outreach.office.context import Office
from outreach.office.send_mail import send_due
from outreach.people.model import Role
from outreach.settings import Settings
from tests.conftest import settings_for
from tests.mail_server import PASSWORD, MailServer, mail_server
from tests.servers import Sqlite
from tests.web.conftest import Browser, browser, hire, new_browser, server

__all__ = ["browser", "new_browser", "server"]


@dataclass(frozen=True)
class Reader:
    name: str = "张三"
    address: str = "zhangsan@example.cn"


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
        smtp_from="政务公开 <gongkai@example.cn>",
        smtp_tls="none",
        smtp_username="gongkai",
        OUTREACH_SMTP_PASSWORD=PASSWORD,
    )


async def queued(office: Office, subject: str = "自查提醒", *files: Attachment) -> str:
    async with office.db.begin() as session:
        (one,) = await mail.queue_mail(session, [Reader()], subject, "请尽快更新。\n", files)
    return one.id


async def sent(office: Office) -> int:
    return await send_due(office, worker="a worker")


async def standing(office: Office, mail_id: str) -> Mail:
    async with office.db.read() as session:
        return await mail.get_mail(session, mail_id)


async def test_a_mail_goes_out_once_with_its_file_and_nothing_of_what_was_rolled_back(
    office: Office, post_office: MailServer
) -> None:
    sheet = Attachment("统计月报.txt", "application/octet-stream", await office.media.put("合计 3".encode()))
    mail_id = await queued(office, "统计月报\r\nBcc: all@example.cn", sheet)
    with pytest.raises(ZeroDivisionError):
        async with office.db.begin() as session:
            await mail.queue_mail(session, [Reader()], "不发", "不发")
            raise ZeroDivisionError
    assert (await sent(office), await sent(office)) == (1, 0)
    (got,) = post_office.mails
    assert (str(got["From"]), str(got["To"])) == (
        "政务公开 <gongkai@example.cn>",
        "张三 <zhangsan@example.cn>",
    )
    assert (got["Subject"], got["Bcc"]) == ("统计月报 Bcc: all@example.cn", None)
    assert got["Message-ID"] == f"<{mail_id}@example.cn>"
    text, file = got.get_body(), next(iter(got.iter_attachments()))
    assert text is not None
    assert (text.get_content(), file.get_filename(), file.get_content()) == (
        "请尽快更新。\n",
        "统计月报.txt",
        "合计 3".encode(),
    )
    assert (await standing(office, mail_id)).state is MailState.SENT


async def test_a_lost_answer_and_a_worker_that_died_after_the_handover_are_never_repeated(
    office: Office, post_office: MailServer
) -> None:
    post_office.goes_silent = True
    lost = await queued(office)
    await sent(office)
    post_office.goes_silent = False
    before, after = await queued(office), await queued(office)
    async with office.db.begin() as session:
        holds = [await mail.claim(session, worker="a dead worker") for _ in range(2)]
        (died,) = [hold for hold in holds if hold and hold.mail.id == after]
        await mail.note_handover(session, died)
    with clock.at(clock.now() + mail.LEASE):
        assert (await sent(office), await sent(office)) == (1, 0)
    states = {one: (await standing(office, one)).state for one in (lost, before, after)}
    assert states == {lost: MailState.UNCERTAIN, before: MailState.SENT, after: MailState.UNCERTAIN}
    assert len(post_office.mails) == 2


class TestEitherDatabase:
    """What does not depend on the database."""

    @pytest.fixture
    def database_server(self, sqlite: Sqlite) -> Sqlite:
        return sqlite

    async def test_a_busy_server_is_asked_again_later_and_given_up_after_three_days(
        self, office: Office, post_office: MailServer
    ) -> None:
        post_office.to_recipient = "451 try later"
        mail_id = await queued(office)
        assert (await sent(office), await sent(office)) == (1, 0)
        waiting = await standing(office, mail_id)
        assert (waiting.state, waiting.tries, "451 try later" in str(waiting.problem)) == (
            MailState.QUEUED,
            1,
            True,
        )
        with clock.at(clock.now() + timedelta(seconds=61)):
            assert await sent(office) == 1
        with clock.at(clock.now() + timedelta(days=3)):
            assert await sent(office) == 0
        lost = await standing(office, mail_id)
        assert (lost.state, "3 天没有发出" in str(lost.problem), lost.tries) == (MailState.FAILED, True, 2)

    async def test_what_no_server_is_there_for_waits_and_what_it_refuses_is_left_to_a_person(
        self, office: Office, post_office: MailServer, new_browser: Callable[[], Browser]
    ) -> None:
        post_office.to_content = "554 spam"
        refused = await queued(office, "被拒收的")
        await sent(office)
        assert (await standing(office, refused)).state is MailState.FAILED
        await hire(office, "统计员", Role.STATISTICIAN)
        await hire(office, "编辑", Role.EDITOR)
        keeper, editor = new_browser(), new_browser()
        await keeper.sign_in("统计员")
        await editor.sign_in("编辑")
        page = await keeper.get("/needs-attention")
        assert ("被拒收的" in page.text, "554 spam" in page.text) == (True, True)
        assert "重新发送" not in (await editor.get("/needs-attention")).text
        assert (await editor.post(f"/statistics/mail/{refused}/drop")).status == 403
        post_office.to_content = "250 OK"
        await keeper.post(f"/statistics/mail/{refused}/send-again", back="/needs-attention")
        assert await sent(office) == 1
        assert [one["Subject"] for one in post_office.mails] == ["被拒收的"]
        assert (await keeper.post(f"/statistics/mail/{refused}/drop")).status == 409

    async def test_the_address_book_takes_named_persons_alone(
        self, office: Office, new_browser: Callable[[], Browser]
    ) -> None:
        await hire(office, "统计员", Role.STATISTICIAN)
        keeper = new_browser()
        await keeper.sign_in("统计员")
        wrong = await keeper.post("/statistics/mail/contacts", name="李四", address="李四@例子")
        assert (wrong.status, "不是邮件地址" in wrong.text, "请勾选" in wrong.text) == (422, True, True)
        assert 'value="李四@例子"' in wrong.text
        typed = {"name": "李四", "address": "lisi@example.cn", "purposes": "self_check"}
        kept = await keeper.post("/statistics/mail/contacts", typed)
        assert ("lisi@example.cn" in kept.text, "自查提醒" in kept.text) == (True, True)
        again = await keeper.post("/statistics/mail/contacts", typed)
        assert (again.status, "已经有这个地址" in again.text) == (422, True)
        assert (await new_browser().get("/statistics/mail")).path.startswith("/login")

    async def test_a_login_that_is_refused_is_told_by_the_doctor_and_nothing_is_lost(
        self, office: Office, post_office: MailServer
    ) -> None:
        complaints = [one.what for one in await CHECKS[0].find(office)]
        post_office.password = "another"
        complaints += [one.what for one in await CHECKS[0].find(office)]
        open_, refused = "邮箱密码不加密发送。", "邮件服务器不接受用户名或密码（535）。"
        assert complaints == [open_, open_, refused]
        mail_id = await queued(office)
        await sent(office)
        waiting = await standing(office, mail_id)
        assert (waiting.state, waiting.problem) == (MailState.QUEUED, refused)
