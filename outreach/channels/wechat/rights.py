"""What an Official Account may do, asked of WeChat by calls that read only and publish nothing.

stable_token, draft/batchget, freepublish/batchget and openapi/quota/get (developers.weixin.qq.com/doc/service/api).
"""

from __future__ import annotations

from typing import Final

from outreach.channels.model import Account, AccountType
from outreach.channels.protocol import ChannelError
from outreach.channels.rights import Right, RightName, RightsFound, RightState, asked, not_asked
from outreach.channels.wechat.api import WeChatApi
from outreach.channels.wechat.errors import NO_QUOTA, NOT_AUTHORISED, OF_ADDRESS
from outreach.foundation import clock
from outreach.foundation.dates import moment

_FEWEST: Final = {"offset": 0, "count": 1, "no_content": 1}
_AFTER_TOKEN: Final = (
    RightName.DRAFTS,
    RightName.PUBLISHING,
    RightName.MASS_SENDING,
    RightName.TEMPLATES,
)
_FIRST: Final = "要先取得访问令牌，才能检查这一项。请先处理上面的问题，再检查一次。"
_UNVERIFIED: Final = "这个公众号登记为未认证，平台只向已认证的公众号开放。"
_NO_RIGHT: Final = "平台没有给这个公众号开放{what}接口。请管理员在公众平台“设置与开发 → 接口权限”中核对，认证过期的请先续认证。"


async def rights_of(api: WeChatApi, account: Account) -> RightsFound:
    """Each right, in the order in which they are needed. Raises nothing that a platform may answer."""
    try:
        await api.check()
    except ChannelError as error:
        missing = [*_without_token(error), *not_asked(_AFTER_TOKEN, _FIRST)]
        return RightsFound((*missing, _callback(account)))
    return RightsFound(
        (
            Right(RightName.ACCESS, RightState.PASSED, "AppID 和 AppSecret 正确，能取得访问令牌。"),
            Right(RightName.IP_LIST, RightState.PASSED, "服务器的出口 IP 在白名单中。"),
            await asked(RightName.DRAFTS, _drafts(api)),
            await _publishing(api, account),
            await _mass_sending(api, account),
            await _templates(api, account),
            _callback(account),
        )
    )


def _without_token(error: ChannelError) -> list[Right]:
    if error.code in OF_ADDRESS:
        return [
            Right(RightName.ACCESS, RightState.FAILED, "服务器的 IP 未获放行，还取不到访问令牌，见下一项。"),
            Right(RightName.IP_LIST, RightState.FAILED, error.message, error.code),
        ]
    return [
        Right(RightName.ACCESS, RightState.FAILED, error.message, error.code),
        *not_asked((RightName.IP_LIST,), _FIRST),
    ]


async def _drafts(api: WeChatApi) -> str:
    members = await api.post("/cgi-bin/draft/batchget", _FEWEST, "total_count")
    return f"能读写草稿箱，其中有 {members['total_count']} 份草稿。"


async def _publishing(api: WeChatApi, account: Account) -> Right:
    if not account.verified:
        told = f"{_UNVERIFIED}系统把文章存入草稿箱，由人在公众平台点“发表”。"
        return Right(RightName.PUBLISHING, RightState.NOT_APPLICABLE, told)

    async def question() -> str:
        await api.post("/cgi-bin/freepublish/batchget", _FEWEST, "total_count")
        return "能通过接口发布文章。"

    right = await asked(RightName.PUBLISHING, question())
    return _explained(right, "发布") if right.code == str(NOT_AUTHORISED) else right


async def _mass_sending(api: WeChatApi, account: Account) -> Right:
    if not account.verified:
        return Right(
            RightName.MASS_SENDING, RightState.NOT_APPLICABLE, f"{_UNVERIFIED}推送请在公众平台上做。"
        )
    right = await asked(RightName.MASS_SENDING, _quota(api, "/cgi-bin/message/mass/sendall"))
    return _explained(right, "群发") if right.code in NO_QUOTA else right


async def _templates(api: WeChatApi, account: Account) -> Right:
    """Nothing that is published needs them: an account without them lacks nothing."""
    if not account.verified or account.type is not AccountType.SERVICE:
        told = "模板消息只有已认证的服务号能用；发布和推送不需要它。"
        return Right(RightName.TEMPLATES, RightState.NOT_APPLICABLE, told)
    right = await asked(RightName.TEMPLATES, _quota(api, "/cgi-bin/message/template/send"))
    if right.code not in NO_QUOTA:
        return right
    told = "没有开通模板消息；发布和推送不需要它，要用时请在公众平台申请开通。"
    return Right(RightName.TEMPLATES, RightState.NOT_APPLICABLE, told, right.code)


def _callback(account: Account) -> Right:
    if account.called_back_at is None:
        told = (
            "还没有收到过微信的回调。请在公众平台“服务器配置”中照本页填写、提交并启用，收到后再检查一次；"
            "没有回调也能发布，只是结果要等系统去查。"
        )
        return Right(RightName.CALLBACK, RightState.NOT_ASKED, told)
    told = f"收到过微信的回调，签名正确（{moment(account.called_back_at, clock.SHANGHAI)}，每小时记一次）。"
    return Right(RightName.CALLBACK, RightState.PASSED, told)


async def _quota(api: WeChatApi, path: str) -> str:
    members = await api.post("/cgi-bin/openapi/quota/get", {"cgi_path": path}, "quota")
    told = members["quota"]
    return f"平台已开放，接口今天还可以调用 {told['remain']} 次（共 {told['daily_limit']} 次）。"


def _explained(right: Right, what: str) -> Right:
    told = f"{_NO_RIGHT.format(what=what)}（微信返回 {right.code}）"
    return Right(right.name, right.state, told, right.code)
