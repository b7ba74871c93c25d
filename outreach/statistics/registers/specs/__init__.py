"""All registers of the office, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from outreach.statistics.registers.shape import Register
from outreach.statistics.registers.specs.campaigns import CAMPAIGNS
from outreach.statistics.registers.specs.cases import CASES
from outreach.statistics.registers.specs.complaints import COMPLAINTS
from outreach.statistics.registers.specs.decisions import COERCION, OTHER_SERVICES, PENALTIES, PERMITS
from outreach.statistics.registers.specs.documents import DOCUMENTS
from outreach.statistics.registers.specs.enterprises import ENTERPRISES
from outreach.statistics.registers.specs.media import ADOPTIONS
from outreach.statistics.registers.specs.money import FEES, PROCUREMENT
from outreach.statistics.registers.specs.site import SITE

REGISTERS: Final[Mapping[str, Register]] = {
    register.key: register
    for register in (
        SITE,
        ADOPTIONS,
        CAMPAIGNS,
        ENTERPRISES,
        COMPLAINTS,
        DOCUMENTS,
        PERMITS,
        OTHER_SERVICES,
        PENALTIES,
        COERCION,
        FEES,
        PROCUREMENT,
        CASES,
    )
}
