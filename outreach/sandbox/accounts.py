"""The accounts that the sandbox knows: the demo's to begin with, any others by `POST /_sandbox/accounts`."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError

from outreach.sandbox.clock import Clock
from outreach.sandbox.limits import WECHAT_LIMITS, WEIBO_LIMITS
from outreach.sandbox.store import Store

_AES_KEY_CHARS: Final = 43


def _aes_key(key: str) -> str:
    if key and (len(key) != _AES_KEY_CHARS or len(base64.b64decode(key + "=", validate=True)) != 32):
        raise ValueError("43 characters of base64, or none for plain mode")
    return key


Key = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,256}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,40}$")]
Uid = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]
AesKey = Annotated[str, AfterValidator(_aes_key)]
Limit = Annotated[int, Field(ge=0, le=10**12)]


class AccountInvalidError(Exception):
    """A posted account has an unknown field, a wrong value or no place to belong to."""


@dataclass(frozen=True, slots=True)
class WeChatAccount:
    """An Official Account. `callback_url` and `security_domains` of None follow from the service's public URL."""

    appid: Key
    secret: str
    token: str
    encoding_aes_key: AesKey
    id: Id = ""
    name: str = "测试公众号"
    type: Literal["service", "subscription"] = "service"
    verified: bool = True
    original_id: str = "gh_000000000000"
    callback_url: str | None = None
    security_domains: list[str] | None = None
    ip_whitelist: list[str] | None = None
    limits: dict[str, Limit] = field(default_factory=lambda: dict(WECHAT_LIMITS))

    @property
    def key(self) -> str:
        """What the control calls name it by."""
        return self.appid


@dataclass(frozen=True, slots=True)
class WeiboAccount:
    """A Weibo user who authorised an app. Without `redirect_uris` any under a security domain is registered."""

    uid: Uid
    app_key: Key
    app_secret: str
    access_token: Key
    id: Id = ""
    name: str = "测试微博"
    verified: bool = True
    security_domains: list[str] | None = None
    redirect_uris: list[str] | None = None
    limits: dict[str, Limit] = field(default_factory=lambda: dict(WEIBO_LIMITS))

    @property
    def key(self) -> str:
        """What the control calls name it by."""
        return self.uid


Account = WeChatAccount | WeiboAccount
_CLASSES: Final[Mapping[str, type[WeChatAccount] | type[WeiboAccount]]] = {
    "wechat": WeChatAccount,
    "weibo": WeiboAccount,
}
_CHECKED: Final[Mapping[type[Account], TypeAdapter[Account]]] = {
    account_class: TypeAdapter(account_class) for account_class in _CLASSES.values()
}


class Accounts:
    """The accounts in the store, in the order in which they came. All are kept at hand: each call asks for one."""

    def __init__(self, store: Store, public_url: str, clock: Clock) -> None:
        self._store, self._public_url, self._clock = store, public_url.rstrip("/"), clock
        self._known: dict[str, Account] = {
            row["key"]: _from_row(row["channel"], row["data"])
            for row in store.rows("SELECT key, channel, data FROM account ORDER BY position")
        }
        for entry in json.loads(
            resources.files("outreach.demo").joinpath("accounts.json").read_text("utf-8")
        ):
            account = _from_demo(entry)
            if not self.find(account.key):
                self.save(account)

    def all(self) -> list[Account]:
        """Every account, the demo's first."""
        return list(self._known.values())

    def find(self, key: str) -> Account | None:
        """The account of that appid or uid."""
        return self._known.get(key)

    def wechat(self, appid: str | None = None) -> WeChatAccount | None:
        """The WeChat account of that appid; the first one without."""
        if appid is None:
            return next((each for each in self._known.values() if isinstance(each, WeChatAccount)), None)
        account = self.find(appid)
        return account if isinstance(account, WeChatAccount) else None

    def weibo_of_app(self, app_key: str) -> list[WeiboAccount]:
        """The users who authorise the app of that key."""
        return [each for each in self.all() if isinstance(each, WeiboAccount) and each.app_key == app_key]

    def save(self, account: Account) -> None:
        """Keeps a new or changed account; a Weibo user's token is valid from now on, if it is a new one."""
        self._known[account.key] = account
        self._store.run(
            "INSERT INTO account (key, channel, data) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET data = excluded.data",
            account.key,
            "wechat" if isinstance(account, WeChatAccount) else "weibo",
            json.dumps(asdict(account), ensure_ascii=False),
        )
        if isinstance(account, WeiboAccount):
            self._store.run(
                "INSERT OR IGNORE INTO token (value, account, family, issued_at) VALUES (?, ?, 'weibo', ?)",
                account.access_token,
                account.uid,
                self._clock(),
            )

    def change(self, values: Mapping[str, Any]) -> Account:
        """Makes or changes the account that `values` name by appid or uid. Raises AccountInvalidError."""
        keys = [values[name] for name in ("uid", "appid") if isinstance(values.get(name), str)]
        known = next((found for key in keys if (found := self.find(key))), None)
        if known and values.get("channel") not in (None, _channel(known)):
            raise AccountInvalidError(f"{known.key} belongs to {_channel(known)}")
        account = _changed(known, values) if known else _made(values)
        self.save(account)
        return account

    def callback_url(self, account: WeChatAccount) -> str | None:
        """Where messages and events are pushed to; None if the service has no place for the account."""
        derived = f"{self._public_url}/callbacks/wechat/{account.id}" if account.id else None
        return account.callback_url or derived

    def security_domains(self, account: Account) -> list[str]:
        """Host names, without port, that links in a status and redirects may lead to."""
        if account.security_domains is not None:
            return account.security_domains
        return [urlsplit(self._public_url).hostname or ""]

    def shown(self, account: Account) -> dict[str, Any]:
        """The account as `GET /_sandbox/accounts` lists it, secrets included."""
        row: dict[str, Any] = {"channel": _channel(account)}
        if isinstance(account, WeiboAccount):
            row |= {"appid": account.app_key, "secret": account.app_secret, "token": None}
            row |= {"encoding_aes_key": None, "callback_url": None}
        row |= asdict(account)
        if isinstance(account, WeChatAccount):
            row["callback_url"] = self.callback_url(account)
        return row | {"security_domains": self.security_domains(account)}


def _channel(account: Account) -> str:
    return "wechat" if isinstance(account, WeChatAccount) else "weibo"


def _from_row(channel: str, data: str) -> Account:
    """The account as it was kept; limits that were unknown then have their published numbers."""
    account = _CLASSES[channel](**json.loads(data))
    known = WECHAT_LIMITS if isinstance(account, WeChatAccount) else WEIBO_LIMITS
    return replace(account, limits={**known, **account.limits})


def _from_demo(entry: Mapping[str, Any]) -> Account:
    account_class = _CLASSES[entry["channel"]]
    values = {**entry, **entry["credentials"]}
    return account_class(**{name: values[name] for name in _names(account_class) if name in values})


def _names(account_class: type[WeChatAccount] | type[WeiboAccount]) -> set[str]:
    return {each.name for each in fields(account_class)}


def _made(values: Mapping[str, Any]) -> Account:
    if values.get("channel") == "weibo":
        return _changed(
            WeiboAccount(
                uid=f"{secrets.randbelow(9 * 10**9) + 10**9}",
                app_key=f"{secrets.randbelow(9 * 10**9) + 10**9}",
                app_secret=secrets.token_hex(16),
                access_token=f"2.00{secrets.token_urlsafe(21)}",
            ),
            values,
        )
    if values.get("channel", "wechat") != "wechat":
        raise AccountInvalidError("channel is wechat or weibo")
    return _changed(
        WeChatAccount(
            appid=f"wx{secrets.token_hex(8)}",
            secret=secrets.token_hex(16),
            token=secrets.token_hex(16),
            encoding_aes_key=base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
            original_id=f"gh_{secrets.token_hex(6)}",
        ),
        values,
    )


def _changed(account: Account, values: Mapping[str, Any]) -> Account:
    given = {name: value for name, value in values.items() if name != "channel"}
    if isinstance(account, WeiboAccount):
        for alias, name in (("appid", "app_key"), ("secret", "app_secret")):
            if alias in given:
                given.setdefault(name, given[alias])
        given = {name: value for name, value in given.items() if name not in _ONLY_WECHAT}
    unknown = given.keys() - _names(type(account))
    if unknown:
        raise AccountInvalidError(f"unknown: {', '.join(sorted(unknown))}")
    limits = given.get("limits", {})
    if not isinstance(limits, dict) or limits.keys() - account.limits.keys():
        raise AccountInvalidError("limits: names and numbers of known ones")
    given["limits"] = account.limits | limits
    try:
        return _CHECKED[type(account)].validate_json(json.dumps(asdict(account) | given), strict=True)
    except ValidationError as error:
        raise AccountInvalidError(_told(error)) from None


_ONLY_WECHAT: Final = {"appid", "secret", "token", "encoding_aes_key", "callback_url"}


def _told(error: ValidationError) -> str:
    wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return "; ".join(wrong)
