import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from outreach.screening.detectors import DETECTORS
from outreach.screening.rules import (
    INDEX_RULE,
    LABELS,
    LINK_RULE,
    UNREAD_RULE,
    Severity,
    rule_title,
    screen,
    verdict,
)
from outreach.screening.word_lists import RULE_PREFIX

from .builders import resident_ids

# Fragments that the rules look at, so that random texts come near them.
_FRAGMENTS = st.sampled_from(
    [
        "秘密",
        "机密",
        "绝密",
        "★",
        "☆",
        "密级：",
        "保密期限：",
        "长期",
        "10年",
        "工作秘密",
        "内部资料",
        "不得外传",
        "注意保存",
        "（",
        "）",
        "【",
        "】",
        "身份证",
        "13804740026",
        "138",
        "0474",
        "0026",
        "150902199107229645",
        "+86",
        "-",
        "\u200b",
        "\n",
        "\r\n",
        "１３",
        "×",
        "X",
        "*",
        "|",
        "。",
        "，",
        "前",
    ]
)
TEXTS = st.lists(_FRAGMENTS | st.text(max_size=8) | resident_ids(), max_size=30).map("".join)


@given(TEXTS)
def test_a_finding_is_a_slice_of_the_text_as_given(text: str) -> None:
    for match in screen(text):
        assert match.start < match.end
        assert text[match.start : match.end] == match.text


@given(TEXTS)
def test_findings_stand_in_order_and_those_of_one_label_never_overlap(text: str) -> None:
    found = screen(text)
    assert found == sorted(found, key=lambda match: (match.start, match.end))
    for label in LABELS:
        of_label = [match for match in found if match.label == label]
        assert all(one.end <= other.start for one, other in itertools.pairwise(of_label))


@given(st.text(st.characters()) | TEXTS)
def test_no_text_is_too_strange_to_be_screened(text: str) -> None:
    assert verdict(screen(text)) in ("clean", "redact", "block")


def test_lone_surrogates_and_control_characters_are_read() -> None:
    assert [match.text for match in screen("\ud800\x00138\x000474\x070026\udfff")] == ["138\x000474\x070026"]


def test_the_gravest_severity_decides_and_hints_never_count() -> None:
    phone = screen("手机13804740026")
    hint = screen("身份证号150926197906189712")
    mark = screen("秘密★1年")
    assert [match.severity for match in hint] == [Severity.HINT]
    assert verdict([]) == verdict(hint) == "clean"
    assert verdict(hint + phone) == "redact"
    assert verdict(phone + mark + hint) == "block"


def test_every_rule_has_a_name_of_its_own_a_label_and_words_for_the_user() -> None:
    assert len({detector.name for detector in DETECTORS}) == len(DETECTORS)
    for detector in DETECTORS:
        assert detector.label in LABELS
        assert not isinstance(detector.advice, str) or detector.advice.endswith("。")
        assert detector.basis


def test_every_rule_has_a_chinese_name_of_its_own() -> None:
    names = [
        *(detector.name for detector in DETECTORS),
        INDEX_RULE,
        UNREAD_RULE,
        LINK_RULE,
        f"{RULE_PREFIX}本地词",
    ]
    titles = [rule_title(name) for name in names]
    assert len(set(titles)) == len(titles)
    for name, title in zip(names, titles, strict=True):
        assert title != name and re.match(r"[\u4e00-\u9fff]", title), name
