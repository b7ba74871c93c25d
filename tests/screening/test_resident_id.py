import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from outreach.screening.rules import Severity, screen, verdict

from .builders import (
    SURROUNDINGS,
    broken_up,
    full_width,
    numbers_with_wrong_check,
    resident_ids,
)

VALID = "150902199107229645"
WRONG_CHECK = "150926197906189712"


def found_ids(text: str) -> list[str]:
    return [m.text for m in screen(text) if m.label == "resident_id" and m.severity is Severity.REDACT]


@given(number=resident_ids(), before=SURROUNDINGS, after=SURROUNDINGS)
def test_a_valid_number_is_found_wherever_it_stands(number: str, before: str, after: str) -> None:
    assert found_ids(before + number + after) == [number]


@given(number=broken_up(resident_ids()), before=SURROUNDINGS, after=SURROUNDINGS)
def test_a_valid_number_is_found_however_it_is_broken_up(number: str, before: str, after: str) -> None:
    assert found_ids(before + number + after) == [number]


@given(number=resident_ids())
def test_full_width_digits_are_digits(number: str) -> None:
    assert found_ids(f"证号：{full_width(number)}。") == [full_width(number)]


@given(
    numbers=st.lists(resident_ids(), min_size=2, max_size=5),
    separator=st.sampled_from(["、", "\n", " ", "|", "\t"]),
)
def test_every_number_of_a_list_is_found(numbers: list[str], separator: str) -> None:
    assert found_ids(separator.join(numbers)) == numbers


@given(number=numbers_with_wrong_check())
def test_a_wrong_check_character_is_no_finding(number: str) -> None:
    assert screen(f"样品流转编号{number}，可在网上查询。") == []


@given(
    number=numbers_with_wrong_check(),
    called=st.sampled_from(["身份证号", "身份证", "身份证件号码：", "公民身份号码为"]),
)
def test_a_wrong_check_character_beside_its_name_is_a_hint(number: str, called: str) -> None:
    (match,) = screen(f"当事人{called}{number}。")
    assert (match.text, match.severity, match.label) == (number, Severity.HINT, "resident_id")
    assert verdict([match]) == "clean"


@pytest.mark.parametrize(
    "number", ["15260119680313977x", "15260119680313977X", "15260119680313977Ｘ", "15260119680313977×"]
)
def test_the_check_letter_is_read_in_every_form(number: str) -> None:
    assert found_ids(f"身份证件号码：{number}。") == [number]


@pytest.mark.parametrize("body", ["15090219850722964", "15260120050722964"])
def test_a_county_code_that_did_not_exist_in_the_birth_year_does_not_matter(body: str) -> None:
    number = body + mod_11_2.calc_check_digit(body)
    assert found_ids(number) == [number]


@pytest.mark.parametrize(
    "text",
    [
        f"| 1 | {VALID} |",
        f"1 {VALID} 13804740026",
        f"**{VALID}**",
        f"1.{VALID}",
        "150902 19910722 9645",
        "150902-1991-0722-9645",
        "1509021991\n07229645",
        "sfz150902199107229645",
    ],
)
def test_it_is_found_in_lists_and_tables(text: str) -> None:
    assert len(found_ids(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "项目代码2026-150902-46-01-104417",
        "统一社会信用代码91150924MAQTUR8X9X",
        "案件系统编号从150900202500000001到150900202500000038",
        "乌环罚〔2026〕14号",
        "身份证1526**********0037",
        "身份证号152631********1815",
        "缴款码15090026000000048812",
        f"{VALID}0",
        f"0{VALID}",
        "990902199107229645",
        "150902199102309645",
        "41 39 44 52 60 73 88 95 120 133 141 150 162 158 140 121 99 87",
    ],
)
def test_other_long_numbers_pass(text: str) -> None:
    assert screen(text) == []


def test_a_row_of_values_that_adds_up_to_a_number_passes() -> None:
    values = " ".join(VALID[i : i + 2] for i in range(0, 18, 2))
    assert found_ids(f"逐时浓度：41 {values} 39") == []


def test_a_hint_says_what_to_look_at() -> None:
    (match,) = screen(f"身份证号{WRONG_CHECK}")
    assert "核对" in match.advice
