"""The door of the screening engine: `screen` a text, give the `verdict` on what was found."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from outreach.screening.detectors import (
    DETECTORS,
    bank_card,
    classification_mark,
    home_address,
    internal_process,
    landline,
    mobile_phone,
    permit,
    personal_email,
    plate_number,
    resident_id,
    sensitive_coordinates,
    social_account,
    trade_secret,
    unpublished_data,
)
from outreach.screening.detectors.base import Match
from outreach.screening.detectors.persons import naming
from outreach.screening.detectors.wording.hint import LABEL as WORDING
from outreach.screening.engine import Engine
from outreach.screening.severity import Severity
from outreach.screening.word_lists import LABEL as OFFICE_WORD
from outreach.screening.word_lists import RULE_PREFIX, title_of

__all__ = [
    "CLASSIFICATION_MARK",
    "FOREIGN_LINK",
    "INDEX_RULE",
    "LABELS",
    "LINK_RULE",
    "SHIPPED",
    "STATED_INDEX",
    "UNREADABLE_FILE",
    "UNREAD_RULE",
    "WORDING",
    "Match",
    "Severity",
    "Verdict",
    "classification_marks",
    "rule_title",
    "screen",
    "verdict",
]

Verdict = Literal["clean", "redact", "block"]

CLASSIFICATION_MARK: Final = classification_mark.LABEL
"""What bears it is stored nowhere."""

STATED_INDEX: Final = "stated_index"
"""An air-quality report states another index than its concentrations give: see `stated_index`."""

UNREADABLE_FILE: Final = "unreadable_file"
"""A file, or something in it, could not be read: a person has to look. See `in_files`."""

FOREIGN_LINK: Final = "foreign_link"
"""A file leads to a host that is not the office's. See `in_files`."""

INDEX_RULE, UNREAD_RULE, LINK_RULE = "air_quality_index", "unread", "foreign_host"
"""The rules of the last three: each has a label of its own."""

LABELS: Final[Mapping[str, str]] = {
    classification_mark.LABEL: "密级标志",
    internal_process.LABEL: "内部、过程性材料",
    resident_id.LABEL: "居民身份证号",
    mobile_phone.LABEL: "手机号码",
    landline.LABEL: "家庭电话",
    bank_card.LABEL: "银行卡号",
    permit.LABEL: "护照等证件号",
    home_address.LABEL: "家庭住址",
    naming.LABEL: "受保护的人名",
    plate_number.LABEL: "车牌号",
    personal_email.LABEL: "个人邮箱",
    social_account.LABEL: "个人社交账号",
    sensitive_coordinates.LABEL: "敏感坐标",
    trade_secret.LABEL: "商业秘密",
    unpublished_data.LABEL: "未公布的数据",
    OFFICE_WORD: "词库词语",
    WORDING: "文字差错",
    STATED_INDEX: "指数与浓度不符",
    UNREADABLE_FILE: "文件无法检查",
    FOREIGN_LINK: "外部链接",
}
"""What each label is called; of all but the last three, a text alone can tell."""

_TITLES: Final[Mapping[str, str]] = {detector.name: detector.title for detector in DETECTORS} | {
    INDEX_RULE: "空气质量指数：与浓度不符",
    UNREAD_RULE: "文件：无法检查",
    LINK_RULE: "文件：外部链接",
}

SHIPPED: Final = Engine(DETECTORS)
"""The engine of the rules that ship, by their defaults."""
_MARKS: Final = Engine(classification_mark.DETECTORS)


def screen(text: str) -> list[Match]:
    """Everything in `text` that must not be disclosed, by position; findings of one label never overlap."""
    return SHIPPED.screen(text)


def rule_title(rule: str) -> str:
    """What people call a rule by its stable name. One that ships no more, of which findings are kept, has no other."""
    if rule.startswith(RULE_PREFIX):
        return title_of(rule.removeprefix(RULE_PREFIX))
    return _TITLES.get(rule, rule)


def verdict(matches: Iterable[Match]) -> Verdict:
    """The gravest severity decides; hints never change it."""
    severities = {match.severity for match in matches}
    if Severity.BLOCK in severities:
        return "block"
    return "redact" if Severity.REDACT in severities else "clean"


def classification_marks(text: str) -> list[Match]:
    """The marks in `text` (a field, a file's name or an opinion as a whole), because of which it may not be
    stored."""
    return _MARKS.screen(text)
