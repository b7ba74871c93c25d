"""The cross-checks on a city's whole tables of the form of 2021, and on what goes wrong in them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from docs.draw_report_forms import FOLDER, template_of
from outreach.statistics.report.catalogue import cells_of
from outreach.statistics.report.checks.ledger import Ledger
from outreach.statistics.report.compose import run_checks
from outreach.statistics.report.content import CheckState, CheckTold
from outreach.statistics.report.forms import FORMS, Standard
from outreach.statistics.report.year import Given, Held, Origin, YearFigures

DATA = Path(__file__).parent / "data"
FORM = FORMS[Standard.OF_2021]
ART20 = {"规章": "regulations", "行政规范性文件": "normative"}
ALONE = {"行政许可": "permits", "行政处罚": "penalties", "行政强制": "coercion"}


def verified() -> dict[str, Any]:
    """The example's figures by their names."""
    example = json.loads((DATA / "verified_2021.json").read_text("utf-8"))
    columns = [column.key for column in FORM.table3_columns]
    outcomes = [column.key for column in FORM.table4_columns]
    figures = {
        f"requests.{row}.{column}": value
        for row, values in example["table3"].items()
        for column, value in zip(columns, values, strict=True)
    }
    for group, values in example["table4"].items():
        figures |= {f"cases.{group}.{one}": value for one, value in zip(outcomes, values, strict=True)}
    two = example["table2"]
    for label, row in ART20.items():
        names = ("made", "repealed", "in_force")
        figures |= {f"art20.{row}.{one}": value for one, value in zip(names, two[label], strict=True)}
    figures |= {f"art20.{row}.decisions": two[label] for label, row in ALONE.items()}
    return figures | {"art20.fees.amount_wan_yuan": Decimal(two["行政事业性收费(万元)"])}


def checked(
    figures: dict[str, Any], before: dict[str, Any] | None = None, *sentences: str
) -> list[CheckTold]:
    def of_year(year: int, given: dict[str, Any]) -> YearFigures:
        return YearFigures(year, {key: Held(Given(value, Origin.TYPED, "")) for key, value in given.items()})

    return run_checks(Ledger(FORM, of_year(2025, figures), of_year(2024, before or {})), sentences)


def failing(told: list[CheckTold]) -> dict[str, list[CheckTold]]:
    found: dict[str, list[CheckTold]] = {}
    for one in told:
        if one.state is CheckState.FAILED:
            found.setdefault(one.id, []).append(one)
    return found


def test_a_city_s_tables_pass_every_check_that_can_be_made() -> None:
    figures = verified()
    assert list(figures) and set(figures) == {spec.key for spec in cells_of(FORM)}
    told = checked(figures)
    assert failing(told) == {}
    assert {one.id for one in told if one.state is CheckState.UNKNOWN} == {"T2-2", "T3-4", "T3-6"}


def test_a_cell_that_is_changed_is_named_by_what_adds_it_up() -> None:
    figures = verified()
    for key in [one for one in figures if one.startswith(("requests.", "cases."))][::3]:
        found = failing(checked({**figures, key: figures[key] + 1}))
        assert any(key in one.cells for all_ in found.values() for one in all_), key
        assert set(found) <= {"T3-1", "T3-2", "T3-3", "T4-1"}
        blank = checked({name: value for name, value in figures.items() if name != key})
        assert [
            one.cells for one in blank if one.id in {"T3-5", "T4-2"} and one.state is CheckState.FAILED
        ] == [[key]]
        assert not {"T3-1", "T3-2", "T3-3", "T4-1"} & set(failing(blank))


@pytest.mark.parametrize(
    ("changes", "before", "id_"),
    [
        ({"art20.normative.made": 6000}, {}, "T2-3"),
        ({}, {"art20.normative.in_force": 4600}, "T2-2"),
        ({}, {"requests.carried_out.org_other": 1}, "T3-4"),
        ({"disclosed.total": 9, "site.items": 4, "social.wechat": 4}, {}, "TX-7"),
        ({"enterprises.total": 22, "enterprises.waste_gas": 9, "enterprises.waste_water": 12}, {}, "C1-2"),
        ({"complaints.received": 3, "complaints.accepted": 2, "complaints.not_accepted": 2}, {}, "TX-8"),
    ],
)
def test_what_does_not_agree_is_named_with_its_cells(
    changes: dict[str, int], before: dict[str, int], id_: str
) -> None:
    found = failing(checked({**verified(), **changes}, before))
    assert list(found) == [id_]
    assert {*changes, *before} & set(found[id_][0].cells) or found[id_][0].cells


@pytest.mark.parametrize(
    ("sentence", "id_", "state"),
    [
        ("本年新收政府信息公开申请14069件。", "TX-1", "passed"),
        ("本年度新收14068件。", "TX-1", "failed"),
        ("上年结转561件。", "TX-2", "failed"),
        ("全年收到政府信息公开申请14629件。", "TX-3", "passed"),
        ("收到申请1件。", "TX-3", "failed"),
        ("结转下年度继续办理818件。", "TX-4", "failed"),
        ("行政复议790件，行政诉讼211件。", "TX-6", "failed"),
        ("主动公开信息10条，其中网站5条，微信3条，微博1条。", "TX-7", "failed"),
        ("接到举报162件，受理107件，不受理54件。", "TX-8", "failed"),
        ("制发行政规范性文件564件，废止规范性文件983件。", "TX-9", "failed"),
    ],
)
def test_a_number_written_by_hand_is_held_against_the_table(sentence: str, id_: str, state: str) -> None:
    told = [one for one in checked(verified(), None, sentence) if one.id == id_]
    assert state in {one.state.value for one in told}
    failed = set(failing(checked(verified(), None, sentence)))
    assert failed == ({id_} if state == "failed" else set())


def test_the_word_templates_are_what_the_forms_give() -> None:
    for standard, form in FORMS.items():
        shipped = Document(str(FOLDER / f"年度报告-{standard.value}.docx"))
        assert shipped.element.xml == template_of(form).element.xml
