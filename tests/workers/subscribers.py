"""Followers of the first account, what they subscribed to, and what a worker of the queue `notify` does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from outreach.channels.model import Account
from outreach.channels.wechat.messages import Arrival, TemplateArrived
from outreach.followers.model import Follower, Subscription, Topic
from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.model import Notice, NoticeConsent
from outreach.followers.notices.queries import progress_of
from outreach.followers.notices.rules import NoticeAction
from outreach.followers.notices.service import templates
from outreach.followers.notices.service.recipients import consent
from outreach.followers.notices.service.states import act
from outreach.foundation import clock, office_settings
from outreach.foundation.audit import COMMAND_LINE
from outreach.items.model import Kind
from outreach.office.context import Office, open_office
from outreach.office.notice_events import NoticeEvent, take_notice_events
from outreach.office.send_notices import send_due
from outreach.office.start_notices import start_due
from tests.builders import OfficeStory
from tests.channels.office import closed_port_url
from tests.sandbox.platform import Platform

TEMPLATE = "/cgi-bin/message/template/send"
CUSTOMER = "/cgi-bin/message/custom/send"


class Subscribers:
    """Those of the demo's first account."""

    def __init__(self, story: OfficeStory, sandbox: Platform, account: Account) -> None:
        self.story = story
        self.office: Office = story.office
        self.sandbox = sandbox
        self.account = account

    async def settings(self, **changes: Any) -> None:
        """The office has set this."""
        async with self.office.db.begin() as session:
            settings = await office_settings.load(session)
            await office_settings.change(session, COMMAND_LINE, settings.model_copy(update=changes))

    async def topic(self, kind: Kind = Kind.PENALTY, **which: Any) -> Topic:
        """Something to subscribe to; any of that kind without more."""
        async with self.office.db.begin() as session:
            topic = Topic(account_id=self.account.id, kind=kind, **which)
            session.add(topic)
        return topic

    async def join(self, count: int, *topics: Topic, **columns: Any) -> list[str]:
        """So many new followers who agreed and subscribed to `topics`; their openids."""
        before = await self._openids()
        await self.sandbox.control("followers", {"count": count})
        new = [one for one in await self._openids() if one not in set(before)]
        now = clock.now()
        follower = {"account_id": self.account.id, "subscribed": True, "consented_at": now, **columns}
        async with self.office.db.begin() as session:
            await session.execute(insert(Follower), [{**follower, "openid": one} for one in new])
            ids = list(await session.scalars(select(Follower.id).where(Follower.openid.in_(new))))
            wanted = [
                {"topic_id": topic.id, "follower_id": one, "since": now} for topic in topics for one in ids
            ]
            if wanted:
                await session.execute(insert(Subscription), wanted)
        return new

    async def _openids(self) -> list[str]:
        answer = await self.sandbox.query("/cgi-bin/user/get")
        return list(answer.get("data", {}).get("openid", []))

    async def template(self, use: str = "penalty") -> str:
        """The office tells of `use` by a template message; the template's id."""
        body = {"template_id_short": "43216", "keyword_name_list": ["事项名称", "公开时间", "公开单位"]}
        template_id = (await self.sandbox.post("/cgi-bin/template/api_add_template", body))["template_id"]
        await self.choose(use, template_id)
        return str(template_id)

    async def notice_template(self, use: str, tid: str, *keywords: int) -> str:
        """The office tells of `use` by a subscription notice; the template's id."""
        body = {"tid": tid, "kidList": list(keywords), "sceneDesc": "信息公开"}
        template_id = (await self.sandbox.post("/wxaapi/newtmpl/addtemplate", body))["priTmplId"]
        await self.choose(use, template_id)
        return str(template_id)

    async def choose(self, use: str, template_id: str) -> None:
        notifier = await self.office.channels.notifier_of(self.account)
        shape = next(one for one in await notifier.shapes() if one.template_id == template_id)
        admin = await self.story.person("admin")
        async with self.office.db.begin() as session:
            await templates.choose(session, self.account.id, admin, use, shape)

    async def work(self, *, worker: str = "a worker", stop: asyncio.Event | None = None) -> None:
        """What a worker does until nothing is left to do now."""
        await start_due(self.office)
        while await send_due(self.office, worker=worker, stop=stop or asyncio.Event(), most_s=60):
            pass

    async def notices(self) -> Sequence[Notice]:
        """Every notice, in the order of their planning."""
        async with self.office.db.read() as session:
            return (await session.scalars(select(Notice).order_by(Notice.id))).all()

    async def states(self, notice: Notice) -> dict[RecipientState, int]:
        """How many of its recipients are in each state in which anybody is."""
        async with self.office.db.read() as session:
            progress = await progress_of(session, notice)
        return {state: number for state, number in progress.by_state.items() if number}

    async def told(self) -> list[dict[str, Any]]:
        """What reached followers."""
        return list(await self.sandbox.control("wechat/messages?limit=5000"))

    async def hear(self, statuses: Mapping[str, str], msg_ids: Mapping[str, int]) -> None:
        """WeChat tells what became of the message of each of these followers."""
        events = [
            NoticeEvent(
                self.account.id,
                openid,
                clock.now(),
                TemplateArrived(str(msg_ids[openid]), Arrival.DELIVERED, status),
            )
            for openid, status in statuses.items()
        ]
        async with self.office.db.begin() as session:
            await take_notice_events(session, events)

    async def act(self, action: NoticeAction) -> None:
        """A publisher does it to the first notice."""
        publisher = await self.story.person("publisher")
        notice = (await self.notices())[0]
        async with self.office.db.begin() as session:
            await act(session, notice.id, publisher, action)

    async def allows(self, openid: str, template_id: str, *, platform: bool) -> None:
        """The follower accepted one message; `platform`: WeChat knows of it."""
        if platform:
            listed = {"TemplateId": template_id, "SubscribeStatusString": "accept", "PopupScene": "0"}
            told = {"type": "subscribe_msg_popup_event", "openid": openid}
            await self.sandbox.control("events", {**told, "SubscribeMsgPopupEvent": {"List": listed}})
        async with self.office.db.begin() as session:
            follower = await session.scalar(select(Follower.id).where(Follower.openid == openid))
            assert follower is not None
            await consent(session, template_id, follower)

    async def consents(self) -> dict[str, int]:
        """What is left of each follower's consent."""
        query = select(Follower.openid, NoticeConsent.left).join(
            NoticeConsent, NoticeConsent.follower_id == Follower.id
        )
        async with self.office.db.read() as session:
            return {row.openid: row.left for row in await session.execute(query)}

    async def work_without_platform(self) -> None:
        """What a worker does while nobody answers at the platform's address."""
        settings = self.office.settings.model_copy(update={"wechat_base_url": closed_port_url()})
        elsewhere = open_office(settings)
        await start_due(elsewhere)
        await send_due(elsewhere, worker="cut off", stop=asyncio.Event(), most_s=60)
        await elsewhere.close()
