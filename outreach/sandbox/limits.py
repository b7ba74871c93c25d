"""What each account may do how often, as the platforms publish it; an account can be made with other numbers.

Names that are paths count calls a day, begun anew at midnight in China. Where the platform publishes no figure for a
path, it is marked so: such a number only keeps a loop that went wrong from running for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Published figures: the pages of the calls, and the table of daily limits (接口调用频次限制说明).
_PUBLISHED: Final[Mapping[str, int]] = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "stable_token_per_minute": 10_000,
    "force_refresh_per_day": 20,
    "quota_clears_per_month": 10,  # clear_quota and clear_quota/v2 together
    "path_quota_clears_per_month": 50,  # openapi/quota/clear
    "/cgi-bin/media/upload": 5000,
    "/cgi-bin/media/uploadimg": 5000,
    "/cgi-bin/material/add_material": 5000,
    "/cgi-bin/media/get": 10_000,
    "/cgi-bin/material/get_material": 10_000,
    "permanent_images": 100_000,
    "permanent_voices": 1000,
    "permanent_videos": 1000,
    "permanent_thumbs": 1000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
    "tags": 100,
    "tags_per_follower": 20,
    "followers_of_a_deletable_tag": 100_000,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/message/mass/send": 100,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/message/mass/delete": 10,
    "mass_calls_per_minute": 60,  # sendall and send together
    "mass_per_day": 1,  # of a subscription account
    "mass_per_month": 4,  # of a service account: to everyone, and to each follower
    "/cgi-bin/message/template/send": 100_000,
    "templates": 25,
    "industry_changes_per_month": 1,
    "notice_templates": 25,
    "/cgi-bin/message/custom/send": 500_000,
    "customer_messages_per_message": 5,  # within 48 hours
    "customer_messages_per_action": 3,  # within a minute of a menu click, a subscription or a scan
    "/cgi-bin/menu/create": 1000,
    "web_logins_per_minute": 50_000,  # sns/oauth2/access_token
}
_UNPUBLISHED: Final = (
    "/cgi-bin/getcallbackip",
    "/cgi-bin/get_api_domain_ip",
    "/cgi-bin/clear_quota",
    "/cgi-bin/clear_quota/v2",
    "/cgi-bin/openapi/quota/get",
    "/cgi-bin/openapi/quota/clear",
    "/cgi-bin/media/uploadvideo",
    "/cgi-bin/material/batchget_material",
    "/cgi-bin/material/get_materialcount",
    "/cgi-bin/material/del_material",
    "/cgi-bin/draft/add",
    "/cgi-bin/draft/update",
    "/cgi-bin/draft/get",
    "/cgi-bin/draft/batchget",
    "/cgi-bin/draft/delete",
    "/cgi-bin/draft/count",
    "/cgi-bin/freepublish/submit",
    "/cgi-bin/freepublish/batchget",
    "/cgi-bin/freepublish/getarticle",
    "/cgi-bin/freepublish/delete",
    "/cgi-bin/tags/create",
    "/cgi-bin/tags/get",
    "/cgi-bin/tags/update",
    "/cgi-bin/tags/delete",
    "/cgi-bin/template/api_set_industry",
    "/cgi-bin/template/get_industry",
    "/cgi-bin/template/api_add_template",
    "/cgi-bin/template/get_all_private_template",
    "/cgi-bin/template/del_private_template",
    "/wxaapi/newtmpl/addtemplate",
    "/wxaapi/newtmpl/gettemplate",
    "/wxaapi/newtmpl/deltemplate",
    "/wxaapi/newtmpl/getcategory",
    "/wxaapi/newtmpl/getpubtemplatetitles",
    "/wxaapi/newtmpl/getpubtemplatekeywords",
    "/cgi-bin/menu/get",
    "/cgi-bin/menu/delete",
    "/cgi-bin/get_current_selfmenu_info",
)
_UNPUBLISHED_AND_OFTEN: Final = (
    "/cgi-bin/freepublish/get",
    "/cgi-bin/message/mass/get",
    "/cgi-bin/message/subscribe/bizsend",
    "/cgi-bin/message/custom/typing",
    "/cgi-bin/user/info/batchget",
    "/cgi-bin/user/info/updateremark",
    "/cgi-bin/user/tag/get",
    "/cgi-bin/tags/members/batchtagging",
    "/cgi-bin/tags/members/batchuntagging",
    "/cgi-bin/tags/getidlist",
    "/cgi-bin/tags/members/getblacklist",
    "/cgi-bin/tags/members/batchblacklist",
    "/cgi-bin/tags/members/batchunblacklist",
)

WECHAT_LIMITS: Final[Mapping[str, int]] = {
    **_PUBLISHED,
    **dict.fromkeys(_UNPUBLISHED, 10_000),
    **dict.fromkeys(_UNPUBLISHED_AND_OFTEN, 100_000),
}
# https://open.weibo.com/wiki/Rate-limiting
WEIBO_LIMITS: Final[Mapping[str, int]] = {
    "calls_per_day": 100,
    "posts_per_hour": 30,
    "calls_per_hour_per_ip": 15_000,
}
