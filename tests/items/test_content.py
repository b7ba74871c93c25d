"""What is taken as an item, and what is told where it is not."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from outreach.items.content import read_content

from .builders import SAMPLES, errors_of, item


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["source_id"])
def test_every_sample_is_taken_and_given_back_as_it_came(sample: dict[str, Any]) -> None:
    typed = read_content(sample, source_id_required=True).as_json()

    assert {name: typed[name] for name in sample} == sample
    assert json.dumps(typed["fields"], sort_keys=True) == json.dumps(sample["fields"], sort_keys=True)


def test_all_that_is_wrong_is_told_at_once_each_at_its_field() -> None:
    raw = item(
        "penalty",
        title="长" * 65,
        origin="repost",
        fields={"amount_yuan": -1, "party": "", "party_kind": "人"},
    )

    assert set(errors_of(raw)) == {
        "title",
        "repost_source",
        "fields.amount_yuan",
        "fields.party",
        "fields.party_kind",
    }


def test_an_unknown_name_is_told_with_the_nearest_known_one() -> None:
    errors = errors_of(item("penalty", titel="x", fields={"ammount_yuan": 3}))

    assert "“titel”" in errors["titel"]
    assert "“title”" in errors["titel"]
    assert "“amount_yuan”" in errors["fields.ammount_yuan"]


def test_a_name_at_the_wrong_level_is_told_where_it_belongs() -> None:
    errors = errors_of(item("penalty", amount_yuan=3, fields={"title": "x"}))

    assert "fields 里面" in errors["amount_yuan"]
    assert "fields 外面" in errors["fields.title"]


def test_names_inside_a_forecast_are_checked_too() -> None:
    rows = [{"date": "2026-11-02", "aera": "城区", "category": "良"}]
    forecast = item("air_quality", fields={"period": "forecast", "concentrations": {}, "forecast": rows})

    assert "“area”" in errors_of(forecast)["fields.forecast.0.aera"]


def test_an_import_needs_the_senders_number() -> None:
    raw = item("event", source_id=None)

    assert read_content(raw).source_id is None
    assert set(errors_of(raw, source_id_required=True)) == {"source_id"}


def test_blank_and_null_mean_not_known() -> None:
    content = read_content(
        item(
            "penalty",
            short_title=" ",
            formed_on="",
            origin=None,
            body=None,
            attachments=None,
            fields={"uscc": ""},
        )
    )

    assert (content.short_title, content.formed_on, content.origin) == (None, None, "original")
    assert (content.body, content.attachments) == ("", [])
    assert content.as_json()["fields"]["uscc"] is None


def test_texts_are_stripped_and_control_characters_refused() -> None:
    assert read_content(item("event", title=" 标题 ")).title == "标题"
    for title in ("一\n二", "一\x00二", "一\u2028二", "\ud800"):
        assert set(errors_of(item("event", title=title))) == {"title"}
    assert set(errors_of(item("event", body="一\x00二"))) == {"body"}


def test_a_body_keeps_its_lines_tabs_and_the_indent_of_its_first_line() -> None:
    assert (
        read_content(item("event", body="\r\n\u3000\u3000首段\r\n\t次段\n\n")).body
        == "\u3000\u3000首段\n\t次段"
    )


@pytest.mark.parametrize(
    "given", ["2026-3-1", "2026/03/01", "20260301", "2026-02-30", 20260301, "0001-01-01", True]
)
def test_a_day_is_written_year_month_day(given: Any) -> None:
    assert set(errors_of(item("event", formed_on=given))) == {"formed_on"}


@pytest.mark.parametrize(
    "given", ["五万", "50,000", "１２", True, [], float("nan"), float("inf"), -1, 1e300, "1" * 40]
)
def test_what_is_no_number_in_its_bounds_is_refused(given: Any) -> None:
    assert set(errors_of(item("penalty", fields={"amount_yuan": given}))) == {"fields.amount_yuan"}


@pytest.mark.parametrize(
    ("given", "kept"), [(50000, "50000"), ("50000", "50000"), ("0.10", "0.1"), (93.5, "93.5")]
)
def test_a_number_is_kept_as_it_was_given(given: Any, kept: str) -> None:
    typed = read_content(item("penalty", fields={"amount_yuan": given})).as_json()

    assert json.dumps(typed["fields"]["amount_yuan"]) == kept


def test_a_repost_names_its_source_and_only_a_repost_does() -> None:
    repost = item("event", origin="repost", repost_source="生态环境部", repost_url="https://www.mee.gov.cn/a")

    assert read_content(repost).repost_source == "生态环境部"
    assert set(errors_of({**repost, "origin": "original"})) == {"repost_source", "repost_url"}
    assert set(errors_of({**repost, "repost_url": "javascript:alert(1)"})) == {"repost_url"}


@pytest.mark.parametrize(
    "name", ["../a.pdf", "a/b.pdf", "a\\b.pdf", "a.exe", "pdf", ".pdf", "a\n.pdf", "长" * 120 + ".pdf"]
)
def test_an_attachment_is_a_plain_name_of_an_allowed_kind(name: str) -> None:
    assert set(errors_of(item("event", attachments=[name]))) == {"attachments.0"}


def test_attachments_are_at_most_ten_and_all_different() -> None:
    assert read_content(item("event", attachments=["a.PDF", "b.jpeg"])).attachments == ["a.PDF", "b.jpeg"]
    assert "写了两次" in errors_of(item("event", attachments=["a.pdf", "a.pdf"]))["attachments"]
    assert set(errors_of(item("event", attachments=[f"{n}.pdf" for n in range(11)]))) == {"attachments"}


def test_the_kind_decides_which_fields_there_are() -> None:
    assert set(errors_of(item("event", kind="news"))) == {"kind"}
    assert set(errors_of(item("event", fields={"amount_yuan": 1}))) == {"fields.amount_yuan"}
    assert set(errors_of({**item("event"), "fields": None})) == {"fields"}


def test_rows_of_the_offices_own_are_labels_and_texts() -> None:
    assert read_content(item("event", fields={"extra": {"频次": "每月1次"}})).fields.extra == {
        "频次": "每月1次"
    }
    assert set(errors_of(item("event", fields={"extra": {"频次": 1}}))) == {"fields.extra.频次"}
    assert set(errors_of(item("event", fields={"extra": {"长" * 65: "x"}}))) == {"fields.extra." + "长" * 64}


def test_a_content_tells_its_values_as_python_knows_them() -> None:
    content = read_content(item("penalty"))

    assert content.formed_on == date(2021, 4, 30)
    assert getattr(content.fields, "decided_on", None) == date(2021, 4, 30)
