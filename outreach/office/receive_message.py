"""WeChat pushes something about a follower: it is kept before it is acknowledged, and handled later."""

from __future__ import annotations

from outreach.channels.wechat.messages import FollowerMessage
from outreach.followers.conversations import service as conversations
from outreach.followers.conversations.service import Received
from outreach.office.context import Office


async def receive_message(office: Office, account_id: str, message: FollowerMessage) -> None:
    """Keeps the message, once however often it comes; it is committed when this returns. Messages that come at the
    same moment share a transaction."""
    sealed = office.sealer.seal({"xml": message.xml})
    await office.db.write_together(conversations.keep, Received(account_id, message, sealed))
