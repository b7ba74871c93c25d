"""What the office itself needs: people, key, font, an unbroken chain, counts that agree."""

from __future__ import annotations

import asyncio
from typing import Final

from outreach.cli.doctor.complaint import Check, Complaint
from outreach.foundation import audit, office_settings
from outreach.foundation.office_settings import PartyNames
from outreach.foundation.problems import Problem
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.people.queries import people
from outreach.people.rules import ROLE_LABELS
from outreach.publishing.renditions.cards import check_font
from outreach.statistics.queries import differences


async def _people(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        held = {role for person in await people(session) if not person.disabled for role in person.roles}
    return [
        Complaint(f"没有人担任“{ROLE_LABELS[role]}”。", f"outreach user add 姓名 --role {role.value}")
        for role in (
            Role.EDITOR,
            Role.SECTION_HEAD,
            Role.CONFIDENTIALITY_REVIEWER,
            Role.SIGNATORY,
            Role.PUBLISHER,
            Role.ADMIN,
        )
        if role not in held
    ]


async def _secret_key(office: Office) -> list[Complaint]:
    path = office.settings.home / "secret_key"
    if path.exists() and path.stat().st_mode & 0o077:
        return [Complaint(f"{path} 可被其他用户读取。", f"chmod 600 {path}")]
    return []


async def _font(office: Office) -> list[Complaint]:
    try:
        await asyncio.to_thread(check_font)
    except Problem as problem:
        return [Complaint(problem.detail, "重新安装 outreach，或恢复 templates/cards/fonts 目录。")]
    return []


async def _audit(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        faults = await audit.verify(session)
    return [Complaint(fault.message, "保留现场，向审计员和保密工作机构报告。") for fault in faults]


async def _tallies(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        found = await differences(session, office.settings.zone)
    return [
        Complaint(f"计数不一致 {one.key}：保存 {one.kept}，清点 {one.counted}", "请联系维护人员核对。")
        for one in found
    ]


async def _party_names(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        settings = await office_settings.load(session)
    if settings.party_names is not PartyNames.UNDECIDED:
        return []
    return [
        Complaint(
            "还没有确定是否公开被处罚自然人的姓名，目前一律要求隐去。",
            "由单位研究确定后，管理员在“设置”页选定（《生态环境行政处罚办法》第六十二条，条文待核实）。",
        )
    ]


CHECKS: Final = (
    Check("people", "用户和角色", _people),
    Check("party_names", "处罚当事人姓名", _party_names),
    Check("secret_key", "密钥", _secret_key),
    Check("font", "字体", _font),
    Check("audit", "审计链", _audit),
    Check("tallies", "计数", _tallies),
)
