"""Microsoft Presidio set up for what it can know of Chinese texts by its own means.

It ships no Chinese recognisers; these are patterns, check digits (`validate_result`, `invalidate_result`), context
words (`enhance_using_context`) and a deny list, over the engine that does no linguistic processing: the quickest
that Presidio has. The deny list is its own, which looks for words between signs and blanks only and so finds fewer
than stand in Chinese text; without these bounds it would be slower. Expressions are compiled with no more flags
than they need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from outreach.screening.detectors.base import Match
from outreach.screening.severity import Severity

_LANGUAGE = "zh"
_UNSURE, _LIKELY, _SURE = 0.3, 0.6, 0.9
_LOOK_BACK = 20
_NO_FLAGS = 0
_MULTILINE = 8

LABELS = (
    "resident_id", "mobile_phone", "bank_card", "personal_email", "plate_number", "passport", "landline_private",
    "classification_mark",
)  # fmt: skip
"""What these recognisers know, in the names of the project's own labels."""


def analyzer(words: Sequence[str] = ()) -> Callable[[str], list[RecognizerResult]]:
    """The engine as one call, with a deny list of `words`."""
    recognizers = [*_recognizers(), *([_deny_list(words)] if words else [])]
    engine = AnalyzerEngine(
        registry=RecognizerRegistry(recognizers, supported_languages=[_LANGUAGE]),
        nlp_engine=NoOpNlpEngine([{"lang_code": _LANGUAGE, "model_name": ""}]),
        supported_languages=[_LANGUAGE],
        default_score_threshold=_LIKELY,
    )
    return lambda text: engine.analyze(text, _LANGUAGE)


def matches() -> Callable[[str], list[Match]]:
    """The engine without a deny list; what it finds in the project's own shape."""
    analyze = analyzer()
    return lambda text: [_match(text, found) for found in analyze(text)]


def _match(text: str, found: RecognizerResult) -> Match:
    severity = Severity.BLOCK if found.entity_type == "classification_mark" else Severity.REDACT
    return Match(
        found.start, found.end, found.entity_type, text[found.start : found.end], severity, "presidio", "", ""
    )


class _ResidentId(PatternRecognizer):
    """Eighteen characters with a right check character."""

    def validate_result(self, pattern_text: str) -> bool:
        return bool(mod_11_2.is_valid(pattern_text.upper()))


class _InContext(PatternRecognizer):
    """Sure only where one of the context words stands shortly before."""

    def enhance_using_context(
        self, text: str, raw_recognizer_results: list[RecognizerResult], *_: Any, **__: Any
    ) -> list[RecognizerResult]:
        for result in raw_recognizer_results:
            before = text[max(0, result.start - _LOOK_BACK) : result.start]
            if any(word in before for word in self.context):
                result.score = _SURE
        return raw_recognizer_results


class _BankCard(_InContext):
    """A number with a right check digit near words about money."""

    def invalidate_result(self, pattern_text: str) -> bool:
        return not luhn.is_valid(pattern_text.replace(" ", ""))


def _recognizers() -> list[EntityRecognizer]:
    return [
        _recognizer(_ResidentId, "resident_id", r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])", _UNSURE),
        _recognizer(
            PatternRecognizer,
            "mobile_phone",
            r"(?<![0-9A-Za-z.-])(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9A-Za-z.-])",
            _LIKELY,
        ),
        _recognizer(
            _BankCard,
            "bank_card",
            r"(?<![0-9])[3-69][0-9]{3}(?: ?[0-9]{4}){2,3} ?[0-9]{3,7}(?![0-9])",
            _UNSURE,
            ["卡号", "账号", "帐号", "银行", "账户", "储蓄卡", "工资卡"],
        ),
        _recognizer(
            _InContext,
            "personal_email",
            r"(?<![\w.%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
            _UNSURE,
            ["申请人", "投诉人", "举报人", "来信人", "当事人", "联系人", "本人", "个人", "私人"],
        ),
        _recognizer(
            PatternRecognizer,
            "plate_number",
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z][·. ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])",
            _LIKELY,
        ),
        _recognizer(
            _InContext,
            "passport",
            r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}[0-9]{7,8}|[HMC][0-9]{8,10})(?![A-Za-z0-9])",
            _UNSURE,
            ["护照", "通行证", "回乡证", "台胞证"],
        ),
        _recognizer(
            _InContext,
            "landline_private",
            r"(?<![0-9-])(?:0[0-9]{2,3}[ -]?)?[2-8][0-9]{6,7}(?![0-9-])",
            _UNSURE,
            ["家庭电话", "住宅电话", "家中电话", "宅电", "家庭座机"],
        ),
        _recognizer(
            PatternRecognizer,
            "classification_mark",
            r"(?:绝密|机密|秘密)[ \u3000]*[★☆](?:[ \u3000]*(?:[0-9]{1,2}年|长期))?|^[ \u3000]*(?:绝密|机密|秘密|工作秘密|内部资料|内部文件)[ \u3000]*$",
            _LIKELY,
            flags=_MULTILINE,
        ),
    ]  # fmt: skip


def _recognizer(
    recognizer: type[PatternRecognizer],
    label: str,
    expression: str,
    score: float,
    context: list[str] | None = None,
    flags: int = _NO_FLAGS,
) -> PatternRecognizer:
    return recognizer(
        supported_entity=label,
        supported_language=_LANGUAGE,
        patterns=[Pattern(label, expression, score)],
        context=context,
        global_regex_flags=flags,
    )


def _deny_list(words: Sequence[str]) -> PatternRecognizer:
    longest_first = sorted(words, key=len, reverse=True)
    return PatternRecognizer(
        supported_entity="office_word",
        supported_language=_LANGUAGE,
        deny_list=longest_first,
        global_regex_flags=_NO_FLAGS,
    )
