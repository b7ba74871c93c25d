"""What every channel can do, and what it says when it can't.

ChannelError
├── NotSent          nothing was done (no connection, or 'busy' before doing anything): try again
├── OutcomeUnknown   it may have been done: look, never repeat blindly
├── Refused          permanent: the editor has to change something
├── NeedsOperator    credentials, whitelist, rights: pause the account
└── QuotaSpent       wait until the window opens
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the media store. `name` has an ending; `media_type` is image/png or image/jpeg."""

    sha256: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Article:
    """What a WeChat Official Account gets.

    `html` has its CSS inlined and is sanitised; a picture in it is `<img src="media:SHA256">`, listed in
    `pictures`, and is given its address on the platform when it has been uploaded there.
    """

    title: str
    author: str
    digest: str
    html: str
    source_url: str
    cover: Picture
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """What Weibo gets: at most 140 Han characters with the link in it, and one picture."""

    text: str
    picture: Picture | None


Rendition = Article | Status


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took it; the result comes later under `publish_id`. `data_id` names it in the platform's figures of
    readers, where it has such."""

    publish_id: str
    data_id: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """It is out. `at` is the platform's own publish time (aware) where it tells one."""

    platform_id: str
    url: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """It lies in the account's draft box; a person has to press the button on the platform's site."""

    media_id: str


@dataclass(frozen=True, slots=True)
class StillUnderWay:
    """The platform has not finished yet."""


@dataclass(frozen=True, slots=True)
class Removed:
    """It was out and was taken down again (publish_status 5: by the user, 6: by the system)."""

    message: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """The platform knows nothing of it: it may be sent (again)."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The platform does not show enough to know: only a person can say. `reason` is Chinese."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It can no longer be read on the platform."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Only a person can take it down, on the platform's own site. `reason` is Chinese and says how."""

    reason: str


Receipt = Accepted | Published | DraftSaved
Result = Published | StillUnderWay | Removed
Look = Result | NotThere | CannotTell


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a delivery whose answer was lost.

    `since` (aware) is when the call that publishes was first begun; `code` is the platform's where it said
    something, however unclear; `others` are the platform's ids of other posts: none of them is this one.
    `earlier` are those of them that were out before the call was begun for the first time, whatever any clock
    said.
    """

    since: datetime
    code: str | None = None
    media_id: str | None = None
    publish_id: str | None = None
    others: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()


class Progress(Protocol):
    """The steps of one delivery that the platform remembers: stored before the next one is taken."""

    @property
    def media_id(self) -> str | None:
        """The draft that an earlier try left on the platform."""

    @property
    def release_began(self) -> bool:
        """Whether an earlier try came as far as the call that publishes."""

    async def remember_release(self, media_id: str | None = None) -> None:
        """Stored right before the call that publishes, with the draft that it publishes: from here on a lost
        answer is an unclear outcome, and another try goes on from that draft."""


class Takedown(Protocol):
    """What is known of a publication that is to be taken down, and how far that has come."""

    @property
    def platform_id(self) -> str | None:
        """The platform's id of it; None where a person published it."""

    @property
    def publish_id(self) -> str | None:
        """The id of the job that published it, where the platform has jobs."""

    @property
    def call_began(self) -> bool:
        """Whether an earlier try came as far as the call that takes it down."""

    async def remember_call(self) -> None:
        """Stored right before the call that takes it down: from here on it may be gone."""


class Channel(Protocol):
    """One account on one platform. No method is called inside a database transaction."""

    @property
    def can_publish(self) -> bool:
        """Whether it can publish without a person."""

    async def quotas(self, names: Collection[str]) -> Mapping[str, Quota]:
        """What the platform tells of the calls by which an account is budgeted, by the budgets' names; those of
        which it tells nothing are left out. Raises ChannelError."""

    async def publish(self, rendition: Rendition, progress: Progress) -> Receipt:
        """Takes the steps that are still missing and publishes. Raises ChannelError."""

    async def look(self, rendition: Rendition, trace: Trace) -> Look:
        """Looks on the platform for what became of a delivery. Raises ChannelError; Refused where the
        platform refused the content."""

    async def withdraw(self, takedown: Takedown) -> Gone | ByHand:
        """Takes down what was published, for good. Looks first whether it is still there, so that it may be called
        again after a lost answer, and what somebody took down on the platform's site is gone as well. Raises
        ChannelError."""


@runtime_checkable
class AcceptingChannel(Channel, Protocol):
    """A channel whose platform first accepts a post and tells later how it came out."""

    async def result(self, publish_id: str) -> Result:
        """How an accepted post came out. Raises ChannelError; Refused where the platform refused it."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a platform tells of some calls: how many it allows in a window, and how many were used, whoever made
    them."""

    limit: int
    used: int


class ChannelError(Exception):
    """Something went wrong on the way. `code` is the platform's, `message` Chinese, with what to do."""

    def __init__(self, message: str, *, code: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retry_after_s = retry_after_s


class NotSent(ChannelError):
    """Nothing was done: the same may be tried again."""


class OutcomeUnknown(ChannelError):
    """It may have been done."""


class Refused(ChannelError):
    """The platform won't take this content."""


class NeedsOperator(ChannelError):
    """Only somebody who can change the account's settings can help."""


class QuotaSpent(ChannelError):
    """The window has to open first; `retry_after_s` tells when."""
