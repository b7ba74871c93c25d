"""Bodies composed from fields, and the fields as people read them."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt

from outreach.items.compose import compose_body
from outreach.items.content import Content, read_content
from outreach.items.kinds import FIELDS
from outreach.items.labels import (
    KIND_LABELS,
    column_of,
    common_form_fields,
    display_rows,
    field_label,
    form_fields,
    label_of,
    name_of,
)
from outreach.items.model import Kind

from .builders import SAMPLES, item


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["source_id"])
def test_a_body_is_composed_from_every_sample(sample: dict[str, Any]) -> None:
    body = compose_body(Kind(sample["kind"]), sample["title"], sample["fields"])

    assert "None" not in body
    assert "\n\n\n" not in body
    assert all(text in body for _, text in sample["fields"].get("extra", {}).items())
    assert read_content({**sample, "body": body}).body == body


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_not_known_is_left_out(kind: Kind) -> None:
    required = {name for name, info in FIELDS[kind].model_fields.items() if info.is_required()}
    fields = {
        name: value for name, value in item(kind)["fields"].items() if name in required | {"concentrations"}
    }

    body = compose_body(kind, "标题", {**fields, "stage": "拟审批"} if kind is Kind.EIA_NOTICE else fields)

    assert "：\n" not in body
    assert "None" not in body


def test_signs_of_markdown_in_a_value_stay_signs() -> None:
    name = "4*510*kVA_a_[甲](乙)<b>|丙&amp;`丁`\\"
    fields = {**item("eia_notice")["fields"], "project_name": name}

    html = MarkdownIt("commonmark").enable("table").render(compose_body(Kind.EIA_NOTICE, "标题", fields))

    assert html.count("4*510*kVA_a_[甲](乙)&lt;b&gt;|丙&amp;amp;`丁`\\") == 2


def test_a_stage_has_its_own_wording() -> None:
    fields = item(
        "eia_notice", fields={"accepted_on": "2026-03-01", "decided_on": "2026-03-01", "approval_no": "1号"}
    )["fields"]
    openings = {
        stage: compose_body(Kind.EIA_NOTICE, "标题", {**fields, "stage": stage})[:40]
        for stage in ("受理", "拟审批", "审批决定")
    }

    assert len(set(openings.values())) == 3
    assert openings["受理"].startswith("2026年3月1日，我局受理了")


def test_a_warning_names_its_document_first() -> None:
    sample = next(one for one in SAMPLES if one["fields"].get("warning"))

    body = compose_body(Kind.AIR_QUALITY, sample["title"], sample["fields"])

    assert body.startswith("根据乌环预警〔2026〕3号")
    assert "黄色预警" in body


def test_rows_read_as_an_official_writes() -> None:
    daily = {
        "area": "集宁城区", "period": "daily", "period_start": "2026-03-01", "period_end": "2026-03-01",
        "concentrations": {"PM2.5_24h": 32, "CO_24h": 0.5, "O3_8h": None},
        "stated": {"aqi": 46, "level": 1, "category": "优", "primary": []},
        "extra": {"响应级别": "Ⅲ级"},
    }  # fmt: skip

    assert display_rows(Kind.AIR_QUALITY, daily) == [
        ("区域", "集宁城区"),
        ("时段", "日报"),
        ("开始日期", "2026年3月1日"),
        ("结束日期", "2026年3月1日"),
        ("浓度", "PM2.5（24小时平均） 32 μg/m³\nCO（24小时平均） 0.5 mg/m³\nO₃（日最大8小时平均） 缺测"),
        ("来源所述", "AQI 46，一级，优"),
        ("响应级别", "Ⅲ级"),
    ]
    assert ("罚款金额", "50000元") in display_rows(Kind.PENALTY, item("penalty")["fields"])
    assert ("开始时间", "2024年6月3日9:00") in display_rows(Kind.EVENT, item("event")["fields"])


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_has_a_label_of_its_own_that_leads_back_to_it(kind: Kind) -> None:
    names = [*Content.model_fields, *FIELDS[kind].model_fields]
    labels = [label_of(kind, name) for name in names]

    assert len(set(labels)) == len(labels)
    assert [name_of(label, kind) for label in labels if label != "专有字段"] == [
        name for name in names if name != "fields"
    ]
    assert set(KIND_LABELS) == set(Kind)


def test_a_form_knows_how_each_field_is_typed() -> None:
    typed = {field.name: field for kind in Kind for field in [*form_fields(kind), *common_form_fields()]}

    assert {
        name: typed[name].type
        for name in ("title", "body", "formed_on", "starts_at", "amount_yuan", "forecast")
    } == {
        "title": "text",
        "body": "textarea",
        "formed_on": "date",
        "starts_at": "datetime",
        "amount_yuan": "number",
        "forecast": "json",
    }
    assert ("daily", "日报") in typed["period"].choices
    assert (typed["PM2.5_24h"].type, typed["PM2.5_24h"].unit, typed["CO"].unit) == (
        "number",
        "μg/m³",
        "mg/m³",
    )
    assert typed["party"].required
    assert not typed["uscc"].required


@pytest.mark.parametrize(
    ("field", "column", "label"),
    [
        ("title", "title", "标题"),
        ("fields.amount_yuan", "amount_yuan", "罚款金额(元)"),
        ("fields.concentrations.PM2.5", "PM2.5", "PM2.5"),
        ("fields.forecast.0.date", "forecast", "forecast"),
        ("fields.extra.频次", "附加:频次", "附加:频次"),
        ("attachments.0", "attachments", "附件"),
        ("row", "row", "整行"),
    ],
)
def test_an_error_leads_to_the_field_where_it_was_typed(field: str, column: str, label: str) -> None:
    assert column_of(field) == column
    assert field_label(Kind.PENALTY, field) == label
