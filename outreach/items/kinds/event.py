"""活动预告: an event that the public may come to."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from outreach.items.kinds.shape import DayOrTime, KindFields, Line, LongText, Moment, is_before, mend


class EventFields(KindFields):
    """A time means Asia/Shanghai; a day alone is the whole day."""

    name: Line = Field(title="活动名称")
    starts_at: DayOrTime = Field(title="开始时间")
    ends_at: DayOrTime | None = Field(None, title="结束时间")
    place: Line = Field(title="活动地点")
    organiser: Line = Field(title="主办单位")
    audience: Line | None = Field(None, title="对象")
    sign_up: LongText | None = Field(None, title="报名方式")
    theme: Line | None = Field(None, title="主题")

    @field_validator("ends_at")
    @classmethod
    def _ends_after_its_start(cls, value: Moment | None, info: ValidationInfo) -> Moment | None:
        start = info.data.get("starts_at")
        if value is not None and start is not None and is_before(value, start):
            raise mend("结束时间不应早于开始时间，请核对。")
        return value
