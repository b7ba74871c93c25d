"""The names of yearly figures: what each is called, its unit, and what numbers it can be.

Figures of the tables are named by the official forms (`forms`), those of chapter one here. Two families have names
that grow with what is entered: `complaints.accepted.CHANNEL` and `site.items.COLUMN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from outreach.statistics.report.forms import FORMS, Form, Measure

Value: TypeAlias = int | Decimal

CHANNELS: Final = "complaints.accepted."
SITE_COLUMNS: Final = "site.items."
DEFAULT_CHANNELS: Final = ("舆情", "市长信箱", "局长信箱", "12369环保举报热线", "微信举报", "网络举报")


@dataclass(frozen=True, slots=True)
class Spec:
    """What a figure is called on pages, and as a placeholder in paragraphs; `unit` follows it in a sentence."""

    key: str
    label: str
    unit: str = ""
    measure: Measure = Measure.COUNT
    suffix: str = ""
    """What stands behind the figure in its cell of the form."""

    def told(self, value: Value | None, *, is_lower_bound: bool = False) -> str:
        """The figure as it stands in the report: exact, with 余 where it is a lower bound; a blank is empty."""
        if value is None:
            return ""
        number = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return f"{number}{'余' if is_lower_bound else ''}{self.suffix}"


_TEXT: Final = (
    Spec("disclosed.total", "主动公开总数", "条"),
    Spec("site.items", "网站公开信息", "条"),
    Spec("social.original", "本地原创信息", "条"),
    Spec("social.wechat", "微信发布", "条"),
    Spec("social.weibo", "微博发布", "条"),
    Spec("social.products", "新媒体作品", "个"),
    Spec("social.reads", "新媒体阅读量", "次"),
    Spec("social.wechat_reads", "微信阅读量", "次"),
    Spec("social.wechat_likes", "微信点赞量", "次"),
    Spec("followers.wechat", "微信关注人数", "人"),
    Spec("followers.weibo", "微博关注人数", "人"),
    Spec("media.adopted", "媒体采纳", "条"),
    Spec("media.articles", "媒体刊发", "篇"),
    Spec("publicity.materials", "宣传材料", "份"),
    Spec("publicity.campaigns", "宣传活动", "场"),
    Spec("policy.readings", "政策解读", "篇"),
    Spec("consultations", "意见征集", "次"),
    Spec("procurement.items", "政府采购信息", "条"),
    Spec("enterprises.total", "重点监管企业", "家"),
    Spec("enterprises.waste_gas", "重点监管企业（气）", "家"),
    Spec("enterprises.waste_water", "重点监管企业（水）", "家"),
    Spec("complaints.received", "举报接收", "件"),
    Spec("complaints.accepted", "举报受理", "件"),
    Spec("complaints.not_accepted", "举报不受理", "件"),
    Spec("complaints.closed", "举报办结", "件"),
    Spec("complaints.open", "举报在办", "件"),
    Spec("applications.online", "网上申请", "件"),
    Spec("applications.other_ways", "其他途径申请", "件"),
    Spec("applications.closed", "申请已办结", "件"),
    Spec("applications.answered", "申请已答复", "件"),
    Spec("applications.in_progress", "申请在办", "件"),
    Spec("applications.carried_over", "申请结转", "件"),
    Spec("applications.granted", "申请予以公开", "件"),
    Spec("applications.partial", "申请部分公开", "件"),
    Spec("applications.unavailable", "申请无法提供", "件"),
    Spec("applications.other_results", "申请其他处理", "件"),
    Spec("applications.total", "申请办理总数", "件"),
    Spec("surveys.count", "满意度测评", "次"),
    Spec("surveys.answers", "测评答卷", "份"),
    Spec("surveys.awareness", "知晓度", "%", Measure.AMOUNT),
    Spec("surveys.satisfaction", "满意度", "%", Measure.AMOUNT),
    Spec("staff", "工作人员", "人"),
    Spec("fee.yuan", "信息处理费", "元", Measure.AMOUNT),
)
TEXT: Final[Mapping[str, Spec]] = {one.key: one for one in _TEXT}
"""The figures that stand in sentences, in the order in which the page asks for them."""


def spec_of(key: str) -> Spec | None:
    """The figure of that name; None where there is none."""
    if key in TEXT or key in _CELLS:
        return TEXT.get(key) or _CELLS[key]
    for family, noun in ((CHANNELS, "举报受理"), (SITE_COLUMNS, "网站公开")):
        name = key.removeprefix(family)
        if name != key and _NAME.fullmatch(name):
            return Spec(key, f"{noun}·{name}", "件" if family == CHANNELS else "条")
    return None


def cells_of(form: Form) -> Iterator[Spec]:
    """The figures of the three tables of a form, in their order."""
    for _, row, column, key in form.cells2():
        yield Spec(key, f"表二·{row.label}·{column.label}", "", column.kind, column.unit)
    for result, applicant, key in form.cells3():
        yield Spec(key, f"表三·{result.label}·{applicant.label}")
    for group, outcome, key in form.cells4():
        yield Spec(key, f"表四·{group.label}·{outcome.label}")


_NAME: Final = re.compile(r"[^【】/\s]{1,40}")
"""What is no placeholder, can stand in an address, and fits on a line."""
_CELLS: Final[Mapping[str, Spec]] = {one.key: one for form in FORMS.values() for one in cells_of(form)}
