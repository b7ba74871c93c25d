"""公众号菜单: what WeChat has is compared with the approved text of the house, and replaced by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.menu_protocol import Button
from outreach.channels.model import Account
from outreach.channels.queries import get_account
from outreach.channels.rules import can_log_in, has_menu
from outreach.followers.menu.rules import Difference, buttons_of, differences, read_menu
from outreach.followers.texts.catalogue import MENU
from outreach.followers.texts.queries import text_of
from outreach.foundation import audit
from outreach.foundation.problems import NotFound, NotPossible, StaleState
from outreach.foundation.seal import digest
from outreach.foundation.stops import OFFICE, stops
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.settings import Settings


@dataclass(frozen=True, slots=True)
class WantedMenu:
    """The menu of an account as the house's text has it. `hash` tells its versions apart."""

    account: Account
    buttons: tuple[Button, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class ComparedMenu:
    """Both menus, place by place. `is_there`: WeChat has one at all."""

    wanted: WantedMenu
    is_there: bool
    differences: Sequence[Difference]

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to publish."""
        return self.is_there and not any(one.is_change for one in self.differences)


async def compare_menu(office: Office, account_id: str) -> ComparedMenu:
    """What WeChat has, beside what would be published. Raises NotFound, ChannelError, WrongKey."""
    async with office.db.read() as session:
        wanted = await _wanted(session, office.settings, account_id)
    present = await office.channels.menu_of(wanted.account).menu()
    return ComparedMenu(wanted, present is not None, differences(present, wanted.buttons))


async def publish_menu(office: Office, by: Person, account_id: str, seen: str) -> None:
    """Puts the house's menu in the place of WeChat's; `seen` is the hash of the one that `by` was shown. The same again
    changes nothing.

    Raises:
        Forbidden, NotFound, ChannelError, WrongKey.
        StaleState: another text was approved meanwhile, or the service has another address.
        NotPossible: somebody has stopped all publishing.
    """
    require(by, Act.PUBLISH)
    async with office.db.read() as session:
        wanted = await _wanted(session, office.settings, account_id)
        if (await stops(session)).keys() & {OFFICE, account_id}:
            raise NotPossible("现在停发，不能发布菜单。请先恢复发布。")
    if seen != wanted.hash:
        raise StaleState("菜单的内容刚刚更新，请看过新的内容后再发布。")
    await office.channels.menu_of(wanted.account).replace_menu(wanted.buttons)
    async with office.db.begin() as session:
        await audit.record(session, by, "menu.publish", "account", account_id, content_hash=wanted.hash)


async def _wanted(session: AsyncSession, settings: Settings, account_id: str) -> WantedMenu:
    account = await get_account(session, account_id)
    if not account.active or not has_menu(account):
        raise NotFound("这个账号没有可以用接口发布的菜单：只有已认证的公众号和服务号有。")
    own_pages = f"{settings.public_url}/follow/{account.id}" if can_log_in(account) else None
    buttons = buttons_of(read_menu(await text_of(session, MENU)).entries, own_pages)
    return WantedMenu(account, buttons, digest(repr(buttons)))
