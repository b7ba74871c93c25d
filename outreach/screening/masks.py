"""What is put in the place of what was found: enough to follow the text, nothing that identifies anybody.

How much may stay follows what each rule advises and 最高人民法院关于人民法院在互联网公布裁判文书的规定 (法释〔2016〕19号,
art. 8 and 11, to be confirmed): the surname or the first character, the county. A proposal only: a person decides,
and the text is screened anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.screening.detectors import (
    bank_card,
    classification_mark,
    home_address,
    internal_process,
    landline,
    mobile_phone,
    permit,
    plate_number,
    resident_id,
    sensitive_coordinates,
    trade_secret,
    unpublished_data,
)
from outreach.screening.detectors.persons import naming
from outreach.screening.names import surname
from outreach.screening.rules import FOREIGN_LINK, STATED_INDEX, UNREADABLE_FILE

REMOVED: Final = "（已删除）"
HIDDEN: Final = "***"

_STAYS: Final = frozenset({classification_mark.LABEL, STATED_INDEX, UNREADABLE_FILE, FOREIGN_LINK})
_CHECK_SIGNS: Final = "×✕"
_LONGEST_GIVEN: Final = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """What has to be masked: its label, the dotted name of the text, and where it stands there in code points, the
    end exclusive."""

    label: str
    field: str
    start: int
    end: int


def is_maskable(label: str) -> bool:
    """Whether a mask mends it: a classification mark is reported and never painted over (保守国家秘密法 art. 34), and
    some findings are about more than words."""
    return label not in _STAYS


def mask(label: str, text: str) -> str:
    """What is proposed in the place of `text`, which was found as `label`."""
    return _MASKS.get(label, _hidden)(text)


def redacted(texts: Mapping[str, str], spots: Iterable[Spot]) -> dict[str, str]:
    """The new text of each field of `texts` in which something is masked. Spots that overlap become one mask."""
    by_field: dict[str, list[Spot]] = {}
    for spot in spots:
        by_field.setdefault(spot.field, []).append(spot)
    return {field: _masked(texts[field], found) for field, found in by_field.items()}


def _masked(text: str, spots: Sequence[Spot]) -> str:
    for together in reversed(_overlapping(spots)):
        start, end = together[0].start, max(one.end for one in together)
        text = text[:start] + _mask_of(text[start:end], together) + text[end:]
    return text


def _overlapping(spots: Sequence[Spot]) -> list[list[Spot]]:
    """The spots in the order of the text, those that overlap in one group."""
    groups: list[list[Spot]] = []
    for spot in sorted(spots, key=lambda one: (one.start, one.end)):
        if groups and spot.start < max(one.end for one in groups[-1]):
            groups[-1].append(spot)
        else:
            groups.append([spot])
    return groups


def _mask_of(text: str, together: Sequence[Spot]) -> str:
    """One label's own mask; where several labels share a place, what one mask leaves may be what another hides."""
    labels = {one.label for one in together}
    return mask(labels.pop(), text) if len(labels) == 1 else HIDDEN


def _resident_id(text: str) -> str:
    """152***********1234, in the width and with the blanks in which it was typed."""
    return _starred(text, first=3, last=4)


def _mobile(text: str) -> str:
    """138****0026; a country code stays."""
    return _starred(text, first=max(_count_signs(text) - 8, 0), last=4)


def _landline(text: str) -> str:
    """0474-***: the area code stays."""
    area = _AREA_CODE.match(text)
    return f"{area[0]}{HIDDEN}" if area else HIDDEN


def _last_four(text: str) -> str:
    signs = [char for char in text if _is_sign(char)]
    return f"**** {''.join(signs[-4:])}"


def _plate(text: str) -> str:
    """蒙J***02."""
    signs = [char for char in text if _is_sign(char)]
    return "".join([*signs[:2], HIDDEN, *signs[-2:]])


def _name(text: str) -> str:
    """张某某, 张某, 欧阳某某; 马某 and 乌某 of names without a surname."""
    name = "".join(char for char in text if char.isalpha() or char in "·•・‧")
    if not name or name.isascii():
        return HIDDEN
    family = surname(name)
    if family is None:
        return f"{name[0]}某"
    return family + "某" * max(1, min(len(name) - len(family), _LONGEST_GIVEN))


def _address(text: str) -> str:
    """As far as the county, city or banner."""
    county = _COUNTY.match(text)
    return county[0] if county else HIDDEN


def _removed(_: str) -> str:
    return REMOVED


def _hidden(_: str) -> str:
    return HIDDEN


def _starred(text: str, *, first: int, last: int) -> str:
    """The text with a star for each digit or letter but the `first` and `last` ones."""
    shown = range(first, _count_signs(text) - last)
    starred, number = [], 0
    for char in text:
        starred.append("*" if _is_sign(char) and number in shown else char)
        number += _is_sign(char)
    return "".join(starred)


def _count_signs(text: str) -> int:
    return sum(map(_is_sign, text))


def _is_sign(char: str) -> bool:
    """Whether a character is one of the number's own, in whichever width or script it was typed."""
    return char in _CHECK_SIGNS or unicodedata.normalize("NFKC", char).isalnum()


_AREA_CODE: Final = re.compile(r"[(（]?[0０]\d{2,3}[)）]?[ \u3000—–－-]{0,3}")
_UNIT: Final = r"[\u4e00-\u9fff]"
_COUNTY: Final = re.compile(
    rf"(?=.)(?:{_UNIT}{{2,6}}?(?:省|自治区))?(?:{_UNIT}{{2,8}}?(?:市|盟|自治州))?"
    rf"(?:{_UNIT}{{1,8}}?(?:(?<![小社园校厂矿])区|县|旗)(?![街路巷村镇乡]))?(?<=[省区市盟州县旗])"
)
_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    resident_id.LABEL: _resident_id,
    mobile_phone.LABEL: _mobile,
    landline.LABEL: _landline,
    bank_card.LABEL: _last_four,
    permit.LABEL: _last_four,
    plate_number.LABEL: _plate,
    naming.LABEL: _name,
    home_address.LABEL: _address,
    sensitive_coordinates.LABEL: _removed,
    trade_secret.LABEL: _removed,
    internal_process.LABEL: _removed,
    unpublished_data.LABEL: _removed,
}
