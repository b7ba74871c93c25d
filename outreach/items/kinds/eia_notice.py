"""环评公示: the notice of a project's environmental impact assessment, at one of its three stages."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from outreach.items.kinds.shape import Day, KindFields, Line, LongText, Number, WanYuan, mend


class EiaNoticeFields(KindFields):
    """Sums are in 10⁴ yuan."""

    stage: Literal["受理", "拟审批", "审批决定"] = Field(title="公示阶段")
    project_name: Line = Field(title="项目名称")
    project_code: Line | None = Field(None, title="项目代码", description="例如 2026-150902-46-01-104417")
    location: Line = Field(title="建设地点")
    builder: Line | None = Field(None, title="建设单位")
    eia_agency: Line | None = Field(None, title="环评机构")
    document_type: Literal["报告书", "报告表"] = Field(title="环评文件类型")
    investment_wan_yuan: WanYuan | None = Field(None, title="总投资(万元)")
    env_investment_wan_yuan: WanYuan | None = Field(None, title="环保投资(万元)", description="不大于总投资")
    accepted_on: Day | None = Field(None, title="受理日期", description="受理公示必填")
    approval_no: Line | None = Field(None, title="批复文号", description="审批决定公告必填")
    decided_on: Day | None = Field(None, title="批复日期", description="审批决定公告必填")
    notice_start: Day = Field(title="公示开始日期")
    notice_end: Day | None = Field(None, title="公示结束日期")
    contact: LongText | None = Field(None, title="联系方式")

    @field_validator("env_investment_wan_yuan")
    @classmethod
    def _is_part_of_the_whole(cls, value: Number | None, info: ValidationInfo) -> Number | None:
        total = info.data.get("investment_wan_yuan")
        if value is not None and total is not None and value > total:
            raise mend("环保投资不应大于总投资，请核对两个数额（单位均为万元）。")
        return value

    @field_validator("accepted_on")
    @classmethod
    def _is_known_when_accepted(cls, value: date | None, info: ValidationInfo) -> date | None:
        if value is None and info.data.get("stage") == "受理":
            raise mend("公示阶段为“受理”时，请填写受理日期。")
        return value

    @field_validator("approval_no")
    @classmethod
    def _is_numbered_when_decided(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("stage") == "审批决定":
            raise mend("公示阶段为“审批决定”时，请填写批复文号。")
        return value

    @field_validator("decided_on")
    @classmethod
    def _is_dated_when_decided(cls, value: date | None, info: ValidationInfo) -> date | None:
        if value is None and info.data.get("stage") == "审批决定":
            raise mend("公示阶段为“审批决定”时，请填写批复日期。")
        return value

    @field_validator("notice_end")
    @classmethod
    def _ends_after_its_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("notice_start")
        if value is not None and start is not None and value < start:
            raise mend("公示结束日期不应早于公示开始日期，请核对年份和日期。")
        return value
