"""What may be decided at a stage, by which law, and what that makes of a record. Who may decide it is told in
`review.acting`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.model import Item
from outreach.items.rules import ItemAction
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.review.acting import acts_on
from outreach.review.form import Disclosure, ReviewForm
from outreach.review.model import Decision, DecisionKind, Outcome, Standing
from outreach.screening.detectors import (
    internal_process,
    sensitive_coordinates,
    unpublished_data,
)

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

OUTCOMES: Final[Mapping[DecisionKind, tuple[Outcome | None, ...]]] = {
    DecisionKind.APPROVE: (Outcome.DISCLOSE,),
    DecisionKind.RETURN: (None, Outcome.AFTER_REMOVAL),
    DecisionKind.REFUSE: (Outcome.WITHHOLD,),
}
"""The outcomes that fit a decision; the first one stands where none is given."""

OUTCOME_LABELS: Final[Mapping[Outcome, str]] = {
    Outcome.DISCLOSE: "公开",
    Outcome.AFTER_REMOVAL: "删减后公开",
    Outcome.WITHHOLD: "不予公开",
}

STANDING_LABELS: Final[Mapping[Standing, str]] = {
    Standing.OPEN: "审查中",
    Standing.DISCLOSE: "公开",
    Standing.AFTER_REMOVAL: "删减后公开",
    Standing.WITHHOLD: "不予公开",
    Standing.REFER: "报请确定",
    Standing.RETURNED: "退回修改",
    Standing.ENDED: "未审结",
}

REFUSAL_BASES: Final = (
    "《政府信息公开条例》第十四条：国家秘密",
    "《政府信息公开条例》第十四条：法律、行政法规禁止公开",
    "《政府信息公开条例》第十四条：公开后可能危及国家安全、公共安全、经济安全、社会稳定",
    "《政府信息公开条例》第十五条：商业秘密、个人隐私",
    "《政府信息公开条例》第十六条：内部事务信息",
    "《政府信息公开条例》第十六条：过程性信息、行政执法案卷信息",
)
REFERRAL_BASIS: Final = (
    "《政府信息公开条例》第十七条：不能确定是否可以公开，报有关主管部门或者保密行政管理部门确定"
)
_REMOVAL_BASES: Final[Mapping[str, str]] = {
    sensitive_coordinates.LABEL: REFUSAL_BASES[2],
    internal_process.LABEL: REFUSAL_BASES[4],
    unpublished_data.LABEL: REFUSAL_BASES[5],
}
BASES: Final = (*REFUSAL_BASES, REFERRAL_BASIS)
ARTICLES: Final[Mapping[int, str]] = {14: "第十四条", 15: "第十五条", 16: "第十六条", 17: "第十七条"}

_CITED: Final = re.compile(r"政府信息公开条例》?\s*第(十四|十五|十六|十七|1[4-7])条")
_ARTICLE_OF: Final = {name[1:-1]: article for article, name in ARTICLES.items()}


def may_see_earlier(
    reader: Person, item: Item, revision: int, *, writers: Collection[str], decisions: Iterable[Decision]
) -> bool:
    """Whether an earlier revision is for `reader`'s eyes, which may still hold what had to be removed: for who wrote
    it (`writers`), who decided on it, who may decide on what became of it, and auditors."""
    return (
        reader.id in writers
        or any(one.by_id == reader.id and one.revision == revision for one in decisions)
        or acts_on(reader, item)
        or may(reader, Act.READ_AUDIT)
    )


def outcome_of(kind: DecisionKind, given: Outcome | None) -> Outcome | None:
    """The outcome of a decision. Raises InvalidContent where the one given does not fit it."""
    fitting = OUTCOMES[kind]
    if given is None:
        return fitting[0]
    if given not in fitting:
        told = f"{DECISION_LABELS[kind]}不能以“{OUTCOME_LABELS[given]}”作为处理。"
        raise InvalidContent(told, errors=[FieldError("outcome", told)])
    return given


def require_reasons(kind: DecisionKind, outcome: Outcome | None, opinion: str, basis: str | None) -> None:
    """退回 and 不予公开 need an opinion; 不予公开 and 删减后公开 also their legal basis (条例 art. 14 to 16). Raises
    InvalidContent with all that is missing."""
    errors: list[FieldError] = []
    if kind is not DecisionKind.APPROVE and not opinion.strip():
        errors.append(FieldError("opinion", f"{DECISION_LABELS[kind]}时请填写意见，说明理由。"))
    if outcome in (Outcome.WITHHOLD, Outcome.AFTER_REMOVAL) and not (basis or "").strip():
        errors.append(FieldError("basis", f"{OUTCOME_LABELS[outcome]}必须写明法律依据。"))
    if errors:
        raise InvalidContent(errors[0].message, errors=errors)


def removal_basis(labels: Iterable[str]) -> str:
    """By which articles what bears these labels is removed: each once, art. 15 (privacy and trade secrets) for all
    that no other one is for."""
    bases = {_REMOVAL_BASES.get(label, REFUSAL_BASES[3]) for label in labels}
    return "；".join(sorted(bases, key=REFUSAL_BASES.index))


def require_consistent(kind: DecisionKind, form: ReviewForm) -> None:
    """Nobody agrees to disclose what they say must not be: secrets never (保守国家秘密法 art. 35, 条例 art. 14),
    trade secrets and privacy only with consent or for a public interest that is written down (条例 art. 15).
    Raises InvalidContent naming each field."""
    if kind is not DecisionKind.APPROVE:
        return
    errors = [
        FieldError(name, "含国家秘密或工作秘密的信息不得公开，不能同意。")
        for name in ("contains_state_secret", "contains_work_secret")
        if getattr(form, name)
    ]
    if form.disclosure is Disclosure.WITHHELD:
        errors.append(FieldError("disclosure", "公开属性为不予公开时不能同意，请点“不予公开”。"))
    if (form.contains_trade_secret or form.contains_personal_privacy) and not (form.consent or "").strip():
        told = "含商业秘密或个人隐私的，同意公开时请写明第三方同意的凭据，或者不公开会对公共利益造成重大影响的理由。"
        errors.append(FieldError("consent", told))
    if errors:
        raise InvalidContent(errors[0].message, errors=errors)


def article_of(basis: str | None) -> int | None:
    """The article of the Regulation (条例) that the basis cites first, of 14 to 17; None where it cites none."""
    found = _CITED.search(basis or "")
    if found is None:
        return None
    return _ARTICLE_OF.get(found[1]) or int(found[1])


def standing_after(kind: DecisionKind, outcome: Outcome | None, *, is_last_stage: bool) -> Standing:
    """What a decision makes of its record."""
    if kind is DecisionKind.APPROVE:
        return Standing.DISCLOSE if is_last_stage else Standing.OPEN
    return Standing(outcome) if outcome else Standing.RETURNED


def number_label(year: int, number: int) -> str:
    """The number of a record as the form bears it: 审〔2026〕0001号."""
    return f"审〔{year}〕{number:04}号"


def sees_every_record(person: Person) -> bool:
    """Auditors and confidentiality reviewers see the records of all sections, everybody else those of their own."""
    return may(person, Act.READ_AUDIT) or may(person, Act.DECIDE_CONFIDENTIALITY)
