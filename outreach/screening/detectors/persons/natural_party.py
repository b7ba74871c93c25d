"""A natural person who is penalised.

Whether the name is published depends on the rule in force: 生态环境行政处罚办法 (部令30号) art. 62 is said to
publish it (its wording is unconfirmed). Until the office has chosen, the name is protected; see `rules.Choices`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Severity, Span, words
from outreach.screening.detectors.persons.naming import LABEL, after_roles, everywhere

NAME: Final = "natural_party"

_ROLES: Final = words(
    "当事人 被处罚人 受处罚人 被处罚者 违法行为人 违法人 行政相对人 相对人 处罚对象 被执行人 行为人 共同违法人 被处理人 当事人姓名 被告知人"
)


def find(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """当事人:任二明,男; an enterprise's name is no person's."""
    return everywhere(text, after_roles(text, hits))


DETECTORS: Final = (
    Detector(
        name=NAME,
        title="被处罚自然人的姓名",
        label=LABEL,
        severity=Severity.REDACT,
        advice="当事人是自然人：隐去姓名，如改为“任某某”。本单位已确定公开自然人姓名的，由管理员在设置中选定。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）；《生态环境行政处罚办法》第六十二条（条文待核实）",
        trigger=_ROLES,
        find=find,
    ),
)
