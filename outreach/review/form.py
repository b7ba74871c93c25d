"""What a reviewer may fill in of the statutory form (信息公开保密审查表) beside opinion and decision."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from outreach.items.kinds.shape import many_lines, mend


class Disclosure(StrEnum):
    """公开属性 (条例 art. 19 to 27): on the office's own initiative, on request, or not at all."""

    OWN_INITIATIVE = "own_initiative"
    ON_REQUEST = "on_request"
    WITHHELD = "withheld"


def _yes_or_no(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise mend("请填写 true 或 false。")
    return value


YesOrNo = Annotated[bool | None, BeforeValidator(_yes_or_no)]
FormText = Annotated[str, Field(strict=True, max_length=2000), AfterValidator(many_lines)]


class ReviewForm(BaseModel):
    """Every field may be left out: 同意 alone means 公开. The titles are the labels of the form, from the forms of
    常州, 本溪 and 南通."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contains_state_secret: YesOrNo = Field(None, title="国家秘密")
    contains_work_secret: YesOrNo = Field(None, title="工作秘密")
    contains_trade_secret: YesOrNo = Field(None, title="商业秘密")
    contains_personal_privacy: YesOrNo = Field(None, title="个人隐私")
    contains_internal_or_process: YesOrNo = Field(None, title="内部或过程性信息")
    disclosure: Disclosure | None = Field(None, title="公开属性")
    other_bodies: FormText | None = Field(None, title="涉及其他机关")
    consent_given: YesOrNo = Field(None, title="是否已征得同意")
    consent: FormText | None = Field(None, title="征得同意的凭据，或者公共利益的理由")
    remarks: FormText | None = Field(None, title="备注")

    def filled_in(self) -> dict[str, Any]:
        """The fields that were filled in, as JSON."""
        return self.model_dump(mode="json", include=set(ReviewForm.model_fields), exclude_none=True)


LABELS: Final = {name: str(info.title) for name, info in ReviewForm.model_fields.items()}
QUESTIONS: Final = tuple(name for name in LABELS if name.startswith("contains_"))
"""What the reviewed text may contain, to be answered by 是 or 否."""

DISCLOSURE_LABELS: Final = {
    Disclosure.OWN_INITIATIVE: "主动公开",
    Disclosure.ON_REQUEST: "依申请公开",
    Disclosure.WITHHELD: "不予公开",
}
EMPTY: Final = ReviewForm()
