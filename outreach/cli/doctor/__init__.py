"""`outreach doctor`: what is missing or wrong in this installation, and how to mend it."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from outreach.cli.common import print_json, with_office
from outreach.cli.doctor import ground, house, mailing, outside
from outreach.cli.doctor.complaint import Check, Complaint
from outreach.office.context import Office

CHECKS: Final = (*ground.CHECKS, *outside.CHECKS, *house.CHECKS, *mailing.CHECKS)

__all__ = ["CHECKS", "doctor"]


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="每项检查输出一个 JSON 对象")] = False,
) -> None:
    """检查安装：缺什么、错在哪、怎么改。"""

    async def use(office: Office) -> list[tuple[Check, list[Complaint]]]:
        return [(check, await check.find(office)) for check in CHECKS]

    outcomes = with_office(use)
    for check, complaints in outcomes:
        _tell_json(check, complaints) if as_json else _tell(check, complaints)
    if any(complaints for _, complaints in outcomes):
        raise typer.Exit(1)


def _tell(check: Check, complaints: list[Complaint]) -> None:
    print(f"{'✘' if complaints else '✔'} {check.label}{f'（{check.note}）' if check.note else ''}")
    for complaint in complaints:
        print(f"    {complaint.what}\n    → {complaint.how}")


def _tell_json(check: Check, complaints: list[Complaint]) -> None:
    told = [{"what": one.what, "how": one.how} for one in complaints]
    print_json({"check": check.name, "label": check.label, "ok": not complaints, "complaints": told})
