"""The way of a version, and who may be on it. Written once for all reports."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from outreach.foundation.problems import Forbidden, NotPossible
from outreach.items.model import Stage
from outreach.people.model import Person
from outreach.people.rules import may, require
from outreach.review.acting import ACT_OF_STAGE, Acting, lent_at
from outreach.statistics.report.model import ReportDecisionKind, ReportType, VersionState


class VersionAction(StrEnum):
    """What somebody does with a version."""

    APPROVE = "approve"
    RETURN = "return"
    RECALL = "recall"


TRANSITIONS: Final[Mapping[tuple[VersionState, VersionAction], VersionState]] = {
    (VersionState.CONFIDENTIALITY, VersionAction.APPROVE): VersionState.SIGN_OFF,
    (VersionState.CONFIDENTIALITY, VersionAction.RETURN): VersionState.RETURNED,
    (VersionState.CONFIDENTIALITY, VersionAction.RECALL): VersionState.RECALLED,
    (VersionState.SIGN_OFF, VersionAction.APPROVE): VersionState.FINAL,
    (VersionState.SIGN_OFF, VersionAction.RETURN): VersionState.RETURNED,
    (VersionState.SIGN_OFF, VersionAction.RECALL): VersionState.RECALLED,
}

STATE_LABELS: Final[Mapping[VersionState, str]] = {
    VersionState.CONFIDENTIALITY: "保密审查中",
    VersionState.SIGN_OFF: "待签发",
    VersionState.RETURNED: "已退回",
    VersionState.RECALLED: "已撤回提交",
    VersionState.FINAL: "已定稿",
}

STAGE_OF: Final[Mapping[VersionState, Stage]] = {
    VersionState.CONFIDENTIALITY: Stage.CONFIDENTIALITY,
    VersionState.SIGN_OFF: Stage.SIGN_OFF,
}
"""The stage at which a version that is under way waits."""

ACTION_OF: Final[Mapping[ReportDecisionKind, VersionAction]] = {
    ReportDecisionKind.APPROVE: VersionAction.APPROVE,
    ReportDecisionKind.RETURN: VersionAction.RETURN,
}

TYPE_LABELS: Final[Mapping[ReportType, str]] = {ReportType.ANNUAL: "年度报告", ReportType.MONTHLY: "月报"}
OPINION_MAX: Final = 500


def next_state(state: VersionState, action: VersionAction) -> VersionState:
    """The state after `action`. Raises NotPossible."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise NotPossible(f"这一版{STATE_LABELS[state]}，不能这样做。")
    return after


def rights_at(person: Person, stage: Stage) -> list[Acting]:
    """In whose right `person` decides on a report at the stage, the own right first. A report is of the whole office:
    no section narrows it. Raises Forbidden where in nobody's."""
    act = ACT_OF_STAGE[stage]
    own = [Acting(person, stage)] if may(person, act) else []
    rights = [*own, *(Acting(person, stage, one) for one in lent_at(person, stage))]
    if not rights:
        require(person, act)
        raise Forbidden("您没有这一环节的审查职责。")
    return rights


def decides_at(person: Person, stage: Stage) -> bool:
    """Whether the person decides on reports at that stage, in whosever right. Their duties are another matter."""
    return may(person, ACT_OF_STAGE[stage]) or bool(lent_at(person, stage))
