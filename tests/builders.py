"""Builders that tell a story through the use cases, as pages, API and commands do.

await story.item("penalty").submitted().approved_by("section_head")
await story.item("event").published(on=["wechat", "weibo"])
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, Final, Self

from argon2 import PasswordHasher
from sqlalchemy import select

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.protocol import Published
from outreach.channels.service import add_account
from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE
from outreach.items.model import Item
from outreach.items.queries import get_item
from outreach.office.confirm_post import confirm_post
from outreach.office.context import Office
from outreach.office.plan_posts import plan_posts
from outreach.office.review_item import decide
from outreach.office.submit_item import submit_item
from outreach.office.take_back import recall_item
from outreach.office.write_item import create_item, edit_item
from outreach.people.model import Person, Role, Section
from outreach.people.passwords import Passwords
from outreach.people.service import add_person, add_section, issue_token
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.queries import posts_by_item
from outreach.publishing.rules import PostAction
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from tests.items import builders as samples

PASSWORD: Final = "correct-horse-battery"
QUICK: Final = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
REVIEWERS: Final = (Role.SECTION_HEAD, Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY)
DEMO_ACCOUNTS: Final[list[dict[str, Any]]] = json.loads(
    (files("outreach.demo") / "accounts.json").read_text(encoding="utf-8")
)

Step = Callable[[Item], Awaitable[Item]]


class OfficeStory:
    """An office in which things happen. Whoever is needed is hired when first called upon."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def person(
        self, *roles: Role | str, name: str | None = None, sections: Sequence[str] = ()
    ) -> Person:
        """Somebody with these roles; called like the first of them where no name is given."""
        wanted = [Role(role) for role in roles]
        name = name or wanted[0].value
        async with self.office.db.read() as session:
            known = await session.scalar(select(Person).where(Person.name == name))
        if known is None:
            async with self.office.db.begin() as session:
                known, _ = await add_person(
                    session,
                    COMMAND_LINE,
                    name,
                    wanted,
                    list(sections),
                    PASSWORD,
                    must_change=False,
                    passwords=QUICK,
                )
        return known

    async def token(self, person: Person) -> str:
        """A bearer token of that person."""
        async with self.office.db.begin() as session:
            return await issue_token(session, COMMAND_LINE, person)

    async def section(self, name: str) -> Section:
        """The section of that name."""
        async with self.office.db.begin() as session:
            known = await session.scalar(select(Section).where(Section.name == name))
            return known or await add_section(session, COMMAND_LINE, name)

    async def accounts(self) -> list[Account]:
        """The demo's accounts, which the sandbox knows: WeChat, Weibo, and a WeChat one for drafts only."""
        async with self.office.db.begin() as session:
            known = list(await session.scalars(select(Account).order_by(Account.number)))
            return known or [
                await add_account(
                    session,
                    self.office.sealer,
                    COMMAND_LINE,
                    channel=ChannelName(one["channel"]),
                    name=one["name"],
                    type_=AccountType(one["type"]) if one["type"] else None,
                    verified=one["verified"],
                    credentials=one["credentials"],
                    account_id=one["id"],
                )
                for one in DEMO_ACCOUNTS
            ]

    def item(self, kind: str = "penalty", **changes: Any) -> ItemStory:
        """A sample of that kind, with other values where `changes` name them, written by the editor."""
        return ItemStory(self, kind, changes)

    async def fresh(self, item: Item) -> Item:
        """The item as it stands now."""
        async with self.office.db.read() as session:
            return await get_item(session, item.id, await self.person(Role.AUDITOR))

    async def posts(self, item: Item) -> list[Post]:
        """The item's posts as they stand now, in the order of their planning."""
        async with self.office.db.read() as session:
            return (await posts_by_item(session, [item.id])).get(item.id, [])

    async def post(self, item: Item) -> Post:
        """The item's only post."""
        (post,) = await self.posts(item)
        return post


class ItemStory:
    """What happens to one item, in order; awaited, it happens, and gives the item as it stands then."""

    def __init__(self, story: OfficeStory, kind: str, changes: Mapping[str, Any]) -> None:
        self._story = story
        self._raw = samples.item(kind, **{"source_id": None, "attachments": [], **changes})
        self._writer: Person | None = None
        self._steps: list[Step] = []

    def __await__(self) -> Generator[Any, None, Item]:
        return self._happen().__await__()

    def by(self, writer: Person) -> Self:
        """Written and submitted by somebody else than the usual editor."""
        self._writer = writer
        return self

    def submitted(self) -> Self:
        """Handed in by its writer."""

        async def step(item: Item) -> Item:
            return await submit_item(self._story.office, item.id, await self._editor())

        return self._then(step)

    def edited(self, **changes: Any) -> Self:
        """Changed by its writer."""

        async def step(item: Item) -> Item:
            async with self._story.office.db.begin() as session:
                editor = await self._editor()
                return await edit_item(session, item.id, editor, changes, version=item.version)

        return self._then(step)

    def recalled(self) -> Self:
        """Taken back by its submitter."""

        async def step(item: Item) -> Item:
            async with self._story.office.db.begin() as session:
                return await recall_item(session, item.id, await self._editor())

        return self._then(step)

    def decided(self, role: Role | str, verdict: Verdict) -> Self:
        """Decided by the usual person of that role."""

        async def step(item: Item) -> Item:
            async with self._story.office.db.begin() as session:
                by = await self._story.person(role)
                return await decide(
                    session, item.id, by, verdict, revision=item.revision, zone=clock.SHANGHAI
                )

        return self._then(step)

    def approved_by(self, *roles: Role | str) -> Self:
        """Approved by these, one after the other."""
        for role in roles:
            self.decided(role, Verdict(DecisionKind.APPROVE, "同意"))
        return self

    def returned_by(self, role: Role | str) -> Self:
        """Sent back to its writer."""
        return self.decided(role, Verdict(DecisionKind.RETURN, "请补充依据。"))

    def approved(self) -> Self:
        """Handed in and approved at all three stages."""
        return self.submitted().approved_by(*REVIEWERS)

    def planned(self, *accounts: Account, at: datetime | None = None) -> Self:
        """Approved, and planned onto these accounts; without any, onto the first one."""

        async def step(item: Item) -> Item:
            chosen = accounts or (await self._story.accounts())[:1]
            publisher = await self._story.person(Role.PUBLISHER)
            await plan_posts(self._story.office, item.id, publisher, [one.id for one in chosen], at)
            return await self._story.fresh(item)

        return self.approved()._then(step)

    def published(self, *accounts: Account, at: datetime | None = None) -> Self:
        """Planned and out: the platform said so, at `at` by its own clock."""

        async def step(item: Item) -> Item:
            for post in await self._story.posts(item):
                await publish(self._story.office, post.id, at=at)
            return await self._story.fresh(item)

        return self.planned(*accounts)._then(step)

    def _then(self, step: Step) -> Self:
        self._steps.append(step)
        return self

    async def _editor(self) -> Person:
        return self._writer or await self._story.person(Role.EDITOR)

    async def _happen(self) -> Item:
        await self._story.section(self._raw["section"])
        editor = await self._editor()
        async with self._story.office.db.begin() as session:
            item, _ = await create_item(session, editor, self._raw)
        for step in self._steps:
            item = await step(item)
        return item


async def claim(office: Office, post_id: str, *, worker: str = "a worker") -> Post:
    """The post, taken by a worker that holds its lease."""
    async with office.db.begin() as session:
        claimed = await publishing.claim_due(session, worker=worker, limit=1000)
    return next(post for post in claimed if post.id == post_id)


async def publish(office: Office, post_id: str, *, at: datetime | None = None) -> Post:
    """The post is sent, and the platform says that it is out, at `at` by its own clock."""
    async with office.db.read() as session:
        post = await session.get_one(Post, post_id)
    if post.state == "planned":
        post = await claim(office, post_id)
    async with office.db.begin() as session:
        proof = Published(platform_id=f"platform-{post_id}", url=f"http://127.0.0.1/s/{post_id}", at=at)
        present = await session.get_one(Post, post_id)
        return await confirm_post(session, present, PostAction.PUBLISH, proof, office.settings.zone)
