"""空气质量: a daily or real-time report, a monthly bulletin, a forecast, or a heavy-pollution warning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import Field, PlainValidator, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from outreach.items.kinds.shape import (
    Day,
    DayOrTime,
    Input,
    KindFields,
    Line,
    Moment,
    Number,
    Percent,
    Shape,
    is_before,
    mend,
    number_from_0_to,
    whole_number_from_0_to,
)

T = TypeVar("T")
Period = Literal["hourly", "daily", "monthly", "forecast", "warning"]
Standard = Literal["HJ 633-2012", "HJ 633-2026"]
Pollutant = Literal["PM2.5", "PM10", "O3", "SO2", "NO2", "CO"]

PERIOD_LABELS: Final[Mapping[str, str]] = {
    "hourly": "实时报",
    "daily": "日报",
    "monthly": "月报",
    "forecast": "预报",
    "warning": "预警",
}
IN_FORCE_2026: Final = date(2026, 3, 1)
"""The day on which HJ 633-2026 and GB 3095-2026 replaced their predecessors."""

DAILY_KEYS: Final = ("SO2_24h", "NO2_24h", "PM10_24h", "PM2.5_24h", "CO_24h", "O3_8h", "O3_1h")
HOURLY_KEYS: Final = ("SO2_1h", "NO2_1h", "PM10_1h", "PM2.5_1h", "CO_1h", "O3_1h")
HOURLY_KEYS_2012: Final = (*HOURLY_KEYS, "PM10_24h", "PM2.5_24h", "O3_8h")
MONTHLY_KEYS: Final = ("SO2", "NO2", "PM10", "PM2.5", "CO", "O3_8h")
CONCENTRATION_KEYS: Final = tuple(dict.fromkeys((*DAILY_KEYS, *HOURLY_KEYS, *MONTHLY_KEYS)))

_read_concentration = number_from_0_to(100_000)
_read_carbon_monoxide = number_from_0_to(1_000)
_read_index = whole_number_from_0_to(500)
_LEVELS: Final = ("一级", "二级", "三级", "四级", "五级", "六级", "NA")


def _index_or_na(value: Any) -> int | str:
    return "NA" if value == "NA" else _read_index(value)


def _level(value: Any) -> int | str:
    if isinstance(value, str) and value in _LEVELS:
        return value
    if isinstance(value, int | str) and not isinstance(value, bool) and str(value) in tuple("123456"):
        return int(value)
    raise mend("级别应为一级至六级，或数字1至6。")


Index = Annotated[int, PlainValidator(_read_index)]
Reading = Annotated[Number, PlainValidator(_read_concentration), Input("number", "μg/m³")]


class Stated(Shape):
    """What the source says. The service computes its own index and shows a difference as a finding."""

    aqi: Annotated[int | str, PlainValidator(_index_or_na)] | None = Field(None, title="AQI")
    level: Annotated[int | str, PlainValidator(_level)] | None = Field(None, title="级别")
    category: Line | None = Field(None, title="类别")
    primary: list[Pollutant] | None = Field(None, title="首要污染物", max_length=6)
    iaqi: dict[Literal[CONCENTRATION_KEYS], Index | None] | None = Field(None, title="分指数")  # type: ignore[valid-type]


class ForecastRow(Shape):
    """The expected category of one area on one day."""

    date: Day = Field(title="日期")
    area: Line = Field(title="区域")
    category: Line = Field(title="类别")


class PollutionWarning(Shape):
    """A heavy-pollution warning. Only the government issues one, so its document has to be named
    (生态环境法典 art. 263)."""

    level: Literal["蓝色", "黄色", "橙色", "红色"] = Field(title="预警级别")
    starts_at: DayOrTime = Field(title="开始时间")
    ends_at: DayOrTime | None = Field(None, title="结束时间")
    forecast_aqi: tuple[Index, Index] | None = Field(None, title="预测AQI")
    authority_document: Line = Field(title="发布依据文号")

    @field_validator("ends_at")
    @classmethod
    def _ends_after_its_start(cls, value: Moment | None, info: ValidationInfo) -> Moment | None:
        start = info.data.get("starts_at")
        if value is not None and start is not None and is_before(value, start):
            raise mend("预警结束时间不应早于开始时间，请核对。")
        return value

    @field_validator("forecast_aqi")
    @classmethod
    def _rises(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value is not None and value[0] > value[1]:
            raise mend("预测AQI应先写低值、再写高值，例如 [165, 218]。")
        return value


class AirQualityFields(KindFields):
    """Concentrations are in µg/m³, CO in mg/m³; None is a missing measurement."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {
        "stated": Stated,
        "forecast": ForecastRow,
        "warning": PollutionWarning,
    }

    area: Line = Field(title="区域")
    period: Period = Field(title="时段")
    period_start: Day = Field(title="开始日期")
    period_end: Day = Field(title="结束日期")
    hour: Annotated[int, PlainValidator(whole_number_from_0_to(23)), Input("number")] | None = Field(
        None, title="时次", description="0至23，实时报必填"
    )
    standard: Standard | None = Field(None, title="执行标准", description="不填则按结束日期时有效的标准")
    concentrations: dict[str, Any] | None = Field(None, title="浓度")
    stated: Stated | None = Field(None, title="来源所述")
    composite_index: Annotated[Number, PlainValidator(number_from_0_to(100)), Input("number")] | None = Field(
        None, title="综合指数"
    )
    good_days_percent: Percent | None = Field(None, title="优良天数比例")
    forecast: list[ForecastRow] | None = Field(None, title="预报", max_length=200)
    warning: PollutionWarning | None = Field(None, title="预警")

    @field_validator("period_end")
    @classmethod
    def _ends_after_its_start(cls, value: date, info: ValidationInfo) -> date:
        start = info.data.get("period_start")
        if start is not None and value < start:
            raise mend("结束日期不应早于开始日期，请核对。")
        return value

    @field_validator("hour")
    @classmethod
    def _belongs_to_real_time(cls, value: int | None, info: ValidationInfo) -> int | None:
        return _only_for("hourly", "时次", value, info)

    @field_validator("concentrations")
    @classmethod
    def _are_those_of_the_period(
        cls, value: dict[str, Any] | None, info: ValidationInfo
    ) -> dict[str, Number | None]:
        period = info.data.get("period")
        if period in ("forecast", "warning"):
            if value:
                raise mend("预报和预警不填浓度，请清空。")
            return {}
        if not value:
            raise mend("请填写浓度；缺测的项目留空（接口填 null），但不能一项都没有。")
        return read_concentrations(value, concentration_keys(period, _standard_of(info.data)))

    @field_validator("forecast")
    @classmethod
    def _belongs_to_a_forecast(
        cls, value: list[ForecastRow] | None, info: ValidationInfo
    ) -> list[ForecastRow] | None:
        return _only_for("forecast", "预报", value or None, info)

    @field_validator("warning")
    @classmethod
    def _belongs_to_a_warning(
        cls, value: PollutionWarning | None, info: ValidationInfo
    ) -> PollutionWarning | None:
        return _only_for("warning", "预警", value, info)


def standard_in_force(day: date) -> Standard:
    """The technical regulation by which an index for `day` is computed."""
    return "HJ 633-2026" if day >= IN_FORCE_2026 else "HJ 633-2012"


def concentration_keys(period: str | None, standard: str | None) -> tuple[str, ...]:
    """The keys that a report of that period may bear; all of them where the period is not known."""
    if period == "hourly":
        return HOURLY_KEYS if standard == "HJ 633-2026" else HOURLY_KEYS_2012
    return {"daily": DAILY_KEYS, "monthly": MONTHLY_KEYS}.get(period or "", CONCENTRATION_KEYS)


def unit_of(key: str) -> str:
    """The unit of a concentration."""
    return "mg/m³" if key.startswith("CO") else "μg/m³"


def read_concentrations(value: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Number | None]:
    """The concentrations as numbers, in µg/m³, CO in mg/m³; None is a missing measurement.

    Raises ValidationError, in which every wrong key and every wrong number stands at its own place.
    """
    wrong: list[InitErrorDetails] = []
    readings: dict[str, Number | None] = {}
    for key, given in value.items():
        try:
            readings[key] = _reading(key, given, keys)
        except PydanticCustomError as error:
            wrong.append(InitErrorDetails(type=error, loc=(key,), input=given))
    if wrong:
        raise ValidationError.from_exception_data("concentrations", wrong)
    return readings


def _standard_of(data: Mapping[str, Any]) -> str | None:
    end = data.get("period_end")
    return data.get("standard") or (standard_in_force(end) if end else None)


def _only_for(period: str, label: str, value: T | None, info: ValidationInfo) -> T | None:
    given = info.data.get("period")
    if given == period and value is None:
        raise mend(f"时段为{PERIOD_LABELS[period]}（{period}）时，请填写{label}。")
    if given not in (period, None) and value is not None:
        raise mend(f"{label}只用于{PERIOD_LABELS[period]}（{period}），请清空或更改时段。")
    return value


def _reading(key: str, given: Any, keys: tuple[str, ...]) -> Number | None:
    if key not in keys:
        near = get_close_matches(key[:64], keys, n=1, cutoff=0.4)
        hint = f"是否应为“{near[0]}”？" if near else ""
        raise mend(f"此时段没有这一浓度。{hint}可用的有：{'、'.join(keys)}。")
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return _read_carbon_monoxide(given) if key.startswith("CO") else _read_concentration(given)
