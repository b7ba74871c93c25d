"""The item's state machine and what else is always true of an item. No session, no clock, no network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from outreach.foundation.problems import NotPossible
from outreach.items.model import Item, ItemState, Stage

Place = tuple[ItemState, Stage | None]


class ItemAction(StrEnum):
    """What can happen to an item."""

    SUBMIT = "submit"
    SCREENED = "screened"
    SCREENED_AS_EMERGENCY = "screened_as_emergency"
    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"
    OBJECT = "object"
    RECALL = "recall"
    EDIT = "edit"
    DISCARD = "discard"
    FIRST_PUBLISHED = "first_published"
    LAST_WITHDRAWN = "last_withdrawn"
    SEAL = "seal"
    FREE = "free"


DRAFT: Final[Place] = (ItemState.DRAFT, None)
SCREENING: Final[Place] = (ItemState.SCREENING, None)
AT_SECTION: Final[Place] = (ItemState.IN_REVIEW, Stage.SECTION)
AT_CONFIDENTIALITY: Final[Place] = (ItemState.IN_REVIEW, Stage.CONFIDENTIALITY)
AT_SIGN_OFF: Final[Place] = (ItemState.IN_REVIEW, Stage.SIGN_OFF)
APPROVED: Final[Place] = (ItemState.APPROVED, None)
PUBLISHED: Final[Place] = (ItemState.PUBLISHED, None)
RETURNED: Final[Place] = (ItemState.RETURNED, None)
REFUSED: Final[Place] = (ItemState.REFUSED, None)
WITHDRAWN: Final[Place] = (ItemState.WITHDRAWN, None)
SEALED: Final[Place] = (ItemState.SEALED, None)

IN_REVIEW: Final = (AT_SECTION, AT_CONFIDENTIALITY, AT_SIGN_OFF)

TRANSITIONS: Final[Mapping[tuple[Place, ItemAction], Place]] = {
    (DRAFT, ItemAction.EDIT): DRAFT,
    (DRAFT, ItemAction.SUBMIT): SCREENING,
    (DRAFT, ItemAction.DISCARD): DRAFT,
    (SCREENING, ItemAction.SCREENED): AT_SECTION,
    (SCREENING, ItemAction.SCREENED_AS_EMERGENCY): AT_CONFIDENTIALITY,
    (AT_SECTION, ItemAction.APPROVE): AT_CONFIDENTIALITY,
    (AT_CONFIDENTIALITY, ItemAction.APPROVE): AT_SIGN_OFF,
    (AT_SIGN_OFF, ItemAction.APPROVE): APPROVED,
    **{(place, ItemAction.RETURN): RETURNED for place in IN_REVIEW},
    **{(place, ItemAction.REFUSE): REFUSED for place in IN_REVIEW},
    **{(place, ItemAction.RECALL): DRAFT for place in IN_REVIEW},
    **{(place, ItemAction.EDIT): DRAFT for place in IN_REVIEW},
    **{(place, ItemAction.OBJECT): RETURNED for place in (AT_CONFIDENTIALITY, AT_SIGN_OFF, APPROVED)},
    (RETURNED, ItemAction.EDIT): RETURNED,
    (RETURNED, ItemAction.SUBMIT): SCREENING,
    (APPROVED, ItemAction.EDIT): DRAFT,
    (APPROVED, ItemAction.FIRST_PUBLISHED): PUBLISHED,
    (PUBLISHED, ItemAction.LAST_WITHDRAWN): WITHDRAWN,
    **{
        (place, ItemAction.SEAL): SEALED
        for place in (DRAFT, SCREENING, *IN_REVIEW, APPROVED, PUBLISHED, RETURNED, REFUSED, WITHDRAWN)
    },
    (SEALED, ItemAction.FREE): DRAFT,
}

NO_LONGER_PUBLIC: Final = frozenset({ItemState.WITHDRAWN, ItemState.SEALED})
"""States in which the public page answers 410."""

CORRECTABLE: Final = frozenset({ItemState.PUBLISHED, ItemState.WITHDRAWN})
"""States of an item that another one may correct: it has been out."""

STATE_LABELS: Final[Mapping[ItemState, str]] = {
    ItemState.DRAFT: "草稿",
    ItemState.SCREENING: "初筛中",
    ItemState.IN_REVIEW: "审核中",
    ItemState.APPROVED: "待发布",
    ItemState.PUBLISHED: "已发布",
    ItemState.RETURNED: "已退回",
    ItemState.REFUSED: "不予公开",
    ItemState.WITHDRAWN: "已撤回",
    ItemState.SEALED: "已封存",
}

STAGE_LABELS: Final[Mapping[Stage, str]] = {
    Stage.SECTION: "科室审核",
    Stage.CONFIDENTIALITY: "保密审查",
    Stage.SIGN_OFF: "签发",
}

_ACTION_LABELS: Final[Mapping[ItemAction, str]] = {
    ItemAction.SUBMIT: "提交审核",
    ItemAction.SCREENED: "完成初筛",
    ItemAction.SCREENED_AS_EMERGENCY: "完成初筛",
    ItemAction.APPROVE: "同意",
    ItemAction.RETURN: "退回",
    ItemAction.REFUSE: "不予公开",
    ItemAction.OBJECT: "补审退回",
    ItemAction.RECALL: "撤回提交",
    ItemAction.EDIT: "修改",
    ItemAction.DISCARD: "删除草稿",
    ItemAction.FIRST_PUBLISHED: "发布",
    ItemAction.LAST_WITHDRAWN: "撤回",
    ItemAction.SEAL: "封存",
    ItemAction.FREE: "解除封存",
}


def next_place(place: Place, action: ItemAction) -> Place:
    """Where `action` leads from `place`. Raises NotPossible naming both, in the user's words."""
    try:
        return TRANSITIONS[place, action]
    except KeyError:
        raise NotPossible(f"信息当前为“{place_label(place)}”，不能{_ACTION_LABELS[action]}。") from None


def can(place: Place, action: ItemAction) -> bool:
    """Whether `action` is possible at `place`."""
    return (place, action) in TRANSITIONS


def place_label(place: Place) -> str:
    """The place as the office calls it: `审核中·保密审查`."""
    state, stage = place
    return f"{STATE_LABELS[state]}·{STAGE_LABELS[stage]}" if stage else STATE_LABELS[state]


def content_hash(snapshot: Mapping[str, Any]) -> str:
    """The SHA-256 of a snapshot's canonical JSON: what each decision pins."""
    return hashlib.sha256(canonical_json(snapshot)).hexdigest()


def canonical_json(snapshot: Mapping[str, Any]) -> bytes:
    """The one way to write a snapshot as JSON, so that its hash can be computed again anywhere."""
    text = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def withdrawal_days(publish_until: date | None, credit_repaired_on: date | None) -> dict[str, date | None]:
    """The days of a penalty that is in force, as columns of the item, with the one on which it is withdrawn: the
    earlier of the end of its publication and the repair of the party's credit. It begins at midnight in Shanghai."""
    days = [day for day in (publish_until, credit_repaired_on) if day is not None]
    return {
        "publish_until": publish_until,
        "credit_repaired_on": credit_repaired_on,
        "withdraw_on": min(days, default=None),
    }


def withdrawal_reason(item: Item) -> str:
    """Why the item is withdrawn on its day, as the public is told."""
    if item.withdraw_on == item.credit_repaired_on:
        return f"当事人已完成信用修复（信用修复日期：{_day(item.credit_repaired_on)}），停止公示。"
    return f"公示期限届满（公示截止日期：{_day(item.publish_until)}），停止公示。"


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def texts_of(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Every text of an item that a reader may get to see, by the dotted name of its field."""
    texts: dict[str, str] = {}
    for name in ("title", "short_title", "repost_source", "repost_url", "body"):
        if snapshot.get(name):
            texts[name] = snapshot[name]
    texts.update(_leaves("fields", snapshot.get("fields", {})))
    for number, name in enumerate(_attachment_names(snapshot)):
        texts[f"attachments.{number}"] = name
    return texts


def typed_texts(raw: Mapping[str, Any]) -> dict[str, str]:
    """Every text in what was typed as an item, by the names that `texts_of` would give, whatever shape it has and
    however deep: it need not be one that `read_content` takes."""
    texts: dict[str, str] = {}
    waiting = [(str(name), value) for name, value in reversed(list(raw.items()))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            texts[path] = value
        elif isinstance(value, Mapping):
            waiting += [(f"{path}.{name}", inner) for name, inner in reversed(list(value.items()))]
            if path == "fields.extra":
                waiting += [(f"{path}.{name}.label", name) for name in reversed(list(value))]
        elif isinstance(value, list | tuple):
            waiting += [(f"{path}.{number}", inner) for number, inner in reversed(list(enumerate(value)))]
    return texts


def with_texts(typed: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """The item with other texts where `texts` name them, by the names that `texts_of` gives; names of attachments
    stay, since they are those of files."""
    return {
        name: value if name == "attachments" else _with_leaves(name, value, texts)
        for name, value in typed.items()
    }


def _with_leaves(path: str, value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return texts.get(path, value)
    if isinstance(value, list):
        return [_with_leaves(f"{path}.{number}", inner, texts) for number, inner in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    is_labelled = path == "fields.extra"
    return {
        texts.get(f"{path}.{name}.label", name) if is_labelled else name: _with_leaves(
            f"{path}.{name}", inner, texts
        )
        for name, inner in value.items()
    }


def _leaves(path: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {path: value} if value else {}
    found: dict[str, str] = {}
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if path == "fields.extra":
                found[f"{path}.{name}.label"] = name
            found.update(_leaves(f"{path}.{name}", inner))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found.update(_leaves(f"{path}.{number}", inner))
    return found


def _attachment_names(snapshot: Mapping[str, Any]) -> list[str]:
    return [entry if isinstance(entry, str) else entry["name"] for entry in snapshot.get("attachments", [])]
