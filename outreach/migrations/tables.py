"""Every table of the house, in one place for the migrations."""

from __future__ import annotations

from types import ModuleType
from typing import Final

import outreach.catalogue.model
import outreach.channels.model
import outreach.followers.conversations.model
import outreach.followers.model
import outreach.followers.notices.model
import outreach.followers.questions.model
import outreach.followers.syncing.model
import outreach.followers.texts.model
import outreach.foundation.audit
import outreach.foundation.mail
import outreach.foundation.office_settings
import outreach.foundation.stops
import outreach.items.model
import outreach.people.contacts
import outreach.people.model
import outreach.publishing.editions.model
import outreach.publishing.model
import outreach.review.model
import outreach.screening.model
import outreach.sealing.model
import outreach.statistics.assessment.model
import outreach.statistics.indicators.model
import outreach.statistics.model
import outreach.statistics.reads.model
import outreach.statistics.registers.model
import outreach.statistics.report.model
import outreach.statistics.requests.model
import outreach.statistics.survey.model
from outreach.foundation.database import Base

MODELS: Final[tuple[ModuleType, ...]] = (
    outreach.foundation.audit,
    outreach.foundation.mail,
    outreach.foundation.office_settings,
    outreach.foundation.stops,
    outreach.people.model,
    outreach.people.contacts,
    outreach.catalogue.model,
    outreach.items.model,
    outreach.screening.model,
    outreach.sealing.model,
    outreach.review.model,
    outreach.channels.model,
    outreach.publishing.editions.model,
    outreach.publishing.model,
    outreach.followers.model,
    outreach.followers.notices.model,
    outreach.followers.texts.model,
    outreach.followers.questions.model,
    outreach.followers.conversations.model,
    outreach.followers.syncing.model,
    outreach.statistics.model,
    outreach.statistics.indicators.model,
    outreach.statistics.assessment.model,
    outreach.statistics.reads.model,
    outreach.statistics.registers.model,
    outreach.statistics.requests.model,
    outreach.statistics.report.model,
    outreach.statistics.survey.model,
)
METADATA: Final = Base.metadata
