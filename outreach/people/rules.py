"""Who may do what: the role table of the house, in one place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from outreach.foundation.problems import Forbidden
from outreach.people.model import Person, Role


class Act(StrEnum):
    """What somebody may be allowed to do beyond reading what belongs to their sections."""

    WRITE_ITEMS = "write_items"
    DECIDE_SECTION = "decide_section"
    DECIDE_CONFIDENTIALITY = "decide_confidentiality"
    DECIDE_SIGN_OFF = "decide_sign_off"
    KEEP_SCREENING = "keep_screening"
    PUBLISH = "publish"
    KEEP_FIGURES = "keep_figures"
    READ_AUDIT = "read_audit"
    ADMINISTER = "administer"


ALLOWED: Final[Mapping[Act, Role]] = {
    Act.WRITE_ITEMS: Role.EDITOR,
    Act.DECIDE_SECTION: Role.SECTION_HEAD,
    Act.DECIDE_CONFIDENTIALITY: Role.CONFIDENTIALITY_REVIEWER,
    Act.DECIDE_SIGN_OFF: Role.SIGNATORY,
    Act.KEEP_SCREENING: Role.CONFIDENTIALITY_REVIEWER,
    Act.PUBLISH: Role.PUBLISHER,
    Act.KEEP_FIGURES: Role.STATISTICIAN,
    Act.READ_AUDIT: Role.AUDITOR,
    Act.ADMINISTER: Role.ADMIN,
}

SCREENING_QUALITY: Final = (Act.KEEP_SCREENING, Act.ADMINISTER, Act.READ_AUDIT)
"""Whoever may do one of these sees how good the screening is."""

STOPPING: Final = (Act.PUBLISH, Act.ADMINISTER)
"""Whoever may do one of these stops all publishing, of an account or of the office, and lets it go on."""

FOLLOWERS: Final = (Act.PUBLISH, Act.ADMINISTER)
"""Whoever may do one of these has the followers of an account fetched from its platform."""

INBOX: Final = (Act.WRITE_ITEMS, Act.PUBLISH)
"""Whoever may do one of these reads what followers write."""

LENDABLE: Final = (Role.SECTION_HEAD, Role.CONFIDENTIALITY_REVIEWER, Role.SIGNATORY)
"""The roles that decide at a stage: as these somebody can stand in for somebody who is away (`people.deputies`)."""

ROLE_LABELS: Final[Mapping[Role, str]] = {
    Role.EDITOR: "信息编辑",
    Role.SECTION_HEAD: "科室负责人",
    Role.CONFIDENTIALITY_REVIEWER: "保密审查员",
    Role.SIGNATORY: "签发人",
    Role.PUBLISHER: "发布员",
    Role.STATISTICIAN: "统计员",
    Role.AUDITOR: "审计员",
    Role.ADMIN: "系统管理员",
}


def may(person: Person, act: Act) -> bool:
    """Whether `person` holds the role that `act` asks for."""
    return ALLOWED[act] in person.roles


def require(person: Person, act: Act) -> None:
    """Raises Forbidden where `person` does not hold the role that `act` asks for."""
    if not may(person, act):
        raise Forbidden(f"此操作需要“{ROLE_LABELS[ALLOWED[act]]}”角色。如有需要，请联系系统管理员。")


def may_any(person: Person, acts: Collection[Act]) -> bool:
    """Whether `person` holds the role that one of `acts` asks for."""
    return any(may(person, act) for act in acts)


def require_any(person: Person, acts: Collection[Act]) -> None:
    """Raises Forbidden where `person` holds none of the roles that `acts` ask for."""
    if not may_any(person, acts):
        roles = "或".join(f"“{ROLE_LABELS[ALLOWED[act]]}”" for act in acts)
        raise Forbidden(f"此操作需要{roles}角色。如有需要，请联系系统管理员。")


def sees_section(person: Person, section_id: str) -> bool:
    """Whether what belongs to the section is for this person's eyes."""
    return person.section_ids is None or section_id in person.section_ids


def writes_in(person: Person, section_id: str) -> bool:
    """Whether the person writes items of the section; a deputy does not who only reviews there."""
    return may(person, Act.WRITE_ITEMS) and sees_section(person, section_id)


def signature(name: str, absent_name: str | None) -> str:
    """How somebody's name stands under what they did, with whom they stood in for: 王五（代张三）."""
    return f"{name}（代{absent_name}）" if absent_name else name
