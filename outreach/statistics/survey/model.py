"""Tables of surveys, of who has answered, and of answers. Nothing leads from one of the last two to the other."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.followers.texts.catalogue import SURVEY_PREFIX
from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id, new_public_id
from outreach.statistics.survey.rules import SurveyState


class Survey(Base):
    """A survey. Its words are the house text `survey.ID` (`followers.texts`) until it is opened; from then on
    `content`, as it was approved.

    Attributes:
        account_id: the Official Account whose followers are asked, None where nobody is known by an account.
        opens_on, closes_on: days in China, both included.
        sealed_salt: the key of the hashes of those who answered, under SECRET_KEY; gone with the end.
    """

    __tablename__ = "survey"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    state: Mapped[SurveyState] = mapped_column(stored_enum(SurveyState))
    content: Mapped[str] = mapped_column(Text, default="")
    sealed_salt: Mapped[str | None] = mapped_column(Text)
    made_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_by_name: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def text_key(self) -> str:
        """The key of its house text."""
        return f"{SURVEY_PREFIX}{self.id}"


class SurveyVoter(Base):
    """That somebody has answered: an HMAC of the openid under the survey's salt. All go with the end. Without row
    numbers, which would tell in which order they came."""

    __tablename__ = "survey_voter"
    __table_args__ = ({"sqlite_with_rowid": False},)

    survey_id: Mapped[str] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class SurveyAnswer(Base):
    """What somebody answered (`rules.Answers`), without who, when or from where. `id` is random; `is_follower`: once
    for each follower, by a hash; others are counted by themselves."""

    __tablename__ = "survey_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    survey_id: Mapped[str] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_public_id)
    is_follower: Mapped[bool]
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
