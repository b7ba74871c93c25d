"""What has to be done about a sealed item, and in which order. No session, no clock, no network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from outreach.foundation.problems import NotPossible
from outreach.sealing.model import SealCase, Step, Verdict

MAX_NOTE: Final = 1000
MAX_REASON: Final = 500
NO_SUCH_CASE: Final = "没有这个封存案件，或者它不属于您所在的科室。"

STEP_LABELS: Final[Mapping[Step, str]] = {
    Step.STOP: "停止传播",
    Step.REPORT: "报告保密工作机构",
    Step.WITHDRAW: "从平台撤回",
    Step.ASSESS: "核实密级",
    Step.JUDGE: "确认或解除",
    Step.PURGE: "清除内容",
    Step.COPIES: "清点备份和副本",
    Step.CLOSE: "结案",
}
VERDICT_LABELS: Final[Mapping[Verdict, str]] = {
    Verdict.CONFIRMED: "确属涉密",
    Verdict.FALSE_ALARM: "误报，已解除",
}
NOTED: Final = frozenset({Step.STOP, Step.REPORT, Step.WITHDRAW, Step.ASSESS})
"""Steps at which a person writes down what was done; the others are acts of their own."""

COPIES: Final[Mapping[str, str]] = {
    "database": "数据库备份",
    "media": "附件文件夹（media）的备份和同步副本",
    "servers": "数据库日志、只读副本和主机快照",
    "platforms": "平台：草稿箱、素材库、他人的转载和截图",
    "people": "作者和审查人的电脑：原稿、浏览器缓存、邮箱、已下载的备案包和导出表",
}
"""Where the content may still lie outside of the service; each has to be ticked by name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a case has come.

    Attributes:
        noted: the steps at which somebody wrote something down.
        at_large: how many of the item's posts the public may still see, or are on their way there.
        unsettled: how many have an outcome that nobody knows yet: the platform is being asked about them.
        was_out: whether anything may ever have reached a platform.
    """

    noted: Collection[Step]
    at_large: int
    unsettled: int
    was_out: bool


def is_done(case: SealCase, step: Step, standing: Standing) -> bool:
    """Whether nothing remains to be done at `step`."""
    match step:
        case Step.STOP:
            return True
        case Step.REPORT | Step.ASSESS:
            return step in standing.noted
        case Step.WITHDRAW:
            return not standing.at_large and (not standing.was_out or step in standing.noted)
        case Step.JUDGE:
            return case.verdict is not None
        case Step.PURGE:
            return case.purged_at is not None
        case Step.COPIES:
            return step in standing.noted
        case Step.CLOSE:
            return case.closed_at is not None


def steps_of(case: SealCase) -> list[Step]:
    """The steps that this case has: after a false alarm nothing is purged."""
    if case.verdict is Verdict.FALSE_ALARM:
        return [one for one in Step if one not in {Step.PURGE, Step.COPIES}]
    return list(Step)


def require_open(case: SealCase) -> None:
    """Raises NotPossible where the case is closed."""
    if case.closed_at is not None:
        raise NotPossible("这个案件已经结案，记录不能再改。")


def require_judgeable(case: SealCase, verdict: Verdict, standing: Standing) -> None:
    """Raises NotPossible where that verdict can't be given now."""
    require_open(case)
    if case.purge_began_at is not None:
        raise NotPossible("内容已经开始清除，不能再改结论。")
    if case.verdict is verdict:
        raise NotPossible(f"结论已经是“{VERDICT_LABELS[verdict]}”。")
    if verdict is Verdict.FALSE_ALARM and standing.unsettled:
        raise NotPossible("还有发布件正在发送或结果未明，请等它有了结果再解除封存。")


def require_purgeable(case: SealCase, standing: Standing) -> None:
    """Raises NotPossible where the content can't be purged now, naming the step that comes first."""
    require_open(case)
    if case.verdict is not Verdict.CONFIRMED:
        raise NotPossible("先由保密审查员确认确属涉密，才能清除内容。")
    for step in (Step.REPORT, Step.ASSESS):
        if step not in standing.noted:
            raise NotPossible(f"请先完成“{STEP_LABELS[step]}”并写下处理记录，再清除内容。")
    if standing.unsettled:
        raise NotPossible("还有发布件正在发送或结果未明：到平台核对它要用到内容。请等它有了结果再清除。")


def require_closable(case: SealCase, standing: Standing) -> None:
    """Raises NotPossible naming what is still to be done."""
    require_open(case)
    missing = [
        STEP_LABELS[step]
        for step in steps_of(case)
        if step is not Step.CLOSE and not is_done(case, step, standing)
    ]
    if missing:
        raise NotPossible(f"还有没完成的步骤：{'、'.join(missing)}。")
