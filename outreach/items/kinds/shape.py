"""What the fields of every kind are made of: texts, numbers, days, moments, and the shape that holds them.

A value is kept exactly as it was given: `50000` stays a whole number, `93.5` the same decimal.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from outreach.foundation.clock import SHANGHAI, YEARS

InputType = Literal["text", "textarea", "number", "date", "datetime", "choice", "json"]
Number = int | float
Moment = date | datetime

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Input:
    """How a value is typed into a form, and the unit that stands behind it."""

    type: InputType
    unit: str = ""


def mend(message: str) -> PydanticCustomError:
    """What is wrong with a value, as the Chinese sentence that the user reads."""
    return PydanticCustomError("mend", "{message}", {"message": message})


def one_line(text: str) -> str:
    """Refuses line breaks and every other control character, and a text of which nobody sees anything (marks
    of direction, spaces without width)."""
    if any(unicodedata.category(sign) in {"Cc", "Zl", "Zp"} for sign in text):
        raise mend("含有换行或不可见的控制字符，请删去后重新填写。")
    if text.strip() and not any(sign.isprintable() for sign in text):
        raise mend("没有可见的文字，请填写。")
    return text


def many_lines(text: str) -> str:
    """Brings line breaks to one form and refuses control characters other than line break and tab."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    one_line(text.replace("\n", "").replace("\t", ""))
    return text


def read_day(value: Any) -> date:
    """A day typed as `YYYY-MM-DD`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    wrong = mend("日期应写成 YYYY-MM-DD，例如 2026-03-01，且须为真实日期。")
    if not isinstance(value, str) or not _DAY.fullmatch(value.strip()):
        raise wrong
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        raise wrong from None
    return _of_our_time(day)


def read_moment(value: Any) -> Moment:
    """A day, or a time typed as `YYYY-MM-DDTHH:MM`, which means Asia/Shanghai."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value.strip()):
        try:
            return read_day(value)
        except PydanticCustomError:
            raise mend(
                "时间应写成 YYYY-MM-DDTHH:MM（例如 2026-03-01T09:30），只有日期时写成 YYYY-MM-DD。"
            ) from None
    try:
        moment = datetime.fromisoformat(value.strip()).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise mend("时间不存在，请核对年月日和时分。") from None
    _of_our_time(moment.date())
    return moment


def is_before(one: Moment, other: Moment) -> bool:
    """Whether `one` lies before `other`; where one of them is a day, the days are compared."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return _day_of(one) < _day_of(other)


def number_text(value: Number) -> str:
    """The number in full decimal digits, never with an exponent."""
    return format(Decimal(repr(value)), "f")


def number_from_0_to(highest: Number) -> Callable[[Any], Number]:
    """Reads a number of 0 to `highest`, typed as a number or as its plain digits."""

    def read(value: Any) -> Number:
        number = _number(value)
        if not 0 <= number <= highest:
            raise mend(f"数值应在 0 至 {number_text(highest)} 之间。")
        return number

    return read


def whole_number_from_0_to(highest: int) -> Callable[[Any], int]:
    """Reads a whole number of 0 to `highest`."""
    read_number = number_from_0_to(highest)

    def read(value: Any) -> int:
        number = read_number(value)
        if number != int(number):
            raise mend(f"请填写 0 至 {highest} 的整数。")
        return int(number)

    return read


Line = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(one_line),
    Input("text"),
]
LongText = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=5000),
    AfterValidator(many_lines),
    Input("textarea"),
]
Label = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(one_line),
]
MaybeText = Annotated[LongText | None, BeforeValidator(lambda value: None if is_blank(value) else value)]
Day = Annotated[date, BeforeValidator(read_day), Input("date")]
DayOrTime = Annotated[
    date,
    PlainValidator(read_moment),
    PlainSerializer(
        lambda at: at.strftime("%Y-%m-%dT%H:%M") if isinstance(at, datetime) else at.isoformat(),
        when_used="json-unless-none",
    ),
    Input("datetime"),
]
Yuan = Annotated[Number, PlainValidator(number_from_0_to(1_000_000_000_000)), Input("number", "元")]
WanYuan = Annotated[Number, PlainValidator(number_from_0_to(100_000_000)), Input("number", "万元")]
Percent = Annotated[Number, PlainValidator(number_from_0_to(100)), Input("number", "%")]


class Shape(BaseModel):
    """A set of named values. Unknown names are errors; a blank text means 'not known', as `null` does."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    parts: ClassVar[Mapping[str, type[Shape]]] = {}
    """The shapes that stand in this one, by the names of their fields."""

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_known(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        return {name: None if is_blank(value) else value for name, value in raw.items()}


class KindFields(Shape):
    """What a kind has of its own, and `extra`: rows of the office's own, by their labels."""

    extra: dict[Label, MaybeText] | None = Field(None, title="附加", max_length=50)

    def as_json(self) -> dict[str, Any]:
        """What was given, in the shape in which it was given."""
        return self.model_dump(mode="json", exclude_unset=True)


def is_blank(value: Any) -> bool:
    """Whether the value is a text of nothing but white space."""
    return isinstance(value, str) and not value.strip()


def choices_of(annotation: Any) -> tuple[str, ...]:
    """The values that a `Literal` of texts allows, looked for inside optional and annotated types."""
    found = _inside(annotation, lambda inner: getattr(inner, "__origin__", None) is Literal)
    return tuple(str(choice) for choice in get_args(found)) if found is not None else ()


def input_of(annotation: Any) -> Input:
    """How a field of that type is typed into a form."""
    found = _inside(annotation, lambda inner: isinstance(inner, Input))
    if found is not None:
        return found  # type: ignore[no-any-return]
    return Input("choice" if choices_of(annotation) else "json")


def _inside(annotation: Any, wanted: Callable[[Any], bool]) -> Any:
    if wanted(annotation):
        return annotation
    inner = (*getattr(annotation, "__metadata__", ()), *get_args(annotation))
    found = (_inside(one, wanted) for one in inner if not isinstance(one, str))
    return next((one for one in found if one is not None), None)


def _number(value: Any) -> Number:
    if isinstance(value, Decimal):
        value = _from_digits(_digits_of(value))
    if isinstance(value, str):
        value = _from_digits(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise mend("请填写数字，例如 50000 或 3.5，不带单位和千分位。")
    if isinstance(value, float) and not math.isfinite(value):
        raise mend("请填写有限的数字。")
    return value


def _digits_of(exact: Decimal) -> str:
    """`1E+2`, as JSON may write a hundred, in full digits."""
    if not exact.is_finite():
        raise mend("请填写有限的数字。")
    if abs(exact.adjusted()) > 30:
        raise mend("数字的位数过多，请减少位数。")
    return format(exact, "f")


def _from_digits(text: str) -> Number | None:
    if not _NUMBER.fullmatch(text):
        return None
    exact = Decimal(text)
    if "." not in text:
        return int(exact)
    number = float(text)
    if Decimal(repr(number)) != exact:
        raise mend("数字的位数过多，请减少小数位数。")
    return number


def _of_our_time(day: date) -> date:
    if day.year not in YEARS:
        raise mend(f"年份应在 {YEARS[0]} 至 {YEARS[-1]} 之间，请核对。")
    return day


def _day_of(moment: Moment) -> date:
    return moment.astimezone(SHANGHAI).date() if isinstance(moment, datetime) else moment
