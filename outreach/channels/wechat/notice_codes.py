"""What WeChat's codes mean for one recipient of a notice, call by call.

Sources: the error tables of api_sendtemplatemessage (message/template/send), api_sendsubscribemessage
(message/subscribe/bizsend) and api_sendcustommessage (message/custom/send), and the platform's list of global return
codes. What stands in no table was answered and not done. -1 (busy) of a call without an id of ours may have been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from outreach.channels.notice_protocol import NoticeCall, Reaction
from outreach.channels.protocol import ChannelError, NeedsOperator, NotSent, OutcomeUnknown, QuotaSpent
from outreach.channels.wechat.errors import MEANINGS

_EVERYWHERE: Final[Mapping[int, Reaction]] = {
    -1: Reaction.LOST,
    0: Reaction.SENT,
    40003: Reaction.ABSENT,  # the openid is none of this account's
    46004: Reaction.ABSENT,  # no such user
    43004: Reaction.ABSENT,  # does not follow
    50005: Reaction.ABSENT,  # the same
    43019: Reaction.REFUSED,  # is on the account's blacklist
    43101: Reaction.REFUSED,  # does not want it, or the consent is used up
}
REACTIONS: Final[Mapping[NoticeCall, Mapping[int, Reaction]]] = {
    NoticeCall.TEMPLATE: {
        **_EVERYWHERE,
        40241: Reaction.SENT,  # the same text within a minute: it was sent before
        43117: Reaction.REFUSED,  # too many to this openid
        47003: Reaction.STOPPED,  # a value does not fit its field: it fits for nobody
    },
    NoticeCall.SUBSCRIPTION: {**_EVERYWHERE, 47003: Reaction.STOPPED},
    NoticeCall.CUSTOMER: {
        **_EVERYWHERE,
        45015: Reaction.REFUSED,  # the 48 hours are over
        45047: Reaction.REFUSED,  # as many were sent as may be
    },
}
_OF_KIND: Final[tuple[tuple[type[ChannelError], Reaction], ...]] = (
    (QuotaSpent, Reaction.SPENT),
    (NeedsOperator, Reaction.STOPPED),
    (OutcomeUnknown, Reaction.LOST),
    (NotSent, Reaction.NOT_SENT),
)


def reaction_to(call: NoticeCall, code: int) -> Reaction:
    """What `code` means after `call`."""
    own = REACTIONS[call].get(code)
    if own is not None:
        return own
    meaning = MEANINGS.get(code)
    if meaning is None:
        return Reaction.UNKNOWN
    return next((reaction for kind, reaction in _OF_KIND if meaning.kind is kind), Reaction.UNKNOWN)
