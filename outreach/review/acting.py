"""In whose right somebody acts at a stage: their own, or that of somebody who is away and named them deputy (代审).

This is the one place that knows of deputies. What is lent is the one stage's decisions, with the judging of findings
and the referrals that belong to it, on items of the absent person's sections while they stand at that stage; nothing
that the same role may do elsewhere (the word lists, the register of all sections).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from outreach.foundation.problems import DutiesNotSeparate
from outreach.items.model import Item, Stage
from outreach.people.model import Lent, Person
from outreach.people.rules import ALLOWED, Act, may, sees_section, signature

ACT_OF_STAGE: Final[Mapping[Stage, Act]] = {
    Stage.SECTION: Act.DECIDE_SECTION,
    Stage.CONFIDENTIALITY: Act.DECIDE_CONFIDENTIALITY,
    Stage.SIGN_OFF: Act.DECIDE_SIGN_OFF,
}


class Decided(Protocol):
    """A decision on a revision, whatever it is one of: who made it, and in whose stead."""

    @property
    def revision(self) -> int: ...
    @property
    def by_id(self) -> str: ...
    @property
    def absent_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Acting:
    """`person` acts at `stage`, in the stead of `absent` where that is somebody."""

    person: Person
    stage: Stage
    absent: Lent | None = None

    @property
    def absent_id(self) -> str | None:
        """In whose stead."""
        return self.absent.absent_id if self.absent else None

    @property
    def absent_name(self) -> str | None:
        """In whose stead, by name."""
        return self.absent.absent_name if self.absent else None

    @property
    def signature(self) -> str:
        """王五, or 王五（代张三）."""
        return signature(self.person.name, self.absent_name)

    @property
    def told(self) -> dict[str, str]:
        """What the audit log says besides."""
        return {"absent": self.absent.absent_name} if self.absent else {}


def rights_at(person: Person, stage: Stage, section_id: str) -> list[Acting]:
    """In whose right `person` may act at the stage on items of that section, the own right first; empty: in nobody's."""
    own = may(person, ACT_OF_STAGE[stage]) and sees_section(person, section_id)
    lent = [one for one in lent_at(person, stage) if one.section_ids is None or section_id in one.section_ids]
    return [*([Acting(person, stage)] if own else []), *(Acting(person, stage, one) for one in lent)]


def lent_at(person: Person, stage: Stage) -> list[Lent]:
    """What others lend the person for that stage."""
    return [one for one in person.lent if one.role is ALLOWED[ACT_OF_STAGE[stage]]]


def acts_on(person: Person, item: Item) -> bool:
    """Whether the person reviews at the item's present stage, in whosever right. Their duties are another matter."""
    return item.stage is not None and bool(rights_at(person, item.stage, item.section_id))


def is_lent(person: Person, item: Item) -> bool:
    """Whether the item is for this person's eyes because it waits for somebody who is away."""
    return item.stage is not None and any(
        one.absent for one in rights_at(person, item.stage, item.section_id)
    )


def reviews_anywhere(person: Person) -> bool:
    """Whether the person reviews at some stage."""
    return bool(person.lent) or any(may(person, act) for act in ACT_OF_STAGE.values())


def require_separate_duties(
    acting: Acting,
    *,
    authors: Collection[str],
    decisions: Iterable[Decided],
    revision: int,
    what: str = "这条信息",
) -> None:
    """Whoever wrote or submitted a revision decides at no stage of it, and nobody decides at two stages of it. Both
    hold for a deputy and for whom they stand in for: what that one could not decide, nobody decides in their stead, and
    a decision that was made in somebody's stead counts as theirs too.

    `authors` are those of the present revision and of the ones that it goes on from; `what` they wrote, in words. Raises
    DutiesNotSeparate (保守国家秘密法 art. 35; the bureau's rule of three reviewers).
    """
    deciders = {id_ for one in decisions if one.revision == revision for id_ in (one.by_id, one.absent_id)}
    require_no_author(acting.person, authors, what)
    if acting.person.id in deciders:
        raise DutiesNotSeparate("您已在这一版本的另一环节作出决定，同一人不能审两个环节。")
    if acting.absent_id in authors:
        raise DutiesNotSeparate(
            f"您代{acting.absent_name}审查，而{acting.absent_name}编写或提交过{what}，不能由您代审。"
        )
    if acting.absent_id and acting.absent_id in deciders:
        raise DutiesNotSeparate(
            f"您代{acting.absent_name}审查，而{acting.absent_name}已参与另一环节的决定，不能由您代审。"
        )


def require_no_author(person: Person, authors: Collection[str], what: str = "这条信息") -> None:
    """Raises DutiesNotSeparate where `person` is one of the authors."""
    if person.id in authors:
        raise DutiesNotSeparate(f"您编写或提交过{what}，按职责分离的要求不能参与它的审核。")
