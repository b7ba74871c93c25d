import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.screening.rules import Severity, screen

from .builders import SURROUNDINGS, full_width

NUMBERS = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


def found_phones(text: str) -> list[str]:
    return [m.text for m in screen(text) if m.label == "mobile_phone" and m.severity is Severity.REDACT]


@given(number=NUMBERS, separator=st.sampled_from(["", " ", "-", "－", "\u3000", "\u200b", " - ", "\u00a0"]))
def test_a_number_is_found_in_the_groups_in_which_it_is_read(number: str, separator: str) -> None:
    written = separator.join([number[:3], number[3:7], number[7:]])
    assert found_phones(f"联系人手机：{written}（微信同号）") == [written]


@given(number=NUMBERS, before=SURROUNDINGS, after=SURROUNDINGS)
def test_a_number_is_found_wherever_it_stands(number: str, before: str, after: str) -> None:
    assert found_phones(f"{before}，手机{number}，{after}") == [number]


@given(number=NUMBERS)
def test_full_width_digits_are_digits(number: str) -> None:
    assert found_phones(f"电话：{full_width(number)}。") == [full_width(number)]


@pytest.mark.parametrize(
    "written",
    [
        "+86 13804740026",
        "+8613804740026",
        "+86-138-0474-0026",
        "(+86)13804740026",
        "0086 13804740026",
        "86-13804740026",
    ],
)
def test_the_country_code_belongs_to_the_number(written: str) -> None:
    assert found_phones(f"电话：{written}。") == [written]


@pytest.mark.parametrize(
    "text",
    [
        "1.13804740026",
        "**13804740026**",
        "Tel13804740026",
        "tel:13804740026",
        "0474-8246903/13804740026",
        "0474-8246903 13804740026",
        "王某|13804740026|支持",
        "1组(13804740026)",
        "[拨打](tel:13804740026)",
    ],
)
def test_it_is_found_in_lists_tables_and_links(text: str) -> None:
    assert found_phones(text) == ["13804740026"]


@pytest.mark.parametrize("separator", ["、", " ", "/", "，", "\n", "-"])
def test_every_number_of_a_list_is_found(separator: str) -> None:
    numbers = ["13804740026", "15902651051", "17826008615"]
    assert found_phones(separator.join(numbers)) == numbers


def test_grouped_numbers_in_a_row_are_all_found() -> None:
    assert found_phones("159 0265 1051 138 0474 0026") == ["159 0265 1051", "138 0474 0026"]


def test_a_number_beside_an_identity_number_is_found() -> None:
    assert found_phones("张某 159 0265 1051 150902199107229645") == ["159 0265 1051"]


@pytest.mark.parametrize(
    "text",
    [
        "举报热线12369，政务服务热线12345，客服400-812-3456",
        "0474-8246903",
        "138****0026",
        "尾号****0026",
        "113804740026",
        "138047400261",
        "013804740026",
        "8613804740026",
        "举报件WF13804740026",
        "批次编号13804740026",
        "资产编号6217005196157538、13804740026",
        "编号WJC-2026-13804740026",
        "总投资13804740026元",
        "东经113.13804740026",
        "http://www.example.gov.cn/content/13804740026.html",
        "逐时流量：41 152 1030 1105 1200",
    ],
)
def test_hotlines_masked_values_codes_and_quantities_pass(text: str) -> None:
    assert found_phones(text) == []
