"""Who decides at which stage, and who must not: separation of duties stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from outreach.foundation.problems import DutiesNotSeparate, FieldError, InvalidContent
from outreach.items.model import Stage
from outreach.items.rules import ItemAction
from outreach.people.rules import Act
from outreach.review.model import Decision, DecisionKind

ACT_OF_STAGE: Final[Mapping[Stage, Act]] = {
    Stage.SECTION: Act.DECIDE_SECTION,
    Stage.CONFIDENTIALITY: Act.DECIDE_CONFIDENTIALITY,
    Stage.SIGN_OFF: Act.DECIDE_SIGN_OFF,
}

ACTION_OF_DECISION: Final[Mapping[DecisionKind, ItemAction]] = {
    DecisionKind.APPROVE: ItemAction.APPROVE,
    DecisionKind.RETURN: ItemAction.RETURN,
    DecisionKind.REFUSE: ItemAction.REFUSE,
}

DECISION_LABELS: Final[Mapping[DecisionKind, str]] = {
    DecisionKind.APPROVE: "同意",
    DecisionKind.RETURN: "退回",
    DecisionKind.REFUSE: "不予公开",
}

REFUSAL_BASES: Final = (
    "《政府信息公开条例》第十四条：国家秘密",
    "《政府信息公开条例》第十四条：法律、行政法规禁止公开",
    "《政府信息公开条例》第十四条：公开后可能危及国家安全、公共安全、经济安全、社会稳定",
    "《政府信息公开条例》第十五条：商业秘密、个人隐私",
    "《政府信息公开条例》第十六条：内部事务信息",
    "《政府信息公开条例》第十六条：过程性信息、行政执法案卷信息",
)


def require_separate_duties(
    person_id: str, *, authors: Iterable[str], decisions: Iterable[Decision], revision: int
) -> None:
    """Whoever wrote or submitted a revision decides at no stage of it; nobody decides at two stages of it.

    `authors` are those of the present revision and of the ones that it goes on from. Raises
    DutiesNotSeparate (保守国家秘密法 art. 35; the bureau's rule of three reviewers).
    """
    if person_id in authors:
        raise DutiesNotSeparate("您编写或提交过这条信息，按职责分离的要求不能参与它的审核。")
    if any(one.by_id == person_id and one.revision == revision for one in decisions):
        raise DutiesNotSeparate("您已在这一版本的另一环节作出决定，同一人不能审两个环节。")


def require_reasons(kind: DecisionKind, opinion: str, basis: str | None) -> None:
    """退回 and 不予公开 need an opinion, 不予公开 also its legal basis (条例 art. 14 to 16). Raises InvalidContent
    with all that is missing."""
    errors: list[FieldError] = []
    if kind is not DecisionKind.APPROVE and not opinion.strip():
        errors.append(FieldError("opinion", f"{DECISION_LABELS[kind]}时请填写意见，说明理由。"))
    if kind is DecisionKind.REFUSE and not (basis or "").strip():
        errors.append(FieldError("basis", "不予公开必须写明法律依据。"))
    if errors:
        raise InvalidContent(errors[0].message, errors=errors)
