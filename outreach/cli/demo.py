"""`outreach demo load`: sample users, sections, accounts and items, so that a newcomer sees a living queue."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final

import typer
from sqlalchemy import select

from outreach.channels.model import AccountCheck, AccountType, ChannelName
from outreach.channels.protocol import ChannelError
from outreach.channels.queries import list_accounts
from outreach.channels.rules import can_publish
from outreach.channels.service import add_account
from outreach.cli.common import with_office
from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.problems import NotPossible
from outreach.items.model import Item, ItemState
from outreach.items.queries import find_by_source_id
from outreach.office.check_account import check_account
from outreach.office.context import Office
from outreach.office.import_items import import_items
from outreach.office.plan_posts import plan_posts
from outreach.office.review_item import decide
from outreach.office.submit_item import submit_item
from outreach.people import queries as people
from outreach.people.model import Person, Role
from outreach.people.service import add_person, add_section
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict

PREFIX: Final = "demo-"
_DATA: Final = Path(str(resources.files("outreach.demo")))
_ACCOUNTS: Final[list[dict[str, Any]]] = json.loads((_DATA / "accounts.json").read_text(encoding="utf-8"))
DEMO_ACCOUNT_IDS: Final = frozenset(account["id"] for account in _ACCOUNTS)

_STAGES: Final = (Role.SECTION_HEAD, Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY)
# How far the items of each kind have come, one after the other: decisions taken, then published.
_RETURNED, _PUBLISHED, _APPROVED, _DRAFT = "returned", "published", "approved", "draft"
_FATES: Final = (0, 1, 2, _PUBLISHED, _PUBLISHED, _APPROVED, 0, _DRAFT, 1, _RETURNED, 2, _PUBLISHED, _DRAFT)

_ISO: Final = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
# 2024年5月22日, 5月22日, and either of them up to a later day of the month: 5月22日至28日, 5月6—8日.
_WRITTEN: Final = re.compile(
    r"(?:(?<!\d)(\d{4})年|(?<![\d年]))(\d{1,2})月(\d{1,2})(?:日?([至—–-])(\d{1,2}))?日"
)

demo_app = typer.Typer(help="演示数据", no_args_is_help=True)


@demo_app.command("load")
def load() -> None:
    """载入演示用户、科室、账号和样例信息；再次运行只补上缺少的。"""

    async def use(office: Office) -> None:
        async with office.db.read() as session:
            require_demo_home({account.id for account in await list_accounts(session)})
        await load_demo(office)

    with_office(use)
    print("演示数据已载入。")


def require_demo_home(account_ids: Collection[str]) -> None:
    """Raises NotPossible where HOME holds accounts that are not the demo's: nothing of theirs is touched."""
    if set(account_ids) - DEMO_ACCOUNT_IDS:
        raise NotPossible(
            "这个数据目录里有正式账号，不能载入演示数据或使用模拟平台。请用 OUTREACH_HOME 另指定一个目录。"
        )


async def load_demo(office: Office) -> None:
    """Everything that the demo shows; what is there already stays as it is."""
    samples = _samples(clock.today(office.settings.zone))
    await _load_sections(office, samples)
    await _load_people(office)
    await _load_accounts(office)
    new = await _load_items(office, samples)
    await _walk(office, new)


async def check_demo_accounts(office: Office) -> None:
    """Has each account checked by its platform that was not checked before; the sandbox has to be there."""
    admin = await _person(office, Role.ADMIN)
    async with office.db.read() as session:
        checked = set(await session.scalars(select(AccountCheck.account_id)))
        accounts = [one for one in await list_accounts(session) if one.id not in checked]
    for account in accounts:
        # What came of it stands on the account's page.
        with contextlib.suppress(ChannelError):
            await check_account(office, admin, account)


async def _load_sections(office: Office, samples: list[dict[str, Any]]) -> None:
    async with office.db.begin() as session:
        known = {section.name for section in await people.sections(session)}
        for name in dict.fromkeys(sample["section"] for sample in samples):
            if name not in known:
                await add_section(session, COMMAND_LINE, name)


async def _load_people(office: Office) -> None:
    password = office.settings.demo_password
    async with office.db.begin() as session:
        known = {person.name for person in await people.people(session)}
        for role in Role:
            if role.value not in known:
                await add_person(session, COMMAND_LINE, role.value, [role], [], password, must_change=False)


async def _load_accounts(office: Office) -> None:
    async with office.db.begin() as session:
        known = {account.id for account in await list_accounts(session)}
        for account in _ACCOUNTS:
            if account["id"] not in known:
                await add_account(
                    session,
                    office.sealer,
                    COMMAND_LINE,
                    channel=ChannelName(account["channel"]),
                    name=account["name"],
                    type_=AccountType(account["type"]) if account["type"] else None,
                    verified=account["verified"],
                    credentials=account["credentials"],
                    account_id=account["id"],
                )


async def _load_items(office: Office, samples: list[dict[str, Any]]) -> list[Item]:
    """Imports the samples like any file; the items that are new, in the samples' order."""
    editor = await _person(office, Role.EDITOR)
    async with office.db.read() as session:
        known = {
            sample["source_id"] for sample in samples if await find_by_source_id(session, sample["source_id"])
        }
    missing = [sample for sample in samples if sample["source_id"] not in known]
    if not missing:
        return []
    text = "\n".join(json.dumps(sample, ensure_ascii=False) for sample in missing)
    with _attachments_under_demo_names() as folder:
        await import_items(office, "demo.jsonl", text.encode(), by=editor, folder=folder)
    async with office.db.read() as session:
        found = [await find_by_source_id(session, sample["source_id"]) for sample in missing]
    return [item for item in found if item is not None]


async def _walk(office: Office, items: list[Item]) -> None:
    """Brings each new item as far as its place in the list says, by the hands of the demo's people."""
    found: list[Item] = []
    usual: list[Item] = []
    for item in items:
        (found if "finding" in (item.source_id or "") else usual).append(item)
    for item in found:
        await _bring_to(office, item, 1)
    for number, item in enumerate(sorted(usual, key=lambda one: (one.source_id or "")[-2:])):
        await _bring_to(office, item, _FATES[number // 4 % len(_FATES)])


async def _bring_to(office: Office, item: Item, fate: int | str) -> None:
    if fate == _DRAFT or any(one.missing for one in item.attachments):
        return
    submitted = await submit_item(office, item.id, await _person(office, Role.EDITOR))
    if submitted.state is not ItemState.IN_REVIEW:
        return
    if fate == _RETURNED:
        told = "请补充联系电话，并核对公示期限后重新提交。"
        await _decide(office, submitted, Role.SECTION_HEAD, Verdict(DecisionKind.RETURN, told))
        return
    for role in _STAGES[: fate if isinstance(fate, int) else len(_STAGES)]:
        await _decide(office, submitted, role, Verdict(DecisionKind.APPROVE, "同意"))
    if fate == _PUBLISHED:
        await _publish(office, submitted)


async def _decide(office: Office, item: Item, role: Role, verdict: Verdict) -> None:
    person = await _person(office, role)
    async with office.db.begin() as session:
        await decide(session, item.id, person, verdict, revision=item.revision, zone=office.settings.zone)


async def _publish(office: Office, item: Item) -> None:
    async with office.db.read() as session:
        able = [account.id for account in await list_accounts(session) if can_publish(account)]
    await plan_posts(office, item.id, await _person(office, Role.PUBLISHER), able, None)


async def _person(office: Office, role: Role) -> Person:
    async with office.db.read() as session:
        return await people.person_named(session, role.value)


def _samples(today: date) -> list[dict[str, Any]]:
    texts = [(_DATA / name).read_text(encoding="utf-8") for name in ("items.jsonl", "findings.jsonl")]
    return [_lately(json.loads(line), today) for text in texts for line in text.splitlines() if line.strip()]


def _lately(sample: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The sample under its demo number, all its dates moved by one number of whole weeks, so that it was
    formed within the last week."""
    formed_on = date.fromisoformat(sample["formed_on"])
    weeks = timedelta(weeks=(today - formed_on).days // 7)
    moved: dict[str, Any] = _moved({**sample}, formed_on, weeks)
    return {**moved, "source_id": PREFIX + sample["source_id"]}


def _moved(value: Any, formed_on: date, by: timedelta) -> Any:
    if isinstance(value, Mapping):
        return {name: _moved(inner, formed_on, by) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, formed_on, by) for inner in value]
    return _moved_text(value, formed_on, by) if isinstance(value, str) else value


def _moved_text(text: str, formed_on: date, by: timedelta) -> str:
    """ISO dates (also with a time behind), and dates written out with their year or without it."""
    text = _ISO.sub(lambda found: f"{date.fromisoformat(found[0]) + by:%Y-%m-%d}", text)
    return _WRITTEN.sub(lambda found: _moved_written(found, formed_on, by), text)


def _moved_written(found: re.Match[str], formed_on: date, by: timedelta) -> str:
    year, month, day, link, last = found.groups()
    first = date(int(year), int(month), int(day)) if year else _nearest(int(month), int(day), formed_on)
    begin = first + by
    told = (f"{begin.year}年" if year else "") + _month_and_day(begin)
    if not last:
        return told
    end = first.replace(day=int(last)) + by
    return told + link + (f"{end.day}日" if end.month == begin.month else _month_and_day(end))


def _nearest(month: int, day: int, formed_on: date) -> date:
    """The day of that month and day that lies nearest to the one on which the text was made."""
    years = (formed_on.year - 1, formed_on.year, formed_on.year + 1)
    return min((date(year, month, day) for year in years), key=lambda one: abs(one - formed_on))


def _month_and_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


@contextmanager
def _attachments_under_demo_names() -> Iterator[Path]:
    """A folder in which the samples' attachments lie under the demo's numbers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "attachments").mkdir()
        for source in (_DATA / "attachments").iterdir():
            (folder / "attachments" / f"{PREFIX}{source.name}").symlink_to(source)
        yield folder
