"""The states of a house text, and what it may say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from outreach.followers.menu.rules import read_menu
from outreach.followers.questionnaires import read_questionnaire
from outreach.followers.texts.catalogue import MENU, SURVEY_PREFIX, Kind, places_in
from outreach.followers.texts.model import TextState
from outreach.foundation.problems import FieldError, InvalidContent, NotPossible
from outreach.people.rules import INBOX

WRITING: Final = INBOX
"""Whoever may do one of these proposes house texts: those who read what followers ask."""

STATE_LABELS: Final[Mapping[TextState, str]] = {
    TextState.DRAFT: "草稿",
    TextState.IN_REVIEW: "待保密审查",
    TextState.APPROVED: "使用中",
    TextState.RETIRED: "已停用",
}
TRIGGERS_MAX: Final = 20
TRIGGER_LENGTH: Final = range(2, 31)


class TextAction(StrEnum):
    """What moves a house text."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    RETIRE = "retire"


TRANSITIONS: Final[Mapping[tuple[TextState, TextAction], TextState]] = {
    (TextState.DRAFT, TextAction.SUBMIT): TextState.IN_REVIEW,
    (TextState.IN_REVIEW, TextAction.APPROVE): TextState.APPROVED,
    (TextState.IN_REVIEW, TextAction.RETURN): TextState.DRAFT,
    (TextState.APPROVED, TextAction.RETIRE): TextState.RETIRED,
}


def next_state(state: TextState, action: TextAction) -> TextState:
    """The state after `action`. Raises NotPossible."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise NotPossible(f"这条用语现在是“{STATE_LABELS[state]}”，不能这样做。请刷新页面。")
    return after


def require_right(key: str, kind: Kind, content: str, triggers: list[str], *, is_answer: bool) -> None:
    """Raises InvalidContent, naming each field that has to be mended."""
    errors = [FieldError("content", told) for told in _of_content(key, kind, content)]
    if is_answer:
        errors += [FieldError("triggers", told) for told in _of_triggers(triggers)]
    if errors:
        raise InvalidContent("用语有内容需要修改，请看各栏下的说明。", errors=errors)


def _of_content(key: str, kind: Kind, content: str) -> list[str]:
    if not content:
        return ["请填写内容。"]
    told = []
    if (size := len(content.encode())) > kind.most_bytes:
        told.append(f"内容过长：现在 {size} 字节，最多 {kind.most_bytes} 字节（一个汉字 3 字节）。请缩短。")
    places = places_in(content)
    if missing := kind.places - places:
        told.append(f"缺少 {_listed(missing)}：发送时会换成具体内容，不能删去。")
    if unknown := places - kind.places:
        told.append(f"不认识 {_listed(unknown)}，请改成普通文字。")
    if key == MENU and not told:
        told += read_menu(content).problems
    if key.startswith(SURVEY_PREFIX) and not told:
        told += read_questionnaire(content).problems
    return told


def _of_triggers(triggers: list[str]) -> list[str]:
    if not triggers:
        return ["请至少填写一种问法，一行一种。"]
    if len(triggers) > TRIGGERS_MAX:
        return [f"问法最多 {TRIGGERS_MAX} 行。"]
    wrong = [one for one in triggers if len(one) not in TRIGGER_LENGTH]
    return (
        [f"每种问法 {TRIGGER_LENGTH.start} 至 {TRIGGER_LENGTH.stop - 1} 个字：{wrong[0][:40]}"]
        if wrong
        else []
    )


def _listed(places: frozenset[str]) -> str:
    return "、".join(f"{{{one}}}" for one in sorted(places))
