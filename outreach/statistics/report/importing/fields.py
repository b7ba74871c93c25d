"""Which name of a record is which figure. What is neither here nor in a table is unknown, and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Path = tuple[str, ...]

FIGURES: Final[Mapping[Path, str]] = {
    ("online_disclosure", "site_items"): "site.items",
    ("social_media", "local_original_posts"): "social.original",
    ("social_media", "split_by_platform", "微信"): "social.wechat",
    ("social_media", "split_by_platform", "微博"): "social.weibo",
    ("media_adoption", "adopted_items"): "media.adopted",
    ("publicity", "leaflets_and_boards"): "publicity.materials",
    ("publicity", "campaigns"): "publicity.campaigns",
    ("key_enterprises", "total"): "enterprises.total",
    ("key_enterprises", "waste_gas"): "enterprises.waste_gas",
    ("key_enterprises", "waste_water"): "enterprises.waste_water",
    ("complaints", "received"): "complaints.received",
    ("complaints", "accepted"): "complaints.accepted",
    ("complaints", "not_accepted"): "complaints.not_accepted",
    ("complaints", "closed"): "complaints.closed",
    ("complaints", "open"): "complaints.open",
    ("information_fee_yuan",): "fee.yuan",
    ("site",): "site.items",
    ("wechat",): "social.wechat",
    ("weibo",): "social.weibo",
    ("total_stated",): "disclosed.total",
    ("staff",): "staff",
    ("followers", "wechat"): "followers.wechat",
    ("followers", "weibo"): "followers.weibo",
    ("wechat_reads",): "social.wechat_reads",
    ("wechat_likes",): "social.wechat_likes",
    ("new_media_products",): "social.products",
    ("new_media_reads",): "social.reads",
    ("media_articles",): "media.articles",
    ("policy_readings",): "policy.readings",
    ("consultations",): "consultations",
    ("procurement",): "procurement.items",
    ("permits",): "art20.permits.decisions",
    ("penalty_decisions",): "art20.penalties.decisions",
    ("requests", "received"): "requests.new.total",
    ("requests", "online"): "applications.online",
    ("requests", "other"): "applications.other_ways",
    ("requests", "closed"): "applications.closed",
    ("requests", "answered"): "applications.answered",
    ("requests", "in_progress"): "applications.in_progress",
    ("requests", "carried_over"): "applications.carried_over",
}
REQUESTS_TABLE: Final[Mapping[str, str]] = {
    "公开": "applications.granted",
    "部分公开": "applications.partial",
    "无法提供": "applications.unavailable",
    "其他": "applications.other_results",
    "总数": "applications.total",
}
"""The columns of `requests_table`, whose rows are years."""

FAMILIES: Final[Mapping[Path, str]] = {
    ("complaints", "accepted_by_channel"): "complaints.accepted.",
    ("site_breakdown",): "site.items.",
}
"""Objects whose names become part of the figure's name."""

WORDS: Final[Mapping[Path, str]] = {
    ("online_disclosure", "site_channels"): "site_channels",
    ("online_disclosure", "categories_named"): "categories",
    ("media_adoption", "outlets"): "outlets",
    ("publicity", "campaign_days"): "campaign_days",
    ("publicity", "六进"): "six_places",
    ("systems_named",): "systems",
}
"""Lists of words that stand in the report."""

LOWER_BOUNDS: Final[Mapping[Path, Path]] = {
    ("online_disclosure", "site_items_is_lower_bound"): ("online_disclosure", "site_items"),
    ("publicity", "is_lower_bound"): ("publicity", "leaflets_and_boards"),
}
READS_ARE_LOWER_BOUNDS: Final = "reads_are_lower_bounds"
READS: Final[tuple[Path, ...]] = (("wechat_reads",), ("wechat_likes",))

NO_FIGURES: Final[frozenset[Path]] = frozenset(
    {
        *((name,) for name in ("bureau", "year", "period", "source_url", "seed_file", "note", "sum_ok")),
        *((name,) for name in ("checks", "problems", "improvements", "quarter", "followers_text")),
        (READS_ARE_LOWER_BOUNDS,),
        ("online_disclosure", "site_items_text"),
        ("social_media", "platforms"),
        ("social_media", "unit"),
        ("social_media", "definition_note"),
        ("publicity", "text"),
        ("key_enterprises", "note"),
        ("complaints", "closing_rate_percent"),
        ("complaints", "closing_rate_base"),
        ("site_portal_other_figure",),
        ("requests", "sum_ok"),
        *LOWER_BOUNDS,
    }
)
"""What a record says besides, or what is only compared."""
