"""What calls bring: the shapes of their bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from outreach.foundation import clock
from outreach.items.content import MAX_BODY
from outreach.items.kinds.shape import Day, many_lines, mend
from outreach.office.resolve_post import Outcome
from outreach.review.form import ReviewForm
from outreach.review.model import DecisionKind
from outreach.review.model import Outcome as ReviewOutcome
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


def _required_moment(value: object) -> datetime:
    moment = _moment(value)
    if moment is None:
        raise mend("请填写发布时间。")
    return moment


def _revision(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_REVISIONS:
        raise mend("请填写所审版本的编号（revision），为正整数。")
    return value


Text = Annotated[str, Field(strict=True, max_length=2000), AfterValidator(many_lines)]
Reason = Annotated[str, Field(strict=True, max_length=MAX_REASON), AfterValidator(many_lines)]
Passage = Annotated[str, Field(strict=True, max_length=MAX_BODY), AfterValidator(many_lines)]
Id = Annotated[str, Field(strict=True, max_length=64), AfterValidator(many_lines)]
Moment = Annotated[AwareDatetime | None, BeforeValidator(_moment)]
Revision = Annotated[int, BeforeValidator(_revision), Field(ge=1, le=_MOST_REVISIONS)]


class Body(BaseModel):
    """A body with nothing in it that isn't known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReviewBody(ReviewForm, Body):
    """A decision at the item's present stage. `outcome` fits the decision: approve is `disclose`, return none or
    `after_removal`, refuse `withhold`. The fields of the statutory review form are all optional."""

    decision: DecisionKind = Field(title="决定")
    outcome: ReviewOutcome | None = Field(None, title="处理，不填则按决定：同意为公开，不予公开为不予公开")
    opinion: Text = Field("", title="意见")
    basis: Text | None = Field(None, title="法律依据（条例第十四至十六条），不予公开和删减后公开时必填")
    revision: Revision = Field(title="所审版本")

    @property
    def form(self) -> ReviewForm:
        """What was filled in of the statutory form."""
        return ReviewForm.model_validate(self.filled_in())


class EmergencyBody(Body):
    """Why it goes past the section at once, and by which document."""

    reason: Text = Field(title="事由")
    authority_document: Text = Field(title="依据文件的名称和文号，例如启动重污染天气预警的通知")


class SubmitBody(Body):
    """With `emergency`: it begins at the confidentiality stage, and the section decides within 24 hours."""

    emergency: EmergencyBody | None = Field(None, title="应急发布")


class SectionReviewBody(Body):
    """The section's own decision on an emergency that went on without it."""

    decision: Literal["approve", "return"] = Field(title="决定")
    opinion: Text = Field("", title="意见，退回时必填")
    revision: Revision = Field(title="所审版本")


class KeepBody(Body):
    """Why the signatory leaves public what the section wants withdrawn."""

    reason: Text = Field(title="理由")
    revision: Revision = Field(title="所审版本")


class ReferralBody(Body):
    """报请确定 at the confidentiality stage: the item stays there, its clock runs on."""

    referred_to: Text = Field(title="报请的部门")
    reason: Text = Field(title="事由：需要确定什么")
    basis: Text | None = Field(None, title="依据，不填为《政府信息公开条例》第十七条")
    revision: Revision = Field(title="所审版本")


class AnswerBody(Body):
    """What the department answered; then the stage may be approved."""

    answered_by: Text = Field(title="由谁答复")
    answered_on: Day = Field(title="答复日期")
    answer: Text = Field(title="答复内容")
    answer_number: Text | None = Field(None, title="文号")
    revision: Revision = Field(title="所审版本")


class ProposalBody(Body):
    """退回并附遮盖建议: the findings are real, and the item goes back with the texts in which they are masked."""

    findings: list[Id] = Field(title="属实并要遮盖的疑点", max_length=1000)
    opinion: Text = Field("", title="意见，不填为通常的说明")
    basis: Text | None = Field(None, title="法律依据，不填则按疑点的类别")
    revision: Revision = Field(title="所审版本")


class TakingBody(Body):
    """由我办理."""

    revision: Revision = Field(title="所审版本")


class HandOnBody(Body):
    """转交, to one of the taking's `takers`."""

    to: Id = Field(title="转交给谁（编号）")
    revision: Revision = Field(title="所审版本")


class CommentBody(Body):
    """What is said of the passage `quote`, where it stands first in the text of `field`."""

    field: Id = Field(title="栏目，如 body、fields.violation")
    quote: Passage = Field(title="所指的文字，从原文复制")
    comment: Text = Field(title="意见")
    revision: Revision = Field(title="所针对的版本")


class FindingBody(Body):
    """属实 or 误报."""

    decision: Judgement = Field(title="判定")
    reason: Reason = Field("", title="理由，误报时必填")
    revision: Revision = Field(title="所审版本")


class PlanBody(Body):
    """Where and when an item goes out."""

    accounts: list[Id] = Field(title="账号", max_length=50)
    at: Moment = Field(None, title="发布时间，不填为立即")


class WithdrawBody(Body):
    """Why what is out is taken down again."""

    reason: Text = Field(title="撤回的原因，公开页上会显示")


class DaysBody(Body):
    """On which day a penalty is withdrawn by itself: the earlier one counts."""

    publish_until: Day | None = Field(None, title="公示截止日期，不填为没有")
    credit_repaired_on: Day | None = Field(None, title="信用修复日期，不填为没有")


class RescheduleBody(Body):
    """When a planned post goes out instead."""

    at: Annotated[AwareDatetime, BeforeValidator(_required_moment)] = Field(title="新的发布时间")


class EmbargoBody(Body):
    """Before when nothing of an item goes out; null lifts it."""

    not_before: Moment = Field(title="不早于，null 为取消")


class ResolveBody(Body):
    """What a person saw on the platform's own site."""

    outcome: Outcome = Field(title="结果")
    url: Text | None = Field(None, title="文章链接")
    published_at: Moment = Field(None, title="平台显示的发布时间")


class StopBody(Body):
    """Why publishing is stopped."""

    reason: Text = Field(title="停发的原因")
