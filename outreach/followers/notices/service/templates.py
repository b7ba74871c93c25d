"""Which template of the platform an account tells of something with, and which fact stands in which field."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.notice_protocol import NoticeCall, TemplateShape
from outreach.followers.notices.model import NoticeTemplate
from outreach.followers.notices.words import FACTS, USES, proposed_fields
from outreach.foundation import audit
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.people.model import Person
from outreach.people.rules import Act, require


async def choose(
    session: AsyncSession,
    account_id: str,
    by: Person,
    use: str,
    shape: TemplateShape,
    facts: Mapping[str, str] | None = None,
) -> NoticeTemplate:
    """The account tells of `use` (`words.USES`) with that template from now on; `facts` name the fact of each field,
    where they are left out as they are probably meant. Raises Forbidden, InvalidContent."""
    require(by, Act.ADMINISTER)
    if use not in USES:
        raise InvalidContent("请选择用途。", errors=[FieldError("use", "请选择用途。")])
    fields = [
        {**one, "fact": facts[one["name"]]} if facts is not None and one["name"] in facts else one
        for one in proposed_fields(shape)
    ]
    if wrong := [one["name"] for one in fields if one["fact"] not in FACTS]:
        raise InvalidContent(
            "请选择要填的内容。", errors=[FieldError(name, "请选择要填的内容。") for name in wrong]
        )
    chosen = await session.merge(
        NoticeTemplate(
            account_id=account_id,
            use=use,
            call=shape.call,
            template_id=shape.template_id,
            title=shape.title,
            fields=fields,
            lasting=shape.lasting,
        )
    )
    await audit.record(
        session, by, "notice.template", "account", account_id, use=use, call=shape.call, title=shape.title
    )
    return chosen


async def drop(session: AsyncSession, account_id: str, by: Person, use: str, call: NoticeCall) -> None:
    """The account tells of `use` by that call no more. Raises Forbidden."""
    require(by, Act.ADMINISTER)
    await session.execute(
        delete(NoticeTemplate).where(
            NoticeTemplate.account_id == account_id, NoticeTemplate.use == use, NoticeTemplate.call == call
        )
    )
    await audit.record(session, by, "notice.template", "account", account_id, use=use, call=call, title=None)
