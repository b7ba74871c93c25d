"""What calls bring: the shapes of their bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from outreach.foundation import clock
from outreach.items.kinds.shape import many_lines, mend
from outreach.office.resolve_post import Outcome
from outreach.review.model import DecisionKind
from outreach.screening.model import Judgement
from outreach.screening.service import MAX_REASON

_MOST_REVISIONS: Final = 1_000_000


def _moment(value: object) -> datetime | None:
    """A time without its offset means Asia/Shanghai."""
    if value is None:
        return None
    wrong = mend("时间应写成 2026-11-24T09:30（北京时间）或 2026-11-24T09:30:00+08:00，且须为真实时间。")
    if not isinstance(value, str):
        raise wrong
    try:
        return clock.read(value, clock.SHANGHAI)
    except ValueError:
        raise wrong from None


def _revision(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_REVISIONS:
        raise mend("请填写所审版本的编号（revision），为正整数。")
    return value


def _yes_or_no(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise mend("请填写 true 或 false。")
    return value


Text = Annotated[str, Field(strict=True, max_length=2000), AfterValidator(many_lines)]
Reason = Annotated[str, Field(strict=True, max_length=MAX_REASON), AfterValidator(many_lines)]
Id = Annotated[str, Field(strict=True, max_length=64), AfterValidator(many_lines)]
YesOrNo = Annotated[bool | None, BeforeValidator(_yes_or_no)]
Moment = Annotated[AwareDatetime | None, BeforeValidator(_moment)]
Revision = Annotated[int, BeforeValidator(_revision), Field(ge=1, le=_MOST_REVISIONS)]


class Body(BaseModel):
    """A body with nothing in it that isn't known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReviewBody(Body):
    """A decision at the item's present stage. The fields after `revision` are those of the statutory review
    form, all optional."""

    decision: DecisionKind = Field(title="决定")
    opinion: Text = Field("", title="意见")
    basis: Text | None = Field(None, title="法律依据，不予公开时必填")
    revision: Revision = Field(title="所审版本")
    contains_state_secret: YesOrNo = Field(None, title="是否含国家秘密")
    contains_work_secret: YesOrNo = Field(None, title="是否含工作秘密")
    contains_trade_secret: YesOrNo = Field(None, title="是否含商业秘密")
    contains_personal_privacy: YesOrNo = Field(None, title="是否含个人隐私")
    contains_internal_or_process: YesOrNo = Field(None, title="是否含内部或过程性信息")
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
    reason: Reason = Field("", title="理由，误报时必填")
    revision: Revision = Field(title="所审版本")


class PlanBody(Body):
    """Where and when an item goes out."""

    accounts: list[Id] = Field(title="账号", max_length=50)
    at: Moment = Field(None, title="发布时间，不填为立即")


class ResolveBody(Body):
    """What a person saw on the platform's own site."""

    outcome: Outcome = Field(title="结果")
    url: Text | None = Field(None, title="文章链接")
    published_at: Moment = Field(None, title="平台显示的发布时间")
