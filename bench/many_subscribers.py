"""As many followers as one likes, each with five subscriptions that all match, made set-wise by PostgreSQL."""

from __future__ import annotations

from typing import Final

import asyncpg
from sqlalchemy import make_url, select

from outreach.channels import budgets
from outreach.channels.budget_rules import TEMPLATES
from outreach.channels.model import Account
from outreach.channels.notice_protocol import NoticeCall
from outreach.channels.protocol import Quota
from outreach.followers.model import Topic
from outreach.followers.notices.model import Notice, NoticeTemplate
from outreach.foundation import office_settings
from outreach.foundation.audit import COMMAND_LINE
from outreach.items.model import Kind
from outreach.office.context import Office
from tests.builders import OfficeStory

_TITLE: Final = "关于集宁区丰镇市卓资县化德县行政处罚决定的公开"
_COUNTIES: Final = ("", "集宁区", "丰镇市", "卓资县", "化德县")
_FIELDS: Final = (
    ("thing1", "事项名称", "subject"),
    ("time2", "公开时间", "moment"),
    ("thing3", "公开单位", "unit"),
)
TEMPLATE_ID: Final = "t" * 43


async def make_followers(office: Office, count: int) -> Account:
    """Followers of the first account, who hear at any hour and as often as settings allow."""
    account = (await OfficeStory(office).accounts())[0]
    async with office.db.begin() as session:
        topics = [Topic(account_id=account.id, kind=Kind.PENALTY, county=county) for county in _COUNTIES]
        session.add_all(topics)
        session.add(
            NoticeTemplate(
                account_id=account.id,
                use=Kind.PENALTY.value,
                call=NoticeCall.TEMPLATE,
                template_id=TEMPLATE_ID,
                title="环境信息公开通知",
                fields=[{"name": name, "label": label, "fact": fact} for name, label, fact in _FIELDS],
                lasting=False,
            )
        )
        changed = {"notices_quiet_from": "", "notices_quiet_until": "", "notices_a_day": 20}
        settings = await office_settings.load(session)
        await office_settings.change(session, COMMAND_LINE, settings.model_copy(update=changed))
        await budgets.learn(session, account.id, {TEMPLATES: Quota(10**9, 0)})
    await _fill(office, account.id, count)
    return account


async def new_notice(office: Office, number: int) -> Notice:
    """One more thing to tell all of them of, through the use cases."""
    story = OfficeStory(office)
    item = await story.item(title=f"{_TITLE}{number}").published()
    async with office.db.read() as session:
        return (await session.scalars(select(Notice).where(Notice.item_id == item.id))).one()


async def _fill(office: Office, account_id: str, count: int) -> None:
    parts = make_url(office.settings.database_url)
    connection = await asyncpg.connect(host=parts.query["host"], user=parts.username, database=parts.database)
    try:
        await connection.execute("SET session_replication_role = replica")  # foreign keys hold anyway
        await connection.execute(
            "INSERT INTO follower (account_id, openid, subscribed, subscribed_at, consented_at)"
            " SELECT $1, 'o' || left(md5(n::text), 27), true, now(), now()"
            f" FROM generate_series(1, {count}) AS n",
            account_id,
        )
        await connection.execute(
            "INSERT INTO subscription (topic_id, follower_id, since)"
            " SELECT topic.id, follower.id, now() FROM topic, follower ORDER BY topic.id, follower.id"
        )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
