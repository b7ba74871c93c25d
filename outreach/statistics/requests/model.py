"""Tables of requests for information, and of the steps that each has gone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class RequestState(StrEnum):
    """Where a request stands. While the applicant has to do something (correct, pay) no term runs for the office."""

    OPEN = "open"
    AWAITING_CORRECTION = "awaiting_correction"
    CONSULTING = "consulting"
    AWAITING_FEE = "awaiting_fee"
    ANSWERED = "answered"


class RequestAct(StrEnum):
    """What moves a request on."""

    ASK_CORRECTION = "ask_correction"
    CORRECT = "correct"
    CONSULT = "consult"
    HEAR = "hear"
    EXTEND = "extend"
    ASK_FEE = "ask_fee"
    PAY_FEE = "pay_fee"
    ANSWER = "answer"


class Way(StrEnum):
    """How a request came."""

    IN_PERSON = "in_person"
    POST = "post"
    WEB = "web"
    EMAIL = "email"
    FAX = "fax"
    OTHER = "other"


class Applicant(StrEnum):
    """Who asks: the six columns of table three."""

    NATURAL_PERSON = "natural_person"
    ORG_BUSINESS = "org_business"
    ORG_RESEARCH = "org_research"
    ORG_PUBLIC_INTEREST = "org_public_interest"
    ORG_LEGAL_SERVICE = "org_legal_service"
    ORG_OTHER = "org_other"


class Result(StrEnum):
    """How a request was answered: the leaf rows of table three in the form of 2021. That of 2019 has the last three in
    one row (其他处理)."""

    GRANTED = "granted"
    PARTIAL = "partial"
    DEN_STATE_SECRET = "den_state_secret"  # noqa: S105 - a row of a form
    DEN_LAW_FORBIDS = "den_law_forbids"
    DEN_SAFETY_STABILITY = "den_safety_stability"
    DEN_THIRD_PARTY = "den_third_party"
    DEN_INTERNAL_AFFAIRS = "den_internal_affairs"
    DEN_PROCESS_INFO = "den_process_info"
    DEN_ENFORCEMENT_FILE = "den_enforcement_file"
    DEN_ADMIN_QUERY = "den_admin_query"
    UNA_NOT_HELD = "una_not_held"
    UNA_NEEDS_CREATION = "una_needs_creation"
    UNA_UNCLEAR_AFTER_CORRECTION = "una_unclear_after_correction"
    NP_PETITION = "np_petition"
    NP_REPEAT = "np_repeat"
    NP_PUBLICATION = "np_publication"
    NP_MASSIVE = "np_massive"
    NP_CONFIRM = "np_confirm"
    OTH_OVERDUE_CORRECTION = "oth_overdue_correction"
    OTH_FEE_UNPAID = "oth_fee_unpaid"
    OTH_OTHER = "oth_other"


class InformationRequest(Base):
    """A request. `sealed` holds, under SECRET_KEY, the applicant's name and contact and what is asked for: words of a
    person about a person; it is empty once they were erased. `number` counts within the year in which it came. `result`
    and `answered_on` are set by the answer. `version` rises with every change."""

    __tablename__ = "information_request"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        Index("ix_information_request_received_on", "received_on"),
        Index("ix_information_request_state", "state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    year: Mapped[int]
    number: Mapped[int]
    received_on: Mapped[date]
    way: Mapped[Way] = mapped_column(stored_enum(Way))
    applicant: Mapped[Applicant] = mapped_column(stored_enum(Applicant))
    sealed: Mapped[str] = mapped_column(Text)
    state: Mapped[RequestState] = mapped_column(stored_enum(RequestState))
    result: Mapped[Result | None] = mapped_column(stored_enum(Result))
    answered_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    registered_by_name: Mapped[str] = mapped_column(String(64))
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RequestStep(Base):
    """A step of a request, `number` 1 the first: the day on which it was taken, who entered it, and what it bore: the
    last day that the applicant was given (`until`), by how many working days the term was extended, the fee (an exact
    decimal as text, in yuan), the number of the document, a reason."""

    __tablename__ = "request_step"

    request_id: Mapped[str] = mapped_column(
        ForeignKey("information_request.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    act: Mapped[RequestAct] = mapped_column(stored_enum(RequestAct))
    day: Mapped[date]
    until: Mapped[date | None]
    extension_days: Mapped[int | None]
    fee_yuan: Mapped[str | None] = mapped_column(String(16))
    result: Mapped[Result | None] = mapped_column(stored_enum(Result))
    document: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
