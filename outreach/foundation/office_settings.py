"""What the office itself sets, on the page 设置: kept in the database, each with its default here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, ColumnElement, Row, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation import audit
from outreach.foundation.audit import Actor
from outreach.foundation.database import Base

_PREFIX: Final = "setting_"
_TIME_OF_DAY: Final = r"^(([01]\d|2[0-3]):[0-5]\d)?$"
_COUNTY: Final = r"[\u4e00-\u9fff]{2,16}(/[\u4e00-\u9fff]{2,16})*"
_ULANQAB: Final = (
    "集宁区/集宁、丰镇市/丰镇、卓资县/卓资、化德县/化德、商都县/商都、兴和县/兴和、凉城县/凉城、"
    "察右前旗/察哈尔右翼前旗/前旗、察右中旗/察哈尔右翼中旗/中旗、察右后旗/察哈尔右翼后旗/后旗、四子王旗/四子王"
)


class PartyNames(StrEnum):
    """Whether the names of natural persons who are penalised are published."""

    UNDECIDED = "undecided"
    PROTECTED = "protected"
    PUBLISHED = "published"


CHOICE_LABELS: Final[Mapping[StrEnum, str]] = {
    PartyNames.UNDECIDED: "尚未确定（按隐去处理）",
    PartyNames.PROTECTED: "隐去姓名",
    PartyNames.PUBLISHED: "公开姓名",
}
"""What the page calls each choice of a setting that has choices."""


class OfficeSettings(BaseModel, frozen=True):
    """All settings of the office. A field's title and description are what the page shows."""

    bureau: str = Field(
        "乌兰察布市生态环境局",
        min_length=2,
        max_length=40,
        title="单位名称",
        description="显示在封面、文章和公开页上；微信文章的作者也用它（超过 16 个字时用账号名称）。",
    )
    idle_minutes: int = Field(
        60, ge=5, le=720, title="空闲退出（分钟）", description="超过这段时间没有操作，需要重新登录。"
    )
    party_names: PartyNames = Field(
        PartyNames.UNDECIDED,
        title="被处罚自然人的姓名",
        description="《生态环境行政处罚办法》（部令第30号）第六十二条据称要求公开被处罚公民的姓名（条文尚待核实），"
        "请由单位研究确定。未成年人、举报人的姓名无论如何不公开。",
    )
    mark_report_hours: int = Field(
        24,
        ge=1,
        le=72,
        title="发现密级标志后的报告时限（小时）",
        description="从封存起算，到时没有报告的，封存案件上标出。24 小时的时限尚未核对现行条文，请以本单位保密工作机构的要求为准。",
    )
    trusted_hosts: str = Field(
        "",
        max_length=1000,
        pattern=r"^[A-Za-z0-9.\-\s,，、；;]*$",
        title="可信网站",
        description="附件和二维码中的链接指向这些网站及其下级域名时不提示；写域名，用逗号分开。本系统的网址和 gov.cn 不必写。",
    )
    quiet_from: str = Field(
        "",
        pattern=_TIME_OF_DAY,
        title="静默时段开始",
        description="定时发布不能定在静默时段（北京时间，可以过夜）。立即发布和应急发布不受限制。两栏都留空即不设。",
        json_schema_extra={"input": "time"},
    )
    quiet_until: str = Field(
        "",
        pattern=_TIME_OF_DAY,
        title="静默时段结束",
        json_schema_extra={"input": "time"},
        validate_default=True,
    )
    city: str = Field(
        "乌兰察布市",
        min_length=2,
        max_length=16,
        pattern=r"^[\u4e00-\u9fff]+$",
        title="所在市",
        description="信息里写到它而没有写到旗县的，算作涉及全市，订阅了任何旗县的关注者都会收到。",
    )
    counties: str = Field(
        _ULANQAB,
        max_length=1000,
        pattern=rf"^{_COUNTY}([、，,；;\s]+{_COUNTY})*$",
        title="旗县市区",
        description="关注者按旗县订阅。用顿号分开，简称写在全称后面，用“/”分开。改了名称的，原有的订阅不会随之改变。",
        json_schema_extra={"input": "textarea"},
    )
    privacy_contact: str = Field(
        "在本公众号留言，或到本单位办公场所当面提出",
        min_length=2,
        max_length=60,
        title="个人信息事务的联系方式",
        description="写进《个人信息处理告知》（个人信息保护法第十七条要求告知联系方式），请填写办公电话和地址。修改后，关注者下次订阅前要重新同意。",
    )
    subscription_limit: int = Field(
        20,
        ge=1,
        le=100,
        title="每位关注者最多订阅几项",
        description="超过时请关注者先退订。已有的订阅不受影响。",
    )

    forget_after_days: int = Field(
        30,
        ge=1,
        le=365,
        title="取消关注后保留（天）",
        description="取消关注满这么多天，删除此人的关注记录、订阅和留言；期间重新关注的照旧。《个人信息保护法》第四十七条：目的已实现或者不再必要的，应当删除。",
    )
    messages_kept_days: int = Field(
        180,
        ge=1,
        le=1095,
        title="留言保留（天）",
        description="关注者的留言和对它的答复满这么多天即删除。",
    )

    fee_payment_days: int = Field(
        20,
        ge=1,
        le=60,
        title="信息处理费的缴费期限（工作日）",
        description="从申请人收到收费通知的次日起算，到期没有缴费的视为放弃申请。国办函〔2020〕109号据称规定 20 个工作日（条文尚待核实）。",
    )

    notices_quiet_from: str = Field(
        "21:30",
        pattern=_TIME_OF_DAY,
        title="通知静默时段开始",
        description="给关注者的通知在这段时间不发，到结束时再发（北京时间，可以过夜）；预警不受限制。两栏都留空即不设。",
        json_schema_extra={"input": "time"},
    )
    notices_quiet_until: str = Field(
        "07:30",
        pattern=_TIME_OF_DAY,
        title="通知静默时段结束",
        json_schema_extra={"input": "time"},
        validate_default=True,
    )
    notices_a_day: int = Field(
        3,
        ge=1,
        le=20,
        title="每位关注者每天最多几条通知",
        description="满了以后，当天其他通知不再发给他；预警不受限制。",
    )
    eve_hour: int = Field(
        18,
        ge=0,
        le=23,
        title="活动提醒的钟点",
        description="活动前一天几点提醒订阅了活动的关注者（北京时间）。",
    )

    update_within_days: int = Field(
        14,
        ge=2,
        le=90,
        title="新媒体更新间隔（天）",
        description="最近一次公开的发布超过这么多天，自查为不达标。国家检查指标为两周（条文尚未核对）；当地要求更严的改短。",
    )
    update_first_warning_days: int = Field(
        7, ge=1, le=89, title="更新提醒（天）", description="这么多天没有发布，第一次提醒。"
    )
    update_second_warning_days: int = Field(
        10,
        ge=1,
        le=90,
        title="更新再次提醒（天）",
        description="这么多天没有发布，第二次提醒。要晚于第一次，不晚于更新间隔。",
        validate_default=True,
    )
    answer_within_hours: int = Field(
        48,
        ge=1,
        le=720,
        title="答复时限（小时）",
        description="关注者的留言没有答复、未识别的提问没有处理超过这么久，自查中列出。",
    )

    @field_validator("update_second_warning_days")
    @classmethod
    def _is_between(cls, second: int, info: ValidationInfo) -> int:
        within = info.data.get("update_within_days", second)
        if not info.data.get("update_first_warning_days", second - 1) < second <= within:
            raise PydanticCustomError("ascending", "the warnings come one after the other, before the end")
        return second

    @field_validator("quiet_until", "notices_quiet_until")
    @classmethod
    def _is_a_spell(cls, ends: str, info: ValidationInfo) -> str:
        begins = info.data.get(str(info.field_name).replace("until", "from"), ends)
        if bool(begins) != bool(ends) or (ends and begins == ends):
            raise PydanticCustomError("spell", "begin and end belong together and differ")
        return ends


class Setting(Base):
    """One setting that was changed from its default."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


async def load(session: AsyncSession) -> OfficeSettings:
    """The settings as they stand."""
    return of_row((await session.execute(_ALL)).one())


def columns() -> list[ColumnElement[Any]]:
    """The settings as columns, for a query that reads something else as well."""
    stored = Setting.__table__.c
    return [
        select(stored.value).where(stored.name == name).scalar_subquery().label(f"{_PREFIX}{name}")
        for name in OfficeSettings.model_fields
    ]


_ALL: Final = select(*columns())


def of_row(row: Row[Any]) -> OfficeSettings:
    """The settings out of a row that has `columns()`."""
    values = {name: getattr(row, f"{_PREFIX}{name}") for name in OfficeSettings.model_fields}
    return OfficeSettings.model_validate({name: value for name, value in values.items() if value is not None})


async def change(session: AsyncSession, by: Actor, settings: OfficeSettings) -> None:
    """Stores every setting that differs from what stood there."""
    before = await load(session)
    for name, value in settings.model_dump().items():
        if value != getattr(before, name):
            await session.merge(Setting(name=name, value=value))
            await audit.record(session, by, "setting.change", "setting", name, value=value)
