"""Whether e-mail can be sent."""

from __future__ import annotations

from typing import Final

from outreach.cli.doctor.complaint import Check, Complaint
from outreach.foundation import mail, smtp
from outreach.office.context import Office

_HOW: Final = "核对 OUTREACH_SMTP_HOST、_PORT、_TLS、_USERNAME、_PASSWORD_FILE；请网络管理员放行本机到邮件服务器的连接。"


async def _mail(office: Office) -> list[Complaint]:
    """The server takes our login where one is set; what lies about is told where none is."""
    settings = office.settings
    if not smtp.is_configured(settings):
        async with office.db.read() as session:
            waiting = await mail.count_queued(session)
        told = Complaint(
            f"有 {waiting} 封邮件在等待，但没有设置邮件服务器。",
            "设置 OUTREACH_SMTP_HOST 和 OUTREACH_SMTP_FROM。",
        )
        return [told] if waiting else []
    complaints = []
    if settings.smtp_tls == "none" and settings.smtp_password:
        complaints.append(Complaint("邮箱密码不加密发送。", "OUTREACH_SMTP_TLS 改为 tls 或 starttls。"))
    try:
        await smtp.check(settings)
    except smtp.CarryError as error:
        complaints.append(Complaint(error.message, _HOW))
    return complaints


CHECKS: Final = (Check("mail", "邮件", _mail),)
