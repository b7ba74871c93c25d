"""What followers are told: every sample can be told, what is told fits, and the office's own words say nothing amiss."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from outreach.channels.notice_protocol import NoticeCall, TemplateField, TemplateShape
from outreach.channels.wechat.notice_values import fitted
from outreach.followers.notices.model import NoticeTemplate, Occasion
from outreach.followers.notices.words import FACTS, USES, proposed_fields, told_of, told_of_several, words_of
from outreach.foundation.problems import InvalidContent
from outreach.foundation.templates import templates_folder
from outreach.items.model import Item, Kind
from outreach.people.model import Section
from outreach.screening.rules import screen
from tests.items.builders import SAMPLES

BUREAU = "乌兰察布市生态环境局"
URL = "http://127.0.0.1/p/k3v9"


def item_of(sample: dict[str, Any]) -> Item:
    return Item(
        kind=Kind(sample["kind"]),
        title=sample["title"],
        short_title=sample.get("short_title"),
        section=Section(name=sample["section"]),
        fields=sample["fields"],
        formed_on=date.fromisoformat(sample["formed_on"]),
    )


def template(*fields: tuple[str, str, str]) -> NoticeTemplate:
    return NoticeTemplate(
        call=NoticeCall.TEMPLATE,
        template_id="t",
        title="通知",
        fields=[{"name": name, "label": label, "fact": fact} for name, label, fact in fields],
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one["source_id"])
@pytest.mark.parametrize("occasion", [Occasion.PUBLICATION, Occasion.EVE])
def test_every_sample_can_be_told(sample: dict[str, Any], occasion: Occasion) -> None:
    told = told_of(item_of(sample), occasion, BUREAU, URL)
    assert set(told.facts) == set(FACTS)
    assert sample["title"] in told.text
    words = words_of(told, template(("thing1", "事项", "subject"), ("time2", "时间", "moment")))
    assert 1 <= len(words.data["thing1"]) <= 20


def test_the_words_of_the_office_itself_are_clean() -> None:
    for path in (templates_folder() / "notices").glob("*.j2"):
        words = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert screen(words) == [], path.name


def test_a_digest_says_how_many_and_names_the_newest() -> None:
    told = told_of_several(["甲项目公示", "乙处罚"], BUREAU, URL)
    assert told.facts["subject"] == "2 条：甲项目公示"
    assert "1. 甲项目公示\n2. 乙处罚" in told.text


def test_fields_are_proposed_by_what_stands_before_them_and_by_their_type() -> None:
    fields = (
        ("thing1", "地区"),
        ("date2", "日期"),
        ("number3", "空气质量指数"),
        ("phrase4", "等级"),
        ("thing5", "提示"),
    )
    shape = TemplateShape(
        NoticeCall.SUBSCRIPTION, "t", "空气质量提醒", tuple(TemplateField(*one) for one in fields)
    )
    proposed = {one["name"]: one["fact"] for one in proposed_fields(shape)}
    assert proposed == {
        "thing1": "place",
        "date2": "day",
        "number3": "index",
        "phrase4": "grade",
        "thing5": "tip",
    }


def test_what_does_not_fit_is_told_by_field_and_a_blank_of_words_says_where_to_look() -> None:
    told = told_of(
        item_of(next(one for one in SAMPLES if one["kind"] == "penalty")), Occasion.PUBLICATION, BUREAU, URL
    )
    with pytest.raises(InvalidContent) as caught:
        words_of(told, template(("thing1", "电话", "phone"), ("phone_number2", "联系电话", "phone")))
    (error,) = caught.value.errors
    assert (error.field, error.message) == (
        "phone_number2",
        "“联系电话”要求电话号码，17 位以内，而这条信息没有“联系电话”。",
    )
    assert words_of(told, template(("thing1", "电话", "phone"))).data == {"thing1": "详见全文"}
    assert set(USES) == {*(kind.value for kind in Kind), "digest"}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("thing1", "一" * 21, "一" * 19 + "…"),
        ("phrase4", "轻度污染", "轻度污染"),
        ("phrase4", "优（AQI 42）", None),
        ("number3", "42", "42"),
        ("number3", "四十二", None),
        ("time2", "2026年3月1日 14:05", "2026年3月1日 14:05"),
        ("date2", "今天", None),
        ("character_string5", "k3v9", "k3v9"),
        ("keyword1", "一" * 300, "一" * 199 + "…"),
    ],
)
def test_a_value_fits_or_is_refused(field: str, value: str, expected: str | None) -> None:
    assert fitted(field, value) == expected
