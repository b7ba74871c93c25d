"""Writes docs/states.md from the tables that the code itself goes by: `python docs/draw_states.py`."""

from __future__ import annotations

from pathlib import Path

from outreach.foundation.mail import STATE_LABELS as MAIL_LABELS
from outreach.foundation.mail import TRANSITIONS as MAIL_TRANSITIONS
from outreach.items.rules import TRANSITIONS as ITEM_TRANSITIONS
from outreach.items.rules import Place, place_label
from outreach.publishing.editions.rules import STATE_LABELS as EDITION_LABELS
from outreach.publishing.editions.rules import TRANSITIONS as EDITION_TRANSITIONS
from outreach.publishing.rules import STATE_LABELS
from outreach.publishing.rules import TRANSITIONS as POST_TRANSITIONS
from outreach.review.emergency_rules import SECTION_LABELS, SECTION_TRANSITIONS
from outreach.statistics.report.rules import STATE_LABELS as VERSION_LABELS
from outreach.statistics.report.rules import TRANSITIONS as VERSION_TRANSITIONS
from outreach.statistics.requests.rules import STATE_LABELS as REQUEST_LABELS
from outreach.statistics.requests.rules import TRANSITIONS as REQUEST_TRANSITIONS
from outreach.statistics.survey.rules import STATE_LABELS as SURVEY_LABELS
from outreach.statistics.survey.rules import TRANSITIONS as SURVEY_TRANSITIONS

TARGET = Path(__file__).with_name("states.md")


def drawn() -> str:
    """The page: each state machine as a Mermaid diagram."""
    items = [
        f"    {_place(here)} --> {_place(there)}: {action}"
        for (here, action), there in ITEM_TRANSITIONS.items()
    ]
    item_names = {
        _place(place): place_label(place)
        for place in {*ITEM_TRANSITIONS.values(), *(here for here, _ in ITEM_TRANSITIONS)}
    }
    posts = [f"    {here} --> {there}: {action}" for (here, action), there in POST_TRANSITIONS.items()]
    post_names = {state.value: label for state, label in STATE_LABELS.items()}
    sections = [f"    {here} --> {there}: {action}" for (here, action), there in SECTION_TRANSITIONS.items()]
    section_names = {state.value: label for state, label in SECTION_LABELS.items()}
    editions = [f"    {here} --> {there}: {action}" for (here, action), there in EDITION_TRANSITIONS.items()]
    mails = [f"    {here} --> {there}: {action}" for (here, action), there in MAIL_TRANSITIONS.items()]
    mail_names = {state.value: label for state, label in MAIL_LABELS.items()}
    surveys = [f"    {here} --> {there}: {action}" for (here, action), there in SURVEY_TRANSITIONS.items()]
    survey_names = {state.value: label for state, label in SURVEY_LABELS.items()}
    edition_names = {state.value: label for state, label in EDITION_LABELS.items()}
    requests = [f"    {here} --> {there}: {act}" for (here, act), there in REQUEST_TRANSITIONS.items()]
    request_names = {state.value: label for state, label in REQUEST_LABELS.items()}
    versions = [f"    {here} --> {there}: {action}" for (here, action), there in VERSION_TRANSITIONS.items()]
    version_names = {state.value: label for state, label in VERSION_LABELS.items()}
    return (
        "# 状态图\n\n由 `python docs/draw_states.py` 按程序中的状态表生成，请勿手改。\n\n"
        f"## 信息\n\n{_diagram(item_names, items)}\n## 发布件\n\n{_diagram(post_names, posts)}"
        f"\n## 推送（多图文）\n\n{_diagram(edition_names, editions)}"
        f"\n## 应急发布的科室补审\n\n{_diagram(section_names, sections)}"
        f"\n## 依申请公开\n\n{_diagram(request_names, requests)}"
        f"\n## 邮件\n\n{_diagram(mail_names, mails)}"
        f"\n## 测评问卷\n\n{_diagram(survey_names, surveys)}"
        f"\n## 报告的版本\n\n{_diagram(version_names, versions)}"
    )


def _diagram(names: dict[str, str], arrows: list[str]) -> str:
    labels = [f'    state "{label}" as {name}' for name, label in sorted(names.items())]
    return "\n".join(["```mermaid", "stateDiagram-v2", *labels, *arrows, "```", ""])


def _place(place: Place) -> str:
    state, stage = place
    return f"{state}_{stage}" if stage else state.value


if __name__ == "__main__":
    TARGET.write_text(drawn(), encoding="utf-8")
