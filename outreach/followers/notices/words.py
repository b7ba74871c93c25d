"""What followers are told: the facts of an item, put into the office's words (`templates/notices/`) and into the fields of
the platform's templates. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from outreach.channels.notice_protocol import NoticeCall, NoticeWords, TemplateField, TemplateShape
from outreach.channels.wechat.notice_values import fitted, rule_of
from outreach.followers.notices.facts import starts_at
from outreach.followers.notices.model import NoticeTemplate, Occasion
from outreach.foundation import clock
from outreach.foundation.dates import day, moment
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.aqi.bulletin import told_index
from outreach.items.kinds import FIELDS
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Item
from outreach.publishing.renditions.environment import render_template

DIGEST: Final = "digest"
USES: Final[Mapping[str, str]] = {
    **{kind.value: label for kind, label in KIND_LABELS.items()},
    DIGEST: "定时汇总",
}
"""What a template is chosen for, as the page calls it."""

FACTS: Final[Mapping[str, str]] = {
    "subject": "标题或名称",
    "moment": "时间",
    "day": "日期",
    "unit": "单位",
    "place": "地点",
    "index": "AQI",
    "grade": "等级或阶段",
    "phone": "联系电话",
    "tip": "提示语",
}
"""The facts by the names of their blocks in `templates/notices/`, as the page calls them."""

_BY_LABEL: Final[tuple[tuple[str, str], ...]] = (
    ("电话", "phone"),
    ("指数", "index"),
    ("等级", "grade"),
    ("级别", "grade"),
    ("阶段", "grade"),
    ("提示", "tip"),
    ("备注", "tip"),
    ("单位", "unit"),
    ("机构", "unit"),
    ("部门", "unit"),
    ("地点", "place"),
    ("地区", "place"),
    ("区域", "place"),
    ("日期", "day"),
    ("时间", "moment"),
)
_BY_TYPE: Final[Mapping[str, str]] = {
    "time": "moment",
    "date": "day",
    "number": "index",
    "phrase": "grade",
    "phone_number": "phone",
}


_BLANK: Final = "详见全文"
_END: Final = "\x1e"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one thing: each fact (an empty text: there is none), a whole text, and where it leads."""

    use: str
    facts: Mapping[str, str]
    text: str
    url: str


def told_of(item: Item, occasion: Occasion, bureau: str, url: str) -> Told:
    """What followers are told of an item. `url` is its public page."""
    begins = starts_at(item)
    values = {
        "item": item,
        "fields": {**dict.fromkeys(FIELDS[item.kind].model_fields), **_read(item.fields)},
        "index": {"aqi": "", "category": "", **told_index(item.fields)},
        "formed_on": day(item.formed_on, clock.SHANGHAI),
        "begins_at": _when(item, begins),
        "begins_on": day(begins, clock.SHANGHAI) if begins else "",
        "is_eve": occasion is Occasion.EVE,
        "bureau": bureau,
        "told_at": moment(clock.now(), clock.SHANGHAI),
    }
    return _rendered(item.kind.value, values, url)


def told_of_several(titles: Sequence[str], bureau: str, url: str) -> Told:
    """What somebody is told who wants everything at once; the newest first."""
    now = clock.now()
    values = {
        "titles": titles,
        "bureau": bureau,
        "told_at": moment(now, clock.SHANGHAI),
        "told_on": day(now, clock.SHANGHAI),
    }
    return _rendered(DIGEST, values, url)


def words_of(told: Told, template: NoticeTemplate | None) -> NoticeWords:
    """The words for one call: the fields of `template` filled, or without one a text.

    Raises InvalidContent: a value does not fit into its field, or there is none; the errors name the fields.
    """
    if template is None:
        return NoticeWords(NoticeCall.CUSTOMER, told.url, text=told.text)
    data, errors = {}, []
    for one in template.fields:
        value = told.facts.get(one["fact"], "") or _blank_of(one["name"])
        data[one["name"]] = fitted(one["name"], value) or ""
        if not data[one["name"]]:
            errors.append(_misfit(one, value))
    if errors:
        raise InvalidContent(f"模板“{template.title}”有内容填不进去。", errors=errors)
    return NoticeWords(template.call, told.url, template.template_id, data)


def proposed_fields(shape: TemplateShape) -> list[dict[str, str]]:
    """The fields of a template with the fact that each is probably meant for: by what stands before it, then by its type;
    texts of which nothing is known get the subject, each other one once."""
    free = ["subject", "tip", "place", "unit"]
    proposed: list[dict[str, str]] = []
    for field in shape.fields:
        fact = _by_label(field) or _BY_TYPE.get(field.name.rstrip("0123456789")) or _first(free, proposed)
        proposed.append({"name": field.name, "label": field.label, "fact": fact})
    return proposed


def _rendered(use: str, values: Mapping[str, Any], url: str) -> Told:
    rendered = render_template(f"notices/{use}.txt.j2", end=_END, **values)
    *facts, text = (one.strip() for one in rendered.split(_END))
    return Told(use, dict(zip(FACTS, facts, strict=True)), text, url)


def _blank_of(field: str) -> str:
    """What stands where an item has no such fact: a field of words can say so, any other can't."""
    return _BLANK if rule_of(field).longest is not None and not field.startswith("phrase") else ""


def _by_label(field: TemplateField) -> str | None:
    return next((fact for word, fact in _BY_LABEL if word in field.label), None)


def _first(free: Iterable[str], proposed: Sequence[Mapping[str, str]]) -> str:
    used = {one["fact"] for one in proposed}
    return next((fact for fact in free if fact not in used), "subject")


def _misfit(field: Mapping[str, str], value: str) -> FieldError:
    wanted = rule_of(field["name"]).told
    what = FACTS[field["fact"]]
    told = f"“{what}”是“{value}”" if value else f"没有“{what}”"
    return FieldError(field["name"], f"“{field['label']}”要求{wanted}，而这条信息{told}。")


def _when(item: Item, begins: Any) -> str:
    if begins is None:
        return ""
    has_time = "T" in str(item.fields.get("starts_at", ""))
    return moment(begins, clock.SHANGHAI) if has_time else day(begins, clock.SHANGHAI)


def _read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Dates of an item are ISO texts; followers read them as the office writes them."""
    return {
        name: day(date.fromisoformat(value), clock.SHANGHAI) if _is_day(value) else value
        for name, value in fields.items()
    }


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
