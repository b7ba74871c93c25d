"""What calls bring: the shapes of their bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from outreach.foundation.clock import SHANGHAI
from outreach.office.resolve_post import Outcome
from outreach.review.model import DecisionKind
from outreach.screening.model import Judgement


def _printable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("含有不能保存的控制字符，请删去。")
    return text


def _in_shanghai(value: object) -> object:
    """A time without its offset means Asia/Shanghai."""
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("请写成 2026-11-24T09:30 或带时区的时间。") from None
        return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)
    raise ValueError("请写成 2026-11-24T09:30 或带时区的时间。")


Text = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]
Moment = Annotated[AwareDatetime, BeforeValidator(_in_shanghai)]
Id = Annotated[str, Field(max_length=64), AfterValidator(_printable)]
Revision = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class Body(BaseModel):
    """A body with nothing in it that isn't known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """A call that needs no words."""


class ReviewBody(Body):
    """A decision at the item's present stage. The fields after `revision` are those of the statutory review
    form, all optional."""

    decision: DecisionKind = Field(title="决定")
    opinion: Text = Field("", title="意见")
    basis: Text | None = Field(None, title="法律依据，不予公开时必填")
    revision: Revision = Field(title="所审版本")
    contains_state_secret: bool | None = Field(None, title="是否含国家秘密")
    contains_work_secret: bool | None = Field(None, title="是否含工作秘密")
    contains_trade_secret: bool | None = Field(None, title="是否含商业秘密")
    contains_personal_privacy: bool | None = Field(None, title="是否含个人隐私")
    contains_internal_or_process: bool | None = Field(None, title="是否含内部或过程性信息")
    other_bodies: Text | None = Field(None, title="涉及其他机关")
    disposal: Text | None = Field(None, title="处理：公开、删减后公开、不予公开、报请确定")
    remarks: Text | None = Field(None, title="备注")

    def form(self) -> dict[str, object]:
        """The further fields of the form that were filled in."""
        own = {"decision", "opinion", "basis", "revision"}
        return self.model_dump(mode="json", exclude=own, exclude_none=True)


class FindingBody(Body):
    """属实 or 误报."""

    decision: Judgement = Field(title="判定")
    reason: Text = Field("", title="理由，误报时必填")
    revision: Revision = Field(title="所审版本")


class PlanBody(Body):
    """Where and when an item goes out."""

    accounts: list[Id] = Field(title="账号", min_length=1, max_length=50)
    at: Moment | None = Field(None, title="发布时间，不填为立即")


class ResolveBody(Body):
    """What a person saw on the platform's own site."""

    outcome: Outcome = Field(title="结果")
    url: Text | None = Field(None, title="文章链接")
    published_at: Moment | None = Field(None, title="平台显示的发布时间")
