"""Names of persons who are protected, known by what the text says of them.

Officials in office, legal representatives and experts are named by rule; nothing here looks for them. Protected
are minors (未成年人保护法 art. 103), who reported something (生态环境法典 art. 146), who petitioned (信访工作条例
art. 30), third parties (生态环境行政处罚办法 art. 64) and, while the office has not decided otherwise, natural
persons who are penalised. A name that was found once is found wherever it stands in the text.
"""

from typing import Final

from outreach.screening.detectors.persons import minor, natural_party, petitioner, reporter, third_party

DETECTORS: Final = (
    *minor.DETECTORS,
    *reporter.DETECTORS,
    *petitioner.DETECTORS,
    *natural_party.DETECTORS,
    *third_party.DETECTORS,
)
